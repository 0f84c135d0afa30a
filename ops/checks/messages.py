"""Checks campaigns and messaging settings.

Finds conditions that no record fulfills, faulty groups of campaigns, and missing languages.
"""

from collections.abc import Iterator, Sequence

from gridwix.configuration.campaigns import RecordKind
from gridwix.configuration.everything import Configuration
from gridwix.mapping.statuses import RUNNING_ENROLLMENT_STATUSES
from gridwix.models.locales import DEFAULT_LOCALE
from ops.checks.remark import Members, Remark, suggestion, warning, word_list
from ops.checks.vocabulary import LABELS, VALUES, label_values
from ops.checks.words import check_countries

NUMBERS = frozenset({"version", "percent_complete"})
LISTS = frozenset({"components", "transaction_types", "current_steps"})

MENTIONED_STATUSES = RUNNING_ENROLLMENT_STATUSES | {"completed"}
"""Enrollment statuses in which messages mention steps (``gridwix.partner_messenger.context``)."""


def check_messages(configuration: Configuration) -> Iterator[Remark]:
    """Yield a remark for each fault of the campaigns and the messaging settings."""
    for key, campaign in configuration.campaigns.items():
        for field, values in campaign.trigger.when.items():
            yield from _check_condition(
                configuration,
                campaign.trigger.kind,
                field,
                values,
                ("campaigns", key, "trigger", "when", field),
            )
    yield from _check_groups(configuration)
    messaging = configuration.messaging
    yield from check_countries(("messaging", "time_zones"), messaging.time_zones)
    yield from check_countries(("messaging", "locales"), messaging.locales)
    written = {locale for campaign in configuration.campaigns.values() for locale in campaign.texts}
    for country, locale in messaging.locales.items():
        if locale not in written | {DEFAULT_LOCALE}:
            said = f"no campaign has texts in {locale}, so {country} reads {DEFAULT_LOCALE}"
            yield warning(
                ("messaging", "locales", country), said, f"write texts in {locale}, or correct it"
            )


def _check_groups(configuration: Configuration) -> Iterator[Remark]:
    """Yield a remark for each campaign with a faulty group.

    A group is faulty if it has no label, or if members can turn off only some of its campaigns: on
    the portal, a group has one switch per channel.
    """
    known = label_values(configuration, "message.group")
    first: dict[str, tuple[str, bool]] = {}
    for key, campaign in configuration.campaigns.items():
        if campaign.group is None:
            continue
        if campaign.group not in known:
            yield Remark(
                ("campaigns", key, "group"),
                f"{campaign.group} has no label{suggestion(campaign.group, known)}",
                f"write one of {word_list(known)}, or give it a label under message.group",
            )
        other, optional = first.setdefault(campaign.group, (key, campaign.can_be_turned_off))
        if campaign.can_be_turned_off != optional:
            yield Remark(
                ("campaigns", key, "group"),
                f"members can turn off one of {key} and {other}, which are in one group",
                "make both optional, or put them into two groups",
            )


def _check_condition(
    configuration: Configuration,
    kind: RecordKind,
    field: str,
    values: Sequence[str | int | bool],
    members: Members,
) -> Iterator[Remark]:
    if field in LISTS:
        yield Remark(
            members,
            f"{field} is a list, and no list is one of these values",
            "ask for another field",
        )
        return
    if not values:
        yield Remark(
            members,
            "no value matches an empty list, so the campaign is never sent",
            "list the values, or remove it",
        )
    known = known_values(configuration, kind, field)
    for place, value in enumerate(values):
        at = (*members, str(place))
        if isinstance(value, bool) or isinstance(value, str) == (field in NUMBERS):
            wanted = (
                "a whole number"
                if field in NUMBERS
                else "a text, in quotes if it is a word like no, yes, on or off, or a number"
            )
            yield Remark(at, f"{field} of a {kind} never has this type", f"write {wanted}")
        elif known is not None and value not in known:
            more = (
                f", or give it a label under {LABELS[kind, field]} if your gateway says so"
                if (kind, field) in LABELS
                else ""
            )
            said = f"a {kind} never has the {field} {value}{suggestion(str(value), known)}"
            yield Remark(at, said, f"write one of {word_list(known)}{more}")


def known_values(
    configuration: Configuration, kind: RecordKind, field: str
) -> frozenset[str] | None:
    """Return the values that a field of a record can have when a campaign reads it.

    None if the field can have any value.
    """
    if (kind, field) == ("step", "enrollment_status"):
        return MENTIONED_STATUSES
    if (kind, field) == ("document", "classification"):
        # No message mentions a restricted document.
        return VALUES["document"]["classification"] - {"restricted"}
    known = VALUES[kind].get(field)
    worded = label_values(configuration, LABELS.get((kind, field)))
    return None if known is None else known | frozenset(worded)
