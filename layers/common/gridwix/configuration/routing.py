"""Model of ``config/routing.yaml``: business hours, teams and the rules that route requests."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gridwix.configuration.base import Config, Key, Name, Priority, check_rule_order
from gridwix.configuration.forms import RequestType
from gridwix.models.setting_fault import SettingFault
from gridwix.models.texts import LabelText
from gridwix.models.time_zones import ZoneName
from gridwix.models.wall_clock import CalendarDay, WallClock

type Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Desk(Config):
    """Business hours of the hub's desk, which handles requests, in the desk's own time zone."""

    time_zone: ZoneName
    opens: WallClock
    closes: WallClock
    days: tuple[Weekday, ...] = Field(min_length=1)
    holidays: tuple[CalendarDay, ...] = ()

    @model_validator(mode="after")
    def _check_hours(self) -> Self:
        if self.opens >= self.closes:
            raise SettingFault(
                f"the desk opens at {self.opens:%H:%M} and closes at {self.closes:%H:%M}",
                "give an earlier opens",
            )
        return self


class OffHours(Config):
    """Team and priority of a request that arrives outside the desk's business hours."""

    team: Key
    priority: Priority


class RoutingRule(Config):
    """A rule that routes requests to a team, by their type and answers.

    An empty condition fits every request.
    """

    key: Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,60}$")]
    types: tuple[RequestType, ...] = ()
    answers: Mapping[Name, tuple[str, ...]] = Field(default_factory=dict)
    team: Key
    priority: Priority
    due_in_business_hours: int = Field(ge=1, le=2_000)
    off_hours: OffHours | None = None

    @property
    def fits_everything(self) -> bool:
        """True if the rule has no conditions."""
        return not (self.types or self.answers)


class Routing(Config):
    """``config/routing.yaml``: the desk's business hours, the teams, and the rules for requests.

    ``teams`` has, by the team's key, the name that partners see as the name of the team.
    """

    desk: Desk
    teams: Mapping[Key, LabelText]
    rules: tuple[RoutingRule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        check_rule_order(self.rules, "types and answers")
        for rule in self.rules:
            for team in (rule.team, *([rule.off_hours.team] if rule.off_hours else [])):
                if team not in self.teams:
                    raise ValueError(
                        f"rule {rule.key}: there is no team {team};"
                        f" there are {', '.join(sorted(self.teams))}"
                    )
        return self
