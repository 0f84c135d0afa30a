"""Campaigns and what all of them keep to: records that cannot be as a campaign asks, languages that nobody has written."""

from collections.abc import Iterator, Sequence

from gridwix.configuration.campaigns import RecordKind
from gridwix.configuration.everything import Configuration
from gridwix.mapping.statuses import RUNNING_ENROLLMENT_STATUSES
from gridwix.models.locales import DEFAULT_LOCALE
from ops.checks.remark import Members, Remark, suggestion, warning, word_list
from ops.checks.vocabulary import LABELS, VALUES
from ops.checks.words import check_countries

NUMBERS = frozenset({"version", "percent_complete"})
LISTS = frozenset({"components", "transaction_types", "current_steps"})

TOLD_STATUSES = RUNNING_ENROLLMENT_STATUSES | {"completed"}
"""The statuses of an enrollment whose steps are spoken of (``gridwix.partner_messenger.context``)."""


def check_messages(configuration: Configuration) -> Iterator[Remark]:
    for key, campaign in configuration.campaigns.items():
        for field, values in campaign.trigger.when.items():
            yield from _check_condition(configuration, campaign.trigger.kind, field, values, ("campaigns", key, "trigger", "when", field))
    messaging = configuration.messaging
    yield from check_countries(("messaging", "time_zones"), messaging.time_zones)
    yield from check_countries(("messaging", "locales"), messaging.locales)
    written = {locale for campaign in configuration.campaigns.values() for locale in campaign.texts}
    for country, locale in messaging.locales.items():
        if locale not in written | {DEFAULT_LOCALE}:
            said = f"no campaign has texts in {locale}, so {country} reads {DEFAULT_LOCALE}"
            yield warning(("messaging", "locales", country), said, f"write texts in {locale}, or correct it")


def _check_condition(configuration: Configuration, kind: RecordKind, field: str, values: Sequence[str | int | bool], members: Members) -> Iterator[Remark]:
    if field in LISTS:
        yield Remark(members, f"{field} is a list, and no list is one of these values", "ask for another field")
        return
    if not values:
        yield Remark(members, "no value fits an empty list, so it is never sent", "list the values, or remove it")
    known = known_values(configuration, kind, field)
    for place, value in enumerate(values):
        at = (*members, str(place))
        if isinstance(value, bool) or isinstance(value, str) == (field in NUMBERS):
            wanted = "a whole number" if field in NUMBERS else "a text, in quotes if it is a word like no, yes, on or off, or a number"
            yield Remark(at, f"{field} of a {kind} is never like that", f"write {wanted}")
        elif known is not None and value not in known:
            more = f", or give it a label under {LABELS[kind, field]} if your gateway says so" if (kind, field) in LABELS else ""
            said = f"a {kind} never has the {field} {value}{suggestion(str(value), known)}"
            yield Remark(at, said, f"write one of {word_list(known)}{more}")


def known_values(configuration: Configuration, kind: RecordKind, field: str) -> frozenset[str] | None:
    """The values that a field of a record can have when a campaign looks at it; None if that can be anything."""
    if (kind, field) == ("step", "enrollment_status"):
        return TOLD_STATUSES
    if (kind, field) == ("document", "classification"):
        # Restricted documents are spoken of to nobody.
        return VALUES["document"]["classification"] - {"restricted"}
    known = VALUES[kind].get(field)
    group = LABELS.get((kind, field))
    worded = configuration.labels[group].values if group is not None and group in configuration.labels else {}
    return None if known is None else known | frozenset(worded)
