"""``gridwix campaign``: lists campaigns, previews their messages, and retries failed ones.

A campaign is the rule and the texts of one kind of message to partners.
"""

import contextlib
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from gridwix.partner_messenger.dispatches import DispatchState
from gridwix.partner_messenger.invitation_rows import WixInvitations
from gridwix.partner_messenger.messages import plain_text
from gridwix.partner_messenger.outbox_table import DynamoDBOutbox
from ops.aws import Aws
from ops.campaigns import preview_campaign as previewed
from ops.campaigns import read_event
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.configuration import load_configuration
from ops.confirmation import confirm_change
from ops.connections import connect
from ops.console import console, print_note, print_result
from ops.errors import OpsError
from ops.json_output import print_json_output
from ops.outputs.campaigns import (
    CampaignFailedOutput,
    CampaignListOutput,
    CampaignPreviewOutput,
    DispatchEntry,
    campaign_entry,
    dispatch_entry,
)
from ops.stack import Stack

LISTED = 100
"""Maximum number of dispatches that ``campaign failed`` lists for each state."""

campaign = typer.Typer(
    help="Show the messages to partners, and send failed ones again.", no_args_is_help=True
)


@campaign.command("list")
@example("gridwix campaign list")
def list_(as_json: Json = False) -> None:
    """List the campaigns of config/campaigns."""
    campaigns = sorted(load_configuration().campaigns.items())
    if as_json:
        entries = [campaign_entry(key, found) for key, found in campaigns]
        print_json_output(CampaignListOutput(campaigns=tuple(entries)))
        return
    table = Table(
        *(Column("Campaign", no_wrap=True), "Status", "Trigger", "Channels", "Roles"),
        # As wide as its heading: the room is the trigger's.
        Column("Languages", max_width=len("Languages")),
    )
    for key, found in campaigns:
        trigger = found.trigger
        more = [f"if {' or '.join(trigger.changed)} has changed"] if trigger.changed else []
        more += [f"after {hours} h" for hours in trigger.after_hours]
        if trigger.ahead is not None:
            more.append(
                f"{', '.join(map(str, trigger.ahead.days))} days before {trigger.ahead.field}"
            )
        begins = ", ".join(trigger.events) + (f" ({'; '.join(more)})" if more else "")
        table.add_row(
            key,
            found.status,
            begins,
            ", ".join(found.channels),
            ", ".join(found.audience.roles) or "all",
            ", ".join(sorted(found.texts)),
        )
    console.print(table)


@campaign.command()
@example(
    "gridwix campaign preview document-published"
    " --event events/partner_messenger/document_published.json"
)
@with_aws_options
def preview(
    key: Annotated[
        str,
        typer.Argument(
            metavar="CAMPAIGN", help="The campaign's key, as `gridwix campaign list` shows it."
        ),
    ],
    event: Annotated[
        Path,
        typer.Option(
            help=(
                "A file with a past event: a sample of events/, an event of the bus,"
                " or one in the form of CloudEvents."
            )
        ),
    ],
    locale: Annotated[str, typer.Option(help="The language.")] = "en",
    stack: Annotated[
        str | None,
        typer.Option(
            help="Read the current record from the Trading Grid, or the site, of this stack."
        ),
    ] = None,
    html: Annotated[
        bool, typer.Option("--html", help="Print the HTML instead of the text.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the message of a campaign for an event. Sends nothing."""
    change, carried = read_event(event)
    with (
        contextlib.nullcontext()
        if stack is None
        else connect(Stack.read(stack, Aws())) as connections
    ):
        source = None if connections is None else connections.community
        invitations = None if connections is None else WixInvitations(connections.wix)
        shown = previewed(load_configuration(), key, change, carried, locale, source, invitations)
    if as_json:
        print_json_output(
            CampaignPreviewOutput(
                campaign=key,
                event=change.type,
                subject=change.subject,
                record_from=shown.record_from,
                locale=shown.locale,
                would_be_sent=not shown.would_not,
                reason=shown.would_not or None,
                title=shown.text.title,
                body=shown.text.body,
            )
        )
        return
    print_note(
        (f"{change.type} of {change.subject}; the record is from {shown.record_from}", "dim")
    )
    verdict = f"it would not be sent: {shown.would_not}" if shown.would_not else "it would be sent"
    print_note((f"in {shown.locale}; {verdict}\n", "dim"))
    print_result(f"{shown.text.title}\n\n{shown.text.body}" if html else plain_text(shown.text))


@campaign.command()
@example("gridwix campaign failed --stack prod")
@with_aws_options
def failed(
    stack: StackName = DEFAULT_STACK,
    retry: Annotated[str | None, typer.Option(help="Send the dispatch with this id again.")] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """List dispatches with a failed or unknown result, or send one of them again."""
    found = Stack.read(stack, Aws())
    outbox = DynamoDBOutbox(found.aws.dynamodb, found.output("DispatchTableName"), time.time)
    if retry is not None:
        confirm_change(f"Send dispatch {retry} again?", yes=yes)
        if not outbox.release_dispatch(retry, datetime.now(UTC)):
            raise OpsError(
                f"there is no dispatch {retry} that failed or whose result is unknown",
                "`gridwix campaign failed` lists them",
            )
        found.aws.sqs.send_message(
            QueueUrl=found.output("PartnerMessengerQueueUrl"), MessageBody='{"reason": "retry"}'
        )
        if as_json:
            print_json_output(CampaignFailedOutput(dispatches=(), retried=retry))
        else:
            print_result(f"Dispatch {retry} is queued")
        return
    dispatches = [
        dispatch_entry(one)
        for state in (DispatchState.FAILED, DispatchState.UNKNOWN)
        for one in outbox.list_in_state(state, LISTED)
    ]
    if as_json:
        print_json_output(CampaignFailedOutput(dispatches=tuple(dispatches), retried=None))
    elif dispatches:
        console.print(_dispatch_table(dispatches))
    else:
        print_result("No dispatch has failed")


def _dispatch_table(dispatches: Iterable[DispatchEntry]) -> Table:
    # Ids are copied into the next command, so they are never cut.
    table = Table(
        Column("Dispatch", no_wrap=True),
        "Campaign",
        Column("About", overflow="fold"),
        Column("Partner", overflow="fold"),
        "Channel",
        "State",
        Column("Reason", overflow="fold"),
        "Since",
    )
    for one in dispatches:
        since = f"{one.since:%Y-%m-%d %H:%M:%S}"
        table.add_row(
            one.id,
            one.campaign,
            one.subject,
            one.partner,
            one.channel or "",
            one.state,
            one.reason,
            since,
        )
    return table
