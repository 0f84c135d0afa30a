"""Counts of documents by state, and sums of such counts. Pure.

Addition is associative and commutative: the sums of a day's hours and of 30 days are exact.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from gridwix.models.transactions import Direction

MAX_FAILURES = 20
"""Maximum number of failed documents that are listed one by one: the newest ones."""


class DocumentState(StrEnum):
    """State of a document. Every document has exactly one.

    Stored counts have one number per state, in the order of the members here.
    """

    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    LATE = "late"
    FAILED = "failed"
    UNDERWAY = "underway"
    OTHER = "other"


STATES = tuple(DocumentState)
FAILURE_STATES = (DocumentState.REJECTED, DocumentState.LATE, DocumentState.FAILED)

type StateCounts = tuple[int, ...]
"""Number of documents by state, in the order of ``STATES``."""


class LineKey(NamedTuple):
    """Key of a line in a partner's activity row: document type and direction.

    ``document_type`` is "" for documents without a type.
    """

    document_type: str
    direction: Direction


class FailedDocument(NamedTuple):
    """A rejected document, one with a late acknowledgment, or one with a failed delivery.

    ``at``, the time of the failure, is the first field, so that failures sort by time. ``number``
    is the document's number; "" if it is not known.
    """

    at: datetime
    process: str
    kind: str
    document_type: str
    direction: Direction
    number: str


@dataclass(frozen=True, slots=True)
class PartnerCounts:
    """Counts of one partner's documents that arrived in a period: an hour, a day or 30 days.

    ``lines`` are the counts by document type and direction. ``failures`` are the newest failed
    documents, at most ``MAX_FAILURES``, newest first. ``latest`` is the time of the last change of
    any document.
    """

    lines: Mapping[LineKey, StateCounts]
    failures: tuple[FailedDocument, ...]
    latest: datetime


def count_of(counts: StateCounts, *states: DocumentState) -> int:
    """Number of documents in any of ``states``, from counts by state.

    >>> count_of((5, 4, 3, 2, 1, 0, 0), DocumentState.REJECTED, DocumentState.LATE)
    5
    """
    return sum(counts[STATES.index(state)] for state in states)


def sum_states(parts: Iterable[StateCounts]) -> StateCounts:
    """The sum of several counts by state; only zeros if ``parts`` is empty.

    >>> sum_states([(1, 0, 0, 0, 0, 0, 0), (1, 2, 0, 0, 0, 0, 0)])
    (2, 2, 0, 0, 0, 0, 0)
    """
    return tuple(map(sum, zip((0,) * len(STATES), *parts, strict=True)))


def newest_failures(failures: Iterable[FailedDocument]) -> tuple[FailedDocument, ...]:
    """The newest of the given failed documents, at most ``MAX_FAILURES``, newest first."""
    return tuple(sorted(failures, reverse=True)[:MAX_FAILURES])


def sum_counts(parts: Iterable[PartnerCounts]) -> PartnerCounts:
    """Add up a partner's counts of several periods. Raises ValueError if ``parts`` is empty."""
    known = list(parts)
    lines: defaultdict[LineKey, list[StateCounts]] = defaultdict(list)
    for part in known:
        for key, counts in part.lines.items():
            lines[key].append(counts)
    return PartnerCounts(
        lines={key: sum_states(found) for key, found in lines.items()},
        failures=newest_failures(failure for part in known for failure in part.failures),
        latest=max(part.latest for part in known),
    )
