"""The findings of the judges, and the verdict that sums them up."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

MOST_NAMED = 50
"""Maximum number of findings that a verdict describes in words."""

MOST_OF_A_KIND = 10
"""Maximum number of findings of one kind in words, so that many of a kind hide no other."""


class Kind(StrEnum):
    """Kind of a finding of the judges."""

    LOST = "lost"
    """An accepted input has no effect."""
    STALE = "stale"
    """The portal shows an older state, or something that is no longer to be shown."""
    DOUBLED = "doubled"
    """Something exists twice, or exists without an input that asks for it."""
    FOREIGN = "foreign"
    """A partner can see data of another partner."""
    FALLEN = "fallen"
    """A row was overwritten with an older state, even if only for a moment."""
    INTERNAL = "internal"
    """Data that must never leave Trading Grid has left it."""
    WRONG_FILE = "wrong_file"
    """A file on the portal has other bytes than the newest approved version."""
    ABOVE_BUDGET = "above_budget"
    """More calls of Wix than the call budget grants, or than Wix's quota allows."""
    IN_QUIET_HOURS = "in_quiet_hours"
    """A message to a person in the partner's or in the person's quiet hours."""
    UNBALANCED = "unbalanced"
    """Counts of metrics or reports that do not add up."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Sum of the judges' findings: the number of each kind, and the first ones in words."""

    counts: dict[Kind, int]
    findings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True if there is no finding."""
        return not self.counts

    def count(self, kind: Kind) -> int:
        """Return the number of findings of a kind."""
        return self.counts.get(kind, 0)

    def __str__(self) -> str:
        """Return the verdict in lines of text."""
        head = ", ".join(f"{self.count(kind)} {kind}" for kind in Kind)
        return "\n".join((head, *self.findings))


class Findings:
    """Collects findings of a judge. Describes the first ones of each kind, and counts all."""

    def __init__(self) -> None:
        self._counts: Counter[Kind] = Counter()
        self._named: list[str] = []

    def add(self, kind: Kind, text: str) -> None:
        """Add a finding; ``text`` describes the fault and its place."""
        self._counts[kind] += 1
        if self._counts[kind] <= MOST_OF_A_KIND and len(self._named) < MOST_NAMED:
            self._named.append(f"{kind}: {text}")

    def verdict(self, others: "Findings") -> Verdict:
        """Return the verdict on these findings and on those of other judges."""
        counts = self._counts + others._counts
        named = [*self._named, *others._named][:MOST_NAMED]
        return Verdict({kind: counts[kind] for kind in Kind if counts[kind]}, tuple(named))
