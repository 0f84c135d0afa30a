"""What a customer edits in ``config/``, as models. ``make config`` checks it and puts it into the layer."""

from collections.abc import Mapping
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from gridwix.models.transactions import Direction, ExceptionKind

type Label = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
type Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class Config(BaseModel):
    """Frozen and closed: a misspelt member is an error and not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LabelGroup(Config):
    """The labels of one field's values. ``neutral`` is for a value that has none."""

    neutral: Label
    values: Mapping[str, Label]


class Audiences(Config):
    """``config/audiences.yaml``: the countries of each region."""

    regions: Mapping[str, tuple[Country, ...]]


type Master = Literal["trading_grid", "portal"]


class Ownership(Config):
    """``config/ownership.yaml``: whose each field is, by collection. A field that is not named is never touched."""

    onboarding_steps: Mapping[str, Master]


CASE_PLACEHOLDERS = frozenset({"document", "reference"})
"""What a text of a case rule may hold in braces."""


def _only_known_placeholders(text: str) -> str:
    try:
        named = {name for _, name, *_ in Formatter().parse(text) if name is not None}
    except ValueError:
        raise ValueError("a brace is not closed") from None
    if unknown := named - CASE_PLACEHOLDERS:
        raise ValueError(f"{{{min(unknown)}}} is not known; known are {', '.join(f'{{{name}}}' for name in sorted(CASE_PLACEHOLDERS))}")
    return text


type CaseText = Annotated[str, StringConstraints(min_length=1, max_length=250, strip_whitespace=True), AfterValidator(_only_known_placeholders)]
type CaseCategory = Literal[
    "asn_rejection", "invoice_discrepancy", "po_mismatch", "connectivity", "compliance", "label_quality", "onboarding", "access", "other"
]


class CaseRule(Config):
    """Which exceptions a case is about, and what it says. An empty list fits everything."""

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

    @property
    def fits_everything(self) -> bool:
        return not (self.exceptions or self.document_types or self.directions)


class CaseRules(Config):
    """``config/case_rules.yaml``: what becomes of a transaction that went wrong. ``ignored_error_codes`` say that nothing is wrong."""

    ignored_error_codes: tuple[str, ...] = ()
    rules: tuple[CaseRule, ...] = Field(min_length=1)

    @field_validator("rules")
    @classmethod
    def _in_order(cls, rules: tuple[CaseRule, ...]) -> tuple[CaseRule, ...]:
        keys = [rule.key for rule in rules]
        if twice := sorted(key for key in set(keys) if keys.count(key) > 1):
            raise ValueError(f"two rules have the key {twice[0]}")
        if any(rule.fits_everything for rule in rules[:-1]):
            raise ValueError("a rule that fits everything stands before others, which are never reached")
        if not rules[-1].fits_everything:
            raise ValueError("the last rule has to fit everything, so without exceptions, document_types and directions")
        return rules


class Configuration(Config):
    """Everything of ``config/``. ``labels`` are those of ``config/labels.yaml``, by field, such as ``case.status``."""

    labels: Mapping[str, LabelGroup]
    audiences: Audiences
    ownership: Ownership
    case_rules: CaseRules
