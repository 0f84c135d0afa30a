"""JSON document of ``gridwix doctor``, which checks whether a deployed stack works."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from ops.json_output import JsonOutput
from ops.probes import Finding


class Verdict(StrEnum):
    """Verdict of a check: WORKS, FAULT, SKIPPED or ABSENT.

    SKIPPED: not checked. ABSENT: turned off or without a data source, which is no fault.
    """

    WORKS = "works"
    FAULT = "fault"
    SKIPPED = "skipped"
    ABSENT = "absent"


class FindingEntry(JsonOutput):
    """Result of a check of a stack. Checks that fail for one common cause are one finding."""

    system: str
    capability: str
    verdict: Verdict
    found: str
    """what works, or the fault with its remedy"""


class DoctorOutput(JsonOutput):
    """Results of all checks of a stack."""

    stack: str
    healthy: bool
    """no finding is a fault"""
    faults: int
    skipped: int
    """number of checks that were not started, or had no result"""
    findings: tuple[FindingEntry, ...]


def doctor_output(
    stack: str, causes: Sequence[Finding], findings: Iterable[Finding]
) -> DoctorOutput:
    """Return the results of the checks of a stack as a JSON document.

    Args:
        stack: The stack's name.
        causes: The findings, merged so that there is one for each cause (``merge_causes``).
        findings: All findings before they are merged.
    """
    faults = sum(one.is_fault for one in causes)
    return DoctorOutput(
        stack=stack,
        healthy=not faults,
        faults=faults,
        skipped=sum(one.skipped for one in findings),
        findings=tuple(
            FindingEntry(
                system=one.system,
                capability=one.capability,
                verdict=_verdict(one),
                found=one.found,
            )
            for one in causes
        ),
    )


def _verdict(finding: Finding) -> Verdict:
    if finding.skipped:
        return Verdict.SKIPPED
    if finding.absent:
        return Verdict.ABSENT
    return Verdict.WORKS if finding.works else Verdict.FAULT
