"""Model of ``config/messaging.yaml``: the rules for all messages to partners."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, HttpUrl, StringConstraints, field_validator, model_validator

from gridwix.configuration.base import Config, Country
from gridwix.configuration.campaigns import LONGEST_AGE_DAYS
from gridwix.models.locales import DEFAULT_LOCALE, Locale
from gridwix.models.setting_fault import SettingFault
from gridwix.models.time_zones import ZoneName
from gridwix.models.wall_clock import WallClock

LONGEST_KEPT_DAYS = 365
"""Maximum time, in days, for which a message stays on the portal: shorter than the outbox keeps the
record that it was sent (``gridwix.partner_messenger.outbox_table.KEPT``).
"""


class QuietHours(Config):
    """Hours in which a partner is sent no message: begin and end in the partner's time zone.

    They may span midnight.
    """

    begins: WallClock
    ends: WallClock

    @model_validator(mode="after")
    def _check_length(self) -> Self:
        if self.begins == self.ends:
            raise SettingFault(
                f"quiet hours begin and end at {self.begins:%H:%M}",
                "give two times, or leave quiet_hours out",
            )
        return self


class DigestWords(Config):
    """Title of the daily digest (one message in place of several), in one language."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class Messaging(Config):
    """``config/messaging.yaml``: quiet hours, time zones, languages and digests of messages.

    ``partners`` sets the time zone of single partners by id; all other partners get the time zone
    of their country. ``quiet_hours`` is None if there are none. ``keep_days`` is the time for which
    a message stays on the portal. It is at least as long as the sending of a message is retried, so
    that no retry restores a removed message.

    ``emails_per_minute`` limits all emails of the site together, in any 60 seconds.

    ``portal_url`` must not be set in the file. The stack sets it, since each stack has its own
    portal.
    """

    quiet_hours: QuietHours | None
    digest_at: WallClock
    default_time_zone: ZoneName
    time_zones: Mapping[Country, ZoneName] = Field(default_factory=dict)
    partners: Mapping[str, ZoneName] = Field(default_factory=dict)
    locales: Mapping[Country, Locale] = Field(default_factory=dict)
    digest: Mapping[Locale, DigestWords]
    portal_url: HttpUrl | None = None
    emails_per_minute: int = Field(default=60, ge=2, le=10_000)
    keep_days: int = Field(default=365, ge=LONGEST_AGE_DAYS, le=LONGEST_KEPT_DAYS)

    @field_validator("portal_url")
    @classmethod
    def _refuse_portal_url(cls, url: HttpUrl | None) -> None:
        if url is not None:
            raise SettingFault(
                "the portal's address belongs to the stack",
                "give it to `sam deploy` as the parameter PortalUrl, and remove this line",
            )

    @model_validator(mode="after")
    def _check_digest(self) -> Self:
        if DEFAULT_LOCALE not in self.digest:
            raise ValueError(f"the digest needs words for {DEFAULT_LOCALE}")
        return self
