"""JSON documents of ``gridwix invite``, ``link``, ``unlink`` and ``links``."""

from pydantic import AwareDatetime

from ops.json_output import JsonOutput
from ops.members import Role


class InviteOutput(JsonOutput):
    """An invitation of a member to a partner. The code is stored nowhere."""

    code: str
    partner: str
    role: Role
    expires_at: AwareDatetime


class LinkOutput(JsonOutput):
    """A member whom the command has linked to a partner."""

    member: str
    partner: str
    role: Role


class UnlinkOutput(JsonOutput):
    """A member with the links that the command has removed."""

    member: str
    partners: tuple[str, ...]
    """partners to which the member was linked"""
    erased: int
    """number of the member's rows with settings and read marks that were erased"""


class LinkEntry(JsonOutput):
    """A link: a member who acts for a partner. Site editors can change the rows, so the fields are
    plain texts.
    """

    member: str
    partner: str
    role: str
    verified_by: str
    since: AwareDatetime | None


class LinksOutput(JsonOutput):
    """Members and the partners for which they act."""

    links: tuple[LinkEntry, ...]
