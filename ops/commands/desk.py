"""``gridwix desk``: the hub's people work on what partners send, over the gateway's API."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from ops.command_examples import example
from ops.commands.options import Json, Yes
from ops.confirmation import confirm_change
from ops.console import console, print_note, print_result
from ops.errors import OpsError
from ops.gateway.desk.client import (
    DeskClient,
    Record,
    connect_desk,
)
from ops.gateway.desk.listing import DEFAULT_KINDS, KINDS, OPEN_STATUSES, DeskRow, desk_rows
from ops.gateway.desk.screen import list_table, record_lines
from ops.gateway.desk.texts import shown_text
from ops.gateway.desk.work import (
    closing_status,
    pending_approval,
    resolve_case,
    ways_to_resolved,
)
from ops.json_output import print_json_output
from ops.outputs.desk import (
    DeskCommentOutput,
    DeskShowOutput,
    desk_change_output,
    desk_list_output,
)

desk = typer.Typer(
    help=(
        "Work on what partners send to the community gateway. Needs its URL in GRIDWIX_GATEWAY_URL,"
        " and a consumer key with the scope desk in GRIDWIX_DESK_CONSUMER_KEY and"
        " GRIDWIX_DESK_CONSUMER_SECRET."
    ),
    no_args_is_help=True,
)

Gateway = Annotated[
    str,
    typer.Option(
        "--gateway",
        envvar="GRIDWIX_GATEWAY_URL",
        help="URL of the gateway: the output `GatewayUrl` of its stack.",
    ),
]
Id = Annotated[str, typer.Argument(help="The record's id, as the list shows it.")]
Person = Annotated[
    str,
    typer.Option("--as", envvar="GRIDWIX_DESK_NAME", help="Your name, as partners may read it."),
]
Texts = Annotated[str, typer.Option("--text", help="Text that partners read. Plain text.")]
Time = Annotated[
    str | None, typer.Option(help="Time with its offset from UTC: 2026-03-12T15:00:00+01:00.")
]

COMMENTED = ("cases", "collaboration-requests")
"""Collections of records on which one can comment."""


@desk.command("list")
@example("gridwix desk list cases --team edi")
def list_(
    gateway: Gateway,
    kind: Annotated[
        list[str] | None,
        typer.Argument(help=f"Any of {', '.join(KINDS)}; {', '.join(DEFAULT_KINDS)} if omitted."),
    ] = None,
    partner: Annotated[list[str] | None, typer.Option(help="Only this partner.")] = None,
    status: Annotated[
        list[str] | None, typer.Option(help="Only this status; the open ones if omitted.")
    ] = None,
    team: Annotated[str | None, typer.Option(help="Only this team.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Maximum number of rows.")] = 200,
    as_json: Json = False,
) -> None:
    """List what waits for the hub: requests, cases, submitted steps, documents in review."""
    kinds = kind or list(DEFAULT_KINDS)
    if unknown := [one for one in kinds if one not in KINDS]:
        raise OpsError(f"there is no kind {unknown[0]}", f"choose one of {', '.join(KINDS)}")
    with connect_desk(gateway) as client:
        rows = [
            row
            for one in kinds
            for row in _rows(client, one, tuple(status or ()), tuple(partner or ()))
            if team in (None, row.team)
        ]
    rows.sort(key=lambda row: row.updated)
    if as_json:
        print_json_output(desk_list_output(rows, limit))
        return
    console.print(list_table(rows[:limit]) if rows else "Nothing waits")
    if len(rows) > limit:
        print_note(f"{len(rows) - limit} more; --limit shows them")


@desk.command()
@example("gridwix desk show case_1")
def show(
    identifier: Id,
    gateway: Gateway,
    as_json: Json = False,
) -> None:
    """Show a record with its comments, steps, updates or versions."""
    with connect_desk(gateway) as client:
        collection, record = client.find_record(identifier)
        comments, versions = _parts(client, collection, identifier)
    if as_json:
        print_json_output(
            DeskShowOutput(
                collection=collection,
                record=record,
                comments=tuple(comments),
                versions=tuple(versions),
            )
        )
        return
    for line in record_lines(collection, record, comments, versions):
        print_result(line)


@desk.command()
@example("gridwix desk assign case_1 --team edi --priority high")
def assign(
    identifier: Id,
    gateway: Gateway,
    team: Annotated[str | None, typer.Option(help="Key of the team.")] = None,
    person: Annotated[
        str | None, typer.Option(help="Person of the hub, for cases. Partners never see it.")
    ] = None,
    partner: Annotated[
        str | None, typer.Option(help="Partner of a request whose sender was unknown.")
    ] = None,
    priority: Annotated[str | None, typer.Option(help="low, normal, high or critical.")] = None,
    due: Time = None,
    next_step: Annotated[
        str | None, typer.Option(help="What happens next. The partner reads it.")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Assign a case or request to a team, a person or a partner."""
    with connect_desk(gateway) as client:
        collection, record = _commented_record(client, identifier)
        wish: Record = {"priority": priority, "dueAt": _checked_time(due), "nextStep": next_step}
        if collection == "cases":
            _refuse(partner, "--partner is for requests: the partner of a case is known")
            wish |= {"assigneeTeam": None if team is None else {"key": team}, "assignee": person}
        else:
            _refuse(person, "--person is for cases: a request goes to a team")
            wish |= {"teamKey": team, "partnerId": partner}
        fields = {name: value for name, value in wish.items() if value is not None}
        if not fields:
            raise OpsError("there is nothing to assign", "name what to assign, such as --team")
        _confirm(record, f"change {shown_text(fields)}", yes=yes)
        changed = client.assign_record(collection, record, fields)
    _tell(collection, changed, as_json=as_json)


@desk.command()
@example('gridwix desk comment case_1 "We see the 997 now."')
def comment(
    identifier: Id,
    text: Annotated[str, typer.Argument(help="The comment, as plain text.")],
    gateway: Gateway,
    internal: Annotated[
        bool, typer.Option("--internal", help="Only for the hub. Partners never see it.")
    ] = False,
    person: Person = "Partner desk",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Comment on a case or request."""
    with connect_desk(gateway) as client:
        collection, record = _commented_record(client, identifier)
        visibility = "internal" if internal else "public"
        _confirm(record, f"add this {visibility} comment:\n{shown_text(text)}\n", yes=yes)
        fields = {
            "body": text,
            "visibility": visibility,
            "authorKind": "internal",
            "authorName": person,
        }
        made = client.add_comment(collection, identifier, fields)
    if as_json:
        print_json_output(
            DeskCommentOutput(comment=made["id"], collection=collection, id=identifier)
        )
    else:
        print_result(f"Comment {shown_text(made['id'])} is added")


@desk.command()
@example('gridwix desk resolve case_1 "The map accepts the new segment."')
def resolve(
    identifier: Id,
    summary: Annotated[str, typer.Argument(help="What was done. The partner reads it.")],
    gateway: Gateway,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Resolve a case. The partner accepts or rejects the resolution."""
    with connect_desk(gateway) as client:
        case = client.get_record("cases", identifier)
        if case is None:
            raise OpsError(f"there is no case {identifier}", "`gridwix desk list cases` lists them")
        way = " → ".join((case["status"], *ways_to_resolved(case)))
        _confirm(case, f"move {way}: {shown_text(summary)}", yes=yes)
        _tell("cases", resolve_case(client, case, summary), as_json=as_json)


@desk.command()
@example("gridwix desk move case_1 in_progress")
def move(
    identifier: Id,
    status: Annotated[str, typer.Argument(help="The new status.")],
    gateway: Gateway,
    step: Annotated[str | None, typer.Option(help="Key of the step of an enrollment.")] = None,
    reason: Annotated[str | None, typer.Option(help="The reason. The partner may read it.")] = None,
    next_step: Annotated[
        str | None, typer.Option(help="Of a case or request: what happens next.")
    ] = None,
    next_action: Annotated[
        str | None, typer.Option(help="Of a compliance check: what to do.")
    ] = None,
    valid_until: Annotated[
        str | None, typer.Option(help="Of a check that passes: last day of its validity.")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Move a request, case, step, compliance check, enrollment, document or partner."""
    with connect_desk(gateway) as client:
        collection, record = client.find_record(identifier)
        if collection in ("approvals", "service-notices"):
            raise OpsError(
                f"{identifier} is in {collection}, whose records are not moved",
                "use approve or reject for approvals, and update for notices",
            )
        if step is not None and collection != "enrollments":
            raise OpsError(
                f"{identifier} is in {collection}, and --step is for enrollments", "leave it out"
            )
        wish = {
            "to": status,
            "reason": reason,
            "nextStep": next_step,
            "nextAction": next_action,
            "validUntil": valid_until,
        }
        fields = {name: value for name, value in wish.items() if value is not None}
        current = _step_status(record, step) if step else record["status"]
        what = f"step {shown_text(step)} " if step else ""
        _confirm(record, f"move {what}{current} → {shown_text(status)}", yes=yes)
        moved = client.move_record(collection, record, fields, step or "")
    if as_json:
        print_json_output(desk_change_output(collection, record["id"], moved, step))
    else:
        print_result(f"{what or f'{collection}/{identifier} '}is {shown_text(moved['status'])}")


@desk.command()
@example("gridwix desk approve doc_000000012 --version 2")
def approve(
    identifier: Annotated[str, typer.Argument(help="Id of the approval, or of its document.")],
    gateway: Gateway,
    version: Annotated[int | None, typer.Option(min=1, help="The document's version.")] = None,
    comment: Annotated[str, typer.Option(help="Comment. The partner reads it.")] = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Approve a version of a document. This publishes it."""
    _decide(gateway, identifier, version, "approved", comment, yes=yes, as_json=as_json)


@desk.command()
@example('gridwix desk reject doc_000000012 --comment "Page 2 is missing."')
def reject(
    identifier: Annotated[str, typer.Argument(help="Id of the approval, or of its document.")],
    gateway: Gateway,
    comment: Annotated[str, typer.Option(help="The reason. The partner reads it.")],
    version: Annotated[int | None, typer.Option(min=1, help="The document's version.")] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Reject a version of a document."""
    _decide(gateway, identifier, version, "rejected", comment, yes=yes, as_json=as_json)


@desk.command()
@example('gridwix desk publish "Invoices are late" --text "We send them by noon." --impact minor')
def publish(
    title: Annotated[str, typer.Argument(help="The notice's title.")],
    gateway: Gateway,
    text: Texts,
    kind: Annotated[str, typer.Option(help="incident, maintenance or advisory.")] = "incident",
    impact: Annotated[str, typer.Option(help="none, minor, major or critical.")] = "minor",
    partner: Annotated[list[str] | None, typer.Option(help="Only this partner sees it.")] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="Only partners with this role see it.")
    ] = None,
    region: Annotated[
        list[str] | None, typer.Option(help="Only partners of this region see it.")
    ] = None,
    starts: Time = None,
    until: Time = None,
    workaround: Annotated[str | None, typer.Option(help="What partners can do meanwhile.")] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Publish a service notice to all partners, or to those that an option selects."""
    chosen = {"partnerIds": partner, "roles": role, "regions": region}
    audience: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    wish = {
        "kind": kind,
        "title": title,
        "text": text,
        "impact": impact,
        "audience": audience or {"all": True},
        "startsAt": _checked_time(starts),
        "scheduledUntil": _checked_time(until),
        "workaround": workaround,
    }
    fields = {name: value for name, value in wish.items() if value is not None}
    with connect_desk(gateway) as client:
        to = "all partners" if not audience else shown_text(audience)
        _confirm(None, f"publish to {to}:\n{shown_text(title)}\n{shown_text(text)}\n", yes=yes)
        notice = client.publish_notice(fields)
    if as_json:
        print_json_output(desk_change_output("service-notices", notice["id"], notice))
    else:
        print_result(f"Notice {shown_text(notice['id'])} is {shown_text(notice['status'])}")


@desk.command()
@example('gridwix desk update ntc_000000003 --text "Half of them are sent."')
def update(
    identifier: Id,
    gateway: Gateway,
    to: Annotated[str | None, typer.Option(help="The new status.")] = None,
    text: Annotated[str | None, typer.Option(help="Text of the update. Plain text.")] = None,
    impact: Annotated[str | None, typer.Option(help="none, minor, major or critical.")] = None,
    until: Time = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Update a service notice: its status, a text, its impact or its expected end."""
    wish = {"to": to, "text": text, "impact": impact, "scheduledUntil": _checked_time(until)}
    fields = {name: value for name, value in wish.items() if value is not None}
    if not fields:
        raise OpsError("there is nothing to change", "name what to change, such as --text")
    with connect_desk(gateway) as client:
        notice = client.get_record("service-notices", identifier)
        if notice is None:
            raise OpsError(
                f"there is no notice {identifier}", "`gridwix desk list notices` lists them"
            )
        _confirm(notice, f"update {shown_text(fields)}", yes=yes)
        _tell("service-notices", client.update_notice(notice, fields), as_json=as_json)


@desk.command()
@example("gridwix desk close case_1")
def close(
    identifier: Id,
    gateway: Gateway,
    text: Annotated[
        str | None, typer.Option(help="Of a notice: text of the last update. Plain text.")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Close a resolved case, or end a notice."""
    with connect_desk(gateway) as client:
        collection, record = client.find_record(identifier)
        status = closing_status(collection, record)
        _confirm(record, f"move {record['status']} → {status}", yes=yes)
        if collection == "cases":
            closed = client.move_record(collection, record, {"to": status})
        else:
            fields = {"to": status, **({"text": text} if text else {})}
            closed = client.update_notice(record, fields)
    _tell(collection, closed, as_json=as_json)


def _rows(
    client: DeskClient, kind: str, statuses: Sequence[str], partners: Sequence[str]
) -> Sequence[DeskRow]:
    wanted = statuses or OPEN_STATUSES[kind]
    # Steps have statuses of their own, and a completed enrollment has no submitted step.
    listed = ("in_progress", "on_hold") if kind == "steps" else wanted
    records = client.list_records(KINDS[kind], statuses=listed, partners=partners)
    return list(desk_rows(kind, records, wanted))


def _parts(
    client: DeskClient, collection: str, identifier: str
) -> tuple[Sequence[Record], Sequence[Record]]:
    """Return the comments and the versions of a record, read from the gateway.

    Only cases and requests have comments, and only documents have versions: otherwise they are
    empty.
    """
    if collection == "documents":
        return (), client.list_parts(collection, identifier, "versions")
    has_comments = collection in COMMENTED
    return client.list_parts(collection, identifier, "comments") if has_comments else (), ()


def _commented_record(client: DeskClient, identifier: str) -> tuple[str, Record]:
    collection, record = client.find_record(identifier)
    if collection not in COMMENTED:
        raise OpsError(
            f"{identifier} is in {collection}", "give a case or a request: only they have this"
        )
    return collection, record


def _decide(
    gateway: str,
    identifier: str,
    version: int | None,
    decision: str,
    text: str,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    with connect_desk(gateway) as client:
        approval = pending_approval(client, identifier, version)
        subject = shown_text(approval["subject"]["id"])
        _confirm(approval, f"set version {subject} to {decision}", yes=yes)
        decided = client.decide_approval(approval["id"], decision, text)
    if as_json:
        print_json_output(desk_change_output("approvals", approval["id"], decided))
    else:
        print_result(f"Version {subject} is {shown_text(decided['status'])}")


def _step_status(record: Record, key: str) -> str:
    for step in record["steps"]:
        if step["key"] == key:
            return str(step["status"])
    known = ", ".join(str(step["key"]) for step in record["steps"])
    raise OpsError(f"there is no step {key}", f"choose one of {shown_text(known)}")


def _confirm(record: Record | None, change: str, *, yes: bool) -> None:
    """Show a record and ask the user to confirm its change, unless ``yes`` is set.

    Raises typer.Abort if the answer is no.
    """
    if yes:
        return
    if record is not None:
        name = record.get("number") or record["id"]
        about = record.get("subject") or record.get("title") or record.get("name") or ""
        partner = record.get("partnerId") or "no partner"
        print_note(f"{shown_text(name)} ({shown_text(partner)}) {shown_text(about)}".rstrip())
    confirm_change(f"{change[:1].upper()}{change[1:]}?", yes=yes)


def _tell(collection: str, record: Record, *, as_json: bool) -> None:
    if as_json:
        print_json_output(desk_change_output(collection, record["id"], record))
        return
    name = shown_text(record.get("number") or record["id"])
    print_result(f"{name} is {shown_text(record['status'])}, version {record['version']}")


def _checked_time(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise OpsError(
            f"{text} is no time with its offset from UTC", "write it as 2026-03-12T15:00:00+01:00"
        )
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _refuse(value: str | None, reason: str) -> None:
    if value is not None:
        raise OpsError(reason, "leave it out")
