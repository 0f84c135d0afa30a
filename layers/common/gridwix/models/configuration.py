"""What a customer edits in ``config/``, as models. ``make config`` checks it and puts it into the layer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from gridwix.files.models import MACRO_KINDS, FileFault
from gridwix.models.texts import IN_LANGUAGES, Label, LabelText, PhraseText, PortalTexts, check_placeholders
from gridwix.models.time_zones import ZoneName
from gridwix.models.transactions import Direction, ExceptionKind
from gridwix.models.wall_clock import CalendarDay, WallClock
from gridwix.partner_messenger.campaigns import Campaign, Locale, Messaging

type Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class Config(BaseModel):
    """Frozen and closed: a misspelt member is an error and not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LabelGroup(Config):
    """The labels of one field's values, each by language. ``neutral`` is for a value that has none."""

    neutral: LabelText
    values: Mapping[str, LabelText]


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
    return check_placeholders(text, CASE_PLACEHOLDERS)


type CasePhrase = Annotated[str, StringConstraints(min_length=1, max_length=250, strip_whitespace=True), AfterValidator(_only_known_placeholders)]
type CaseText = Annotated[Mapping[Locale, CasePhrase], *IN_LANGUAGES]
type CaseCategory = Literal[
    "asn_rejection", "invoice_discrepancy", "po_mismatch", "connectivity", "compliance", "label_quality", "onboarding", "access", "other"
]


class CaseRule(Config):
    """Which exceptions a case is about, and what it says. An empty list fits everything. ``next_step_owner`` says who takes the next step."""

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
        return not (self.exceptions or self.document_types or self.directions)


class CaseRules(Config):
    """``config/case_rules.yaml``: what becomes of a transaction that went wrong. ``ignored_error_codes`` say that nothing is wrong."""

    ignored_error_codes: tuple[str, ...] = ()
    rules: tuple[CaseRule, ...] = Field(min_length=1)

    @field_validator("rules")
    @classmethod
    def _in_order(cls, rules: tuple[CaseRule, ...]) -> tuple[CaseRule, ...]:
        _ends_with_the_rest(rules, "exceptions, document_types and directions")
        return rules


type Name = Annotated[str, StringConstraints(pattern="^[A-Za-z][A-Za-z0-9_]{0,59}$")]
type Key = Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,60}$")]
type RequestType = Literal["onboarding_inquiry", "support", "document_request", "data_change", "invoice_clarification", "asn_issue"]
type Wording = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
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
    "payment": "a payment belongs to Wix, which takes the money: ask for it in a form of its own, and leave the field out here",
    "products": "an order with a price belongs to Wix, which takes the money: ask for it in a form of its own, and leave the field out here",
    "donation": "a payment belongs to Wix, which takes the money: ask for it in a form of its own, and leave the field out here",
    "appointment": "an appointment is kept by Wix Bookings: leave the field out here, or ask for the wished time with the kind datetime",
    "password": "a password must not travel through a form: leave the field out",
}
"""Fields of Wix Forms that gridwix does not read, and what to do instead. A value that no field asks for is left out."""

type FormLocale = Annotated[str, StringConstraints(pattern="^[a-z]{2,3}(-[A-Z][a-z]{3})?-[A-Z]{2}$")]
FILE_KINDS = frozenset({"files", "signature"})
CHOICE_KINDS = frozenset({"choice", "choices"})
MEANING_KINDS: Mapping[str, frozenset[str]] = {
    "gln": frozenset({"text", "gln"}),
    "duns": frozenset({"text", "duns"}),
    "trading_address": frozenset({"text", "trading_address"}),
}
"""The kinds of a field that says by which identifier the sender is known. Every other meaning is a text or an e-mail address."""

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
MAX_REASON = 1_000
"""Characters of the reason that goes with a transition."""

type FormAction = Literal["request", "request_comment", "case_comment", "case_resolution", "step_submission", "document_version"]

NEEDED: Mapping[FormAction, Mapping[FieldMeaning, FieldKind]] = {
    "request": {},
    "request_comment": {"request": "text", "comment": "text"},
    "case_comment": {"case": "text", "comment": "text"},
    "case_resolution": {"case": "text", "accepted": "boolean"},
    "step_submission": {"enrollment": "text", "step": "text"},
    "document_version": {"document": "text"},
}
"""The fields that a form of each action has to ask for, by what they mean, and of which kind they are."""


def currency_name(name: str) -> str:
    """Under which name an answer has the currency that was written beside the number of another.

    >>> currency_name("unitPrice")
    'unitPriceWrittenCurrency'
    """
    return f"{name}WrittenCurrency"


class FormField(Config):
    """One question of a form. ``target`` is its key in Wix. ``hint`` is what the portal says below the question. ``meaning`` (``is``) says what the answer
    tells of who asks, or of what; it is then no answer. ``other`` is the label of Wix's free entry beside the choices, such as ``Other``. ``highest`` is the
    most that a rating can be."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

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
    def _is_supported(cls, kind: Any) -> Any:
        if isinstance(kind, str) and kind in UNSUPPORTED_KINDS:
            raise ValueError(f"the kind {kind} is not supported: {UNSUPPORTED_KINDS[kind]}")
        return kind

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.kind in CHOICE_KINDS) != bool(self.choices):
            raise ValueError("choices belong to a field of the kind choice or choices, and to no other")
        if self.other is not None and self.kind not in CHOICE_KINDS:
            raise ValueError("other belongs to a field of the kind choice or choices, and to no other")
        if self.meaning == "accepted":
            if self.kind != "boolean":
                raise ValueError("accepted is a field of the kind boolean")
        elif self.meaning is not None and self.kind not in MEANING_KINDS.get(self.meaning, frozenset({"text", "email"})):
            raise ValueError("what a field says of who asks, or of what, is a text, an e-mail address, or an identifier of the kind that it is")
        return self


class FormDefinition(Config):
    """``config/forms/<key>.yaml``: what a form asks, and what its submission becomes: by ``action`` a request of a ``type``, or something that a member does
    about a request, a case or a step. ``wix_forms`` are the Wix forms that ask it. ``locale`` is the language and country of who answers (``de-DE``), by which
    numbers, dates and telephone numbers are read. ``words`` say for the portal in other languages what is worded here: by language,
    then by the title, label, hint or choice."""

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
    def _each_once(cls, fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        for what, names in (("name", [field.name for field in fields]), ("target", [field.target for field in fields])):
            if twice := sorted(name for name in set(names) if names.count(name) > 1):
                raise ValueError(f"two fields have the {what} {twice[0]}")
        taken = {field.name for field in fields} & {currency_name(field.name) for field in fields if field.kind == "decimal"}
        if taken:
            raise ValueError(f"the name {min(taken)} is for the currency that stands beside a number: give the field another name")
        return fields

    @model_validator(mode="after")
    def _asks_what_it_needs(self) -> Self:
        if (self.action == "request") != bool(self.type):
            raise ValueError("a request has a type, and nothing else has")
        asked = {field.meaning: field for field in self.fields if field.meaning}
        for meaning, kind in NEEDED[self.action].items():
            if meaning not in asked or asked[meaning].kind != kind or not asked[meaning].required:
                raise ValueError(f"the action {self.action} needs a required field of the kind {kind} with is: {meaning}")
        if self.action == "document_version" and [field.required for field in self.fields if field.kind == "files"] != [True]:
            raise ValueError("the action document_version needs one field of the kind files, and it has to be required")
        if self.action not in ("case_comment", "request_comment") and "comment" in asked and asked["comment"].max_length > MAX_REASON:
            raise ValueError(f"Trading Grid takes a reason of at most {MAX_REASON} characters: give the comment a max_length")
        return self

    @model_validator(mode="after")
    def _says_its_own_words(self) -> Self:
        own = {self.title, *(said for field in self.fields for said in (field.label, field.hint, field.other, *field.choices))}
        for language, words in self.words.items():
            if foreign := sorted(said for said in words if said not in own):
                raise ValueError(f"words.{language}: no title, label, hint or choice of this form reads {foreign[0]}")
        return self


type Refusal = Literal[
    "case_closed",
    "request_closed",
    "not_resolved",
    "reason_missing",
    "step_locked",
    "step_submitted",
    "step_done",
    "document_closed",
    "file_known",
    "file_refused",
    "file_damaged",
    "file_protected",
    "file_macros",
    "file_web_page",
    "file_xml_spreadsheet",
    "file_text_table",
    "file_web_document",
    "file_rich_text",
    "file_private_key",
    "not_found",
    "other",
]
type Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Desk(Config):
    """When somebody is at the desk, in the desk's own time."""

    time_zone: ZoneName
    opens: WallClock
    closes: WallClock
    days: tuple[Weekday, ...] = Field(min_length=1)
    holidays: tuple[CalendarDay, ...] = ()

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("the desk has to open before it closes")
        return self


type Priority = Literal["low", "normal", "high", "critical"]


class OffHours(Config):
    """What is different for a request that comes in while the desk is closed."""

    team: Key
    priority: Priority


class RoutingRule(Config):
    """Which requests go to which team. Empty conditions fit everything."""

    key: Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,60}$")]
    types: tuple[RequestType, ...] = ()
    answers: Mapping[Name, tuple[str, ...]] = Field(default_factory=dict)
    team: Key
    priority: Priority
    due_in_business_hours: int = Field(ge=1, le=2_000)
    off_hours: OffHours | None = None

    @property
    def fits_everything(self) -> bool:
        return not (self.types or self.answers)


class Routing(Config):
    """``config/routing.yaml``. ``teams`` are the teams' names for partners, by key."""

    desk: Desk
    teams: Mapping[Key, LabelText]
    rules: tuple[RoutingRule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _ends_with_the_rest(self.rules, "types and answers")
        for rule in self.rules:
            for team in (rule.team, *([rule.off_hours.team] if rule.off_hours else [])):
                if team not in self.teams:
                    raise ValueError(f"rule {rule.key}: there is no team {team}; there are {', '.join(sorted(self.teams))}")
        return self


type FileType = Annotated[str, StringConstraints(pattern="^[a-z0-9]{1,10}$")]


class FileRules(Config):
    """Which files are taken over.

    ``types`` are the endings of names, in lower case, out of ``gridwix.files.models.MEDIA_TYPES``. ``macros``: Office files with macros are taken where their
    kind allows them (``xlsm``, ``xls``, ``doc``, OpenDocument). ``most_bytes`` is the largest file's size.
    """

    types: tuple[FileType, ...]
    macros: bool = False
    most_bytes: int

    @model_validator(mode="after")
    def _macros_are_wanted(self) -> Self:
        if not self.macros and (unwanted := sorted(MACRO_KINDS & set(self.types))):
            raise ValueError(f"types: {unwanted[0]} has macros, which are not taken: remove it, or say macros: true")
        return self


class AttachmentRules(FileRules):
    """What may come with a submission: at most ``most`` files."""

    most: int = Field(ge=0, le=50)
    most_bytes: int = Field(ge=1, le=100 * 1024 * 1024)


class Intake(Config):
    """``config/intake.yaml``: what is kept back for a person to look at, and what a member is told when something cannot be done (``refusals``)."""

    submissions_per_hour: int = Field(ge=1, le=10_000)
    attachments: AttachmentRules
    refusals: Mapping[Refusal, PhraseText]

    @field_validator("refusals")
    @classmethod
    def _each(cls, refusals: Mapping[str, PhraseText]) -> Mapping[str, PhraseText]:
        _has_each(refusals, get_args(Refusal.__value__))
        return refusals


type DocumentProblem = Literal["conflict"] | FileFault


class Documents(FileRules):
    """``config/documents.yaml``: which files may go between the two systems, and what partners read where a newer version is not shown."""

    types: tuple[FileType, ...] = Field(min_length=1)
    most_bytes: int = Field(ge=1, le=1024 * 1024 * 1024)
    problems: Mapping[DocumentProblem, PhraseText]

    @field_validator("problems")
    @classmethod
    def _each(cls, problems: Mapping[str, PhraseText]) -> Mapping[str, PhraseText]:
        _has_each(problems, ["conflict", *FileFault])
        return problems


def _has_each(sentences: Mapping[str, PhraseText], kinds: Iterable[str]) -> None:
    if missing := sorted(set(kinds) - set(sentences)):
        raise ValueError(f"there is no sentence for {', '.join(missing)}")


def _ends_with_the_rest(rules: Sequence[CaseRule] | Sequence[RoutingRule], conditions: str) -> None:
    keys = [rule.key for rule in rules]
    if twice := sorted(key for key in set(keys) if keys.count(key) > 1):
        raise ValueError(f"two rules have the key {twice[0]}")
    if any(rule.fits_everything for rule in rules[:-1]):
        raise ValueError("a rule that fits everything stands before others, which are never reached")
    if not rules[-1].fits_everything:
        raise ValueError(f"the last rule has to fit everything, so without {conditions}")


class Configuration(Config):
    """Everything of ``config/``. ``labels`` are those of ``config/labels.yaml``, by field, such as ``case.status``; ``forms`` and ``campaigns`` are
    by key."""

    labels: Mapping[str, LabelGroup]
    audiences: Audiences
    ownership: Ownership
    case_rules: CaseRules
    forms: Mapping[Key, FormDefinition]
    routing: Routing
    intake: Intake
    documents: Documents
    campaigns: Mapping[Key, Campaign]
    messaging: Messaging
    texts: PortalTexts

    @field_validator("forms")
    @classmethod
    def _each_wix_form_once(cls, forms: Mapping[str, FormDefinition]) -> Mapping[str, FormDefinition]:
        named = [wix_form for form in forms.values() for wix_form in form.wix_forms]
        if twice := sorted(name for name in set(named) if named.count(name) > 1):
            raise ValueError(f"two forms name the Wix form {twice[0]}")
        return forms
