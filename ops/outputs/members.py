"""JSON documents of ``gridwix invite``, ``link``, ``unlink`` and ``links``."""

from pydantic import AwareDatetime

from ops.json_output import JsonOutput
from ops.members import Role


class InviteOutput(JsonOutput):
    """An invitation with which a member of the site can link itself to a partner.

    Only this document has the code: it is stored nowhere.
    """

    code: str
    partner: str
    role: Role
    expires_at: AwareDatetime


class LinkOutput(JsonOutput):
    """A member whom ``gridwix link`` has linked to a partner."""

    member: str
    partner: str
    role: Role


class UnlinkOutput(JsonOutput):
    """A member, with the links to partners that ``gridwix unlink`` has removed."""

    member: str
    partners: tuple[str, ...]
    """partners to which the member was linked"""
    erased: int
    """number of the member's rows with settings and read marks that were erased"""


class LinkEntry(JsonOutput):
    """A link: the permission of a member to act for a partner, in a role.

    Editors of the Wix site can change the stored links, so the values are not checked.
    """

    member: str
    partner: str
    role: str
    verified_by: str
    since: AwareDatetime | None


class LinksOutput(JsonOutput):
    """Members, and the partners for which each of them acts."""

    links: tuple[LinkEntry, ...]
