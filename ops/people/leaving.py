"""Output of ``gridwix people reconcile``: printed lines and a JSON document.

The command compares people with partners and OpenText's directory, and ends the access of people
who have left.
"""

from collections.abc import Iterator

from gridwix.models.people_runs import (
    CountsByReason,
    EndReason,
    InvitationCounts,
    PeopleReport,
    RowCounts,
)
from gridwix.people.unused import SOON
from ops.json_output import JsonOutput
from ops.outputs.people import (
    LeaverCounts,
    PeopleReconcileOutput,
    UnusedCounts,
    UnusedInvitations,
)
from ops.people.report import SHOWN

REASONS: dict[EndReason, str] = {
    EndReason.MEMBER_DELETED: "whose member was deleted",
    EndReason.MEMBER_BLOCKED: "whose member is blocked",
    EndReason.PARTNER: "whose partner has left",
    EndReason.DIRECTORY: "who are not in OpenText's directory any more",
}
"""Texts for the reasons for which access ends."""


def report_lines(report: PeopleReport) -> Iterator[str]:
    """Yield the lines that ``gridwix people reconcile`` prints for its report."""
    yield f"{report.total.links:,} links, {report.total.invitations:,} open invitations"
    for reason, found in report.found.items():
        ended = report.ended.get(reason, RowCounts())
        is_stopped = reason in report.stopped
        done = "stopped: none has ended" if is_stopped else f"{ended.links:,} have ended"
        yield (
            f"{found.links:,} links and {found.invitations:,} invitations of people"
            f" {REASONS[reason]}" + ("" if report.dry_run and not is_stopped else f"; {done}")
        )
    if report.waiting:
        yield f"{report.waiting:,} of them are missing for the first time: the next run decides"
    if unread := report.companies.unread + report.companies.empty:
        yield f"{unread:,} companies could not be read, or list nobody, and are left alone"
    yield from _unused_lines(report)


def _unused_lines(report: PeopleReport) -> Iterator[str]:
    """Yield the printed lines with the numbers of invitations that were not accepted.

    The numbers are for all partners together, and then for each of the first ``SHOWN`` partners.
    """
    if report.unused.unknown:
        yield f"Wix did not say whether {report.unused.unknown:,} open invitations bounce"
    if not (said := _unused_text(report.unused)):
        return
    yield f"unused invitations: {said} (`gridwix people list --pending` names them)"
    named = [
        (one.partner_id, text) for one in report.unused_of if (text := _unused_text(one.counts))
    ]
    for partner, text in named[:SHOWN]:
        yield f"  {partner}  {text}"
    if (more := len(named) - SHOWN) > 0:
        yield f"  … and {more:,} more partners"


def _unused_text(counts: InvitationCounts) -> str:
    return ", ".join(
        f"{count:,} {words}"
        for count, words in (
            (counts.expired, "expired"),
            (counts.expiring, f"expire within {SOON.days} days"),
            (counts.bounced, "do not reach their address"),
        )
        if count
    )


def guard_sentence(report: PeopleReport) -> str:
    """Return a sentence that no access was ended, since too many people would have lost it."""
    return f"too many would lose access ({', '.join(report.stopped)}), so none of them has"


def guard_remedy(stack: str) -> str:
    """Return the next step for a run that was stopped, as too many people would lose access."""
    return (
        f"if they have left, `gridwix people reconcile --accept-shrink --stack {stack}`"
        " (docs/runbook.md#people-who-leave)"
    )


def reconcile_output(report: PeopleReport) -> JsonOutput:
    """Return the report of ``gridwix people reconcile`` as a JSON document."""
    return PeopleReconcileOutput(
        run=report.run,
        dry_run=report.dry_run,
        compared=_counts(report.total),
        found=_by_reason(report.found),
        waiting=report.waiting,
        ended=_by_reason(report.ended),
        stopped=tuple(reason.value for reason in report.stopped),
        companies_unread=report.companies.unread + report.companies.empty,
        ids=tuple(report.ids),
        unused=UnusedCounts(**report.unused.model_dump()),
        unused_of=tuple(
            UnusedInvitations(partner=one.partner_id, **one.counts.model_dump())
            for one in report.unused_of
        ),
    )


def _by_reason(counts: CountsByReason) -> dict[str, LeaverCounts]:
    return {reason.value: _counts(found) for reason, found in counts.items()}


def _counts(found: RowCounts) -> LeaverCounts:
    return LeaverCounts(links=found.links, invitations=found.invitations)
