"""The page "Install in an afternoon", as tests read it: what it runs, and what it says one sees."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ops.paths import ROOT

TEXT = (ROOT / "docs/install.md").read_text()
LOCAL, AWS = TEXT.split("\n## On AWS", 1)
"""The part on this machine, and the part on AWS."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command of the local part, and the outputs that the page quotes."""

    command: str
    seen: Sequence[str]


def local_steps() -> list[Step]:
    """Return the commands of the local part with what one sees, in their order."""
    rows = re.findall(r"^\| `(\.venv/bin/gridwix [^`]+)` \| [^|]+ \| (.+) \|$", LOCAL, re.MULTILINE)
    return [Step(command, re.findall(r"`([^`]+)`", seen)) for command, seen in rows]


def block_lines(text: str) -> Iterator[str]:
    """Yield the lines of the blocks of commands in a text."""
    for block in re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from block.splitlines()


def gridwix_commands() -> list[str]:
    """Return every command of gridwix that the page names, without its folder."""
    quoted = re.findall(r"`((?:\.venv/bin/)?gridwix [^`]+)`", TEXT)
    found = [*(line for line in block_lines(TEXT) if line.startswith("gridwix ")), *quoted]
    return sorted({one.removeprefix(".venv/bin/") for one in found})
