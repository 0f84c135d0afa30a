"""The element's texts are complete in each language, and its sources keep their conventions."""

import re
from typing import Any

import pytest

from tests.browser.served import ROOT, Opener

ELEMENT = ROOT / "portal" / "element"
SOURCES = sorted(ELEMENT.rglob("*.js"))


@pytest.fixture
def texts(open_portal: Opener) -> dict[str, dict[str, Any]]:
    portal = open_portal(world="empty")
    found: dict[str, dict[str, Any]] = portal.page.evaluate(
        "Promise.all([import('/portal/element/texts/en.js'),"
        " import('/portal/element/texts/de.js')]).then(([{en}, {de}]) => ({en, de}))"
    )
    return found


def forms_of(text: Any) -> list[str]:
    return list(text.values()) if isinstance(text, dict) else [text]


def test_every_text_is_there_in_both_languages_with_the_same_blanks(
    texts: dict[str, dict[str, Any]],
) -> None:
    english, german = texts["en"], texts["de"]

    assert set(english) == set(german)
    for key in set(english) - {"labels"}:
        blanks = {
            frozenset(re.findall(r"\{\w+\}", form))
            for form in [*forms_of(english[key]), *forms_of(german[key])]
        }
        assert len(blanks) == 1, key
        assert all(form.strip() for form in forms_of(german[key])), key


def test_every_text_that_the_sources_ask_for_exists_and_none_is_left_over(
    texts: dict[str, dict[str, Any]],
) -> None:
    sources = "\n".join(path.read_text() for path in SOURCES if path.parent.name != "texts")

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
    codes = {"not_linked", "not_yours", "not_found", "invalid", "too_large", "unavailable"}

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
