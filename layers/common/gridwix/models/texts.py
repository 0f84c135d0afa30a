"""Texts for partners in the languages of the portal: their form in ``config/`` and in rows.

See ``docs/adr/0015-rows-carry-a-code-beside-the-text.md``.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from gridwix.models.answer_faults import ANSWER_FAULTS
from gridwix.models.locales import DEFAULT_LOCALE, Locale
from gridwix.models.setting_fault import SettingFault

PLACEHOLDER = re.compile(r"\{(\w+)\}")
"""Placeholder of a value in a text, such as ``{number}``. The portal element fills in the same
placeholders, so there are no other forms and no escapes.
"""

SENTENCES: Mapping[str, frozenset[str]] = {
    "headline.suspended": frozenset(),
    "headline.terminated": frozenset(),
    "headline.check": frozenset({"title"}),
    "headline.checks": frozenset({"count"}),
    "headline.answer": frozenset({"subject"}),
    "headline.answers": frozenset({"count"}),
    "headline.onboarding": frozenset({"percent"}),
    "headline.working": frozenset({"count"}),
    "headline.passed": frozenset(),
    "headline.nothing": frozenset(),
    "reference.order": frozenset({"number"}),
    "reference.shipment": frozenset({"number"}),
    "reference.invoice": frozenset({"number"}),
    "reference.transaction": frozenset({"number"}),
    "affected.unnamed": frozenset(),
    "affected.unnamed_standard": frozenset({"standard"}),
    "unfit.all": frozenset({"faults"}),
    "unfit.of": frozenset({"question", "fault"}),
    **{
        f"unfit.{code}": frozenset(
            PLACEHOLDER.findall(" ".join((text,) if isinstance(text, str) else text))
        )
        for code, text in ANSWER_FAULTS.items()
    },
}
"""Placeholders that each sentence of ``config/texts.yaml`` may contain, by code. The sentences of
other files are listed in ``gridwix.mapping.texts``.
"""


type LabelField = Literal[
    "case.status",
    "case.category",
    "case.priority",
    "notice.kind",
    "notice.status",
    "notice.impact",
    "component.state",
    "enrollment.status",
    "step.status",
    "step.phase",
    "step.owner",
    "step.kind",
    "transaction.type",
    "transaction.exception",
    "request.title",
    "request.status",
    "document.category",
    "document.status",
    "document.review",
    "invitation.role",
    "message.group",
    "message.channel",
    "message.fixed",
]
"""Fields that have labels. ``config/labels.yaml`` must have each of them and no other (``make
config`` checks it).
"""


def _expand_text(value: Any) -> Any:
    """Accept a plain text, such as ``New``, as short for ``{en: New}``."""
    return value if isinstance(value, Mapping) else {DEFAULT_LOCALE: value}


def _check_default[T](texts: Mapping[str, T]) -> Mapping[str, T]:
    if DEFAULT_LOCALE not in texts:
        raise ValueError(
            f"there is no text in {DEFAULT_LOCALE}, which stands in for every other language"
        )
    return texts


IN_LANGUAGES = (BeforeValidator(_expand_text), AfterValidator(_check_default))
"""Validators for a type ``Mapping[Locale, X]``: accept one text, which is in the default language,
or a mapping of texts by language that includes the default one.
"""


class TextModel(BaseModel):
    """Base model of texts: frozen. Unknown members are errors, so that a misspelling is noticed."""

    model_config = ConfigDict(
        defer_build=True, hide_input_in_errors=True, frozen=True, extra="forbid"
    )


type Phrase = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
type Label = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
type LabelText = Annotated[Mapping[Locale, Label], *IN_LANGUAGES]
type PhraseText = Annotated[Mapping[Locale, Phrase], *IN_LANGUAGES]
type PluralCategory = Literal["zero", "one", "two", "few", "many"]


class Plural(TextModel):
    """A text that depends on its ``count``, by CLDR plural category.

    For a category without a text, ``other`` is used.
    """

    zero: Phrase | None = None
    one: Phrase | None = None
    two: Phrase | None = None
    few: Phrase | None = None
    many: Phrase | None = None
    other: Phrase

    def forms(self) -> Mapping[str, str]:
        """Return the texts that are set, by plural category.

        >>> Plural(one="{count} issue", other="{count} issues").forms()
        {'one': '{count} issue', 'other': '{count} issues'}
        """
        return self.model_dump(exclude_none=True)


def _expand_plural(value: Any) -> Any:
    """Accept a plain text, such as ``Closed``, as short for ``{other: Closed}``."""
    return value if isinstance(value, Mapping | Plural) else {"other": value}


type SentenceText = Annotated[
    Mapping[Locale, Annotated[Plural, BeforeValidator(_expand_plural)]], *IN_LANGUAGES
]


def check_placeholders(text: str, known: Iterable[str]) -> str:
    """Return ``text`` unchanged if all its placeholders are among the known ones.

    >>> check_placeholders("Order {number}", ["number"])
    'Order {number}'

    Raises:
        ValueError: for a brace that is no placeholder, and for a placeholder that is not ``known``.
    """
    allowed = sorted(known)
    said = (
        f"known are {', '.join(f'{{{name}}}' for name in allowed)}"
        if allowed
        else "this text takes no values"
    )
    for name in PLACEHOLDER.findall(text):
        if name not in allowed:
            raise ValueError(f"{{{name}}} is not known; {said}")
    rest = PLACEHOLDER.sub("", text)
    if "{" in rest or "}" in rest:
        raise ValueError("a brace is not closed, or holds something else than a name")
    return text


class PortalTexts(TextModel):
    """Content of ``config/texts.yaml``: the portal's languages, and the sentences of gridwix."""

    languages: tuple[Locale, ...] = Field(min_length=1)
    sentences: Mapping[str, SentenceText]

    @field_validator("languages")
    @classmethod
    def _check_languages(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        if DEFAULT_LOCALE not in languages:
            raise ValueError(
                f"{DEFAULT_LOCALE} has to be among them: it stands in for every other language"
            )
        if len(set(languages)) < len(languages):
            raise ValueError("a language is named twice")
        return languages

    @field_validator("sentences")
    @classmethod
    def _check_sentences(
        cls, sentences: Mapping[str, Mapping[str, Plural]]
    ) -> Mapping[str, Mapping[str, Plural]]:
        if unknown := sorted(set(sentences) - set(SENTENCES)):
            raise SettingFault(
                f"{unknown[0]} is no sentence of gridwix",
                f"remove it, or use one of {', '.join(SENTENCES)}",
            )
        if missing := sorted(set(SENTENCES) - set(sentences)):
            raise ValueError(f"there is no sentence for {', '.join(missing)}")
        for code, texts in sentences.items():
            for language, text in texts.items():
                for phrase in text.forms().values():
                    try:
                        check_placeholders(phrase, SENTENCES[code])
                    except ValueError as error:
                        raise ValueError(f"{code}.{language}: {error}") from None
        return sentences


class LabelOf(TextModel):
    """Placeholder value of a :class:`Sentence`: a label of ``config/labels.yaml``.

    ``group`` is the kind of code that is labelled, such as the status of a case. If ``value`` is
    None, the label is the neutral one of the group.
    """

    group: LabelField
    value: str | None = None


class Day(TextModel):
    """Placeholder value of a :class:`Sentence`: a calendar day, the same in every time zone."""

    day: date


class Instant(TextModel):
    """Placeholder value of a :class:`Sentence`: an instant, shown in the reader's time zone."""

    at: datetime


class Sentence(TextModel):
    """A sentence of gridwix: its ``code`` and the ``values`` of its placeholders.

    The sentence is rendered in each language from the text for the code and from the values. A
    value that is a plain text was written by a person, such as an issue's title, and is shown
    unchanged. A value that is a tuple of sentences is shown as these sentences, one after the
    other.
    """

    code: str
    values: Mapping[
        str, "str | int | LabelOf | Day | Instant | Sentence | tuple[Sentence, ...]"
    ] = {}
