"""``gridwix invite``, ``link``, ``unlink`` and ``links`` with ``--json``."""

from pydantic import AwareDatetime

from ops.json_output import JsonOutput
from ops.members import Role


class InviteOutput(JsonOutput):
    """An invitation. The code is stored nowhere."""

    code: str
    partner: str
    role: Role
    expires_at: AwareDatetime


class LinkOutput(JsonOutput):
    """A member who acts for a partner now."""

    member: str
    partner: str
    role: Role


class UnlinkOutput(JsonOutput):
    """A member who no longer acts for partners."""

    member: str
    partners: tuple[str, ...]
    """partners to which it was linked"""
    erased: int
    """number of its rows with settings and read marks that were erased"""


class LinkEntry(JsonOutput):
    """A member who acts for a partner. Site editors can change the rows: members are texts."""

    member: str
    partner: str
    role: str
    verified_by: str
    since: AwareDatetime | None


class LinksOutput(JsonOutput):
    """Members and the partners for which they act."""

    links: tuple[LinkEntry, ...]
