"""JSON document of ``gridwix gateway check``."""

from collections.abc import Mapping

from ops.gateway.check.report import Finding, Report, Verdict
from ops.json_output import JsonOutput


class CheckFaultEntry(JsonOutput):
    """One way in which a gateway breaks a rule of the community gateway API."""

    text: str
    exchanges: tuple[str, ...]
    """requests and responses that show the fault, without credentials"""


class RuleEntry(JsonOutput):
    """A rule of the community gateway API, with the verdict on the checked gateway."""

    rule: str
    text: str
    verdict: Verdict
    reason: str
    """why the rule was not checked, wholly or in part"""
    faults: tuple[CheckFaultEntry, ...]


class CapabilityEntry(JsonOutput):
    """A part of the community gateway API, with the verdicts on its rules."""

    capability: str
    rules: tuple[RuleEntry, ...]


class GatewayCheckOutput(JsonOutput):
    """Result of the check of a gateway by the conformance kit: verdicts on all rules of the API.

    The document contains no credentials.
    """

    url: str
    holds: bool
    """true if at least one rule was checked, and no checked rule is broken"""
    counts: Mapping[Verdict, int]
    """number of rules by verdict"""
    capabilities: tuple[CapabilityEntry, ...]
    left: tuple[str, ...]
    """records that the run created and could not close, each with the reason"""


def gateway_check_output(report: Report) -> GatewayCheckOutput:
    """Return the report of the conformance kit on a gateway as a JSON document."""
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
