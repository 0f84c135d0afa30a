"""The shipped wording is complete, translated and well set in each language of the portal."""

import re
from collections.abc import Mapping

import pytest

from gridwix.mapping.texts import catalog
from gridwix.models.locales import DEFAULT_LOCALE
from tests.wording import (
    ALIKE,
    COUNTS,
    LANGUAGES,
    SETTINGS,
    TRANSLATED,
    TYPOGRAPHY,
    configured_texts,
    is_worded,
    typography_faults,
)


def test_every_language_has_its_rules_of_typography() -> None:
    assert set(TYPOGRAPHY) == set(LANGUAGES)
    assert set(ALIKE) == set(TRANSLATED)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_of_the_configuration_is_translated(language: str) -> None:
    texts = list(configured_texts(language))

    missing = [name for name, _, text in texts if not text.strip()]
    english = {
        text: name
        for name, plain, text in texts
        if text == plain and is_worded(text) and text not in ALIKE[language]
    }
    assert (missing, english) == ([], {})
    assert len(texts) > 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_configuration_is_well_set(language: str) -> None:
    faults = {
        name: said
        for name, _, text in configured_texts(language)
        if (said := typography_faults(language, text))
    }

    assert faults == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_with_a_count_has_the_plural_forms_of_its_language(language: str) -> None:
    from babel import Locale

    needed = {Locale.parse(language).plural_form(count) for count in COUNTS}

    forms = {
        code: set(said[language].forms())
        for code, said in catalog(SETTINGS).items()
        if language in said and len(said[DEFAULT_LOCALE].forms()) > 1
    }

    assert forms
    assert {code: found for code, found in forms.items() if found != needed} == {}


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("key", sorted(SETTINGS.campaigns))
def test_campaign_says_the_same_of_a_record_in_every_language(key: str, language: str) -> None:
    texts = SETTINGS.campaigns[key].texts

    # A label may be put into words, as "notice" is for the label of its impact.
    def said(language: str) -> tuple[set[str], list[str]]:
        whole = f"{texts[language].title}\n{texts[language].body}"
        values = re.findall(r"\{\{\s*(.+?)\s*\}\}", whole)
        return {one for one in values if "labels." not in one}, re.findall(r"\{%.*?%\}", whole)

    assert said(language) == said(DEFAULT_LOCALE)
    assert re.findall("<.*?>", texts[language].body) == re.findall(
        "<.*?>", texts[DEFAULT_LOCALE].body
    )


FAULTY: Mapping[str, list[str]] = {
    "de": ['Unter "Anfragen"'],
    "fr": [
        "Terminé: tout",
        "Terminé : tout",
        "Responsable:",
        "Pas de code\u00a0?",
        "Bien reçu !",
        "Sous «Demandes»",
        "Terminée à 50%",
        'Sous "Demandes"',
        "Entrez l'adresse",
        "Saisissez ton code",
        "Adresse e-mail",
        "Programme d’onboarding",
    ],
    "es": [
        "Qué pasó?",
        "¿Qué pasó",
        "¿Sí? Qué pasó?",
        "Bien!",
        "Listo : todo",
        "Al 50\u00a0%",
        'En "Solicitudes"',
        "Escriba tu nombre",
        "Número de pedido",
        "Dirección de e-mail",
    ],
}


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, texts in FAULTY.items() for text in texts]
)
def test_fault_of_typography_is_found(language: str, text: str) -> None:
    assert typography_faults(language, text) != []
