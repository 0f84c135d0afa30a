"""Checks labels, regions, file types and the ownership of fields, mostly for unknown names."""

from collections.abc import Iterable, Iterator
from typing import get_args

from pydantic.alias_generators import to_camel

from gridwix.configuration.everything import Configuration
from gridwix.models.files import MEDIA_TYPES
from gridwix.models.portal.onboarding import OnboardingStepRow
from gridwix.models.texts import LabelField
from gridwix.models.transactions import ExceptionKind
from ops.checks.remark import Members, Remark, suggestion, warning, word_list
from ops.checks.vocabulary import LABELS, MISTAKEN, REGIONS, VALUES, country_codes, label_values

LABEL_FIELDS: frozenset[str] = frozenset(get_args(LabelField.__value__))
IDENTITY = frozenset({"programId", "programKey", "stepKey", "locale"})
"""Fields by which the portal finds a row of an onboarding step: Trading Grid must own them."""


def check_words(configuration: Configuration) -> Iterator[Remark]:
    """Yield a remark for each fault in labels, regions, ownership of fields and file types.

    For example, labels of a field that does not exist.
    """
    yield from _check_label_groups(configuration)
    yield from _check_label_values(configuration)
    yield from _check_regions(configuration)
    yield from _check_ownership(configuration)
    yield from _check_file_types(configuration)


def check_countries(members: Members, codes: Iterable[str]) -> Iterator[Remark]:
    """Yield a warning for each code that is no ISO 3166 country code."""
    for code in codes:
        if code not in country_codes():
            meant = f" (did you mean {MISTAKEN[code]}?)" if code in MISTAKEN else ""
            yield warning(
                (*members, code),
                f"ISO 3166 knows no country {code}",
                f"correct it, unless Trading Grid says so{meant}",
            )


def _check_label_groups(configuration: Configuration) -> Iterator[Remark]:
    groups = set(configuration.labels)
    missing = LABEL_FIELDS - groups
    for group in sorted(groups - LABEL_FIELDS):
        meant = suggestion(group, missing) or suggestion(group, LABEL_FIELDS)
        yield Remark(
            ("labels", group),
            f"no field of this name has labels{meant}",
            f"rename or remove it; there are {word_list(LABEL_FIELDS)}",
        )
    for group in sorted(missing):
        yield Remark(
            ("labels",),
            f"there are no labels for {group}",
            "add the group, with neutral and values",
        )


def _check_label_values(configuration: Configuration) -> Iterator[Remark]:
    """Yield a warning for each label with a misspelled value.

    Such a label is never used, and the correctly spelled value has no label. A value that the
    gateway profile does not define counts as misspelled only if it resembles a value that has no
    label. Others are values of the customer's own gateway.
    """
    known: dict[str, frozenset[str]] = {
        group: VALUES[kind][field] for (kind, field), group in LABELS.items()
    }
    known["transaction.exception"] = frozenset(ExceptionKind) | {"over"}
    for group, values in known.items():
        worded = set(label_values(configuration, group))
        for value in sorted(worded - values):
            if meant := suggestion(value, values - worded):
                yield warning(
                    ("labels", group, "values", value),
                    f"Trading Grid's profile has no {value}{meant}",
                    "correct it, unless your gateway says so",
                )


def _check_regions(configuration: Configuration) -> Iterator[Remark]:
    for region, found in configuration.audiences.regions.items():
        members = ("audiences", "regions", region)
        if not found:
            yield warning(
                members,
                "this region has no country, so its notices reach no partner",
                "list its countries: [US, CA]",
            )
        if region not in REGIONS:
            meant = suggestion(region, REGIONS)
            yield warning(
                members,
                f"{region} is none of the profile's regions, {word_list(REGIONS)}{meant}",
                "correct it, unless your notices name it",
            )
        yield from check_countries(members, found)


def _check_ownership(configuration: Configuration) -> Iterator[Remark]:
    fields = {to_camel(name) for name in OnboardingStepRow.model_fields}
    owners = configuration.ownership.onboarding_steps
    for field in sorted(set(owners) - fields):
        meant = suggestion(field, fields)
        yield Remark(
            ("ownership", "onboarding_steps", field),
            f"gridwix writes no field {field}{meant}",
            "correct it, or remove it: the portal owns such a field",
        )
    for field in sorted(IDENTITY):
        if owners.get(field) != "trading_grid":
            yield Remark(
                ("ownership", "onboarding_steps", field),
                f"the portal finds a step by {field}",
                f"write {field}: trading_grid",
            )


def _check_file_types(configuration: Configuration) -> Iterator[Remark]:
    for members, types in (
        (("documents", "types"), configuration.documents.types),
        (("intake", "attachments", "types"), configuration.intake.attachments.types),
    ):
        for number, kind in enumerate(types):
            if kind not in MEDIA_TYPES:
                said = f"no kind of file is known by {kind}{suggestion(kind, MEDIA_TYPES)}"
                yield Remark(
                    (*members, str(number)),
                    said,
                    f"correct or remove it; known are {word_list(MEDIA_TYPES)}",
                )
    if configuration.intake.attachments.most and not configuration.intake.attachments.types:
        yield Remark(
            ("intake", "attachments", "types"),
            "files are requested, and no type is accepted",
            "list their types, or write most: 0",
        )
