"""Report of an intake run. Frozen: each step returns its own, and the caller adds them up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.errors import GridwixError, RecordFault
from gridwix.models.reports import Addable
from gridwix.partner_requests.submissions import HoldReason, Outcome, Submission
from gridwix.publication.publisher import Verdict


@dataclass(frozen=True, slots=True)
class IntakeReport(Addable):
    """Result of an intake run, or of one step of it.

    ``a + b`` is the report of both; ``b`` counts if both name the same submission.

    Attributes:
        delivered: Outcome in Trading Grid of each delivered submission, by submission id.
        unmatched: Number of delivered requests of members that act for partners, but without one.
        held: Reason of each submission that is held for manual review, by submission id.
        failures: Error of each submission that is not in Trading Grid yet, by submission id.
        files_awaited: Error of each submission with files that could not be fetched yet, by
            submission id. It is retried with exponential backoff, and then held.
        refusals: Errors with which Trading Grid refused some of the held submissions.
        unknown: Number of times that a value without a configured label occurred, by
            ``field=value``.
        rows: Number of rows of the portal with each verdict.
        not_shown: Errors of rows of the portal that could not be written.
        moved: Submissions that this run has delivered or held, with due rows, as the inbox has
            them, by id.
        record_faults: Records that could not be read or mapped.
        blocked_lanes: Lanes in which nothing more is delivered in this run, to keep the order
            (``gridwix.form_intake.states.ReadyOrder.lane``).
        directory_silence: The error of a partner directory that gave several lookups no response;
            None if there is none. Later pages ask it only for members who act for partners.
        interrupted: An error stopped a page of submissions, so no further page may begin.

    >>> (IntakeReport(unmatched=1) + IntakeReport(unmatched=2)).unmatched
    3
    """

    delivered: Mapping[str, Outcome] = field(default_factory=dict)
    unmatched: int = 0
    held: Mapping[str, HoldReason] = field(default_factory=dict)
    failures: Mapping[str, GridwixError] = field(default_factory=dict)
    files_awaited: Mapping[str, GridwixError] = field(default_factory=dict)
    refusals: Sequence[GridwixError] = ()
    unknown: Counter[str] = field(default_factory=Counter)
    rows: Counter[Verdict] = field(default_factory=Counter)
    not_shown: Sequence[GridwixError] = ()
    moved: Mapping[str, Submission] = field(default_factory=dict)
    record_faults: Sequence[RecordFault] = ()
    blocked_lanes: frozenset[str] = frozenset()
    directory_silence: GridwixError | None = None
    interrupted: bool = False
