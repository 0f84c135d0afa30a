"""Model of ``config/case_rules.yaml``: the cases that gridwix opens for transaction exceptions."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from gridwix.configuration.base import Config, check_rule_order
from gridwix.models.locales import Locale
from gridwix.models.texts import IN_LANGUAGES, check_placeholders
from gridwix.models.transactions import Direction, ExceptionKind

CASE_PLACEHOLDERS = frozenset({"document", "reference"})
"""Placeholders that a text of a case rule may contain."""


def _check_case_placeholders(text: str) -> str:
    return check_placeholders(text, CASE_PLACEHOLDERS)


type CasePhrase = Annotated[
    str,
    StringConstraints(min_length=1, max_length=250, strip_whitespace=True),
    AfterValidator(_check_case_placeholders),
]
type CaseText = Annotated[Mapping[Locale, CasePhrase], *IN_LANGUAGES]
type CaseCategory = Literal[
    "asn_rejection",
    "invoice_discrepancy",
    "po_mismatch",
    "connectivity",
    "compliance",
    "label_quality",
    "onboarding",
    "access",
    "other",
]


class CaseRule(Config):
    """A rule that opens cases for transaction exceptions: its conditions, and the case's content.

    The conditions are ``exceptions``, ``document_types`` and ``directions``; an empty one matches
    everything. ``join`` says which exceptions of a partner share an open case under this rule: all
    of them, those with the same purchase order, or none. ``next_step_owner`` is the side that takes
    the next step.
    """

    key: Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,60}$")]
    exceptions: tuple[ExceptionKind, ...] = ()
    document_types: tuple[str, ...] = ()
    directions: tuple[Direction, ...] = ()
    join: Literal["partner", "order", "never"]
    category: CaseCategory
    priority: Literal["low", "normal", "high", "critical"]
    team: Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,60}$")]
    due_in_hours: int = Field(ge=1, le=24 * 365)
    subject: CaseText
    next_step: CaseText
    next_step_owner: Literal["partner", "hub"] = "partner"

    @property
    def fits_everything(self) -> bool:
        """True if the rule has no conditions, so that it matches every faulty EDI transaction."""
        return not (self.exceptions or self.document_types or self.directions)


class CaseRules(Config):
    """Model of ``config/case_rules.yaml``: the cases that gridwix opens for transaction exceptions.

    ``rules`` are in order: the first one that matches an exception opens its case. An entry of Lens
    with one of ``ignored_error_codes`` is not an exception.
    """

    ignored_error_codes: tuple[str, ...] = ()
    rules: tuple[CaseRule, ...] = Field(min_length=1)

    @field_validator("rules")
    @classmethod
    def _check_order(cls, rules: tuple[CaseRule, ...]) -> tuple[CaseRule, ...]:
        check_rule_order(rules, "exceptions, document_types and directions")
        return rules
