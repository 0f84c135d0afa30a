"""The page "Nine o'clock", as tests read it: each symptom with its commands and answers."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ops.paths import ROOT

TEXT = (ROOT / "docs/nine-oclock.md").read_text()


@dataclass(frozen=True, slots=True)
class Symptom:
    """A section of the page.

    ``commands`` are those of its first block, ``answers`` say for each sentence of the command what
    to do, and ``text`` is all of it.
    """

    title: str
    commands: Sequence[str]
    answers: Mapping[str, str]
    text: str

    def command_for(self, sentence: str) -> str:
        """Return the command that the page gives for a sentence of a command's output."""
        (found,) = re.findall(r"`(gridwix [^`]+)`", self.answers[sentence])
        return str(found)


def read_symptoms(text: str = TEXT) -> Mapping[str, Symptom]:
    """Return the sections of the page by title, in their order."""
    found: dict[str, Symptom] = {}
    for part in text.split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        block = re.search(r"```\n(.*?)```", body, re.DOTALL)
        rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", body, re.MULTILINE)
        commands = block[1].splitlines() if block else re.findall(r"`(gridwix [^`]+)`", body)
        found[title] = Symptom(title, tuple(commands), dict(rows), body)
    return found


def arguments_of(command: str, **names: str) -> list[str]:
    """Return the arguments of a command of the page, with names in place of its capitals.

    >>> arguments_of("gridwix unlink MEMBER GC07 --stack STACK", MEMBER="m-1", STACK="local")
    ['unlink', 'm-1', 'GC07', '--stack', 'local']
    """
    program, *words = shlex.split(command)
    assert program == "gridwix"
    return [names.get(word, word) for word in words]
