"""Model of ``config/campaigns/``: the messages that gridwix sends to partners, and when."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from gridwix.configuration.base import Config, Key
from gridwix.models.locales import DEFAULT_LOCALE, Locale
from gridwix.models.setting_fault import SettingFault

type Role = Literal["admin", "edi", "finance", "logistics"]
type Channel = Literal["portal", "inbox", "email"]
type MessageKind = Literal["transactional", "marketing"]
type Importance = Literal["info", "important"]
type RecordKind = Literal[
    "check", "case", "notice", "document", "step", "enrollment", "invitation", "access"
]
type DateField = Literal["valid_until", "due_on", "expires_on"]

OF_A_PERSON: frozenset[RecordKind] = frozenset({"invitation", "access"})
"""Kinds of records about one person, who alone gets the message, and who need not be a member of
the site.
"""

PERSONAL: frozenset[Channel] = frozenset(get_args(Channel.__value__)) - {"portal"}
"""Channels that reach one person each, unlike the portal, which shows a message to all members of a
partner.
"""

TRIGGERS: Mapping[str, RecordKind] = {
    "compliance.status_changed": "check",
    "case.created": "case",
    "case.updated": "case",
    "case.status_changed": "case",
    "notice.published": "notice",
    "notice.updated": "notice",
    "notice.resolved": "notice",
    "document.published": "document",
    "document.version_added": "document",
    "document.status_changed": "document",
    "step.unlocked": "step",
    "step.status_changed": "step",
    "enrollment.created": "enrollment",
    "enrollment.status_changed": "enrollment",
    "invitation.created": "invitation",
    "access.ended": "access",
}
"""Events that can trigger a campaign, with the kind of record that each is about."""

FIELDS: Mapping[RecordKind, frozenset[str]] = {
    "check": frozenset(
        {"title", "category", "status", "severity", "due_on", "valid_until", "next_action"}
    ),
    "case": frozenset(
        {"number", "subject", "category", "priority", "status", "due_at", "next_step"}
    ),
    "notice": frozenset(
        {
            "title",
            "kind",
            "impact",
            "status",
            "starts_at",
            "ends_at",
            "expected_until",
            "workaround",
            "components",
            "transaction_types",
        }
    ),
    "document": frozenset(
        {"title", "category", "status", "classification", "version", "effective_from", "expires_on"}
    ),
    "step": frozenset(
        {
            "key",
            "title",
            "phase",
            "owner",
            "kind",
            "status",
            "due_on",
            "note",
            "enrollment_status",
            "percent_complete",
        }
    ),
    "enrollment": frozenset({"status", "percent_complete", "target_go_live", "current_steps"}),
    "invitation": frozenset({"role", "expires_on", "name", "code", "link"}),
    "access": frozenset({"role", "reason", "name"}),
}
"""Fields of a record, by kind, that the texts of a campaign can use, and its conditions, except
``TEXT_ONLY``. Only an invitation and an ended access have a person's name, which is that of the
recipient.
"""

TEXT_ONLY: Mapping[RecordKind, frozenset[str]] = {
    "invitation": frozenset({"expires_on", "name", "code", "link"}),
    "access": frozenset({"name"}),
}
"""Fields that only texts can use, no condition: they differ for each person, or are made while the
text is rendered (an invitation code).
"""

UNTOLD: Mapping[RecordKind, frozenset[str]] = {
    "step": frozenset({"enrollment_status", "percent_complete"})
}
"""Fields that come from another record, so that no event of this record can list them as changed.
"""

MEMBERS: Mapping[RecordKind, Mapping[str, str]] = {
    "notice": {
        "expected_until": "scheduledUntil",
        "components": "affectedComponents",
        "transaction_types": "affectedTransactionTypes",
    },
    "document": {"version": "currentVersion"},
    "enrollment": {"current_steps": "currentStepKeys"},
}
"""Names of fields in events, if they differ from the field's own name in camelCase."""

DATES: Mapping[RecordKind, frozenset[str]] = {
    "check": frozenset({"valid_until", "due_on"}),
    "document": frozenset({"expires_on"}),
    "step": frozenset({"due_on"}),
}
"""Date fields before which a campaign can be scheduled (``ahead``)."""


LONGEST_AGE_DAYS = 14
"""Maximum number of days for which sending a message is retried."""


def member_of(kind: RecordKind, field: str) -> str:
    """Return the name that a record's field has in the ``changed`` list of an event.

    >>> member_of("check", "valid_until"), member_of("document", "version")
    ('validUntil', 'currentVersion')
    """
    return MEMBERS.get(kind, {}).get(field, to_camel(field))


class MessageText(Config):
    """Templates of a campaign's message in one language. ``title`` is plain text, ``body`` HTML."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    body: Annotated[str, StringConstraints(min_length=1, max_length=5_000)]


class Ahead(Config):
    """Schedule of a campaign by a date of the record: it sends a message some days before the date.

    ``days`` lists the numbers of days before the date in ``field``.
    """

    field: DateField
    days: tuple[Annotated[int, Field(ge=0, le=365)], ...] = Field(min_length=1)


class Trigger(Config):
    """Condition under which a campaign sends a message.

    One of the ``events`` has to occur, and the event's record must have one of the values listed in
    ``when``, in each field there. If ``changed`` has fields, the event must state that one of them
    has changed. ``once`` deduplicates: one message per event, per record, or per version of a
    document. With ``after_hours``, a message is sent after each of these numbers of hours, if the
    condition still holds; see :attr:`restarts_wait` for the start of the wait. With ``ahead``, it
    is not sent at once, but some days before a date of the record.
    """

    events: tuple[str, ...] = Field(min_length=1)
    when: Mapping[str, tuple[str | int | bool, ...]] = Field(default_factory=dict)
    changed: tuple[str, ...] = ()
    once: Literal["event", "record", "version"] = "event"
    after_hours: tuple[Annotated[int, Field(ge=1, le=24 * 90)], ...] = ()
    ahead: Ahead | None = None

    @model_validator(mode="after")
    def _check_trigger(self) -> Self:
        if unknown := sorted(set(self.events) - set(TRIGGERS)):
            raise ValueError(f"{unknown[0]} begins no campaign; these do: {', '.join(TRIGGERS)}")
        if len({TRIGGERS[event] for event in self.events}) > 1:
            raise SettingFault(
                "the events are about different kinds of records", "make a campaign of each"
            )
        known = FIELDS[self.kind] - TEXT_ONLY.get(self.kind, frozenset())
        if unknown := sorted({*self.when, *self.changed} - known):
            raise ValueError(
                f"a {self.kind} has no {unknown[0]}; it has {', '.join(sorted(known))}"
            )
        if self.kind in OF_A_PERSON and self.changed:
            raise SettingFault(f"{self.events[0]} has no changed members", "remove changed")
        if untold := sorted(set(self.changed) & UNTOLD.get(self.kind, frozenset())):
            raise SettingFault(
                f"no event of a {self.kind} says that {untold[0]} has changed",
                "remove it from changed",
            )
        if self.changed and (self.after_hours or self.ahead is not None):
            raise SettingFault(
                "changed sends the message at once, and after_hours and ahead send it later",
                "leave out one of them",
            )
        if self.once == "version" and self.kind != "document":
            raise SettingFault(
                f"once: version is for documents, and a {self.kind} has no versions", "remove it"
            )
        if self.ahead is not None and (self.after_hours or self.once != "event"):
            raise SettingFault("ahead has dates of its own", "leave out after_hours and once")
        if self.ahead is not None and self.ahead.field not in DATES.get(self.kind, frozenset()):
            raise ValueError(f"a {self.kind} has no date {self.ahead.field}")
        return self

    @property
    def kind(self) -> RecordKind:
        """Kind of record that all events of the trigger are about, such as ``case``."""
        return TRIGGERS[self.events[0]]

    @property
    def restarts_wait(self) -> bool:
        """True if a newer event starts the wait for the messages of ``after_hours`` again.

        Only with one message per event. One per record or version counts from its first event,
        since the messages of a newer event would be duplicates of those that wait.
        """
        return bool(self.after_hours) and self.once == "event"


class CampaignAudience(Config):
    """The members who get a campaign's message: those in one of ``roles``, all if it is empty."""

    roles: tuple[Role, ...] = ()


class Campaign(Config):
    """A campaign: one kind of message to partners, with its trigger, audience, channels and texts.

    Model of ``config/campaigns/<key>.yaml``. If ``quiet_hours`` is false, the message is also sent
    in quiet hours. ``digest`` collects the messages to a person into one message a day. Events
    older than ``max_age_hours`` do not trigger the campaign.

    ``group`` is the key of the group that has the campaign in the portal's settings for members;
    ``config/labels.yaml`` has the group's name, under ``message.group``. In the settings, a member
    can turn off a group of campaigns that are ``optional`` or of the kind ``marketing``, for the
    channels inbox and email. Other campaigns cannot be turned off.
    """

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    status: Literal["active", "paused"] = "active"
    kind: MessageKind
    importance: Importance = "info"
    trigger: Trigger
    audience: CampaignAudience = CampaignAudience()
    channels: tuple[Channel, ...] = Field(min_length=1)
    quiet_hours: bool = True
    digest: bool = False
    group: Key | None = None
    optional: bool = False
    max_age_hours: int = Field(default=48, ge=1, le=24 * LONGEST_AGE_DAYS)
    texts: Mapping[Locale, MessageText]

    @model_validator(mode="after")
    def _check_campaign(self) -> Self:
        if DEFAULT_LOCALE not in self.texts:
            raise ValueError(f"the texts need at least {DEFAULT_LOCALE}")
        if len(set(self.channels)) < len(self.channels):
            raise SettingFault("a channel is named twice in channels", "remove one")
        if self.digest and (self.importance == "important" or not PERSONAL & set(self.channels)):
            raise SettingFault(
                "a digest is for what is not important, and for the channels inbox and email",
                "remove digest, or correct importance or channels",
            )
        if self.optional and self.group is None:
            raise ValueError("optional needs a group, under which members can turn it off")
        if self.optional and (self.importance == "important" or not PERSONAL & set(self.channels)):
            raise SettingFault(
                "optional is for what is not important, and for the channels inbox and email",
                "remove optional, or correct importance or channels",
            )
        if self.trigger.kind in OF_A_PERSON and (
            "portal" in self.channels or self.audience.roles or self.digest or self.group
        ):
            raise ValueError(
                f"a message of {self.trigger.events[0]} goes to one person, who has no settings: by"
                " inbox and email, without roles, digest and group"
            )
        return self

    @property
    def can_be_turned_off(self) -> bool:
        """True if a member can turn off the messages of this campaign for itself.

        The member turns off the campaign's group, for inbox and email separately.
        """
        return self.group is not None and (self.optional or self.kind == "marketing")
