"""``gridwix invite``, ``link``, ``unlink`` and ``links``: who may act for which partner.

They manage invitations and links. A link is a site member's right to act for a partner.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import PARTNER_LINKS
from gridwix.people.history import HUB, HistoryLine, add_line
from gridwix.people.unlinking import unlink_member
from ops import members
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.confirmation import confirm_change
from ops.connections import connect
from ops.console import console, print_note, print_result
from ops.errors import OpsError
from ops.json_output import print_json_output
from ops.members import DAYS, MOST_DAYS, Role
from ops.outputs.members import (
    InviteOutput,
    LinkEntry,
    LinkOutput,
    LinksOutput,
    UnlinkOutput,
)
from ops.stack import Stack

Partner = Annotated[
    str, typer.Argument(help="The partner's id in Trading Grid, such as GC070000000101.")
]
Member = Annotated[
    str,
    typer.Argument(
        help="The member's id: the GUID in the address of its page in the Wix dashboard."
    ),
]
RoleAt = Annotated[Role, typer.Option(help="The member's role at the partner.")]

_MEMBER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@example("gridwix invite GC070000000101 --role edi")
@with_aws_options
def invite(
    partner: Partner,
    role: RoleAt,
    days: Annotated[
        int, typer.Option(min=1, max=MOST_DAYS, help="Days until the code expires.")
    ] = DAYS,
    stack: StackName = DEFAULT_STACK,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Create an invitation code. One member can redeem it to act for the partner.

    The code is printed once and stored nowhere. Send it to the invited person only, over a channel
    that you trust.
    """
    with connect(Stack.read(stack, Aws())) as connections:
        known = members.require_partner(connections.wix, partner)
        confirm_change(f"Create a code that lets one person act for {partner} ({role})?", yes=yes)
        now = datetime.now(UTC)
        invitation = members.create_invitation(connections.wix, known, role, days=days, now=now)
        add_line(connections.wix, HistoryLine(known, now, HUB, "invited", role_after=role))
    if as_json:
        print_json_output(
            InviteOutput(
                code=invitation.code,
                partner=partner,
                role=role,
                expires_at=invitation.expires_at.astimezone(UTC),
            )
        )
        return
    print_result((invitation.code, "bold"))
    print_note(
        (f"For {role} at {partner}, once, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC", "dim")
    )


@example("gridwix link 3f2a6c1e-8d4b-4a57-9c0d-5b1e7f9a2c44 GC070000000101 --role edi")
@with_aws_options
def link(
    member: Member,
    partner: Partner,
    role: RoleAt,
    stack: StackName = DEFAULT_STACK,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Link a member to a partner, after you have verified the person's identity.

    An existing link gets the new role.
    """
    with connect(Stack.read(stack, Aws())) as connections:
        person = parse_member_id(member)
        known = members.require_partner(connections.wix, partner)
        confirm_change(f"Let member {member} act for {partner} ({role})?", yes=yes)
        now = datetime.now(UTC)
        members.link_member(connections.wix, person, known, role, now=now)
        add_line(
            connections.wix,
            HistoryLine(known, now, HUB, "linked", member_id=person, role_after=role),
        )
    if as_json:
        print_json_output(LinkOutput(member=member, partner=partner, role=role))
    else:
        print_result(f"Member {member} acts for {partner} ({role})")


@example("gridwix unlink 3f2a6c1e-8d4b-4a57-9c0d-5b1e7f9a2c44 GC070000000101 --stack prod")
@with_aws_options
def unlink(
    member: Member,
    partner: Annotated[
        str | None, typer.Argument(help="The partner's id; all partners if omitted.")
    ] = None,
    stack: StackName = DEFAULT_STACK,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Remove a member's link to a partner, or all links.

    It takes effect with the member's next call. It revokes open invitations of the member's address
    to the partner, and erases the member's read marks there; with the last link also the member's
    settings. It also works after you have deleted the member on the site.
    """
    # Brings clients of AWS, which the help of these commands does not need.
    from ops.people.portal import PeoplePortal

    person = parse_member_id(member)
    with connect(Stack.read(stack, Aws())) as connections:
        confirm_change(
            f"Let member {member} no longer act for {partner or 'any partner'},"
            " and erase what is stored of it there?",
            yes=yes,
        )
        portal = PeoplePortal(connections.wix, connections.site)
        done = unlink_member(
            connections.wix,
            person,
            None if partner is None else PartnerId(partner),
            portal.login_addresses([person]).get(person, ()),
        )
        # After the act: that somebody loses access must not wait for its line.
        for one in done.partners:
            add_line(
                connections.wix,
                HistoryLine(one, datetime.now(UTC), HUB, "removed", member_id=person),
            )
    if not done.partners and not done.erased:
        raise OpsError(
            f"member {member} acts for {'nobody' if partner is None else f'no partner {partner}'}",
            "`gridwix links` lists who acts for whom",
        )
    if as_json:
        print_json_output(
            UnlinkOutput(member=member, partners=tuple(done.partners), erased=done.erased)
        )
        return
    if done.partners:
        print_result(f"Member {member} no longer acts for {', '.join(done.partners)}")
    if done.erased:
        print_result(f"Erased {done.erased} rows with settings and read marks of member {member}")


@example("gridwix links --partner GC070000000101 --stack prod")
@with_aws_options
def links(
    partner: Annotated[str | None, typer.Option(help="Only this partner.")] = None,
    stack: StackName = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """List which member acts for which partner."""
    with connect(Stack.read(stack, Aws())) as connections:
        chosen = {} if partner is None else {"partnerId": partner}
        entries = [
            _link_entry(item.data)
            for page in connections.wix.query_pages(
                PARTNER_LINKS,
                filter=chosen,
                by="offset",
                sort=[("partnerId", "ASC"), ("_id", "ASC")],
            )
            for item in page.items
        ]
    if as_json:
        print_json_output(LinksOutput(links=tuple(entries)))
        return
    table = Table("Member", "Partner", "Role", "Verified by", "Since")
    for one in entries:
        since = "" if one.since is None else f"{one.since:%Y-%m-%d %H:%M}"
        table.add_row(one.member, one.partner, one.role, one.verified_by, since)
    console.print(table if entries else "There are no links")


def _link_entry(data: Mapping[str, Any]) -> LinkEntry:
    since = data.get("verifiedAt")
    return LinkEntry(
        member=str(data.get("memberId", "")),
        partner=str(data.get("partnerId", "")),
        role=str(data.get("role", "")),
        verified_by=str(data.get("verifiedBy", "")),
        since=since.astimezone(UTC) if isinstance(since, datetime) else None,
    )


def parse_member_id(text: str) -> str:
    """Return a member's id from an argument.

    Raises OpsError for anything but a GUID in lower case.
    """
    if not _MEMBER.fullmatch(text):
        raise OpsError(
            f"{text} is no id of a member",
            "give its id, a GUID in lowercase; an email address is not accepted",
        )
    return text
