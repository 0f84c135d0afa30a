"""Imports that are put off until the first use of a module."""

import subprocess
import sys
from pathlib import Path

import pytest

from gridwix.lazy_imports import import_lazily

LAYER = Path(__file__).parents[2] / "layers/common"

HEAVY = """
import time
print("loading")
time.sleep(0.05)  # Long enough for other threads to come.
member = "member"
print("loaded")
"""

BEGIN = "from gridwix.lazy_imports import import_lazily\n"


def printed(folder: Path, program: str) -> list[str]:
    """Run a program beside a module and a package that say when they are loaded."""
    (folder / "package").mkdir()
    (folder / "package/__init__.py").write_text("")
    for name in ("heavy.py", "package/heavy.py"):
        (folder / name).write_text(HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program],
        cwd=folder,
        env={"PYTHONPATH": str(LAYER)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("name", "statement", "use"),
    [
        ("heavy", "import heavy", "heavy.member"),
        ("package.heavy", "import package.heavy", "package.heavy.member"),
        ("package.heavy", "from package import heavy", "heavy.member"),
    ],
)
def test_module_is_loaded_at_its_first_use_and_not_before(
    tmp_path: Path, name: str, statement: str, use: str
) -> None:
    program = f"""
with import_lazily({name!r}):
    {statement}
print("imported")
print({use})
print({use})
"""

    assert printed(tmp_path, program) == ["imported", "loading", "loaded", "member", "member"]


def test_member_that_is_imported_by_name_loads_its_module_at_once(tmp_path: Path) -> None:
    program = """
with import_lazily("heavy"):
    from heavy import member
print(member)
"""

    assert printed(tmp_path, program) == ["loading", "loaded", "member"]


def test_module_that_many_threads_use_at_once_is_loaded_once(tmp_path: Path) -> None:
    program = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
with import_lazily("heavy"):
    import heavy
start = Barrier(8)
def use(_):
    start.wait()
    return heavy.member
with ThreadPoolExecutor(8) as pool:
    print(set(pool.map(use, range(8))))
"""

    assert printed(tmp_path, program) == ["loading", "loaded", "{'member'}"]


def test_member_that_does_not_exist_is_an_attribute_error(tmp_path: Path) -> None:
    program = """
with import_lazily("heavy"):
    import heavy
print(hasattr(heavy, "missing"), hasattr(heavy, "member"))
"""

    assert printed(tmp_path, program) == ["loading", "loaded", "False True"]


def test_module_whose_load_fails_is_tried_again(tmp_path: Path) -> None:
    program = """
import os
with import_lazily("flaky"):
    import flaky
for _ in range(2):
    try:
        print(flaky.member)
    except OSError:
        print("failed")
        os.environ["GOOD"] = "1"
"""
    (tmp_path / "flaky.py").write_text(
        "import os\nif 'GOOD' not in os.environ: raise OSError\nmember = 'there'\n"
    )

    assert printed(tmp_path, program) == ["failed", "there"]


def test_unknown_module_is_not_found() -> None:
    with (
        pytest.raises(ModuleNotFoundError, match="No module named 'no_such_module'"),
        import_lazily("no_such_module"),
    ):
        pass
