"""``gridwix gateway check --json``."""

from collections.abc import Mapping

from ops.gateway.check.report import Finding, Report, Verdict
from ops.json_output import JsonOutput


class CheckFaultEntry(JsonOutput):
    """One way in which a rule does not hold."""

    text: str
    exchanges: tuple[str, ...]
    """requests and responses that show it, without credentials"""


class RuleEntry(JsonOutput):
    """A rule of the profile."""

    rule: str
    text: str
    verdict: Verdict
    reason: str
    """why it was not checked, wholly or in part"""
    faults: tuple[CheckFaultEntry, ...]


class CapabilityEntry(JsonOutput):
    """A capability with its rules."""

    capability: str
    rules: tuple[RuleEntry, ...]


class GatewayCheckOutput(JsonOutput):
    """Findings of a run of the conformance kit, without credentials."""

    url: str
    holds: bool
    """all that was checked holds, and something was checked"""
    counts: Mapping[Verdict, int]
    """number of rules by verdict"""
    capabilities: tuple[CapabilityEntry, ...]
    left: tuple[str, ...]
    """created records that are still open, each with the reason"""


def gateway_check_output(report: Report) -> GatewayCheckOutput:
    """Return a report as a document."""
    return GatewayCheckOutput(
        url=report.url,
        holds=report.holds,
        counts={verdict: report.count(verdict) for verdict in Verdict},
        capabilities=tuple(
            CapabilityEntry(
                capability=part.capability.key,
                rules=tuple(_rule_entry(finding) for finding in part.findings),
            )
            for part in report.capabilities
        ),
        left=tuple(report.left),
    )


def _rule_entry(finding: Finding) -> RuleEntry:
    return RuleEntry(
        rule=finding.rule.name,
        text=finding.rule.text,
        verdict=finding.verdict,
        reason=finding.reason,
        faults=tuple(
            CheckFaultEntry(
                text=fault.text, exchanges=tuple(one.shown() for one in fault.exchanges)
            )
            for fault in finding.faults
        ),
    )
