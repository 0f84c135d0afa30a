"""Private copies of modules, so that several execution environments fit into one process.

What the product keeps for an execution environment is in ``gridwix.runtime`` and in what imports
it: caches, logs, the correlation of the running invocation. Each environment executes these modules
for itself (about 50 of them). All others are pure and shared.

A module's imports go through the ``__import__`` of its own ``__builtins__``. There a private module
is found among those of its environment, and what stands for the world outside (``os.environ``, AWS
clients, HTTP clients) is replaced.
"""

import builtins
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any

import gridwix

type Substitutes = Mapping[str, Mapping[str, Any]]
"""What an environment finds in place of a module's members: by module, by member."""

_ROOT = Path(gridwix.__file__).parent
_RUNTIME = "gridwix.runtime."
_IMPORT = re.compile(r"^ *from (gridwix[\w.]*) import (\([^)]*\)|[^\n]*)", re.MULTILINE)
_import_shared = builtins.__import__


@cache
def private_modules() -> frozenset[str]:
    """Return the names of ``gridwix.runtime``'s modules, and of all modules that import them,
    directly or not.
    """
    imports = {name: frozenset(_imported(text)) for name, text in _sources()}
    private = {name for name in imports if name.startswith(_RUNTIME)}
    while more := {name for name in imports if not imports[name].isdisjoint(private)} - private:
        private |= more
    return frozenset(private)


def _sources() -> Iterator[tuple[str, str]]:
    for file in sorted(_ROOT.rglob("*.py")):
        parts = file.relative_to(_ROOT.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield name, file.read_text(encoding="utf-8")


def _imported(text: str) -> Iterator[str]:
    """Yield the names in a module's imports that may be modules: those imported from, and their
    members.
    """
    for module, members in _IMPORT.findall(text):
        yield module
        for member in re.findall(r"\w+", members):
            yield f"{module}.{member}"


class ModuleTree:
    """The private modules of one execution environment, each executed at its first import.

    Args:
        substitutes: What the modules import in place of the world outside. A private module gets
            its own as soon as it has been executed.
    """

    def __init__(self, substitutes: Substitutes) -> None:
        self.modules: dict[str, ModuleType] = {}
        self._substitutes = substitutes
        self._views: dict[str, ModuleType] = {}
        self._builtins = {**vars(builtins), "__import__": self._import}

    def load(self, name: str) -> ModuleType:
        """Return the private copy of a module."""
        if name in self.modules:
            return self.modules[name]
        spec, code = _code_of(name)
        module = ModuleType(name)
        vars(module).update(
            __spec__=spec,
            __file__=spec.origin,
            __package__=spec.parent,
            __builtins__=self._builtins,
        )
        self.modules[name] = module
        exec(code, vars(module))
        vars(module).update(self._substitutes.get(name, {}))
        return module

    def _import(
        self,
        name: str,
        global_names: Mapping[str, Any] | None = None,
        local_names: Mapping[str, Any] | None = None,
        members: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        """Replace ``__import__`` in the private modules."""
        if level or name.startswith("functions."):
            raise ImportError(f"{name}: relative imports are not known here")
        if not members:
            if name in private_modules():
                raise ImportError(f"{name}: only its members can be imported here")
            shared = _import_shared(name, global_names, local_names)
            return self._view(name, shared) if name in self._substitutes else shared
        if name in private_modules():
            return self.load(name)
        own = {
            member: self.load(f"{name}.{member}")
            for member in members
            if f"{name}.{member}" in private_modules()
        }
        rest = [member for member in members if member not in own]
        shared = _import_shared(name, global_names, local_names, rest or ("__name__",))
        own |= self._substitutes.get(name, {})
        if not own:
            return shared
        return SimpleNamespace(
            **{
                member: own[member] if member in own else getattr(shared, member)
                for member in members
            }
        )

    def _view(self, name: str, shared: ModuleType) -> ModuleType:
        """Return a shared module with substitutes for its members, for ``import name``."""
        if name not in self._views:
            view = self._views[name] = ModuleType(name)
            vars(view).update(vars(shared))
            vars(view).update(self._substitutes[name])
        return self._views[name]


@cache
def _code_of(name: str) -> tuple[ModuleSpec, CodeType]:
    # Executed once among the shared modules too: classes are looked up in sys.modules by the name
    # of their module.
    if name.startswith("gridwix."):
        _import_shared(name, None, None, ("__name__",))
    spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    code = spec.loader.get_code(name)  # type: ignore[attr-defined]
    return spec, code
