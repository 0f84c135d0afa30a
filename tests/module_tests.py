"""Which test module covers a product module: the one of its name, or the one that a table names.

``python -m tests.module_tests`` writes the table (``tests/module_tests.yaml``) again: it keeps what
still holds, and proposes the nearest test module by imports for the rest.
"""

import fnmatch
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from ops.paths import ROOT

PRODUCT: Mapping[str, str] = {
    "gridwix": "layers/common/gridwix",
    "gridwix_gateway": "gateway/layer/gridwix_gateway",
    "functions": "functions",
    "ops": "ops",
}
"""Folder of each product package."""

BY_NAME: Mapping[str, str] = {
    "functions.*.handler": "tests/unit/functions/test_handlers.py",
    "ops.commands.*": "tests/unit/ops/test_json_commands.py",
}
"""Test modules that look at, or run, each module of a pattern without an import of it."""

GENERAL = frozenset({*BY_NAME.values(), "tests/unit/runtime/test_wiring.py"})
"""Test modules that reach most modules of a kind, and look at none closely."""

TABLE = ROOT / "tests/module_tests.yaml"

HEADER = """\
# Test module of each product module that has none of its name (CONTRIBUTING.md, "Tests").
# `python -m tests.module_tests` writes it again; a line whose test module still imports its module,
# directly or through others, is kept.
"""

_IMPORT = re.compile(
    r"^[ \t]*from ([\w.]+) import (?:\(([^)]*)\)|([^\n]*))|^[ \t]*import ([\w.]+)", re.MULTILINE
)
_DEFINITION = re.compile(r"^(?:async )?(?:def|class) |^\w+(?:: [^=\n]+)? = ", re.MULTILINE)


def imported_names(text: str) -> Iterator[str]:
    """Return the dotted names that a module imports, wherever it does.

    >>> sorted(imported_names("from ops import stack, queues as q"))
    ['ops', 'ops.queues', 'ops.stack']
    """
    for match in _IMPORT.finditer(text):
        if match[4]:
            yield match[4]
            continue
        yield match[1]
        for name in re.findall(r"(\w+)(?: as \w+)?\s*(?:,|$)", match[2] or match[3] or ""):
            yield f"{match[1]}.{name}"


@dataclass(frozen=True)
class ModuleTests:
    """Product modules and test modules, with what they import.

    ``modules`` are the product's by dotted name; ``tests`` are by path from the project's folder.
    The values are their texts.
    """

    modules: Mapping[str, str]
    tests: Mapping[str, str]

    @classmethod
    def read(cls, root: Path = ROOT) -> "ModuleTests":
        """Read both from a checkout. Packages that only hold modules, and ``__main__``, are
        left out.
        """
        modules: dict[str, str] = {}
        for package, folder in PRODUCT.items():
            for path in sorted((root / folder).rglob("*.py")):
                text = path.read_text()
                parts = path.relative_to(root / folder).with_suffix("").parts
                if parts[-1] == "__main__":
                    continue
                if parts[-1] != "__init__":
                    modules[".".join((package, *parts))] = text
                elif _DEFINITION.search(text):
                    modules[".".join((package, *parts[:-1]))] = text
        tests = {
            str(path.relative_to(root)): path.read_text()
            for path in sorted((root / "tests").rglob("test_*.py"))
        }
        return cls(modules, tests)

    @cached_property
    def _importers(self) -> Mapping[str, Sequence[str]]:
        """Modules, and test modules by path, that import each module."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, text in {**self.modules, **self.tests}.items():
            for imported in dict.fromkeys(imported_names(text)):
                if imported in self.modules and imported != name:
                    found[imported].append(name)
        return found

    @cached_property
    def _named(self) -> Mapping[str, str]:
        """The test module of ``BY_NAME`` of each module."""
        return {
            module: test
            for pattern, test in BY_NAME.items()
            for module in fnmatch.filter(self.modules, pattern)
        }

    @cached_property
    def _breadth(self) -> Mapping[str, int]:
        """Number of product modules that each test module, or module, imports."""
        return Counter(name for importers in self._importers.values() for name in importers)

    @cached_property
    def _by_stem(self) -> Mapping[str, Sequence[str]]:
        """Paths of the test modules by name."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.tests:
            found[Path(path).stem].append(path)
        return found

    def own_tests(self, module: str) -> list[str]:
        """Return the test modules of a module's name.

        ``test_NAME.py`` or ``test_PACKAGE_NAME.py``, if it imports the module or is in a folder of
        its package's name.
        """
        *above, name = module.split(".")
        package = above[-1] if above else ""
        named = [*self._by_stem.get(f"test_{name}", ())]
        named += self._by_stem.get(f"test_{package}_{name}", ())
        importers = self._importers.get(module, ())
        return [path for path in named if path in importers or Path(path).parent.name == package]

    def is_covered(self, module: str, test: str) -> bool:
        """Return True if a test module imports a module, directly or through others."""
        return test in self._distances(module)

    def propose(self, module: str) -> str | None:
        """Return the nearest test module by imports; None if no test imports the module.

        One in a folder of the module's package is a step nearer, and one that is not a unit test a
        step further. One of ``GENERAL`` is the last choice. Of equally near ones, the one that
        imports the fewest modules.
        """
        distances = self._distances(module)
        packages = set(module.split(".")[:-1])

        def rank(path: str) -> tuple[bool, int, int, str]:
            folders = set(path.split("/")[:-1])
            steps = distances[path] - bool(packages & folders) + ("unit" not in folders)
            return (path in GENERAL, steps, self._breadth[path], path)

        return min(distances, key=rank, default=None)

    def _distances(self, module: str) -> dict[str, int]:
        """Number of imports between a module and each test module that reaches it."""
        found: dict[str, int] = {}
        seen, edge, distance = {module}, [module], 0
        while edge:
            distance += 1
            importers = dict.fromkeys(
                one
                for name in edge
                for one in [*self._importers.get(name, ()), self._named.get(name, "")]
            )
            edge = [one for one in importers if one not in seen]
            seen.update(edge)
            found |= {one: distance for one in edge if one in self.tests}
        return found


def read_table() -> dict[str, str]:
    """Return the table: path of the test module, by product module."""
    table: dict[str, str] = yaml.safe_load(TABLE.read_text()) or {}
    return table


def complete_table(project: ModuleTests, table: Mapping[str, str]) -> dict[str, str]:
    """Return the table with what still holds, and proposals for the rest, sorted."""
    complete: dict[str, str] = {}
    for module in sorted(project.modules):
        if project.own_tests(module):
            continue
        kept = table.get(module, "")
        test = kept if project.is_covered(module, kept) else project.propose(module)
        if test is not None:
            complete[module] = test
    return complete


def main() -> None:
    """Write the table again."""
    table = read_table() if TABLE.exists() else {}
    complete = complete_table(ModuleTests.read(), table)
    lines = [f"{module}: {test}\n" for module, test in complete.items()]
    TABLE.write_text(HEADER + "".join(lines))


if __name__ == "__main__":
    main()
