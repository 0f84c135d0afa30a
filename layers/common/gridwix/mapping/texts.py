"""Texts for partners: sentences and labels of ``config/``, rendered in each language. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache

from pydantic.alias_generators import to_camel

from gridwix.configuration.everything import Configuration
from gridwix.configuration.forms import FormDefinition
from gridwix.mapping.days import format_day, format_instant
from gridwix.mapping.labels import Labels
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.texts import PLACEHOLDER, Day, Instant, LabelOf, Plural, Sentence
from gridwix.models.time_zones import time_zone

type Value = str | int | LabelOf | Day | Instant | Sentence | tuple[Sentence, ...]
type Catalog = Mapping[str, Mapping[str, Plural]]


@dataclass(frozen=True, slots=True)
class PartnerText:
    """A text for partners in the default language.

    ``sentence`` renders it in other languages; None for a text that a person has written.
    """

    text: str
    sentence: Sentence | None = None


def catalog(configuration: Configuration) -> Catalog:
    """Return the texts of all sentences of a configuration, by code and then by language.

    These are the codes, and the files of their texts: ``headline.*``, ``reference.*``,
    ``affected.*`` and ``unfit.*`` in ``config/texts.yaml``; ``case.RULE.subject`` and
    ``case.RULE.next_step`` in ``config/case_rules.yaml``; ``refusal.*`` in ``config/intake.yaml``;
    ``problem.*`` in ``config/documents.yaml``; ``team.*`` in ``config/routing.yaml``; ``form.*``
    and ``question.*`` (titles and questions) in ``config/forms/``.
    """
    plain: dict[str, Mapping[str, str]] = {}
    for rule in configuration.case_rules.rules:
        plain |= {
            f"case.{rule.key}.subject": rule.subject,
            f"case.{rule.key}.next_step": rule.next_step,
        }
    plain |= {f"refusal.{code}": texts for code, texts in configuration.intake.refusals.items()}
    plain |= {f"problem.{code}": texts for code, texts in configuration.documents.problems.items()}
    plain |= {f"team.{key}": texts for key, texts in configuration.routing.teams.items()}
    for key, form in configuration.forms.items():
        plain[f"form.{key}"] = _wordings(form, form.title)
        plain |= {
            f"question.{key}.{field.name}": _wordings(form, field.label) for field in form.fields
        }
    found = {
        code: {language: _plain_text(text) for language, text in texts.items()}
        for code, texts in plain.items()
    }
    return {**configuration.texts.sentences, **found}


@lru_cache(maxsize=4096)
def _plain_text(text: str) -> Plural:
    """Return a text as a Plural with one wording, which is used for every count.

    Cached, because configurations share most texts.
    """
    return Plural(other=text)


_last_catalog: list[tuple[Configuration, Catalog]] = []


def _catalog_of(configuration: Configuration) -> Catalog:
    """Return the texts of all sentences of a configuration, by code and then by language.

    Cached while the same configuration is in use.
    """
    found = next((made for known, made in _last_catalog if known is configuration), None)
    if found is None:
        found = catalog(configuration)
        _last_catalog[:] = [(configuration, found)]
    return found


def sentences_of(**said: PartnerText | None) -> Mapping[str, Sentence] | None:
    """Build the field ``sentences`` of a row, by which its texts are rendered in other languages.

    The field has, by the name of a text's field, the ``sentence`` of this text: a code of
    ``config/`` with values. A text that a person wrote has no sentence and is left out. None if no
    text has one.

    >>> own = PartnerText("Done.", Sentence(code="headline.passed"))
    >>> sorted(sentences_of(next_step=own, subject=PartnerText("Pallets are missing")))
    ['nextStep']
    """
    return {
        to_camel(field): one.sentence
        for field, one in said.items()
        if one is not None and one.sentence is not None
    } or None


class Texts(Labels):
    """Renders the labels and sentences of a configuration.

    A label is the text for a coded value; a sentence may contain labels. If a value has no label,
    it is counted in ``unknown`` when :meth:`label` looks the value up, and not when :meth:`render`
    fills the value's place in a sentence.
    """

    def __init__(self, configuration: Configuration) -> None:
        super().__init__(configuration.labels)
        self._catalog = _catalog_of(configuration)
        self._hub_zone = configuration.messaging.default_time_zone

    def has_sentence(self, code: str) -> bool:
        """Tell whether the configuration has a sentence with this code."""
        return code in self._catalog

    def partner_text(self, code: str, **values: Value | PartnerText) -> PartnerText:
        """Build a text for partners: render a sentence of ``config/`` in the default language.

        The result keeps the sentence, a code with values, so that it can be rendered in the
        reader's language later. Of a value that is a PartnerText itself, the sentence is kept, too
        (its text if it has none). Raises KeyError if the configuration has no sentence with this
        code.
        """
        plain = {
            name: (value.sentence or value.text) if isinstance(value, PartnerText) else value
            for name, value in values.items()
        }
        sentence = Sentence(code=code, values=plain)
        return PartnerText(self.render(sentence), sentence)

    def render(
        self, sentence: Sentence, locale: str = DEFAULT_LOCALE, zone: tzinfo | None = None
    ) -> str:
        """Render a sentence in a language, falling back to the default language.

        Args:
            sentence: The sentence.
            locale: The reader's language.
            zone: The time zone in which points in time are shown, with its name; None for the hub's
                time zone.
        """
        texts = self._catalog[sentence.code]
        language = locale if locale in texts else DEFAULT_LOCALE
        text = _plural_form(texts[language], sentence.values.get("count"), language)
        shown = {
            name: self._rendered_value(value, language, zone)
            for name, value in sentence.values.items()
        }
        return PLACEHOLDER.sub(lambda found: shown.get(found[1], found[0]), text)

    def _rendered_value(self, value: Value, locale: str, zone: tzinfo | None) -> str:
        match value:
            case Sentence():
                return self.render(value, locale, zone)
            case tuple():
                return " ".join(self.render(one, locale, zone) for one in value)
            case LabelOf(group=group, value=None):
                return self.neutral_label(group, locale)
            case LabelOf(group=group, value=str(one)):
                return self.peek_label(group, one, locale)
            case Day(day=day):
                return format_day(day, locale)
            case Instant(at=at):
                return format_instant(at, zone or time_zone(self._hub_zone), locale)
        return str(value)


_SINGULAR: Mapping[str, Collection[int]] = {"fr": (0, 1)}
"""Counts with the plural form ``one``, by language (Unicode CLDR). In all other languages it is 1
alone.
"""


def _plural_form(text: Plural, count: object, language: str) -> str:
    """Return the wording of a text for a count: its singular (``one``) or its plural (``other``).

    The shipped languages need no other forms below a million, from which on French and Spanish have
    ``many``. Only the portal element, which knows the rules of each language, uses further forms.
    """
    singular = count in _SINGULAR.get(language, (1,))
    return text.one if singular and text.one is not None else text.other


def _wordings(form: FormDefinition, wording: str) -> Mapping[str, str]:
    return {DEFAULT_LOCALE: wording} | {
        language: words[wording] for language, words in form.words.items() if wording in words
    }
