"""Report of a run of the conformance kit, for people and for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ops.gateway.check.exchanges import Exchange
from ops.gateway.check.rules import Capability, Rule


class Verdict(StrEnum):
    """Result of a rule: it holds, the gateway breaks it, or it could not be checked."""

    HOLDS = "holds"
    BROKEN = "broken"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Fault:
    """One way in which a gateway breaks a rule, and the requests and responses that show it."""

    text: str
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True)
class Finding:
    """Result of checking one rule of the conformance kit.

    ``reason`` says why the rule was not checked, or was not checked in part; "" otherwise.
    """

    rule: Rule
    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Unchecked:
    """Rules that share one reason why they were not checked, or not completely.

    ``is_partial`` is True if the rules were checked in part, False if they were not checked at all.
    """

    reason: str
    is_partial: bool
    rules: Sequence[Rule]


@dataclass(frozen=True)
class CapabilityReport:
    """Results of the rules of one group (capability), such as lists, in the order of the rules.

    A rule is a sentence of the gateway's OpenAPI contract that the conformance kit checks.
    """

    capability: Capability
    findings: Sequence[Finding]

    def unchecked_groups(self) -> list[Unchecked]:
        """Return the rules that were not checked, grouped by the reason.

        The groups are in the order of the rules. A rule that was checked in part is in a group,
        too.
        """
        groups: dict[tuple[str, bool], list[Rule]] = {}
        for finding in self.findings:
            if finding.reason:
                key = (finding.reason, finding.verdict is not Verdict.SKIPPED)
                groups.setdefault(key, []).append(finding.rule)
        return [Unchecked(*key, rules) for key, rules in groups.items()]


@dataclass(frozen=True)
class Report:
    """Result of a whole run of the conformance kit.

    ``left`` names the records and webhook endpoints that the run created and could not remove or
    close, each with the reason.
    """

    url: str
    capabilities: Sequence[CapabilityReport]
    left: Sequence[str]

    @property
    def findings(self) -> list[Finding]:
        return [finding for part in self.capabilities for finding in part.findings]

    def count(self, verdict: Verdict) -> int:
        return sum(finding.verdict is verdict for finding in self.findings)

    @property
    def holds(self) -> bool:
        """True if at least one rule was checked, and the gateway breaks none."""
        return self.count(Verdict.BROKEN) == 0 and self.count(Verdict.HOLDS) > 0

    def broken_rules(self) -> set[str]:
        """Return the names of the rules that the gateway breaks."""
        return {finding.rule.name for finding in self.findings if finding.verdict is Verdict.BROKEN}
