"""The docs name only files, folders and modules that exist."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from gridwix.models.events import TRADING_GRID_SOURCE, WIX_SOURCE

ROOT = Path(__file__).parents[3]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FILE = re.compile(
    r"(?:[\w.*<>-]+/)*[\w.*<>-]+\.(?:py|js|json|ya?ml|md|toml|sh|css|html|weir|txt|ini|lock)"
)
FOLDER = re.compile(r"(?:[\w.-]+/)+")
MODULE = re.compile(r"(?:gridwix|ops|emulators|benchmarks)(?:\.\w+)+")

ELSEWHERE = {
    # Entries of a file format, of the site, of a bucket, or that a reader makes.
    "[Content_Types].xml",
    "activity/",
    "backend/",
    "baselines/",
    "baselines/people.json",
    "drops/",
    "gridwix-portal.js",
    "invitations/",
    "plans/",
    "plans/PLAN/<collection>.json",
    "reports/<date>/<run>-<collection>.json",
    "reports/<date>/<run>-people.json",
    "refused/",
    "reports/",
    "runs/",
    "runs/<run>/<collection>/compared-<page>.json",
    "state/",
    "transactions/",
}


@cache
def tracked() -> tuple[str, ...]:
    """All files of the repository, and the folders that hold them, as paths with a slash in front;
    folders end in one.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]
    folders = {f"{folder}/" for name in files for folder in Path(name).parents if folder != Path()}
    return tuple(f"/{name}" for name in (*files, *sorted(folders)))


def named(document: Path) -> set[str]:
    """Return the text between backticks in a document, outside blocks of code."""
    text = re.sub(r"^ *```.*?^ *```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`\n]+)`", text)) - ELSEWHERE


def exists(name: str) -> bool:
    """Return whether the repository has a file or folder of this name.

    One whose path ends in this name counts as well.
    """
    if re.search(r"[<*]|\bX\b", name):
        pattern = re.compile(
            "/"
            + re.sub(
                r"<\w+>|\*|\bX\b|[^<*X]+",
                lambda part: re.escape(part[0]) if part[0][0] not in "<*X" else "[^/]+",
                name,
            )
            + "$"
        )
        return any(pattern.search(path) for path in tracked())
    return any(path.endswith(f"/{name}") for path in tracked())


def is_module(name: str) -> bool:
    """Return whether a dotted name is a module of ours, or defined in one."""
    path = name.replace(".", "/")
    if exists(f"{path}.py") or exists(f"{path}/"):
        return True
    module, _, attribute = path.rpartition("/")
    sources = [
        ROOT / found[1:]
        for found in tracked()
        if found.endswith((f"/{module}.py", f"/{module}/__init__.py"))
    ]
    return any(
        re.search(
            rf"^(?:def|class) {attribute}\b|^{attribute}\b *[:=]", source.read_text(), re.MULTILINE
        )
        for source in sources
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_docs_name_no_file_folder_or_module_that_does_not_exist(document: Path) -> None:
    names = named(document)
    files = {name for name in names if FILE.fullmatch(name) and not exists(name)}
    folders = {name for name in names if FOLDER.fullmatch(name) and not exists(name)}
    modules = {
        name
        for name in names - {TRADING_GRID_SOURCE, WIX_SOURCE}
        if MODULE.fullmatch(name) and not (is_module(name) or FILE.fullmatch(name))
    }

    assert files | folders | modules == set()


def test_a_name_that_does_not_exist_is_noticed() -> None:
    assert exists("publication/publisher.py")
    assert not exists("services/publisher.py")
    assert exists("config/")
    assert exists("config/campaigns/<campaign>.yaml")
    assert exists("functions/X/handler.py")
    assert is_module("gridwix.models.texts")
    assert is_module("ops.waiting.wait_for")
    assert is_module("gridwix.models.time_zones.time_zone")
    assert not is_module("gridwix.services.publisher")


def test_first_questions_are_two_clicks_from_the_readme() -> None:
    page = (
        (ROOT / "docs/architecture.md")
        .read_text()
        .partition("\n## First questions\n")[2]
        .partition("\n## ")[0]
    )
    rows = [
        [re.findall(r"\]\(([^)#]+)", cell) for cell in row.split("|")[2:4]]
        for row in page.splitlines()
        if row.startswith("| ")
    ][1:]

    assert "](docs/architecture.md#first-questions)" in (ROOT / "README.md").read_text()
    assert len(rows) > 20
    for code, docs in rows:
        assert code
        assert docs
        assert all((ROOT / "docs" / link).exists() for link in (*code, *docs)), (code, docs)
        assert all(link.endswith(".md") for link in docs)
