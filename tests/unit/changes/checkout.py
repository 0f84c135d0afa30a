"""A copy of the project in which a change is worked out.

Also reads the map of changes in CONTRIBUTING.md.
"""

import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDERS = (
    "config",
    "docs",
    "emulators",
    "events",
    "functions",
    "gateway/layer/gridwix_gateway",
    "layers",
    "ops",
    "portal",
    "tests/fakes",
)
LAYERS = ("layers/common", "gateway/layer")
FILES = (
    "pyproject.toml",
    "samconfig.toml",
    "template.yaml",
    "tests/__init__.py",
    "tests/factories.py",
)


class Checkout:
    """A copy of the project. ``touched`` are the files that the change has edited by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched: set[str] = set()
        for name in FOLDERS:
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
            )
        for name in FILES:
            shutil.copy(ROOT / name, folder / name)

    def read(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        self.touched.add(path)
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that occurs in a file. Every occurrence, as a person's editor would."""
        text = self.read(path)
        assert old in text, f"{path} has no {old!r}"
        self.write(path, text.replace(old, new))

    def move(self, path: str, to: str) -> None:
        self.write(to, self.read(path))
        (self.folder / path).unlink()
        self.touched.add(path)

    def insert(self, path: str, text: str, *, before: str) -> None:
        """Insert a text before the first occurrence of another."""
        known = self.read(path)
        assert before in known, f"{path} has no {before!r}"
        self.write(path, known.replace(before, text + before, 1))

    def search(self, pattern: str) -> list[str]:
        """Return the files of code and configuration in which a pattern occurs."""
        folders = ("config", "emulators", "functions", "layers", "ops", "portal")
        kinds = {".py", ".js", ".json", ".yaml"}
        files = (
            path
            for folder in folders
            for path in sorted((self.folder / folder).rglob("*"))
            if path.suffix in kinds
        )
        return [
            str(path.relative_to(self.folder))
            for path in files
            if re.search(pattern, path.read_text(encoding="utf-8"))
        ]

    def python(self, code: str, *, module: bool = False) -> subprocess.CompletedProcess[str]:
        """Run Python code, or a module with its arguments, on the copy."""
        command = [sys.executable, *(["-m", *code.split()] if module else ["-c", code])]
        path = os.pathsep.join(map(str, [self.folder, *(self.folder / name for name in LAYERS)]))
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )

    def output(self, code: str) -> str:
        """Return what code prints. It has to succeed."""
        done = self.python(code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def make_config(self) -> list[str]:
        """Do what ``make config`` does, and return its warnings."""
        done = self.python("ops.configuration", module=True)
        assert done.returncode == 0, done.stderr
        return done.stderr.splitlines()


def mapped_files(change: str) -> list[str]:
    """Return the files that the map names for a change; ``*`` in them stands for any name, as ``X``
    does in the map.
    """
    for line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] == change:
            return [re.sub(r"\bX\b", "*", name) for name in re.findall(r"`([^`]+)`", cells[1])]
    raise AssertionError(f"CONTRIBUTING.md has no change {change!r}")


def assert_map_is_right(change: str, checkout: Checkout) -> None:
    """The files that the change has touched are those that the map names: none is missing, and none
    is too many.
    """
    named = mapped_files(change)
    assert [
        path
        for path in sorted(checkout.touched)
        if not any(fnmatch(path, pattern) for pattern in named)
    ] == []
    assert [
        pattern for pattern in named if not any(fnmatch(path, pattern) for path in checkout.touched)
    ] == []
