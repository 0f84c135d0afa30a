"""Imports that are put off until they are used, for a shorter cold start.

A library may import a heavy module that a function never uses: PyJWT imports X.509 certificates,
AWS's signer imports asyncio. The library's code stays unchanged. A module of gridwix may be needed
by few invocations, such as the guard of file transfers.

``importlib.util.LazyLoader`` does not serve here: an ``import`` statement reads the module's
``__spec__``, and in Python 3.13 that already loads it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any

_loading = RLock()
_IS_LOADING = "__gridwix_is_loading__"


@contextmanager
def import_lazily(*names: str) -> Iterator[None]:
    """Import modules lazily: the modules ``names`` that are imported within the ``with`` block.

    A module is loaded when one of its members is read for the first time. A module that was loaded
    before stays unchanged; ``from module import member`` loads it at once.

    Not fully thread-safe: if one thread is loading a module, another thread may see only a part of
    its members, as with a circular import. So do not defer a module that several threads may use
    first.

    Args:
        names: Full names of modules that are found on ``sys.path``.

    Raises:
        ModuleNotFoundError: There is no such module.

    >>> with import_lazily("colorsys"):
    ...     import colorsys
    >>> colorsys.rgb_to_hsv(0, 0, 1)
    (0.6666666666666666, 1.0, 1)
    """
    put_off = [name for name in names if name not in sys.modules]
    for name in put_off:
        module = module_from_spec(_find_spec(name))
        module.__class__ = _LazyModule
        sys.modules[name] = module
    yield
    for name in put_off:
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            # The import system does this after it has loaded a submodule.
            setattr(sys.modules[parent], child, sys.modules[name])


def _find_spec(name: str) -> ModuleSpec:
    """Find a module's spec without importing its parent package, which may import the module."""
    parent = name.rpartition(".")[0]
    spec = PathFinder.find_spec(
        name, _find_spec(parent).submodule_search_locations if parent else None
    )
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return spec


class _LazyModule(ModuleType):
    """A module with code that has not run yet. It becomes an ordinary module at its first use."""

    def __getattr__(self, member: str) -> Any:
        # Python calls this only for what is not there yet. The import system asks for names such
        # as __file__, which decide nothing.
        if member.startswith("__"):
            raise AttributeError(member)
        with _loading:
            # Another thread may have loaded it meanwhile, or this one reads a member while loading.
            if type(self) is _LazyModule and not self.__dict__.get(_IS_LOADING):
                self.__dict__[_IS_LOADING] = True
                assert self.__spec__ is not None
                assert self.__spec__.loader is not None
                try:
                    self.__spec__.loader.exec_module(self)
                finally:
                    # After an error, the next use tries again.
                    del self.__dict__[_IS_LOADING]
                self.__class__ = ModuleType  # type: ignore[assignment]
        return object.__getattribute__(self, member)
