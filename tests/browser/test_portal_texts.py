"""The element's texts are complete in each language, and its sources keep their conventions."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.served import ROOT, Opener, Portal
from tests.wording import (
    ALIKE,
    COUNTS,
    LANGUAGES,
    TRANSLATED,
    configured_texts,
    is_worded,
    typography_faults,
)

ELEMENT = ROOT / "portal" / "element"
SOURCES = sorted(ELEMENT.rglob("*.js"))
TEXTS = ELEMENT / "texts"
PARTS = sorted({path.parent for path in TEXTS.glob("*/*.js")})


@pytest.fixture(scope="module")
def portal(browser: Browser, portal_address: str) -> Iterator[Portal]:
    """One page with the element. The tests only import its texts."""
    opener = Opener(browser, portal_address)
    yield opener(world="empty")
    opener.close()
    assert opener.errors == []


@pytest.fixture(scope="module")
def texts(portal: Portal) -> dict[str, dict[str, Any]]:
    """The element's texts by language. The tests only read them."""
    return element_texts(portal)


def element_texts(portal: Portal) -> dict[str, dict[str, Any]]:
    """Return the element's texts by language, of each language of the portal."""
    found: dict[str, dict[str, Any]] = portal.page.evaluate(
        """languages => import('/portal/element/texts/index.js').then(({textsOf}) =>
          Object.fromEntries(languages.map(one => [one, textsOf(one)])))""",
        list(LANGUAGES),
    )
    return found


def forms_of(text: Any) -> list[str]:
    return list(text.values()) if isinstance(text, dict) else [text]


def wordings(texts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each text of a language with its key, labels included."""
    for key, text in [*texts.items(), *texts["labels"].items()]:
        if key != "labels":
            yield from ((key, form) for form in forms_of(text))


def test_element_has_the_languages_of_the_configuration(portal: Portal) -> None:
    found = portal.page.evaluate(
        """languages => import('/portal/element/texts/index.js').then(({createTranslator}) =>
          languages.map(one => createTranslator(one))
            .map(({language, foreign}) => [language, foreign]))""",
        [*LANGUAGES, "en-US", "de-AT", "fr-CA", "es-MX", "es_419", "it"],
    )

    assert [language for language, foreign in found if not foreign] == [
        *(*LANGUAGES, "en", "de", "fr", "es", "es")
    ]
    assert found[-1] == ["en", True]


@pytest.mark.parametrize("part", PARTS, ids=lambda path: path.name)
def test_texts_of_a_part_are_among_those_of_each_language(
    portal: Portal, texts: dict[str, dict[str, Any]], part: Path
) -> None:
    languages = {path.stem for path in part.glob("*.js")} - {"index"}
    found: dict[str, dict[str, Any]] = portal.page.evaluate(
        """([part, languages]) => Promise.all(languages.map(one =>
             import(`/portal/element/texts/${part}/${one}.js`).then(file => [one, file[one]])))
           .then(Object.fromEntries)""",
        [part.name, sorted(languages)],
    )

    assert languages == set(LANGUAGES)
    for language, own in found.items():
        assert own
        assert {key: texts[language].get(key) for key in own} == own


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_there_in_every_language_with_the_same_blanks(
    texts: dict[str, dict[str, Any]], language: str
) -> None:
    english, other = texts["en"], texts[language]

    assert set(other) == set(english)
    for key in set(english) - {"labels"}:
        blanks = {
            frozenset(re.findall(r"\{\w+\}", form))
            for form in [*forms_of(english[key]), *forms_of(other[key])]
        }
        assert len(blanks) == 1, key
        assert all(form.strip() for form in forms_of(other[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_with_a_count_has_the_plural_forms_of_its_language(
    portal: Portal, texts: dict[str, dict[str, Any]], language: str
) -> None:
    # Firefox and Safari have the same rules: those of Unicode CLDR.
    needed = portal.page.evaluate(
        """([language, counts]) => {
          const rules = new Intl.PluralRules(language);
          return [...new Set(counts.map(one => rules.select(one)))];
        }""",
        [language, list(COUNTS)],
    )

    forms = {key: set(text) for key, text in texts[language].items() if isinstance(text, dict)}
    del forms["labels"]

    assert {key: found for key, found in forms.items() if found != set(needed)} == {}
    # What English counts with two forms, each language does.
    assert {key for key, text in texts["en"].items() if isinstance(text, dict)} <= {
        *forms,
        "labels",
    }


def test_form_that_a_text_lacks_is_the_general_one(portal: Portal) -> None:
    found = portal.page.evaluate(
        """import('/portal/element/texts/index.js').then(({createTranslator}) => [
          [new Intl.PluralRules('fr').select(1e6), new Intl.PluralRules('es').select(1e6)],
          createTranslator('fr').t('left.affected', {count: 0}),
          createTranslator('es').t('left.affected', {count: 0}),
          createTranslator('fr-CA').t('left.affected', {count: 1000000}),
          createTranslator('es-MX').t('left.affected', {count: 1000000}),
        ])"""
    )

    assert found == [
        ["many", "many"],
        "et 0 autre document",
        "y 0 documentos más",
        "et 1\u00a0000\u00a0000 autres documents",
        "y 1,000,000 documentos más",
    ]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(texts: dict[str, dict[str, Any]], language: str) -> None:
    english = {key: list(map(str, forms_of(text))) for key, text in texts["en"].items()}

    alike = {
        text
        for key, text in wordings(texts[language])
        if text in (english.get(key) or [key]) and is_worded(text)
    }
    configured = {
        text for _, plain, text in configured_texts(language) if text == plain and is_worded(text)
    }

    assert alike | configured == ALIKE[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_well_set(texts: dict[str, dict[str, Any]], language: str) -> None:
    faults = {
        key: said
        for key, text in wordings(texts[language])
        if (said := typography_faults(language, text))
    }

    assert faults == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_labels_are_for_the_same_texts_in_every_language(
    texts: dict[str, dict[str, Any]], language: str
) -> None:
    assert set(texts[language]["labels"]) == set(texts["de"]["labels"])
    assert set(texts["en"]["labels"]) <= set(texts[language]["labels"])


# German had labels before the configuration had it, and some read differently.
@pytest.mark.parametrize("language", [one for one in TRANSLATED if one != "de"])
def test_labels_read_as_in_the_configuration(
    texts: dict[str, dict[str, Any]], language: str
) -> None:
    configured = defaultdict[str, set[str]](set)
    for name, plain, text in configured_texts(language):
        # A choice of a form may be worded as a code, such as "freight".
        for english in (plain, name.partition(": ")[2]):
            configured[english].add(text)

    assert {
        english: text
        for english, text in texts[language]["labels"].items()
        if english in configured and text not in configured[english]
    } == {}


def test_every_text_that_the_sources_ask_for_exists_and_none_is_left_over(
    texts: dict[str, dict[str, Any]],
) -> None:
    sources = "\n".join(path.read_text() for path in SOURCES if TEXTS not in path.parents)

    asked = set(re.findall(r"(?:\bt|\bknown)\(\s*'([\w.]+)'", sources)) | set(
        re.findall(r"\? '((?:\w+\.)\w+)' : '\w+\.\w+'", sources)
    )
    assert asked - set(texts["en"]) == set()
    families = (
        "nav.",
        "error.",
        "fault.",
        "role.",
        "partner.",
        "review.",
        "documentType.",
        "requestKind.",
        "address.",
        "lists.state.",
        "lists.type.",
        "lists.since.",
        "lists.period.",
        "lists.sort.",
    )
    left = {
        key
        for key in texts["en"]
        if f"'{key}'" not in sources
        and not key.startswith(families)
        and not key.endswith((".empty", ".emptyHelp"))
    }
    assert left == {"labels"}


def test_every_error_of_the_backend_has_words(texts: dict[str, dict[str, Any]]) -> None:
    codes = {
        "not_linked",
        "not_yours",
        "not_allowed",
        "not_found",
        "not_possible",
        "invalid",
        "too_large",
        "unavailable",
    }
    codes |= {"other_address", "address_not_verified"}
    codes |= {"last_admin", "already_member", "already_invited", "too_many", "too_often"}

    assert {
        key.removeprefix("error.")
        for key in texts["en"]
        if key.count(".") == 1 and key.startswith("error.")
    } == codes


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ELEMENT)))
def test_source_is_small_and_makes_no_html_of_text(path: Any) -> None:
    source = path.read_text()

    assert len(source.splitlines()) <= 300
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
        r"|localStorage|document\.cookie",
        source,
    )
    physical = r"\b(margin|padding|border)-(left|right)\b|(?<![-\w])(left|right):\s"
    assert not re.search(physical, source), (
        "what has a left side has the wrong one where people read from the right"
    )
