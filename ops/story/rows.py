"""Explains in one sentence why the portal shows a row as it does, and what happens next. Pure.

The explanation is based on the row in Wix, on its records in Trading Grid, and on the ledger: the
table of the rows that gridwix wrote, with the records' versions at that time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from gridwix.clients.aws.refused import RefusedItem
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.publication.models import LedgerEntry, RowKey

UNREAD = -1
"""Stands for the version of a record that could not be read."""


class Presence(StrEnum):
    """Presence of a row in Wix: there, missing, or unknown because Wix was not read."""

    PRESENT = "present"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RowState:
    """State of one portal row in the ledger, Trading Grid and Wix.

    Attributes:
        key: Key of the row.
        entry: Ledger entry of the row; None if the row was never claimed for a write.
        refusal: Reason why Wix refused the row last; None if Wix did not refuse it.
        wix: Whether Wix has the row.
        source: Version in Trading Grid now, by record (``collection/id``); None for a record that
            is gone, ``UNREAD`` for a record that could not be read. A row of many records has only
            some of them here.
        attempts: The journal's entries that name the row, oldest first.
        max_receives: By function, the number of attempts after which a message goes to the
            dead-letter queue.
    """

    key: RowKey
    entry: LedgerEntry | None
    refusal: RefusedItem | None = None
    wix: Presence = Presence.UNKNOWN
    source: Mapping[str, int | None] = field(default_factory=dict)
    attempts: Sequence[JournalEntry] = ()
    max_receives: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the row, as ``collection#item``."""
        return f"{self.key.collection}#{self.key.item_id}"

    @property
    def is_known(self) -> bool:
        """False if no system has the row or a record of it.

        The systems are the ledger, the refused items, Wix and Trading Grid. One that was not read,
        or that did not respond, may have it.
        """
        return (
            self.entry is not None
            or self.refusal is not None
            or self.wix is not Presence.MISSING
            or any(version is not None for version in self.source.values())
        )

    @property
    def behind(self) -> Mapping[str, int]:
        """The records that are newer in Trading Grid than on the row, with their new versions."""
        shown = LedgerEntry(self.key).published if self.entry is None else self.entry.published
        return {
            record: version
            for record, version in self.source.items()
            if version is not None and version > shown.version_of(record)
        }


def explain_row(state: RowState) -> str:
    """Return one sentence that says why the portal shows this row as it does, and what is next."""
    if state.refusal is not None:
        return (
            f"Wix refused the row ({state.refusal.refusal.code}), so the portal shows its state"
            " before: correct the record (`gridwix refused` has the reason)"
        )
    waiting = _waiting_attempts(state)
    if waiting:
        return _waiting_sentence(state, waiting[-1])
    if state.entry is None or (not state.entry.content_hash and not state.entry.origin):
        return (
            "The row was never written, and no event about it is waiting:"
            " `gridwix resync` reads its records again"
        )
    if not state.entry.content_hash:
        return "The row was removed, because its records say so"
    if state.wix is Presence.MISSING:
        return (
            "gridwix wrote the row, and Wix does not have it: somebody removed it."
            " `gridwix reconcile` writes it again"
        )
    if state.entry.intended is not None:
        return (
            "A write was sent to Wix and its result is not known:"
            " the next attempt writes the row again"
        )
    if state.behind:
        record, version = next(iter(state.behind.items()))
        return (
            f"Trading Grid has version {version} of {record}, and the row shows"
            f" version {state.entry.published.version_of(record)}: no event about it is waiting."
            " The next sweep brings it, at the latest after SweepSchedule"
        )
    return f"The row is up to date: it was written for the event {state.entry.origin}"


def _waiting_attempts(state: RowState) -> list[JournalEntry]:
    """Return the newest attempt to publish the row for each event that waits for another attempt.

    An attempt is the run of a function for an event, by the journal. An event is left out if the
    row already shows the record in the version that the event announced, or in a newer one: another
    event has caused that write.
    """
    newest = {(attempt.event_id, attempt.function): attempt for attempt in state.attempts}
    published = LedgerEntry(state.key).published if state.entry is None else state.entry.published
    return [
        attempt
        for attempt in newest.values()
        if attempt.outcome is JournalOutcome.DEFERRED
        and (attempt.version is None or published.version_of(attempt.record) < attempt.version)
    ]


def _waiting_sentence(state: RowState, last: JournalEntry) -> str:
    record = f"{last.record} version {last.version}" if last.version else last.record
    reason = state_reason(state, last)
    if last.attempt >= state.max_receives.get(last.function, last.attempt + 1):
        return (
            f"{record} is not on the row: {last.function} gave up after {last.attempt} attempts"
            f" ({reason}), and the message is in its dead-letter queue."
            f" After the cause is gone: `gridwix redrive {last.function.replace('_', '-')}`"
        )
    again = "" if last.wait is None else f", next attempt {format_time(last.at + last.wait)}"
    return f"{record} is not on the row yet: {last.function} waits ({reason}{again})"


def last_rejection(entries: Sequence[JournalEntry]) -> str | None:
    """Return a sentence on a rejected webhook, if all journal entries are rejections of it.

    Return None if there are other entries, or none.
    """
    rejected = [entry for entry in entries if entry.outcome is JournalOutcome.REJECTED]
    if not rejected or len(rejected) < len(entries):
        return None
    return (
        f"The webhook was rejected ({rejected[-1].reason}), and nothing of it is on the bus:"
        " the runbook says what each reason means (WebhooksRejected)."
        " The feed brings its event, if it is one"
    )


def state_reason(state: RowState, last: JournalEntry) -> str:
    """Return the reason for the outcome of an attempt to publish the row; "unknown" for none.

    ``last`` is the journal's entry of the attempt. Its reason for this row counts first, then its
    reason for the whole message from the queue.
    """
    _, _, own = last.rows.get(state.name, "").partition(":")
    return own or last.reason or "unknown"


def format_time(seconds: float) -> str:
    """Format a time in UTC as people read it in logs.

    >>> format_time(1780000000.25)
    '2026-05-28 20:26:40.250'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
