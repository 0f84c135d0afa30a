"""``gridwix people``: invites the people of partners, and lists who has access."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.clients.aws.secrets import SecretStore
from gridwix.clients.wix.bounced_addresses import BouncedAddresses
from gridwix.configuration.everything import Configuration
from gridwix.errors import ConfigurationError
from gridwix.models.ids import PartnerId
from gridwix.models.reconciliation import RunRequest
from gridwix.partner_messenger.outbox_table import DynamoDBOutbox
from gridwix.people.addresses import normal_email
from gridwix.people.history import HistoryLine, add_lines, read_lines
from gridwix.people.persons import Person
from gridwix.people.planning import PeoplePlan, plan_people
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.erase import run_erasure
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.commands.planning import show_progress
from ops.configuration_versions import configuration_in_effect
from ops.confirmation import confirm_change
from ops.connections import Connections, connect
from ops.console import Spinner, console, print_note, print_result, show_spinner
from ops.errors import OpsError
from ops.json_output import JsonOutput, print_json_output
from ops.members import Role, require_partner
from ops.outputs.people import HistoryEntry, PeopleHistoryOutput, PeopleListOutput, PersonEntry
from ops.people.announcing import Announcer, Invited
from ops.people.carrying import Outcome, PeopleImport, plan_lines
from ops.people.directory import DirectoryPeople, DirectoryReader
from ops.people.leaving import guard_remedy, guard_sentence, reconcile_output, report_lines
from ops.people.listing import ListedPerson, Mail, list_people
from ops.people.portal import PeoplePortal
from ops.people.reminding import plan_reminders
from ops.people.report import import_output, print_directory, print_faults, print_people_plan
from ops.people.rows import RowFault, Vocabulary, read_people
from ops.people.tables import read_tables
from ops.plans.models import HAS_CHANGES
from ops.reconcile import request_run, wait_for_people_report
from ops.stack import Stack

BUS = "BusName"
KEY_SECRET = "InvitationKeySecretName"  # noqa: S105 - the name of an output
KEY_MEMBER = "invitationKey"

NO_CAMPAIGN = (
    "No active campaign of config/campaigns begins with invitation.created, so nobody gets a mail."
    " A later run of the same import sends it"
)

_WITHOUT_GUARD = ", however many, and although they are missing for the first time"

people = typer.Typer(
    help="Import, remind, list, reconcile and forget the people of your partners, and show their"
    " history.",
    no_args_is_help=True,
)


@dataclass(frozen=True, slots=True)
class Request:
    """The people to import, and what was found while they were read.

    ``faults`` are the rows of the file that cannot be used, ``ignored`` the columns of the file
    that are not read. ``directory`` is what was read of OpenText's directory; None if the people
    come from a file.
    """

    wanted: Sequence[Person]
    faults: Sequence[RowFault] = ()
    ignored: Sequence[str] = ()
    directory: DirectoryPeople | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An import that is planned, but not carried out yet.

    ``request`` has the people to import, ``plan`` the changes that the import needs, and
    ``unannounced`` the open invitations for which no mail was triggered so far.
    """

    request: Request
    plan: PeoplePlan
    unannounced: Sequence[Invited]

    @property
    def has_changes(self) -> bool:
        """True if the import would write a row or trigger a mail."""
        return bool(self.plan.new or self.plan.changed or self.unannounced)

    def document(self, outcome: Outcome | None = None) -> JsonOutput:
        """Return the JSON document that describes this import of people.

        ``outcome`` is the result of the import; None if it was not carried out.
        """
        return import_output(
            ignored=self.request.ignored,
            faults=self.request.faults,
            directory=self.request.directory,
            plan=self.plan,
            unannounced=len(self.unannounced),
            outcome=outcome,
        )


@people.command("import")
@example("gridwix people import people.csv --dry-run --stack prod")
@with_aws_options
def import_(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="A CSV file or an Excel workbook with the columns partner, email, name, role and"
            " language.",
        ),
    ] = None,
    from_directory: Annotated[
        bool,
        typer.Option(
            "--from-directory",
            help="Import the users of partners that are onboarding or active, from OpenText's"
            " directory.",
        ),
    ] = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Import the other rows of the file.")
    ] = False,
    invite_again: Annotated[
        bool,
        typer.Option(
            "--invite-again",
            help="Also invite people whose access was taken away, or whose invitation was revoked.",
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Print what would change, and change nothing. Exit code 3 if something would.",
        ),
    ] = False,
    stack: StackName = DEFAULT_STACK,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Invite the people of your partners, each once, and correct the roles of those who are invited
    or have access already.

    Each new person gets a mail with a link to the portal. No person loses access. Running it again
    changes nothing, and completes a run that was interrupted.
    """
    if (file is None) is not from_directory:
        raise typer.BadParameter("give either a file or --from-directory")
    found = Stack.read(stack, Aws())
    configuration = configuration_in_effect(found)
    tables = () if file is None else read_tables(file)
    now = datetime.now(UTC)
    with connect(found) as connections:
        portal = PeoplePortal(connections.wix, connections.site)
        with show_spinner("Reading people") as spinner:
            request = (
                _read_directory(connections, portal, configuration, spinner)
                if from_directory
                else _read_file(tables, portal, configuration)
            )
        _report_request(request, skip_bad_rows=skip_bad_rows, as_json=as_json)
        announcer = new_announcer(found, connections, configuration)
        prepared = _prepare(
            request,
            portal,
            announcer,
            now,
            invite_again=invite_again,
            closing=configuration.people.leaving.statuses,
        )
        outcome = _confirm_and_carry_out(
            prepared,
            found,
            connections,
            announcer,
            configuration,
            now,
            dry_run=dry_run,
            yes=yes,
            as_json=as_json,
        )
    if as_json:
        print_json_output(prepared.document(outcome))
    _report_outcome(outcome, as_json=as_json)


@people.command("remind")
@example("gridwix people remind --after-hours 72 --stack prod")
@with_aws_options
def remind(
    partner: Annotated[str | None, typer.Option(help="Only people of this partner.")] = None,
    email: Annotated[
        str | None, typer.Option(help="Only the person with this email address.")
    ] = None,
    after_hours: Annotated[
        int,
        typer.Option(
            "--after-hours", min=1, help="Leave out who was invited less than so many hours ago."
        ),
    ] = 24,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Print who would be invited again, and change nothing. Exit code 3 if somebody"
            " would.",
        ),
    ] = False,
    stack: StackName = DEFAULT_STACK,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Send a new invitation to people who have not accepted theirs, also if it has expired.

    Each gets a mail with a new link, and the former link ends. Exit code 1 if something failed:
    running it again completes it, and sends nothing twice.
    """
    address = None if email is None else normal_email(email)
    if email is not None and address is None:
        raise typer.BadParameter(f"{email} is no email address of a person")
    found = Stack.read(stack, Aws())
    configuration = configuration_in_effect(found)
    now = datetime.now(UTC)
    with connect(found) as connections:
        announcer = new_announcer(found, connections, configuration)
        if not announcer.has_campaign:
            raise OpsError(
                "no active campaign of config/campaigns begins with invitation.created, so"
                " nobody would get a mail",
                "activate one",
            )
        partners = None if partner is None else [require_partner(connections.wix, partner)]
        portal = PeoplePortal(connections.wix, connections.site)
        with show_spinner("Reading the portal") as spinner:
            known = portal.people_of(partners, spinner.update)
            plan = plan_reminders(
                known.links,
                known.invitations,
                now=now,
                waited=timedelta(hours=after_hours),
                email=address,
                closed=portal.closed_partners(
                    {one.partner_id for one in known.invitations},
                    configuration.people.leaving.statuses,
                ),
            )
            waiting = [Invited(one.id, one.partner_id) for one in plan.waiting]
            prepared = Prepared(Request(()), plan, announcer.unannounced(waiting, now))
        outcome = _confirm_and_carry_out(
            prepared,
            found,
            connections,
            announcer,
            configuration,
            now,
            dry_run=dry_run,
            yes=yes,
            as_json=as_json,
        )
    if as_json:
        print_json_output(prepared.document(outcome))
    _report_outcome(outcome, as_json=as_json)


@people.command("list")
@example("gridwix people list --partner GC070000000101 --stack prod")
@with_aws_options
def list_(
    partner: Annotated[str | None, typer.Option(help="Only this partner.")] = None,
    pending: Annotated[
        bool, typer.Option("--pending", help="Only people who have not accepted.")
    ] = False,
    stack: StackName = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """List the people who have access to a partner's portal, and those who are invited."""
    found = Stack.read(stack, Aws())
    configuration = configuration_in_effect(found)
    now = datetime.now(UTC)
    with connect(found) as connections, show_spinner("Reading the portal") as spinner:
        portal = PeoplePortal(connections.wix, connections.site)
        listed = list_people(
            portal.people_of(None if partner is None else [PartnerId(partner)], spinner.update),
            new_announcer(found, connections, configuration),
            BouncedAddresses(connections.site),
            now,
            pending=pending,
        )
        if partner is not None and not listed:
            require_partner(connections.wix, partner)
    entries = [_person_entry(one) for one in listed]
    if as_json:
        print_json_output(PeopleListOutput(people=tuple(entries)))
        return
    console.print(_people_table(entries) if entries else "There are no people")
    if failed := sum(one.mail == Mail.FAILED for one in entries):
        print_note(
            f"{failed:,} mails have failed: `gridwix campaign failed --stack {stack}` has the"
            " reasons, and sends one again with --retry"
        )


@people.command("history")
@example("gridwix people history GC070000000101 --stack prod")
@with_aws_options
def history(
    partner: Annotated[
        str, typer.Argument(help="The partner's id in Trading Grid, such as GC070000000101.")
    ],
    stack: StackName = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """List who gave whom access to a partner's portal, and who took it away, oldest first.

    Lines are kept for history_days of config/people.yaml.
    """
    with connect(Stack.read(stack, Aws())) as connections, show_spinner("Reading the portal"):
        lines = read_lines(connections.wix, PartnerId(partner))
        if not lines:
            require_partner(connections.wix, partner)
    entries = [_history_entry(one) for one in lines]
    if as_json:
        print_json_output(PeopleHistoryOutput(lines=tuple(entries)))
        return
    console.print(_history_table(entries) if entries else "There is no history of this partner")


@people.command("reconcile")
@example("gridwix people reconcile --dry-run --stack prod")
@with_aws_options
def reconcile_people(
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Print who would lose access. Exit code 3 if somebody would."
        ),
    ] = False,
    accept_shrink: Annotated[
        bool,
        typer.Option(
            "--accept-shrink",
            help="You confirm that they have left: end their access although they are many,"
            " missing for the first time, or all users of a company.",
        ),
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(
            min=1, help="Stop waiting for the report after this many seconds without progress."
        ),
    ] = 900,
    stack: StackName = DEFAULT_STACK,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """End the access of people who have left, as it happens every hour by itself.

    Exit code 1 if too many would lose their access: then it is ended for none of them.
    """
    found = Stack.read(stack, Aws())
    if not dry_run:
        confirm_change(
            f"End the access of all who have left{_WITHOUT_GUARD if accept_shrink else ''},"
            f" in stack {stack}?",
            yes=yes,
        )
    request = RunRequest(mode="people", dry_run=dry_run, accept_shrink=accept_shrink)
    with show_spinner("Comparing people"):
        report = wait_for_people_report(found, request_run(found, request), standstill=timeout)
    if as_json:
        print_json_output(reconcile_output(report))
    else:
        for line in report_lines(report):
            print_result(line)
    if report.stopped:
        raise OpsError(guard_sentence(report), guard_remedy(stack))
    if dry_run and report.found:
        raise typer.Exit(HAS_CHANGES)


@people.command("forget")
@example("gridwix people forget ann@partner.example --dry-run --stack prod")
@with_aws_options
def forget(
    email: Annotated[str, typer.Argument(help="The person's email address.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what would be removed, and remove nothing.")
    ] = False,
    stack: StackName = DEFAULT_STACK,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Remove a person's data from every store, as `gridwix erase --person` does.

    The report says what was removed and what stays, until when and why. Running it again after an
    interruption completes it. Exit code 1 if a store failed.
    """
    if "@" not in email:
        raise typer.BadParameter("give an email address; `gridwix erase` takes a member's id, too")
    run_erasure(email, None, dry_run=dry_run, stack=stack, yes=yes, as_json=as_json)


def new_announcer(
    stack: Stack, connections: Connections, configuration: Configuration
) -> Announcer:
    """Return the announcer of a stack: it triggers the mails of invitations.

    Raises StackError if the stack lacks the table or the bus that the announcer uses.
    """
    return Announcer(
        DynamoDBOutbox(stack.aws.dynamodb, stack.output("DispatchTableName"), time.time),
        EventBridgeBus(stack.aws.events, stack.output(BUS)),
        configuration.campaigns,
        connections.settings.trading_grid_company_id,
    )


def read_key(stack: Stack) -> bytes:
    """Return the key from which invitation codes are derived.

    Raises:
        ConfigurationError: The stack's secret has no such key.
        StackError: The stack has no such secret.
    """
    secret: Mapping[str, Any] = SecretStore(stack.aws.secrets, time.time).get(
        stack.output(KEY_SECRET)
    )
    key = secret.get(KEY_MEMBER)
    if not isinstance(key, str) or not key:
        raise ConfigurationError(
            f"has no {KEY_MEMBER}",
            secret=stack.output(KEY_SECRET),
            remedy="store the one that the stack has generated, or 64 random letters",
        )
    return key.encode()


def _read_file(
    tables: Sequence[Any], portal: PeoplePortal, configuration: Configuration
) -> Request:
    vocabulary = Vocabulary(tuple(Role), configuration.texts.languages)
    read = read_people(tables, vocabulary, portal.known_partners)
    return Request(read.people, read.faults, read.ignored)


def _read_directory(
    connections: Connections, portal: PeoplePortal, configuration: Configuration, spinner: Spinner
) -> Request:
    reader = DirectoryReader(
        connections.directory, configuration.people, configuration.texts.languages
    )
    read = reader.read_people(
        portal.partners_to_import(),
        partial(show_progress, spinner, "Reading users of partners"),
    )
    return Request(read.people, directory=read)


def _report_request(request: Request, *, skip_bad_rows: bool, as_json: bool) -> None:
    """Print remarks on the people to import, as read from a file or from OpenText's directory.

    These are the ignored columns and faulty rows of the file, or the numbers of people that were
    read from the directory and left out. Raises OpsError if there are faulty rows, unless
    ``skip_bad_rows`` is set.
    """
    if request.ignored:
        print_note(f"Ignored columns: {', '.join(request.ignored)}")
    if request.directory is not None:
        print_directory(request.directory, print_note)
    if not request.faults:
        return
    print_faults(request.faults, print_note)
    if not skip_bad_rows:
        if as_json:
            print_json_output(import_output(ignored=request.ignored, faults=request.faults))
        raise OpsError(
            "nothing was imported", "correct these rows, or leave them out with --skip-bad-rows"
        )


def _prepare(
    request: Request,
    portal: PeoplePortal,
    announcer: Announcer,
    now: datetime,
    *,
    invite_again: bool,
    closing: Collection[str],
) -> Prepared:
    """Plan an import: compare the requested people with the portal's rows and with sent messages.

    Sent messages are read from the outbox of the messenger: they tell which invitations still need
    a mail.
    """
    complete = frozenset[PartnerId]() if request.directory is None else request.directory.read
    partners = {person.partner_id for person in request.wanted} | complete
    with show_spinner("Reading the portal") as spinner:
        known = portal.people_of(partners, spinner.update)
        plan = plan_people(
            request.wanted,
            known.links,
            known.invitations,
            now=now,
            invite_again=invite_again,
            complete=complete,
            # The directory is asked for partners that are onboarding or active only.
            closed=portal.closed_partners(partners, closing) if request.directory is None else (),
        )
        spinner.update("Reading messages")
        waiting = [Invited(one.id, one.partner_id) for one in plan.waiting]
        return Prepared(request, plan, announcer.unannounced(waiting, now))


def _confirm_and_carry_out(
    prepared: Prepared,
    stack: Stack,
    connections: Connections,
    announcer: Announcer,
    configuration: Configuration,
    now: datetime,
    *,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> Outcome:
    """Print the plan of an import, ask for confirmation, and return the outcome of the import.

    Ends the command (typer.Exit) after a dry run, or if there is nothing to do.
    """
    if not as_json:
        print_people_plan(prepared.plan, len(prepared.unannounced), console.print)
    if dry_run or not prepared.has_changes:
        if as_json:
            print_json_output(prepared.document())
        raise typer.Exit(HAS_CHANGES if prepared.has_changes else 0)
    if prepared.plan.new and not announcer.has_campaign:
        print_note((NO_CAMPAIGN, "yellow"))
    confirm_change(_question(prepared, stack.name), yes=yes)
    return _carry_out(prepared, stack, connections, announcer, configuration, now)


def _carry_out(
    prepared: Prepared,
    stack: Stack,
    connections: Connections,
    announcer: Announcer,
    configuration: Configuration,
    now: datetime,
) -> Outcome:
    with show_spinner("Inviting people") as spinner:
        # Before the rest: no act is without a line.
        add_lines(connections.wix, plan_lines(prepared.plan, now))
        return PeopleImport(
            connections.wix,
            announcer,
            read_key(stack),
            configuration.people,
            now,
            partial(show_progress, spinner),
        ).carry_out(prepared.plan, prepared.unannounced)


def _question(prepared: Prepared, stack: str) -> str:
    plan, unannounced = prepared.plan, prepared.unannounced
    again = " again" if any(one.replaces for one in plan.new) else ""
    parts = [
        text
        for count, text in (
            (len(plan.new), f"invite {len(plan.new):,} people{again}"),
            (len(plan.changed), f"change the roles of {len(plan.changed):,}"),
            (len(unannounced), f"send {len(unannounced):,} mails that are missing"),
        )
        if count
    ]
    sentence = ", ".join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}, in stack {stack}?"


def _report_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """Print the result of an import. Raises OpsError if Wix refused the rows of some people."""
    if not as_json:
        print_result(
            f"{outcome.invited:,} people are invited, {outcome.changed:,} have another role;"
            f" {outcome.announced:,} mails are on their way"
        )
    for one in outcome.failures:
        print_note(
            (f"{one.key.partner_id}  {one.key.email}  Wix refused the row: {one.code}", "red")
        )
    if outcome.failures:
        raise OpsError(f"{len(outcome.failures):,} people failed", "run the same command again")


def _person_entry(one: ListedPerson) -> PersonEntry:
    return PersonEntry(
        partner=one.partner_id,
        email=one.email or None,
        name=one.name or None,
        member=one.member_id or None,
        role=one.role,
        access=one.access,
        source=one.source or None,
        since=one.since,
        until=one.until,
        mail=one.mail,
    )


def _people_table(entries: Sequence[PersonEntry]) -> Table:
    table = Table(
        Column("Partner", no_wrap=True),
        Column("Person", overflow="fold"),
        "Role",
        "Access",
        "Since",
        "Until",
        "Mail",
    )
    for one in entries:
        table.add_row(
            one.partner,
            one.email or one.member or "whoever has the code",
            one.role,
            one.access,
            _day(one.since),
            "" if one.access == "linked" else _day(one.until),
            (one.mail or "").replace("_", " "),
        )
    return table


def _history_entry(line: HistoryLine) -> HistoryEntry:
    return HistoryEntry(
        partner=line.partner_id,
        at=None if line.at is None else line.at.astimezone(UTC),
        actor=line.actor,
        act=line.act,
        email=line.email or None,
        member=line.member_id or None,
        role_before=line.role_before or None,
        role_after=line.role_after or None,
    )


def _history_table(entries: Sequence[HistoryEntry]) -> Table:
    table = Table("Time (UTC)", "By", "Act", Column("Person", overflow="fold"), "Role")
    for one in entries:
        roles = [role for role in (one.role_before, one.role_after) if role]
        table.add_row(
            "" if one.at is None else f"{one.at:%Y-%m-%d %H:%M}",
            one.actor,
            one.act.replace("_", " "),
            one.email or one.member or "whoever has the code",
            " -> ".join(roles),
        )
    return table


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d}"
