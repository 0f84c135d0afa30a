"""``gridwix submissions``: lists submissions that wait for delivery or are held for review.

It also releases, holds or removes them.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Column, Table

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Stage, SubmissionRetention
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.commands.replay import FORMATS
from ops.confirmation import confirm_change
from ops.console import console, print_note, print_result
from ops.errors import OpsError
from ops.json_output import print_json_output
from ops.outputs.submissions import Change, SubmissionEntry, SubmissionsOutput
from ops.stack import Stack
from ops.submission_review import Changed, ReviewFilter, SubmissionReview, list_entries

LISTED = 100
"""Number of submissions on one page of the list."""

DAY_SECONDS = 86_400

QUESTIONS: dict[Change, str] = {
    "released": "Deliver {what} to Trading Grid as {it}?",
    "held": "Hold {what} for review?",
    "removed": "Remove {what} for good? Nobody can read or release {them} afterwards.",
}
"""Question to confirm a change of submissions, by the change."""

DONE: dict[Change, str] = {
    "released": "queued for delivery",
    "held": "held for review",
    "removed": "removed",
}
"""Sentence on the result of a change of submissions, by the change."""


@example("gridwix submissions --reason invalid --form edi-setup --stack prod")
@with_aws_options
def submissions(
    stack: StackName = DEFAULT_STACK,
    release: Annotated[
        list[str] | None,
        typer.Option(
            help="Deliver the held submission with this id, without its files if one of them cannot"
            " be taken; may be repeated."
        ),
    ] = None,
    hold: Annotated[
        list[str] | None,
        typer.Option(help="Hold the waiting submission with this id; may be repeated."),
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option(
            help="Remove the held or waiting submission with this id for good; may be repeated."
        ),
    ] = None,
    release_all: Annotated[
        bool, typer.Option("--release-all", help="Deliver all that the filters match.")
    ] = False,
    remove_all: Annotated[
        bool, typer.Option("--remove-all", help="Remove all that the filters match, for good.")
    ] = False,
    waiting: Annotated[
        bool,
        typer.Option(
            "--waiting", help="List the submissions that wait for delivery to Trading Grid."
        ),
    ] = False,
    reason: Annotated[
        HoldReason | None, typer.Option(help="Only those that are held for this.")
    ] = None,
    form: Annotated[
        str | None, typer.Option(help="Only those of this form: its key, or the Wix form's id.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=FORMATS, help="Only those accepted at this time or later (UTC)."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=FORMATS, help="Only those accepted before this time (UTC)."),
    ] = None,
    email: Annotated[
        str | None, typer.Option(help="Only those with this email address among their answers.")
    ] = None,
    page: Annotated[int, typer.Option(min=1, help="Page of the list, oldest first.")] = 1,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """List the submissions that are held for review, oldest first, or change some.

    The content of a submission is not shown: docs/runbook.md#form_intake says where to read it.
    """
    wanted = ReviewFilter(reason, form, _utc(since), _utc(until), (email or "").strip() or None)
    change, ids = _chosen_change(
        {"released": release, "held": hold, "removed": remove},
        {"released": release_all, "removed": remove_all},
    )
    if change is not None and not ids and wanted.is_everything:
        raise OpsError(
            "this would be every submission",
            "say which ones with a filter (--reason, --form, --since, --until, --email)",
        )
    if waiting and (reason is not None or release_all):
        raise OpsError(
            "what waits is neither held for a reason nor released",
            "leave out --waiting, or --reason and --release-all",
        )
    found = Stack.read(stack, Aws())
    inbox = DynamoDBSubmissionInbox(
        found.aws.dynamodb,
        found.output("SubmissionTableName"),
        retention=submission_retention(found.parameters),
        clock=time.time,
    )
    stage = Stage.OPEN if waiting else Stage.HELD
    if change is None:
        entries = list(list_entries(inbox, stage, wanted))
        _print_list(
            entries, page, waiting=waiting, filtered=not wanted.is_everything, as_json=as_json
        )
        return
    if not ids:
        ids = [entry.id for entry in list_entries(inbox, stage, wanted)]
    if not ids:
        raise OpsError(
            "no submission matches the filters",
            "list what they match, without --release-all or --remove-all",
        )
    confirm_change(_question(change, ids), yes=yes)
    days = int(found.parameters.get("JournalDays") or 30)
    journal = DynamoDBJournal(
        found.aws.dynamodb, found.output("JournalTableName"), days * DAY_SECONDS
    )
    done = SubmissionReview(inbox, journal, datetime.now(UTC)).change(change, ids)
    if done.changed and change != "held":
        # A removed one has a row that goes, which the same function writes.
        found.aws.sqs.send_message(
            QueueUrl=found.output("FormIntakeQueueUrl"), MessageBody='{"reason": "release"}'
        )
    _print_change(change, done, as_json=as_json)


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _chosen_change(
    named: dict[Change, list[str] | None], matching: dict[Change, bool]
) -> tuple[Change | None, list[str]]:
    """Return the change of submissions that the options ask for, and the ids to change.

    Returns None and no ids if the options ask for no change. A change without ids concerns all
    submissions that the filters match. Raises OpsError if the options ask for several changes at
    once.

    Args:
        named: The ids that each option such as ``--release ID`` names, by change.
        matching: True for a change of all that the filters match, such as ``--release-all``.
    """
    asked = {change: ids for change, ids in named.items() if ids}
    asked |= {change: asked.get(change, []) for change, is_asked in matching.items() if is_asked}
    if len(asked) > 1 or any(matching[one] and asked[one] for one in matching if one in asked):
        raise OpsError(
            "several changes are asked for at once",
            "release, hold or remove: one at a time, by ids or by filters",
        )
    return next(iter(asked.items()), (None, []))


def _question(change: Change, ids: Sequence[str]) -> str:
    is_one = len(ids) == 1
    return QUESTIONS[change].format(
        what=f"submission {ids[0]}" if is_one else f"{len(ids)} submissions",
        it="it is" if is_one else "they are",
        them="it" if is_one else "them",
    )


def _print_change(change: Change, done: Changed, *, as_json: bool) -> None:
    """Print how many submissions were changed, and which were not.

    Raises OpsError if none could be changed.
    """
    changed, unchanged = done.changed, done.unchanged
    if not changed:
        stages = {"released": "held", "held": "waiting", "removed": "held or waiting"}
        which = (
            f"no submission {unchanged[0]}" if len(unchanged) == 1 else "none of these submissions"
        )
        raise OpsError(
            f"{which} is {stages[change]}",
            f"`gridwix trace {unchanged[0]}` tells what became of it",
        )
    if as_json:
        print_json_output(
            SubmissionsOutput(
                submissions=(),
                total=0,
                page=1,
                more=False,
                released=changed[0] if change == "released" and len(changed) == 1 else None,
                change=change,
                changed=changed,
                unchanged=unchanged,
            )
        )
        return
    if len(changed) == 1:
        print_result(f"Submission {changed[0]} is {DONE[change]}")
    else:
        print_result(f"{len(changed)} submissions are {DONE[change]}")
    for one in done.unreadable:
        print_note(
            f"Submission {one} cannot be read. `gridwix submissions --remove {one}` removes it. If"
            " an update of gridwix can read it, --release delivers it"
        )
    for one in unchanged:
        print_note(
            f"Submission {one} was in no stage for this: `gridwix trace {one}` tells what became"
            " of it"
        )


def _print_list(
    entries: Sequence[SubmissionEntry], page: int, *, waiting: bool, filtered: bool, as_json: bool
) -> None:
    shown = tuple(entries[(page - 1) * LISTED : page * LISTED])
    more = len(entries) > page * LISTED
    if as_json:
        print_json_output(
            SubmissionsOutput(
                submissions=shown,
                total=len(entries),
                page=page,
                more=more,
                released=None,
                change=None,
                changed=(),
                unchanged=(),
            )
        )
        return
    pages = -(-len(entries) // LISTED)
    if not entries:
        matching = "that the filters match " if filtered else ""
        print_result(f"No submission {matching}{'waits' if waiting else 'is held'}")
        return
    if not shown:
        print_result(f"There is no page {page}: the last one is {pages}")
        return
    console.print(_submission_table(shown))
    if len(entries) > LISTED:
        print_note(f"Page {page} of {pages}, {len(entries)} submissions; --page shows another one")
        reasons = Counter(one.held_for or "waiting" for one in entries)
        print_note(", ".join(f"{count} {reason}" for reason, count in reasons.most_common()))


def submission_retention(parameters: Mapping[str, str]) -> SubmissionRetention:
    """Return how long a stack keeps submissions, from its CloudFormation parameters.

    >>> submission_retention({"SubmissionDays": "30"})
    SubmissionRetention(held_days=90, submission_days=30)
    """
    return SubmissionRetention(
        int(parameters.get("HeldSubmissionDays", "90")),
        int(parameters.get("SubmissionDays", "400")),
    )


def _submission_table(entries: Iterable[SubmissionEntry]) -> Table:
    # Ids are copied into the next command, so they are never cut.
    ids = (Column(name, no_wrap=True) for name in ("Submission", "Reference"))
    table = Table(*ids, Column("Form", overflow="fold"), "Accepted", "Held for", "Ends")
    for one in entries:
        table.add_row(
            one.id,
            one.reference,
            one.form,
            f"{one.accepted_at:%Y-%m-%d %H:%M:%S}" if one.accepted_at else "",
            # The reason, with the fault of its file, or what else there is to say.
            ": ".join(filter(None, [one.held_for, one.file_fault, one.detail])),
            "" if one.ends_at is None else f"{one.ends_at:%Y-%m-%d}",
        )
    return table
