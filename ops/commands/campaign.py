"""``gridwix campaign``: what is said to partners, how it looks, and what could not be said."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from gridwix.partner_messenger.dispatches import DispatchState
from gridwix.partner_messenger.messages import plain_text
from gridwix.partner_messenger.outbox_table import DynamoDBOutbox
from ops.aws import Aws
from ops.campaigns import preview as previewed
from ops.campaigns import read_event
from ops.commands.options import DEFAULT_STACK, StackName
from ops.configuration import load
from ops.connections import connect
from ops.console import console, note, show
from ops.errors import OpsError
from ops.stack import Stack

LISTED = 100

campaign = typer.Typer(help="What is said to partners when something happens.", no_args_is_help=True)


@campaign.command("list")
def list_() -> None:
    """List the campaigns of config/campaigns."""
    table = Table(Column("Campaign", no_wrap=True), "Status", "Begins with", "Channels", "For", "Languages")
    for key, found in sorted(load().campaigns.items()):
        trigger = found.trigger
        more = [f"if {' or '.join(trigger.changed)} has changed"] if trigger.changed else []
        more += [f"after {hours} h" for hours in trigger.after_hours]
        if trigger.ahead is not None:
            more.append(f"{', '.join(map(str, trigger.ahead.days))} days before {trigger.ahead.field}")
        begins = ", ".join(trigger.events) + (f" ({'; '.join(more)})" if more else "")
        table.add_row(key, found.status, begins, ", ".join(found.channels), ", ".join(found.audience.roles) or "all", ", ".join(sorted(found.texts)))
    console.print(table)


@campaign.command()
def preview(
    key: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's key, as `gridwix campaign list` shows it.")],
    event: Annotated[Path, typer.Option(help="A file with an event of the past: one of events/, an event of the bus, or a CloudEvent.")],
    locale: Annotated[str, typer.Option(help="The language.")] = "en",
    stack: Annotated[str | None, typer.Option(help="Ask the Trading Grid of this stack for the record as it is now.")] = None,
    html: Annotated[bool, typer.Option("--html", help="Print the HTML instead of the text.")] = False,
) -> None:
    """Show what a campaign would say of an event. Nothing is sent."""
    change, carried = read_event(event)
    with contextlib.nullcontext() if stack is None else connect(Stack.read(stack, Aws())) as connections:
        source = None if connections is None else connections.community
        shown = previewed(load(), key, change, carried, locale, source)
    note((f"{change.type} of {change.subject}; the record is from {shown.record_from}", "dim"))
    note((f"in {shown.locale}; {'it would not be sent: ' + shown.would_not if shown.would_not else 'it would be sent'}\n", "dim"))
    show(f"{shown.text.title}\n\n{shown.text.body}" if html else plain_text(shown.text))


@campaign.command()
def failed(
    stack: StackName = DEFAULT_STACK,
    retry: Annotated[str | None, typer.Option(help="Have the dispatch of this id sent once more.")] = None,
) -> None:
    """List the dispatches that failed, and those of which nobody can say whether they were sent; or send one once more."""
    found = Stack.read(stack, Aws())
    outbox = DynamoDBOutbox(found.aws.dynamodb, found.output("DispatchTableName"))
    if retry is not None:
        if not outbox.release_dispatch(retry, datetime.now(UTC)):
            raise OpsError(f"no dispatch {retry} has failed, or is unknown")
        found.aws.sqs.send_message(QueueUrl=found.output("PartnerMessengerQueueUrl"), MessageBody='{"reason": "retry"}')
        show(f"Dispatch {retry} is on its way")
        return
    dispatches = [one for state in (DispatchState.FAILED, DispatchState.UNKNOWN) for one in outbox.list_in_state(state, LISTED)]
    if not dispatches:
        show("Nothing has failed")
        return
    table = Table("Dispatch", "Campaign", "About", "Partner", "Channel", "State", "Reason", "Since")
    for one in dispatches:
        since = f"{one.since:%Y-%m-%d %H:%M:%S}"
        table.add_row(one.id, one.campaign, one.subject, one.partner_id, one.channel or "", one.state, one.reason, since)
    console.print(table)
