"""Model of ``config/people.yaml``: rules for invitations to the portal and for ending access."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gridwix.configuration.base import Config
from gridwix.configuration.campaigns import Role

MOST_DAYS = 90
"""Maximum validity of an invitation, in days."""


type PartnerStatusName = Literal["invited", "onboarding", "suspended", "terminated"]


class Leaving(Config):
    """Rules for ending access automatically, with a limit on how much ends in one run.

    A link is the permission of a member to act for a partner. If the partner has one of
    ``statuses`` in Trading Grid, the links of its people end. If one run would end more than
    ``least`` links, and more than the share ``most_share`` (0 to 1) of all links, it ends none. A
    user's access ends only if two comparisons, ``second_look_minutes`` apart, find the user missing
    in OpenText's directory.
    """

    statuses: tuple[PartnerStatusName, ...] = ("terminated", "suspended")
    most_share: float = Field(default=0.05, ge=0, le=1)
    least: int = Field(default=5, ge=0, le=10_000)
    second_look_minutes: int = Field(default=10, ge=1, le=60 * 24 * 7)


class DirectoryRole(Config):
    """A role in OpenText's user directory (``name``), and its users' portal role (``role``)."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    role: Role


class People(Config):
    """``config/people.yaml``: rules for invitations to the portal, and for ending access to it.

    ``valid_days`` is the validity of an invitation in days. ``history_days`` is the time for which
    ``PeopleHistory`` keeps a line. ``bound``: only a member with the login address of the invited
    person can accept the invitation. ``directory_roles``: a user of OpenText's directory gets the
    portal role of the first entry that names one of its roles (without regard to case). A user with
    none of these roles is not invited. ``leaving``: when access ends automatically.
    """

    valid_days: int = Field(default=14, ge=1, le=MOST_DAYS)
    history_days: int = Field(default=730, ge=30, le=3650)
    bound: bool = True
    directory_roles: tuple[DirectoryRole, ...] = ()
    leaving: Leaving = Leaving()

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [one.name.casefold() for one in self.directory_roles]
        if twice := sorted(
            one.name for one in self.directory_roles if names.count(one.name.casefold()) > 1
        ):
            raise ValueError(f"directory_roles has {twice[0]} twice: only the first would count")
        return self

    def place_of(self, names: Iterable[str]) -> int | None:
        """Return the index of the first entry of ``directory_roles`` with one of these names.

        None if no entry has one of them.
        """
        wanted = {name.strip().casefold() for name in names}
        return next(
            (
                place
                for place, one in enumerate(self.directory_roles)
                if one.name.casefold() in wanted
            ),
            None,
        )
