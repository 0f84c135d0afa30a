"""``gridwix config preview``: shows what settings would do, before they are put into effect."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gridwix.models.ids import PartnerId
from gridwix.partner_messenger.mail_automation import has_address
from gridwix.partner_messenger.members import WixMemberDirectory
from gridwix.partner_messenger.wix_inbox import WixInbox
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import Submission
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, with_aws_options
from ops.configuration import FOLDER, load_configuration
from ops.connections import connect
from ops.console import console, format_minute, print_note, print_result
from ops.errors import OpsError
from ops.json_output import print_json_output
from ops.outputs.config_previews import campaign_output, request_output, text_output
from ops.previews.reach import Reach, preview_reach
from ops.previews.requests import preview_request, read_sample
from ops.previews.wordings import find_wordings, similar_names
from ops.stack import Stack

LISTED = 20
"""Maximum number of ids that a preview lists per channel, without ``--all``."""

preview = typer.Typer(
    help="Show what the settings of a folder would do. Changes and sends nothing.",
    no_args_is_help=True,
)

FolderOption = Annotated[
    Path, typer.Option("--folder", help="The folder with the settings.", show_default=False)
]


@preview.command()
@example("gridwix config preview request events/wix_webhook/form_post.json")
@with_aws_options
def request(
    sample: Annotated[
        str,
        typer.Argument(
            metavar="SAMPLE",
            help=(
                "A file with a form post, such as events/wix_webhook/form_post.json, or with its"
                " answers; or the id of a submission of the stack."
            ),
        ),
    ],
    form: Annotated[
        str | None, typer.Option(help="The key of the form, if the file does not name it.")
    ] = None,
    folder: FolderOption = FOLDER,
    stack: StackName = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Show the routing rule that a request would hit, with team, priority and due date."""
    configuration = load_configuration(folder)
    shown = preview_request(_submission(sample, form, stack), configuration)
    if as_json:
        print_json_output(request_output(shown, configuration))
        return
    if shown.held:
        print_result(("held: ", "yellow"), f"a person would review it first: {shown.held}")
    if shown.route is None:
        print_result(f"form {shown.form}: no rule routes it, as it makes no request")
        return
    number, rules = shown.position
    route = shown.route
    print_result(f"form {shown.form}, type {shown.type}")
    print_result(f"rule {route.rule} ({number} of {rules}; {route.reason})")
    print_result(f"team {route.team}: {configuration.routing.teams[route.team]['en']}")
    print_result(f"priority {route.priority}, due {format_minute(route.due_at)}")


@preview.command()
@example("gridwix config preview campaign case-opened --record cases/case_1 --stack prod")
@with_aws_options
def campaign(
    key: Annotated[
        str,
        typer.Argument(
            metavar="CAMPAIGN", help="The campaign's key, as `gridwix campaign list` shows it."
        ),
    ],
    record: Annotated[
        str | None,
        typer.Option(
            help=(
                "The record that the message would be about, such as cases/CA-1; all partners that"
                " could get one, if left out."
            )
        ),
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="List all ids.")] = False,
    folder: FolderOption = FOLDER,
    stack: StackName = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Show which partners and members a campaign would reach. Sends nothing.

    Its calls to Wix count against the site's call budget.
    """
    configuration = load_configuration(folder)
    with connect(Stack.read(stack, Aws())) as connections:
        reach = preview_reach(
            configuration,
            key,
            connections.community,
            WixMemberDirectory(connections.wix, connections.site),
            {"inbox": WixInbox(connections.site).can_reach, "email": has_address},
            record,
        )
    if as_json:
        print_json_output(campaign_output(key, record, reach))
        return
    _print_reach(reach, None if everybody else LISTED)


@preview.command()
@example("gridwix config preview text headline.passed")
def text(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help=(
                "A label (case.status=new), a group of labels (case.status), a sentence"
                " (headline.passed), or a part of a text."
            ),
        ),
    ],
    folder: FolderOption = FOLDER,
    as_json: Json = False,
) -> None:
    """Show how a label or sentence reads in each language."""
    configuration = load_configuration(folder)
    found = find_wordings(configuration, name)
    if not found:
        similar = similar_names(configuration, name)
        hint = f"did you mean {', '.join(similar)}?" if similar else "give a part of it"
        raise OpsError(f"no label or sentence is called {name} or contains it", hint)
    if as_json:
        print_json_output(text_output(found))
        return
    table = Table("Name", "Language", "Text")
    for one in found:
        label = f"{one.name} ({one.form})" if one.form else one.name
        table.add_row(label, one.language if one.own else f"{one.language} (English)", one.text)
    console.print(table)


def _submission(sample: str, form: str | None, stack: str) -> Submission:
    path = Path(sample)
    if path.suffix == ".json" or path.exists():
        return read_sample(path, form, datetime.now(UTC))
    found = Stack.read(stack, Aws())
    inbox = DynamoDBSubmissionInbox(found.aws.dynamodb, found.output("SubmissionTableName"))
    submission = inbox.read_submissions([sample]).get(sample)
    if submission is None:
        raise OpsError(
            f"{sample} is no file, and stack {stack} has no submission with this id",
            "`gridwix submissions` lists those that wait or are held",
        )
    return submission


def _print_reach(reach: Reach, limit: int | None) -> None:
    if reach.would_not:
        print_result(("it would not be sent now: ", "yellow"), reach.would_not)
    print_result(f"{len(reach.partners)} partners: {_listed(reach.partners, limit)}")
    for channel, partners in reach.members.items():
        members = sorted({member for found in partners.values() for member in found})
        print_result(
            f"{channel}: {len(members)} members of {len(partners)} partners:"
            f" {_listed(members, limit)}"
        )
        for why, number in sorted(reach.left_out[channel].items()):
            print_result(f"{channel}: {number} not reached: {why}")
    if reach.members and (nobody := reach.unreached()):
        print_result(f"{len(nobody)} partners with no person reached: {_listed(nobody, limit)}")
    if reach.unreadable:
        print_note(
            ("warning: ", "yellow"), f"could not be read: {_listed(reach.unreadable, limit)}"
        )


def _listed(ids: Sequence[str | PartnerId], limit: int | None) -> str:
    shown = ", ".join(ids[:limit]) or "none"
    more = 0 if limit is None else len(ids) - limit
    return f"{shown} and {more} more (--all)" if more > 0 else shown
