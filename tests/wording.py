"""What the wording of a language has to keep to: typography, terms, and words that are English.

The languages are those of ``config/texts.yaml``, the one place that lists them.
"""

import re
from collections.abc import Iterator, Mapping

from gridwix.mapping.texts import catalog
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.texts import PLACEHOLDER
from gridwix.runtime.configuration import configuration
from ops.backend import form_wordings

SETTINGS = configuration()
LANGUAGES = SETTINGS.texts.languages
TRANSLATED = tuple(language for language in LANGUAGES if language != DEFAULT_LOCALE)

COUNTS = (*range(1001), 999_999)
"""Counts whose plural forms a text needs. The portal shows no million of anything, for which French
and Spanish have ``many``: it reads ``other``."""

TYPOGRAPHY: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "en": {},
    "de": {"straight quotes": re.compile(r'"')},
    # As in Canada (Office québécois de la langue française, "Espacement avant et après les
    # principaux signes de ponctuation").
    "fr": {
        "no no-break space before a colon": re.compile(r"(?<!\u00a0):(?=\s|$)"),
        "a space before ; ? or !": re.compile(r"\s[;?!]"),
        "no no-break space within « »": re.compile(r"«(?!\u00a0)|(?<!\u00a0)»"),
        "no no-break space before %": re.compile(r"(?<!\u00a0)%"),
        "quotes that are not « »": re.compile(r'["“”„]'),
        "a straight apostrophe": re.compile(r"'"),
        "a word for friends": re.compile(r"\b(?:tu|toi|ton|tes)\b", re.IGNORECASE),
        "another word than courriel, téléverser, intégration, conformité, dossier": re.compile(
            r"e-?mail|\bmél\b|upload|onboarding|compliance|\bcas\b|\bticket", re.IGNORECASE
        ),
    },
    "es": {
        "a question without ¿ ?": re.compile(r"(?:^|\?)[^¿?]*\?|¿[^?]*$"),
        "an exclamation without ¡ !": re.compile(r"(?:^|!)[^¡!]*!|¡[^!]*$"),
        "a space before : ; ? ! or %": re.compile(r"\s[:;?!%]"),
        "quotes that are not « »": re.compile(r'["“”„]'),
        "a word for friends": re.compile(
            r"\b(?:tú|tu|tus|ti|vosotros|vuestr[oa]s?)\b", re.IGNORECASE
        ),
        "another word than correo, archivo, orden de compra, incorporación, cumplimiento, caso": (
            re.compile(
                r"e-?mail|\bfichero|\bpedido|onboarding|compliance|incidencia|conformidad",
                re.IGNORECASE,
            )
        ),
    },
}
"""Faults of a text, by language: what is wrong, and how it looks."""

ALIKE: Mapping[str, frozenset[str]] = {
    "de": frozenset(
        {
            *("Compliance", "Information", "Normal", "Onboarding", "Problem", "Standard", "Test"),
            *("Name", "Website"),
        }
    ),
    "fr": frozenset(
        {
            *("Document", "Document ({standard})", "Documents", "Incident", "Information"),
            *("Important", "Messages", "Version {version}", "document", "documents"),
            "transaction {number}",
        }
    ),
    "es": frozenset({"Normal"}),
}
"""Texts that a language has in common with English. One that is not listed was not translated."""


def configured_texts(language: str) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the English and the translation of each text in ``config/``.

    A text without a translation has an empty one. Questions that no partner sees, and texts in
    capitals such as GLN, are left out.
    """
    for group, labels in SETTINGS.labels.items():
        for value, label in {"neutral": labels.neutral, **labels.values}.items():
            yield f"{group}.{value}", label[DEFAULT_LOCALE], label.get(language, "")
    for code, said in catalog(SETTINGS).items():
        if code.startswith(("form.", "question.")):
            continue
        english = said[DEFAULT_LOCALE].forms()
        other = said[language].forms() if language in said else {}
        for form, text in english.items():
            yield f"{code}.{form}", text, other.get(form, "")
    yield from _form_texts(language)
    campaigns = {key: campaign.texts for key, campaign in SETTINGS.campaigns.items()}
    for key, texts in campaigns.items():
        for part in ("title", "body"):
            yield (
                f"{key}.{part}",
                getattr(texts[DEFAULT_LOCALE], part),
                getattr(texts[language], part) if language in texts else "",
            )
    digest = SETTINGS.messaging.digest
    yield "digest", digest[DEFAULT_LOCALE].title, digest[language].title


def _form_texts(language: str) -> Iterator[tuple[str, str, str]]:
    for key, definition in SETTINGS.forms.items():
        words, english_words = (definition.words.get(one, {}) for one in (language, DEFAULT_LOCALE))
        for wording in form_wordings(definition):
            if not wording.isupper():
                yield (
                    f"{key}: {wording}",
                    english_words.get(wording, wording),
                    words.get(wording, ""),
                )


def is_worded(text: str) -> bool:
    """Tell whether a text has words, and not only values, capitals and punctuation.

    >>> is_worded("{faults}"), is_worded("W-8BEN-E"), is_worded("{count} open")
    (False, False, True)
    """
    return bool(re.search(r"[^\W\d_A-Z]", PLACEHOLDER.sub("", text)))


def typography_faults(language: str, text: str) -> list[str]:
    """Return what is wrong with the typography and the terms of a text.

    Tags and instructions of a campaign's HTML are left out.

    >>> typography_faults("fr", "Terminé: tout"), typography_faults("es", "¿Listo?")
    (['no no-break space before a colon'], [])
    """
    bare = re.sub(r"<[^<>]*>|\{%.*?%\}", "", re.sub(r"\{\{.*?\}\}", "X", text))
    bare = bare.replace("&nbsp;", "\u00a0")
    return [said for said, pattern in TYPOGRAPHY[language].items() if pattern.search(bare)]
