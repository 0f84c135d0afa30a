"""``gridwix trace``: tells what became of one record, event, submission or row."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer
from rich.table import Column, Table
from rich.text import Text

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.concurrency import map_in_order
from gridwix.mapping.references import reference
from gridwix.models.journal import ATTEMPTS, JournalEntry, JournalOutcome
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import Submission
from ops.aws import Aws
from ops.budgets import shared_budget
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, with_aws_options
from ops.connections import connect, publisher_settings
from ops.console import console, print_note, print_result, show_spinner
from ops.json_output import print_json
from ops.queues import read_depth, read_max_receives
from ops.stack import QueuePair, Stack
from ops.story.endings import Ending, explain_ending, next_attempt, summarize_endings
from ops.story.reading import WORKERS, BusyQueue, Story, StoryReader
from ops.story.rows import UNREAD, RowState, explain_row, format_time, last_rejection
from ops.story.submissions import explain_submission

CALL_SECONDS = 5.0
"""Timeout, in seconds, of each call to Trading Grid and Wix."""

MAX_ENDINGS = 10
"""Maximum number of printed sentences on events that are not completely processed."""


@example("gridwix trace cases/case_1 --stack prod")
@with_aws_options
def trace(
    identifier: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help=(
                "An event, a partner, a record (case_1 or cases/case_1), a submission or its"
                " reference (GX-...), a row (OpenIssues/case_1), the id of a webhook, or hub, for"
                " the messages about everything that belongs to no partner."
            ),
        ),
    ],
    stack: StackName = DEFAULT_STACK,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask only AWS, and neither Trading Grid nor Wix.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell the story of ID (a record, event, submission or row) on both sides, and why the portal
    shows what it shows. Only reads.

    Its calls to Wix count against the site's call budget: one for each collection. Exit code 1 if
    nothing is known of ID.
    """
    with show_spinner(f"Tracing {identifier}"):
        story = read_story(Stack.read(stack, Aws()), identifier, offline=offline)
    if as_json:
        print_json(story_document(story))
    else:
        _print_story(story)
    if not story.is_known:
        raise typer.Exit(1)


def read_story(stack: Stack, identifier: str, *, offline: bool = False) -> Story:
    """Read what became of a record, event, submission or row, and return it as a story.

    A story has the attempts of functions, the rows, and the faults. It is read from the stack's
    tables and queues, and, unless ``offline``, from Trading Grid and Wix.
    """
    settings = publisher_settings(stack)
    with connect(
        stack, shared_budget(stack.aws, settings), settings=settings, timeout=CALL_SECONDS
    ) as connections:
        return StoryReader(
            journal=DynamoDBJournal(stack.aws.dynamodb, stack.output("JournalTableName")),
            ledger=DynamoDBLedger(stack.aws.dynamodb, settings.ledger_table),
            refused_items=DynamoDBRefusedItems(
                stack.aws.dynamodb, stack.output("RefusedItemTableName")
            ),
            trading_grid=None if offline else connections.community,
            wix=None if offline else connections.wix,
            max_receives=lambda function: read_max_receives(stack, function),
            inbox=DynamoDBSubmissionInbox(stack.aws.dynamodb, stack.output("SubmissionTableName")),
            busy_queues=lambda: read_busy_queues(stack),
        ).read(identifier)


def read_busy_queues(stack: Stack) -> list[BusyQueue]:
    """Return the functions with messages in their queue or dead-letter queue, and the numbers."""

    def read(pair: QueuePair) -> BusyQueue:
        waiting, dead = (
            read_depth(stack.aws.sqs, url).total for url in (pair.url, pair.dead_letter_url)
        )
        return BusyQueue(pair.name, waiting, dead)

    found = map_in_order(read, stack.queues, workers=WORKERS)
    return [queue for queue in found if queue.waiting or queue.dead]


def story_document(story: Story) -> dict[str, Any]:
    """Return a story (what became of one record, event, submission or row) as JSON values.

    They have the form of ``docs/command/trace.schema.json``.
    """
    return {
        "id": story.identifier,
        "records": list(story.records),
        "steps": [_entry_document(entry) for entry in story.entries],
        "more": story.more,
        "rows": [_row_document(row) for row in story.rows],
        "faults": list(story.faults),
        "endings": [_ending_document(ending) for ending in story.endings],
        "submissions": [_submission_document(one) for one in story.submissions],
        "queues": [
            {"function": one.function, "waiting": one.waiting, "dead": one.dead}
            for one in story.queues
        ],
    }


def _ending_document(ending: Ending) -> dict[str, Any]:
    entry = ending.entry
    return {
        "event": entry.event_id or None,
        "record": entry.record,
        "function": entry.function,
        "state": str(ending.state),
        "at": entry.at,
        "attempt": entry.attempt,
        "reason": entry.reason or None,
        "nextAttempt": next_attempt(ending),
        "why": explain_ending(ending),
    }


def _submission_document(submission: Submission) -> dict[str, Any]:
    outcome, ends = submission.outcome, submission.ends_at
    return {
        "id": submission.id,
        "reference": reference(submission.id),
        "stage": str(submission.stage),
        "acceptedAt": submission.received_at.timestamp(),
        "heldFor": None if submission.held_for is None else str(submission.held_for),
        "fileFault": submission.file_fault or None,
        "record": None if outcome is None else outcome.record,
        "refusal": None if outcome is None else outcome.refusal or None,
        "endsAt": None if ends is None else ends.timestamp(),
        "why": explain_submission(submission),
    }


def _entry_document(entry: JournalEntry) -> dict[str, Any]:
    values = {
        "at": entry.at,
        "function": entry.function,
        "outcome": str(entry.outcome),
        "record": entry.record,
        "version": entry.version,
        "event": entry.event_id or None,
        "type": entry.event_type,
        "via": entry.via or None,
        "partner": entry.partner or None,
        "trace": entry.trace or None,
        "requestId": entry.request_id or None,
        "occurredAt": entry.occurred_at,
        "queuedAt": entry.queued_at,
        "attempt": entry.attempt,
        "reason": entry.reason or None,
        "wait": entry.wait,
        "rows": dict(entry.rows),
        "moreRows": entry.more_rows,
    }
    return {name: value for name, value in values.items() if value is not None}


def _row_document(row: RowState) -> dict[str, Any]:
    entry = row.entry
    return {
        "row": row.name,
        "why": explain_row(row),
        "origin": None if entry is None else entry.origin or None,
        "shown": {} if entry is None else dict(entry.published.live),
        "tradingGrid": {
            record: version for record, version in row.source.items() if version != UNREAD
        },
        "wix": str(row.wix),
        "refusal": None if row.refusal is None else row.refusal.refusal.code,
    }


def _print_story(story: Story) -> None:
    if not story.is_known:
        _print_unknown(story)
    rejected = last_rejection(story.entries)
    if story.entries:
        console.print(_step_table(story))
    if rejected is not None:
        print_result((rejected, "yellow"))
    for sentence in summarize_endings(story.endings, MAX_ENDINGS):
        print_result(sentence)
    for submission in story.submissions:
        print_result(explain_submission(submission))
    for row in story.rows:
        _print_row(row)
    for fault in story.faults:
        print_note((f"{fault}: left out", "yellow"))


def _print_unknown(story: Story) -> None:
    print_result(
        f"Nothing is known of {story.identifier}: no event of the journal, no row, and no"
        " submission"
    )
    if waiting := [one for one in story.queues if one.waiting]:
        queues = ", ".join(f"{one.function} ({one.waiting})" for one in waiting)
        print_note(
            f"What was accepted is known here once a first attempt has ended. Messages wait for"
            f" {queues}: `gridwix status` says since when, and whether a function is paused"
        )
    for queue in story.queues:
        if queue.dead:
            name = queue.function.replace("_", "-")
            print_note(
                f"{queue.dead} in the dead-letter queue of {queue.function}:"
                f" `gridwix redrive {name} --plan FILE` names their events"
            )


def _step_table(story: Story) -> Table:
    # Names of records and rows are copied into the next command, so they are never cut.
    what, rows = (Column(name, overflow="fold") for name in ("What", "Rows"))
    table = Table("Time (UTC)", what, "Attempt", "Result", rows)
    for entries in _by_event(story.entries):
        first = next((entry for entry in entries if entry.event_type), None)
        if first is not None:
            at = first.queued_at if first.occurred_at is None else first.occurred_at
            version = "" if first.version is None else f", version {first.version}"
            how = f" by {first.via}" if first.via else ""
            table.add_row(
                "" if at is None else format_time(at),
                Text(f"{first.event_type} of {first.record}{version}", "bold"),
                "",
                f"arrived{how}",
                Text(first.event_id, "dim"),
            )
        for entry in entries:
            table.add_row(
                format_time(entry.at),
                f"  {entry.function}",
                str(entry.attempt) if entry.outcome in ATTEMPTS and entry.event_id else "",
                _result_text(entry),
                _rows_text(entry),
            )
    return table


def _by_event(entries: Iterable[JournalEntry]) -> Iterable[Sequence[JournalEntry]]:
    """Group journal entries by event, in the order of each event's first entry.

    An entry without an event is a group of its own.
    """
    grouped: dict[str, list[JournalEntry]] = {}
    for number, entry in enumerate(entries):
        grouped.setdefault(entry.event_id or f"#{number}", []).append(entry)
    return grouped.values()


def _result_text(entry: JournalEntry) -> Text:
    wait = "" if entry.wait is None else f", again in {entry.wait:.0f} s"
    reason = f" ({entry.reason}{wait})" if entry.reason else ""
    troubles = {JournalOutcome.DEFERRED, JournalOutcome.DROPPED, JournalOutcome.REJECTED}
    style = "yellow" if entry.outcome in troubles else ""
    return Text(f"{entry.outcome}{reason}", style)


def _rows_text(entry: JournalEntry) -> str:
    rows = [f"{row} {verdict}" for row, verdict in entry.rows.items()]
    more = [f"and {entry.more_rows} more"] if entry.more_rows else []
    return "\n".join([*rows, *more])


def _print_row(row: RowState) -> None:
    print_result((row.name, "bold"), f"  (Wix: {row.wix})")
    if row.entry is not None:
        for record, version in row.source.items():
            shown = row.entry.published.version_of(record) or "none"
            there = {None: "gone", UNREAD: "not read"}.get(version, str(version))
            print_result(f"  {record}: version {shown} on the row, {there} in Trading Grid")
    print_result("  ", (explain_row(row), "yellow" if row.behind else "green"))
