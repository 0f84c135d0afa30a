"""``gridwix invite``, ``link``, ``unlink`` and ``links``: who acts for which partner on the portal."""

import re
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from gridwix.clients.wix.client import WixClient
from gridwix.models.ids import PartnerId
from gridwix.models.portal import PARTNER_LINKS, PARTNER_STATUS
from ops import members
from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName
from ops.connections import connect
from ops.console import console, print_note, print_result
from ops.errors import OpsError
from ops.members import DAYS, MOST_DAYS, Role
from ops.stack import Stack

Partner = Annotated[str, typer.Argument(help="The partner's id in Trading Grid, such as GC070000000101.")]
Member = Annotated[str, typer.Argument(help="The member's id: the GUID in the address of its page in the Wix dashboard.")]
RoleAt = Annotated[Role, typer.Option(help="What the member does at the partner.")]

_MEMBER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def invite(
    partner: Partner,
    role: RoleAt,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="For how many days the code is good.")] = DAYS,
    stack: StackName = DEFAULT_STACK,
) -> None:
    """Make a code by which one member becomes somebody of the partner.

    It is shown here and nowhere else: give it to that person alone, over a way that you trust.
    """
    with connect(Stack.read(stack, Aws())) as connections:
        known = _known_partner(connections.wix, partner)
        invitation = members.create_invitation(connections.wix, known, role, days=days, now=datetime.now(UTC))
    print_result((invitation.code, "bold"))
    print_note((f"For {role} at {partner}, once, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC", "dim"))


def link(member: Member, partner: Partner, role: RoleAt, stack: StackName = DEFAULT_STACK) -> None:
    """Have a member act for a partner, after you have made sure who it is.

    A link that is there already gets the role.
    """
    with connect(Stack.read(stack, Aws())) as connections:
        members.link_member(connections.wix, _parse_member_id(member), _known_partner(connections.wix, partner), role, now=datetime.now(UTC))
    print_result(f"Member {member} acts for {partner} ({role})")


def unlink(
    member: Member,
    partner: Annotated[str | None, typer.Argument(help="The partner's id; without it, every partner.")] = None,
    stack: StackName = DEFAULT_STACK,
) -> None:
    """Take a member's link with a partner away, or all of them.

    It counts with the member's next call.
    """
    with connect(Stack.read(stack, Aws())) as connections:
        gone = members.unlink_member(connections.wix, _parse_member_id(member), None if partner is None else PartnerId(partner))
    if not gone:
        raise OpsError(f"member {member} acts for {'nobody' if partner is None else f'no partner {partner}'}")
    print_result(f"Member {member} does not act for {', '.join(gone)} any more")


def links(
    partner: Annotated[str | None, typer.Option(help="Those of this partner alone.")] = None,
    stack: StackName = DEFAULT_STACK,
) -> None:
    """List who acts for which partner."""
    table = Table("Member", "Partner", "Role", "Verified by", "Since")
    with connect(Stack.read(stack, Aws())) as connections:
        chosen = {} if partner is None else {"partnerId": partner}
        for page in connections.wix.query_pages(PARTNER_LINKS, filter=chosen, by="offset", sort=[("partnerId", "ASC"), ("_id", "ASC")]):
            for item in page.items:
                since = item.data.get("verifiedAt")
                shown = f"{since:%Y-%m-%d %H:%M}" if isinstance(since, datetime) else ""
                table.add_row(*(str(item.data.get(name, "")) for name in ("memberId", "partnerId", "role", "verifiedBy")), shown)
    console.print(table if table.row_count else "Nobody acts for anybody")


def _parse_member_id(text: str) -> str:
    if not _MEMBER.fullmatch(text):
        raise OpsError("a member is named by its id, a GUID in small letters; nobody is linked by an e-mail address")
    return text


def _known_partner(wix: WixClient, partner: str) -> PartnerId:
    """A partner that the portal has a row of: a mistyped id would wait for a partner that may come one day."""
    if not wix.items_where(PARTNER_STATUS, "partnerId", partner):
        raise OpsError(f"the portal knows no partner {partner}; its id is in the collection {PARTNER_STATUS}")
    return PartnerId(partner)
