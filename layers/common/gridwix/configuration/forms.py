"""Model of ``config/forms/``: the questions of each form, and what its submissions do."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from gridwix.configuration.base import Config, Name
from gridwix.models.locales import Locale
from gridwix.models.setting_fault import SettingFault
from gridwix.models.texts import Label

type RequestType = Literal[
    "onboarding_inquiry",
    "support",
    "document_request",
    "data_change",
    "invoice_clarification",
    "asn_issue",
]
type Wording = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)
]
type FieldKind = Literal[
    "text",
    "email",
    "url",
    "phone",
    "integer",
    "decimal",
    "rating",
    "boolean",
    "date",
    "time",
    "datetime",
    "choice",
    "choices",
    "address",
    "files",
    "signature",
    "gln",
    "duns",
    "trading_address",
]
UNSUPPORTED_KINDS: Mapping[str, str] = {
    "payment": (
        "a payment belongs to Wix, which takes the money: ask for it in a form of its own,"
        " and leave the field out here"
    ),
    "products": (
        "an order with a price belongs to Wix, which takes the money:"
        " ask for it in a form of its own, and leave the field out here"
    ),
    "donation": (
        "a payment belongs to Wix, which takes the money: ask for it in a form of its own,"
        " and leave the field out here"
    ),
    "appointment": (
        "an appointment is kept by Wix Bookings: leave the field out here,"
        " or ask for the wished time with the kind datetime"
    ),
    "password": "a password must not travel through a form: leave the field out",
}
"""Kinds of Wix Forms fields that gridwix does not read, each with the alternative to use."""

type FormLocale = Annotated[
    str, StringConstraints(pattern="^[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}$")
]
"""Language and country, such as ``de-DE``."""
FILE_KINDS = frozenset({"files", "signature"})
"""Kinds of fields with a list of files as their answer."""
CHOICE_KINDS = frozenset({"choice", "choices"})
"""Kinds of fields that need ``choices``."""
MEANING_KINDS: Mapping[str, frozenset[str]] = {
    "gln": frozenset({"text", "gln"}),
    "duns": frozenset({"text", "duns"}),
    "trading_address": frozenset({"text", "trading_address"}),
}
"""Kinds allowed for a form field by its meaning. A field of any other meaning is a text or an email
address.
"""

type FieldMeaning = Literal[
    "name",
    "email",
    "company",
    "gln",
    "duns",
    "trading_address",
    "honeypot",
    "case",
    "request",
    "enrollment",
    "step",
    "comment",
    "accepted",
    "document",
    "base_version",
]
"""Meaning of a field that is no answer of a request: it identifies the sender or the subject, or it
is part of a follow-up.
"""
MAX_REASON = 1_000
"""Maximum length of the reason of a transition, in characters."""

type FormAction = Literal[
    "request",
    "request_comment",
    "case_comment",
    "case_resolution",
    "step_submission",
    "document_version",
]
"""Action of a form: the effect of its submissions in Trading Grid."""

NEEDED: Mapping[FormAction, Mapping[FieldMeaning, FieldKind]] = {
    "request": {},
    "request_comment": {"request": "text", "comment": "text"},
    "case_comment": {"case": "text", "comment": "text"},
    "case_resolution": {"case": "text", "accepted": "boolean"},
    "step_submission": {"enrollment": "text", "step": "text"},
    "document_version": {"document": "text"},
}
"""Fields that a form must have, by its action: their meaning and kind."""


def currency_name(name: str) -> str:
    """Return the name under which the currency of a number is stored among the answers of a form.

    A sender may write a currency next to the number, such as ``12.50 EUR``. The number is stored
    under ``name``, the name of its field, and the currency as another answer.

    >>> currency_name("unitPrice")
    'unitPriceWrittenCurrency'
    """
    return f"{name}WrittenCurrency"


class FormField(Config):
    """One question (field) of a form.

    ``target`` is the question's key in the Wix form. ``hint`` is shown below the question.
    ``meaning``, which is written ``is`` in ``config/forms/``, marks a field that is no ordinary
    answer: the field identifies the sender or the subject, or is part of a follow-up (a member's
    action on an existing record). ``other`` is the label of Wix's free-text choice, such as
    ``Other``. ``highest`` is the maximum of a rating.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", populate_by_name=True)

    name: Name
    target: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    label: Label
    hint: Wording | None = None
    kind: FieldKind
    required: bool = False
    max_length: int = Field(default=1_000, ge=1, le=10_000)
    choices: tuple[str, ...] = ()
    other: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    highest: int = Field(default=5, ge=2, le=10)
    meaning: FieldMeaning | None = Field(default=None, alias="is")

    @field_validator("kind", mode="before")
    @classmethod
    def _check_kind(cls, kind: Any) -> Any:
        if isinstance(kind, str) and kind in UNSUPPORTED_KINDS:
            raise ValueError(f"the kind {kind} is not supported: {UNSUPPORTED_KINDS[kind]}")
        return kind

    @model_validator(mode="after")
    def _check_field(self) -> Self:
        if (self.kind in CHOICE_KINDS) != bool(self.choices):
            raise ValueError(
                "choices belong to a field of the kind choice or choices, and to no other"
            )
        if self.other is not None and self.kind not in CHOICE_KINDS:
            raise ValueError(
                "other belongs to a field of the kind choice or choices, and to no other"
            )
        if self.meaning == "accepted":
            if self.kind != "boolean":
                raise ValueError(
                    "is: accepted is for a field of the kind boolean, and this one is of"
                    f" the kind {self.kind}"
                )
        elif self.meaning is not None and self.kind not in MEANING_KINDS.get(
            self.meaning, frozenset({"text", "email"})
        ):
            raise ValueError(
                f"is: {self.meaning} needs a field of another kind than {self.kind}: text,"
                " email, or the kind of that identifier"
            )
        return self


class FormDefinition(Config):
    """Model of ``config/forms/<key>.yaml``: a form's questions, and what its submissions do.

    ``action`` is the effect of a submission in Trading Grid: a new request of a ``type``, a
    follow-up on a request, a case or a step, or a new version of a document. ``wix_forms`` are the
    ids of the Wix forms with these questions. ``locale`` is the language and country of the senders
    (``de-DE``), by which numbers, dates and telephone numbers are parsed. ``words`` translates the
    form's texts for the portal: by language, then by the original text.
    """

    title: Label
    version: int = Field(ge=1)
    action: FormAction = "request"
    type: RequestType | Literal[""] = ""
    wix_forms: tuple[str, ...] = ()
    locale: FormLocale | None = None
    fields: tuple[FormField, ...] = Field(min_length=1)
    words: Mapping[Locale, Mapping[Wording, Wording]] = Field(default_factory=dict)

    @field_validator("fields")
    @classmethod
    def _check_unique(cls, fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        for what, names in (
            ("name", [field.name for field in fields]),
            ("target", [field.target for field in fields]),
        ):
            if twice := sorted(name for name in set(names) if names.count(name) > 1):
                raise ValueError(f"two fields have the {what} {twice[0]}")
        taken = {field.name for field in fields} & {
            currency_name(field.name) for field in fields if field.kind == "decimal"
        }
        if taken:
            raise SettingFault(
                f"the name {min(taken)} is for the currency that stands beside a number",
                "give the field another name",
            )
        return fields

    @model_validator(mode="after")
    def _check_action(self) -> Self:
        if (self.action == "request") != bool(self.type):
            raise ValueError("a request has a type, and nothing else has")
        asked = {field.meaning: field for field in self.fields if field.meaning}
        for meaning, kind in NEEDED[self.action].items():
            if meaning not in asked or asked[meaning].kind != kind or not asked[meaning].required:
                raise ValueError(
                    f"the action {self.action} needs a required field of the kind {kind}"
                    f" with is: {meaning}"
                )
        if self.action == "document_version" and [
            field.required for field in self.fields if field.kind == "files"
        ] != [True]:
            raise ValueError(
                "the action document_version needs one field of the kind files,"
                " and it has to be required"
            )
        if (
            self.action not in ("case_comment", "request_comment")
            and "comment" in asked
            and asked["comment"].max_length > MAX_REASON
        ):
            raise SettingFault(
                f"Trading Grid takes a reason of at most {MAX_REASON} characters",
                "give the comment a max_length",
            )
        return self

    @model_validator(mode="after")
    def _check_words(self) -> Self:
        own = {
            self.title,
            *(
                said
                for field in self.fields
                for said in (field.label, field.hint, field.other, *field.choices)
            ),
        }
        for language, words in self.words.items():
            if foreign := sorted(said for said in words if said not in own):
                raise ValueError(
                    f"words.{language}: no title, label, hint or choice of this form"
                    f" reads {foreign[0]}"
                )
        return self
