"""Report of a form intake run. Frozen: each step returns its own, and the caller adds them up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.errors import GridwixError, RecordFault
from gridwix.models.reports import Addable
from gridwix.partner_requests.submissions import HoldReason, Outcome, Submission
from gridwix.publication.publisher import Verdict


@dataclass(frozen=True, slots=True)
class IntakeReport(Addable):
    """Result of a run of the form intake, or of one step of the run.

    ``a + b`` is the report of both. If both have a value for the same submission, that of ``b`` is
    kept.

    Attributes:
        delivered: Outcome in Trading Grid of each delivered submission, by submission id.
        unmatched: Number of delivered requests that have a member as sender, but no partner: it is
            unclear to which of the member's partners each of them belongs.
        held: Reason of each submission that is held for manual review, by submission id.
        failures: Error of each submission that is not in Trading Grid yet, by submission id.
        files_awaited: Error of each submission with files that could not be fetched yet, by
            submission id. The files are retried with exponential backoff; then the submission is
            held.
        refusals: Errors with which Trading Grid refused some of the held submissions.
        unknown: Number of times that a value without a configured label occurred, by
            ``field=value``.
        rows: Number of rows of the portal with each verdict.
        not_shown: Errors of rows of the portal that could not be written.
        moved: Submissions that this run has delivered or held, and that have portal rows to
            publish; by id, as stored in the inbox.
        record_faults: Records that could not be read or mapped.
        blocked_lanes: Partners for which this run delivers nothing more, to keep the sequence
            (``gridwix.form_intake.states.ReadyOrder.lane``).
        directory_silence: The error of a partner directory that gave no response to several
            lookups, else None. Later pages ask it only for members who act for partners.
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
