"""Model of ``config/people.yaml``: who of a partner is invited to the portal, and in which role."""

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

    ``statuses`` of a partner in Trading Grid end the access of its people. If more than
    ``most_share`` (0 to 1) of the links would end in one run, and more than ``least``, none ends. A
    user's access ends only if two comparisons, ``second_look_minutes`` apart, find the user missing
    in OpenText's directory.
    """

    statuses: tuple[PartnerStatusName, ...] = ("terminated", "suspended")
    most_share: float = Field(default=0.05, ge=0, le=1)
    least: int = Field(default=5, ge=0, le=10_000)
    second_look_minutes: int = Field(default=10, ge=1, le=60 * 24 * 7)


class DirectoryRole(Config):
    """A role of OpenText's directory, and the portal role for users who have it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    role: Role


class People(Config):
    """``config/people.yaml``: invitations that are made from a file or from OpenText's directory.

    ``valid_days`` is the validity of an invitation in days, also of one that a partner's
    administrator makes. ``history_days`` is the time for which ``PeopleHistory`` keeps a line.
    ``bound``: only a member with the person's login address can accept it. ``directory_roles``: the
    first that a user has counts, and a user without any of them is not invited. Names are compared
    without regard to case. ``leaving``: when access ends automatically.
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
        """Return the index in ``directory_roles`` of the first role with one of these names."""
        wanted = {name.strip().casefold() for name in names}
        return next(
            (
                place
                for place, one in enumerate(self.directory_roles)
                if one.name.casefold() in wanted
            ),
            None,
        )
