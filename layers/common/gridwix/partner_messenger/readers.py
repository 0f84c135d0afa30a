"""Selects the member roles that get a message: those that may see the message's record. Pure."""

from collections.abc import Collection

from gridwix.configuration.campaigns import Campaign
from gridwix.configuration.roles import ROLE_NAMES, SECTION_OF_RECORD, RoleName, Roles, role_name
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.entities import Entity
from gridwix.partner_messenger.invitations import InvitationRow


def reader_roles(
    campaign: Campaign, entity: Entity | InvitationRow | None, roles: Roles
) -> frozenset[RoleName]:
    """Return the roles that a campaign writes to and that may see the record of the message.

    Args:
        campaign: The campaign. Its records all belong to one section.
        entity: The record; None for any record of the campaign.
        roles: What each role sees.
    """
    wanted = campaign.audience.roles
    return frozenset(
        role
        for role in ROLE_NAMES
        if (not wanted or role in wanted) and _sees_record(campaign, entity, role, roles)
    )


def is_reader(role: str, readers: Collection[RoleName]) -> bool:
    """Return True if a member's role is among ``readers``, the roles that may get a message."""
    return role_name(role) in readers


def row_roles(campaign: Campaign, readers: Collection[RoleName]) -> tuple[str, ...]:
    """Return the roles to store in a message's portal row. A row without roles is for all members.

    ``readers`` are those of the campaign's roles that may see the record that the message is about.
    If these are all of the campaign's roles, the campaign's own list is returned, which is empty if
    the campaign is for all roles. Otherwise ``readers`` are returned.
    """
    wanted = campaign.audience.roles
    if set(readers) == set(wanted or ROLE_NAMES):
        return wanted
    return tuple(role for role in ROLE_NAMES if role in readers)


def _sees_record(
    campaign: Campaign, entity: Entity | InvitationRow | None, role: RoleName, roles: Roles
) -> bool:
    permissions = roles.named(role)
    if isinstance(entity, Document):
        return permissions.sees_document(entity.category, entity.classification)
    section = SECTION_OF_RECORD.get(campaign.trigger.kind)
    return section is None or permissions.sees_section(section)
