"""What the judges have found."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

MOST_NAMED = 50
"""Findings that a verdict has in words."""

MOST_OF_A_KIND = 10
"""Findings of one kind in words, so that many of a kind hide no other."""


class Kind(StrEnum):
    """What can be wrong."""

    LOST = "lost"
    """Something that was accepted is not there."""
    STALE = "stale"
    """An older state is shown, or something that is no longer to be shown."""
    DOUBLED = "doubled"
    """Something is there twice, or something that nobody has asked for."""
    FOREIGN = "foreign"
    """A partner can see what is another partner's."""
    FALLEN = "fallen"
    """A row was overwritten with an older state, be it for a moment."""
    INTERNAL = "internal"
    """Something that never leaves Trading Grid has left it."""
    WRONG_FILE = "wrong_file"
    """A file on the portal has other bytes than the newest approved version."""
    ABOVE_BUDGET = "above_budget"
    """More calls of Wix than the call budget grants, or than Wix takes."""
    IN_QUIET_HOURS = "in_quiet_hours"
    """A message to a person in the partner's or in the person's quiet hours."""
    UNBALANCED = "unbalanced"
    """Counts that do not add up."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Number of findings of each kind, and the first ones in words."""

    counts: dict[Kind, int]
    findings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True if nothing is wrong."""
        return not self.counts

    def count(self, kind: Kind) -> int:
        """Number of findings of a kind."""
        return self.counts.get(kind, 0)

    def __str__(self) -> str:
        """The verdict in lines of text."""
        head = ", ".join(f"{self.count(kind)} {kind}" for kind in Kind)
        return "\n".join((head, *self.findings))


class Findings:
    """Collects findings. Names the first ones of each kind, and counts all."""

    def __init__(self) -> None:
        self._counts: Counter[Kind] = Counter()
        self._named: list[str] = []

    def add(self, kind: Kind, text: str) -> None:
        """Note a finding; ``text`` says in words what is wrong, and where."""
        self._counts[kind] += 1
        if self._counts[kind] <= MOST_OF_A_KIND and len(self._named) < MOST_NAMED:
            self._named.append(f"{kind}: {text}")

    def verdict(self, others: "Findings") -> Verdict:
        """The verdict on what was found here and elsewhere."""
        counts = self._counts + others._counts
        named = [*self._named, *others._named][:MOST_NAMED]
        return Verdict({kind: counts[kind] for kind in Kind if counts[kind]}, tuple(named))
