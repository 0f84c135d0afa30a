"""Selects the tests that a change affects, for ``make test-changed``.

Each file that differs from the base branch, committed or not, selects:

- a test file: itself;
- a helper of the tests: the test files that import it, also through other helpers;
- a ``conftest.py``: the tests of its folder;
- a module of a package: the tests in ``tests/unit/PACKAGE``, and the unit and contract tests that
  import the module;
- any other file: the unit and contract tests that contain its name.

Imports of imports are not followed, so the selection is a first check and no proof: ``make test``
runs everything.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ops.paths import ROOT

LAYERS = ("layers/common/", "gateway/layer/")
"""Folders that packages are imported from, beside the root."""
FAST = ("tests/unit/", "tests/contract/")
"""Folders with tests that need no running local environment."""


def changed_files(root: Path, base: str) -> list[str]:
    """Return the paths that differ from the fork point of this branch, untracked files included.

    Args:
        root: The repository. Returned paths are relative to it.
        base: The branch to compare with.

    Raises:
        subprocess.CalledProcessError: ``base`` is unknown to git.
    """
    fork = _run_git(root, "merge-base", base, "HEAD")[0]
    return sorted(
        {
            *_run_git(root, "diff", "--name-only", fork),
            *_run_git(root, "ls-files", "--others", "--exclude-standard"),
        }
    )


def _run_git(root: Path, *command: str) -> list[str]:
    return subprocess.run(
        ["git", *command], cwd=root, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def _importable(path: str) -> str:
    """Return the path of a file relative to the folder that its package is imported from."""
    return next((path.removeprefix(one) for one in LAYERS if path.startswith(one)), path)


class TestIndex:
    """Finds the tests that a changed file affects, in the source of all files in ``tests/``.

    A changed Python module affects the test files that import it, and those of its package. Any
    other changed file affects the test files that contain its name.
    """

    __test__ = False

    def __init__(self, root: Path) -> None:
        self._texts = {
            path.relative_to(root).as_posix(): path.read_text()
            for path in (root / "tests").rglob("*.py")
        }
        self._imports = {
            path: frozenset(_imported_modules(text)) for path, text in self._texts.items()
        }

    def affected_by(self, path: str) -> set[str]:
        """Return the test files that a change of the file ``path`` affects; empty if none."""
        if _is_test(path):
            return {path} & self._texts.keys()
        if path.startswith("tests/") and path.endswith("/conftest.py"):
            return self._tests_below(path.removesuffix("conftest.py"))
        if not path.endswith(".py"):
            return self._tests_naming(Path(path).name)
        if path.startswith("tests/"):
            return self._tests_using(path, set())
        return self._of_package(path) | {
            test for test in self._files_importing(path) if _is_test(test) and test.startswith(FAST)
        }

    def _tests_below(self, folder: str) -> set[str]:
        return {path for path in self._texts if path.startswith(folder) and _is_test(path)}

    def _of_package(self, path: str) -> set[str]:
        parts = _importable(path).split("/")
        if parts[0] == "gridwix_gateway" and len(parts) > 2:
            return self._tests_below(f"tests/unit/gateway/{parts[1]}/")
        # gridwix/PACKAGE/... and functions/PACKAGE/handler.py, but ops/...
        package = parts[1] if parts[0] in ("gridwix", "functions") and len(parts) > 2 else parts[0]
        return self._tests_below(f"tests/unit/{package}/")

    def _files_importing(self, path: str) -> set[str]:
        module = _importable(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return {user for user, imports in self._imports.items() if module in imports}

    def _tests_using(self, helper: str, seen: set[str]) -> set[str]:
        """Return the tests that import the test helper ``helper``, also through other helpers.

        ``seen`` collects the helpers that were followed, so that cyclic imports end.
        """
        seen.add(helper)
        found: set[str] = set()
        for user in self._files_importing(helper):
            if _is_test(user):
                found.add(user)
            elif user not in seen:
                found |= self._tests_using(user, seen)
        return found

    def _tests_naming(self, name: str) -> set[str]:
        pattern = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
        return {
            path
            for path, text in self._texts.items()
            if _is_test(path) and path.startswith(FAST) and pattern.search(text)
        }


def _is_test(path: str) -> bool:
    return (
        path.startswith("tests/") and Path(path).name.startswith("test_") and path.endswith(".py")
    )


def _imported_modules(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # ``from package import module`` looks like ``from module import name``.
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def main(base: str) -> None:
    """Print the test files that this branch's changes affect, one a line.

    Changed files for which there is no test are named on standard error.
    """
    index = TestIndex(ROOT)
    try:
        changed = changed_files(ROOT, base)
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"{error.stderr.strip()} (name the branch to compare with:"
            " make test-changed BASE=origin/main)"
        )
    affected = {path: index.affected_by(path) for path in changed}
    for path in (path for path, tests in affected.items() if not tests):
        print(f"no test found for {path}", file=sys.stderr)
    print("\n".join(sorted(set().union(*affected.values()))))


if __name__ == "__main__":
    main(sys.argv[1])
