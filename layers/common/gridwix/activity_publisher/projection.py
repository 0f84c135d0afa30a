"""Maps a partner's document counts by day to the partner's activity row on the portal. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from gridwix.activity_publisher.counts import (
    FAILURE_STATES,
    STATES,
    FailedDocument,
    LineKey,
    PartnerCounts,
    StateCounts,
    count_of,
    sum_counts,
    sum_states,
)
from gridwix.models.ids import PartnerId
from gridwix.models.portal.partner_activity import (
    ActivityFailure,
    ActivityLine,
    PartnerActivityRow,
)
from gridwix.models.transactions import Direction

MAX_LINES = 40
"""Maximum number of lines of a row. The smallest ones are summed into one line per direction,
without a document type.
"""


def partner_activity(
    partner_id: PartnerId,
    counts: Mapping[date, PartnerCounts],
    days: Sequence[date],
    reference: Callable[[FailedDocument], str | None],
) -> PartnerActivityRow | None:
    """Return the activity row of a partner; None if no document arrived in any of ``days``.

    Args:
        partner_id: The partner.
        counts: The partner's counts by day.
        days: The days that the row shows, the oldest first.
        reference: Returns the case of a failed document (``cases/id``); None if there is no case.
    """
    known = {day: counts[day] for day in days if day in counts}
    if not known:
        return None
    total = sum_counts(known.values())
    largest = sorted(total.lines, key=lambda key: (-sum(total.lines[key]), key))
    named = [key for key in largest if key.document_type][:MAX_LINES]
    lines = [
        _line(key.document_type, key.direction, [_of(known, day, [key]) for day in days])
        for key in named
    ]
    for direction in Direction:
        rest = [key for key in largest if key not in named and key.direction == direction]
        if rest:
            lines.append(_line(None, direction, [_of(known, day, rest) for day in days]))
    failed = sum(count_of(counts_, *FAILURE_STATES) for counts_ in total.lines.values())
    return PartnerActivityRow(
        partner_id=partner_id,
        since=days[0],
        until=days[-1],
        days=tuple(days),
        lines=tuple(lines),
        failures=tuple(
            ActivityFailure(
                document_type=failure.document_type or None,
                direction=failure.direction,
                number=failure.number or None,
                kind=failure.kind,
                at=failure.at,
                reference=reference(failure),
            )
            for failure in total.failures
        ),
        more_failures=failed - len(total.failures) or None,
        updated_at=total.latest,
    )


def _of(known: Mapping[date, PartnerCounts], day: date, keys: Sequence[LineKey]) -> StateCounts:
    lines = known[day].lines if day in known else {}
    return sum_states(lines[key] for key in keys if key in lines)


def _line(
    document_type: str | None, direction: Direction, daily: Sequence[StateCounts]
) -> ActivityLine:
    total = sum_states(daily)
    return ActivityLine(
        document_type=document_type,
        direction=direction,
        total=sum(total),
        daily=tuple(sum(counts) for counts in daily),
        failed_daily=tuple(count_of(counts, *FAILURE_STATES) for counts in daily),
        **{state.value: number for state, number in zip(STATES, total, strict=True)},
    )
