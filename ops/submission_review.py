"""Review of submissions that are held back: an operator lists, releases, holds or removes them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gridwix.errors import RecordFault
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.partner_requests.ports import SubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Stage, Submission, SubmissionPage
from gridwix.ports import Journal
from ops.outputs.submissions import Change, SubmissionEntry, submission_entry, unreadable_entry

READ_AT_ONCE = 100
"""Submissions per query of the inbox of submissions."""

FUNCTION = "gridwix submissions"
"""Name under which the command writes into the journal, in place of a function's."""


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Filter of submissions that are held back. A field that is None matches any submission.

    Attributes:
        reason: Reason why the submissions are held.
        form: Key of the form, or id of the Wix form.
        since: Accepted at this time or later.
        until: Accepted before this time.
        email: An email address that is one of the answers.
    """

    reason: HoldReason | None = None
    form: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    email: str | None = None

    @property
    def is_everything(self) -> bool:
        """True if the filter selects every submission."""
        return self == ReviewFilter()

    def entries_of(self, page: SubmissionPage) -> Iterator[SubmissionEntry]:
        """Yield the submissions of a page that the filter selects, without their content.

        Submissions that cannot be read come at the end.
        """
        for submission in page.submissions:
            if self._names_sender(submission) and self._fits(entry := submission_entry(submission)):
                yield entry
        # Nobody knows the answers of one that cannot be read.
        if self.email is None:
            yield from filter(self._fits, map(unreadable_entry, page.faults))

    def _names_sender(self, submission: Submission) -> bool:
        return self.email is None or _folded(self.email) in map(_folded, submission.values.values())

    def _fits(self, entry: SubmissionEntry) -> bool:
        """Return True if the filter selects this submission.

        An unreadable submission has no form or time, so only a filter by reason selects it.
        """
        return (
            (self.reason is None or entry.held_for is self.reason)
            and (self.form is None or entry.form == self.form)
            and (self.since is None or ((at := entry.accepted_at) is not None and at >= self.since))
            and (self.until is None or ((at := entry.accepted_at) is not None and at < self.until))
        )


def _folded(answer: object) -> str | None:
    """Return a text for comparison, regardless of case; None for an answer that is no text."""
    return answer.strip().casefold() if isinstance(answer, str) else None


def list_entries(
    inbox: SubmissionInbox, stage: Stage, wanted: ReviewFilter
) -> Iterator[SubmissionEntry]:
    """Yield the submissions in a stage, such as held or waiting, that a filter selects.

    They come oldest first, and without their content. Unreadable submissions come at the end of
    their page. Raises UpstreamError if the inbox cannot be read.
    """
    cursor: str | None = None
    while True:
        page = inbox.list_submissions(stage, cursor, READ_AT_ONCE)
        yield from wanted.entries_of(page)
        cursor = page.cursor
        if cursor is None:
            return


@dataclass(frozen=True, slots=True)
class Changed:
    """Ids of the submissions that a review changed and did not change.

    ``unchanged`` submissions were in no stage that allows the change. ``unreadable`` are the
    submissions among ``changed`` with content that cannot be read.
    """

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubmissionReview:
    """Releases, holds and removes submissions, and records each change in the journal.

    Args:
        inbox: The store of submissions.
        journal: Receives an entry for each change.
        now: The time of the decision.
    """

    inbox: SubmissionInbox
    journal: Journal
    now: datetime

    def change(self, change: Change, ids: Sequence[str]) -> Changed:
        """Release, hold or remove submissions, one after the other.

        Each change is in the journal before the next submission is changed. Raises UpstreamError.
        """
        done: dict[str, bool | RecordFault] = {}
        for identifier in dict.fromkeys(ids):
            done[identifier] = self._carry_out(change)(identifier)
            if done[identifier]:
                self.journal.add([self._entry(change, identifier)])
        return Changed(
            tuple(one for one, found in done.items() if found),
            tuple(one for one, found in done.items() if not found),
            tuple(one for one, found in done.items() if isinstance(found, RecordFault)),
        )

    def _carry_out(self, change: Change) -> Callable[[str], bool | RecordFault]:
        match change:
            case "released":
                return lambda one: self.inbox.release_submission(one, self.now)
            case "held":
                return self._hold
            case "removed":
                return self.inbox.remove_submission

    def _hold(self, identifier: str) -> bool | RecordFault:
        held = self.inbox.hold_submission(identifier, HoldReason.OPERATOR)
        if held is not None:
            return held if isinstance(held, RecordFault) else True
        # The answer to an earlier copy of the same write may have been lost.
        found = self.inbox.read_submissions([identifier]).get(identifier)
        return found is not None and found.held_for is HoldReason.OPERATOR

    def _entry(self, change: Change, identifier: str) -> JournalEntry:
        return JournalEntry(
            record=f"submissions/{identifier}",
            at=self.now.timestamp(),
            function=FUNCTION,
            outcome=JournalOutcome.DONE,
            event_id="",
            event_type="",
            reason=f"{change} by an operator",
        )
