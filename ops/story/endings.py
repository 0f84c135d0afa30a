"""Finds the result of each event in each function that handles it, from journal entries. Pure.

The journal is the table of the functions' attempts to process an event. A result is, for example,
that the function is done, or that another attempt follows (:class:`EndState`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gridwix.mapping.cloud_events import KNOWN_TYPES
from gridwix.models.journal import ATTEMPTS, JournalEntry, JournalOutcome
from gridwix.partner_requests.submissions import HoldReason
from ops.story.rows import format_time

REFUSED_ROW = "refused"
"""Verdict on a row that Wix refused."""

INTAKE = "form_intake"
"""Name of the function that may hold a submission for review after its last attempt."""

SUBMISSION_PREFIX = "submissions/"


class EndState(StrEnum):
    """The result of an event in one function.

    DONE: the function is done. REFUSED: the function is done, and Wix refused a row. HELD: a
    submission waits for a person. WAITING: another attempt follows. FAILED: the message is in the
    dead-letter queue. LEFT: a schedule makes the next attempt. ON_BUS: no attempt has ended.
    UNUSED: the event is on the bus, and of a type that this release does not use. REJECTED: a
    webhook was rejected, and nothing of it is on the bus.
    """

    DONE = "done"
    REFUSED = "refused"
    HELD = "held"
    WAITING = "waiting"
    FAILED = "failed"
    LEFT = "left to a schedule"
    ON_BUS = "on the bus"
    UNUSED = "unused"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Ending:
    """The newest result that one function had for one event, or for one submission of a form.

    ``entry`` is the journal entry of the attempt with this result. form_intake also attempts to
    deliver a submission on a schedule, so the entry of a submission may name no event.
    """

    entry: JournalEntry
    state: EndState


def list_endings(
    entries: Iterable[JournalEntry], max_receives: Mapping[str, int]
) -> tuple[Ending, ...]:
    """Return the newest result of each event in each function, oldest first.

    Args:
        entries: Entries of the journal (attempts of functions), oldest first. Entries on rows and
            on rings (messages that make open pages reload) belong to no event, and are left out.
        max_receives: By function, the number of attempts after which a message goes to the
            dead-letter queue.
    """
    newest: dict[tuple[str, str], JournalEntry] = {}
    for entry in entries:
        if (subject := _subject(entry)) and entry.outcome is not JournalOutcome.COMPARED:
            newest[subject, entry.function] = entry
    attempted = {subject for (subject, _), entry in newest.items() if entry.outcome in ATTEMPTS}
    found = [
        Ending(entry, _state(entry, max_receives))
        for (subject, _), entry in newest.items()
        if entry.outcome in ATTEMPTS or subject not in attempted
    ]
    return tuple(sorted(found, key=lambda ending: ending.entry.at))


def _subject(entry: JournalEntry) -> str:
    """Return the key that groups the journal entries of one event, or of one form submission.

    The key is the id of the event, or the name of the submission for an entry of form_intake, which
    also delivers submissions without an event. Return "" for an entry to leave out: it has no
    event, or another function wrote it about a submission.
    """
    if entry.record.startswith(SUBMISSION_PREFIX):
        return entry.record if entry.function == INTAKE else ""
    return entry.event_id


def _state(entry: JournalEntry, max_receives: Mapping[str, int]) -> EndState:
    match entry.outcome:
        case JournalOutcome.DEFERRED:
            most = max_receives.get(entry.function, entry.attempt + 1)
            return EndState.FAILED if entry.attempt >= most else EndState.WAITING
        case JournalOutcome.DROPPED:
            return EndState.LEFT
        case JournalOutcome.REJECTED:
            return EndState.REJECTED
        case JournalOutcome.ON_BUS:
            return EndState.ON_BUS if entry.event_type in KNOWN_TYPES else EndState.UNUSED
        case _ if entry.function == INTAKE and entry.reason in HoldReason:
            return EndState.HELD
        case _ if REFUSED_ROW in entry.rows.values():
            return EndState.REFUSED
        case _:
            return EndState.DONE


def explain_ending(ending: Ending) -> str:
    """Return one sentence on an event in one function: its result, the reason, and what to do."""
    entry, name = ending.entry, ending.entry.event_id or ending.entry.record
    reason = entry.reason or "unknown"
    match ending.state:
        case EndState.DONE:
            return f"{name}: {entry.function} is done"
        case EndState.REFUSED:
            return (
                f"{name}: {entry.function} is done, and Wix refused a row:"
                " correct the record (`gridwix refused` has the reason)"
            )
        case EndState.HELD:
            return (
                f"{name}: {entry.function} holds the submission for review ({reason}):"
                " `gridwix submissions` lists it"
            )
        case EndState.WAITING:
            again = "" if entry.wait is None else f", next attempt {format_time(_next_at(entry))}"
            return f"{name}: {entry.function} waits ({reason}{again})"
        case EndState.FAILED:
            return (
                f"{name}: {entry.function} gave up after {entry.attempt} attempts ({reason}), and"
                " the message is in its dead-letter queue."
                f" After the cause is gone: `gridwix redrive {entry.function.replace('_', '-')}`"
            )
        case EndState.LEFT:
            return f"{name}: {entry.function} leaves the next attempt to its schedule ({reason})"
        case EndState.ON_BUS:
            return (
                f"{name}: {entry.function} has put it on the bus, and no function has ended an"
                " attempt: `gridwix status` says what is waiting, and whether a function is paused"
            )
        case EndState.UNUSED:
            return f"{name}: it is on the bus, and this release does not use its type"
        case EndState.REJECTED:
            return f"{name}: {entry.function} rejected it ({reason})"


def _next_at(entry: JournalEntry) -> float:
    return entry.at + (entry.wait or 0.0)


def next_attempt(ending: Ending) -> float | None:
    """Return the time of the function's next attempt to process the event (Unix seconds), or None.

    None if no attempt is planned. ``ending`` is the result of the last attempt.
    """
    is_waiting = ending.state is EndState.WAITING and ending.entry.wait is not None
    return _next_at(ending.entry) if is_waiting else None


def summarize_endings(endings: Sequence[Ending], most: int) -> list[str]:
    """Return sentences on the results of events: one on the done events, and one per other event.

    At most ``most`` events that are not done are named, the newest ones. Events that were rejected
    are left out.
    """
    done = [one for one in endings if one.state is EndState.DONE]
    rest = [one for one in endings if one.state not in {EndState.DONE, EndState.REJECTED}]
    told: list[str] = []
    events = {one.entry.event_id or one.entry.record for one in done}
    if len(events) == 1:
        functions = ", ".join(dict.fromkeys(one.entry.function for one in done))
        told.append(f"{events.pop()}: done by {functions}")
    elif events:
        told.append(f"{len(events)} events are done")
    if len(rest) > most:
        told.append(f"{len(rest) - most} older events are not done; the newest are:")
    return [*told, *map(explain_ending, rest[-most:])]
