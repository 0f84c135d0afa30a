"""``gridwix erase``: removes a person's, or a partner's, personal data from every store."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from gridwix.models.ids import PartnerId
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.members import parse_member_id
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.confirmation import confirm_change
from ops.connections import Connections, connect
from ops.console import Spinner, console, format_minute, print_note, show_spinner
from ops.erasure.people import SitePeople, find_person
from ops.erasure.ports import Remainder
from ops.erasure.report import ErasureReport, Outcome, StoreReport
from ops.erasure.run import erase as erase_found
from ops.erasure.run import find_everywhere
from ops.erasure.stores import erasure_progress, personal_stores
from ops.erasure.subject import Subject
from ops.errors import OpsError
from ops.json_output import print_json_output
from ops.outputs.erase import erase_output
from ops.stack import Stack

SHOWN = 5
"""Maximum number of ids that the table shows for one store; ``--json`` has all of them."""

NO_MEMBER = (
    "The site has no member with this email address. If the person was one and is deleted, run the"
    " command once more with the member's id"
)


@example("gridwix erase --person ann@partner.example --dry-run --stack prod")
@with_aws_options
def erase(
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="EMAIL|MEMBER",
            help="An email address, or the id of a member: a GUID.",
        ),
    ] = None,
    partner: Annotated[
        str | None,
        typer.Option(
            "--partner",
            metavar="ID",
            help=(
                "The id of a partner. Removes its members' data, as far as they acted for the"
                " partner."
            ),
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what would be removed, and remove nothing.")
    ] = False,
    stack: StackName = DEFAULT_STACK,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Remove a person's, or a partner's, personal data from every store.

    A partner's data is that of its members, as far as they acted for the partner. The report says
    what was removed and what stays, until when and why. Running it again after an interruption
    completes it. Its calls to Wix are taken from the site's call budget. Exit code 1 if a store
    failed.
    """
    if (person is None) == (partner is None):
        raise typer.BadParameter("give either --person or --partner")
    if partner is not None and not (partner := partner.strip()):
        raise typer.BadParameter("--partner is empty")
    run_erasure(person, partner, dry_run=dry_run, stack=stack, yes=yes, as_json=as_json)


def run_erasure(
    person: str | None,
    partner: str | None,
    *,
    dry_run: bool,
    stack: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Find the personal data of a person or a partner, remove it, and print the report.

    A dry run removes nothing.

    Raises:
        OpsError: A store failed, or ``person`` does not name one person.
        UpstreamError: Wix or AWS failed.
    """
    found_stack, now = Stack.read(stack, Aws()), datetime.now(UTC)
    with connect(found_stack) as connections:
        subject = find_subject(found_stack, connections, person, partner)
        stores = personal_stores(found_stack, connections, now)
        with show_spinner("Looking through the stores") as spinner:
            report = find_everywhere(stores, subject, now, _count_stores(spinner, len(stores)))
        number = sum(len(store.ids) for store in report.stores)
        if not dry_run:
            if not as_json:
                _print_report(report)
            if number:
                confirm_change(
                    f"Remove the {number} things that were found? They cannot be restored.",
                    yes=yes,
                )
            with show_spinner("Erasing") as spinner:
                report = erase_found(stores, report, _count_stores(spinner, len(stores)))
    if as_json:
        print_json_output(erase_output(report))
    else:
        _print_report(report)
    if person is not None and not subject.members:
        print_note((NO_MEMBER, "yellow"))
    if report.outcome is Outcome.INCOMPLETE:
        raise OpsError("a store failed, so the erasure is not complete", "run the command again")


def find_subject(
    stack: Stack, connections: Connections, person: str | None, partner: str | None
) -> Subject:
    """Return the person or partner to erase.

    Raises:
        OpsError: ``person`` is neither an email address nor the id of a member, or several members
            have the address.
        UpstreamError: Wix or AWS failed.
    """
    if partner is not None:
        return Subject(partner=PartnerId(partner))
    wanted = (person or "").strip()
    if "@" not in wanted:
        parse_member_id(wanted)
    return find_person(SitePeople(connections.site), erasure_progress(stack), wanted)


def _count_stores(spinner: Spinner, total: int) -> Callable[[str], None]:
    """Return a callback that takes a store's name and shows it in the spinner.

    It also shows how many of the ``total`` stores are done, so it is called once for each store.
    """
    done = count()
    return lambda store: spinner.update(store, done=next(done), total=total)


def _print_report(report: ErasureReport) -> None:
    table = Table("Store", "Found", "Removed", Column("What", overflow="fold"))
    for store in report.stores:
        if store.ids or store.fault:
            table.add_row(
                store.name,
                str(len(store.ids)),
                "" if store.removed is None else str(store.removed),
                Text(store.fault, "red") if store.fault else _shown_ids(store.ids),
            )
    console.print(table if table.row_count else "Nothing to remove was found")
    # Ids are cut nowhere: a member's is needed to erase it.
    stays = Table("Stays in", Column("What", overflow="fold"), "Until", "Why")
    for store in report.stores:
        for one in store.stays:
            stays.add_row(*_remainder_cells(store, one))
    if stays.row_count:
        console.print(stays)


def _remainder_cells(store: StoreReport, one: Remainder) -> Iterable[str]:
    what = f"{one.what}: {_shown_ids(one.ids)}" if one.ids else one.what
    until = "removed there" if one.until is None else format_minute(one.until)
    return store.name, what, until, one.why


def _shown_ids(ids: tuple[str, ...]) -> str:
    more = len(ids) - SHOWN
    return ", ".join(ids[:SHOWN]) + (f" and {more} more" if more > 0 else "")
