"""JSON document of ``gridwix doctor``."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from ops.json_output import JsonOutput
from ops.probes import Finding


class Verdict(StrEnum):
    """Verdict of a check. WORKS, FAULT, SKIPPED: not checked; ABSENT: off or without a source, and
    no fault.
    """

    WORKS = "works"
    FAULT = "fault"
    SKIPPED = "skipped"
    ABSENT = "absent"


class FindingEntry(JsonOutput):
    """Finding of a check of the doctor. Checks with one common cause are one finding."""

    system: str
    capability: str
    verdict: Verdict
    found: str
    """what works, or the fault with its remedy"""


class DoctorOutput(JsonOutput):
    """Findings of the checks of a stack."""

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
    """Return the findings of the doctor's checks as a JSON document.

    Args:
        stack: The stack's name.
        causes: The findings, one for each cause (``merge_causes``).
        findings: All findings.
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
