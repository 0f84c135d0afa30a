"""gridwix's texts on the portal are in the reader's language.

This holds for labels, sentences and the values in them.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import expect

from gridwix.mapping.texts import catalog
from gridwix.models.texts import PLACEHOLDER
from gridwix.runtime.configuration import configuration
from ops.backend import form_wordings
from tests.browser.rows import every_row, every_status
from tests.browser.served import PRAIRIE, SECTIONS, Opener, Portal
from tests.browser.test_portal_accessibility import picture
from tests.browser.test_portal_texts import element_texts
from tests.wording import TRANSLATED

SETTINGS = configuration()
READERS = {
    "de": ("de", "Europe/Berlin"),
    "fr": ("fr-CA", "America/Toronto"),
    "es": ("es-MX", "America/Mexico_City"),
}
"""Locale and time zone of a reader of each language."""


def show(portal: Portal, rows: Mapping[str, Any], texts: Mapping[str, Any] | None = None) -> None:
    """Replace the rows of sections, and with ``texts`` the shipped texts."""
    portal.page.evaluate(
        """([partner, rows, texts]) => window.portal.change((portals, world) => {
          for (const [name, found] of Object.entries(rows)) {
           portals[partner].sections[name].rows = found;
         }
          if (texts) world.texts = texts;
        })""",
        [PRAIRIE, rows, texts],
    )
    if texts is None:
        portal.ring()
    else:
        portal.reopen()


def visible(portal: Portal) -> str:
    """Return all text of the page, including collapsed parts and text for assistive technology."""
    text: str = portal.page.evaluate("""() => {
      const root = window.portal.element.shadowRoot;
      for (const details of root.querySelectorAll('details')) details.open = true;
      const said = [...root.querySelectorAll('[aria-label], [placeholder], [alt]')]
        .flatMap(one => [one.ariaLabel, one.placeholder, one.alt]);
      const texts = [];
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const node = walker.currentNode;
        if (node.parentElement.localName !== 'style') texts.push(node.data);
      }
      return [...texts, ...said.filter(Boolean)].join('\\n');
    }""")
    return text


@cache
def pairs(language: str) -> tuple[tuple[str, str], ...]:
    """Return all texts of the configuration in English and in another language."""
    found = [
        (label["en"], label[language])
        for group in SETTINGS.labels.values()
        for label in (group.neutral, *group.values.values())
    ]
    for said in catalog(SETTINGS).values():
        # A question such as GLN reads the same in each language.
        other = said.get(language, said["en"])
        forms = other.forms()
        found += [(text, forms.get(form, other.other)) for form, text in said["en"].forms().items()]
    for form in SETTINGS.forms.values():
        found += [
            (wording, form.words.get(language, {}).get(wording, wording))
            for wording in form_wordings(form)
        ]
    return tuple(found)


def fragments(texts: Iterable[str]) -> set[str]:
    """Return the parts of a sentence between its values."""
    return {part.strip(" ():;,.%") for text in texts for part in PLACEHOLDER.split(text)[::2]} - {
        ""
    }


def said_in(words: str, text: str) -> bool:
    # The search for plain text is much faster, and nearly always finds nothing.
    return words in text and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


ENGLISH_ONLY: dict[str, frozenset[str]] = {}
"""gridwix's English words that a language does not have, too, by language."""


def english_in(
    text: str, elements: Mapping[str, Mapping[str, Any]], language: str = "de"
) -> list[str]:
    """Return gridwix's English words in a text, except those that the language has, too."""
    if language not in ENGLISH_ONLY:
        ENGLISH_ONLY[language] = _english_only(elements, language)
    return sorted(words for words in ENGLISH_ONLY[language] if said_in(words, text))


def _english_only(elements: Mapping[str, Mapping[str, Any]], language: str) -> frozenset[str]:
    english = [one for one, _ in pairs(language)]
    translated = [other for _, other in pairs(language)]
    for key, said in elements["en"].items():
        if key != "labels":
            english += said.values() if isinstance(said, dict) else [said]
            other = elements[language][key]
            translated += other.values() if isinstance(other, dict) else [other]
    whole = "\n".join(translated)
    return frozenset(words for words in fragments(english) if not said_in(words, whole))


NARROWEST = 320
"""Width in pixels of the narrowest page that the element fits."""


def open_for(open_portal: Opener, language: str) -> Portal:
    locale, time_zone = READERS[language]
    return open_portal(locale=locale, time_zone=time_zone, width=NARROWEST)


def with_forms(portal: Portal, language: str) -> None:
    """Add the shipped request forms in a language, as the backend returns them."""
    portal.page.evaluate(
        """forms => { window.portal.world.forms = forms }""",
        [
            {
                "key": key,
                "title": form.title,
                "words": dict(form.words.get(language, {})),
                "fields": [
                    {
                        "name": f.name,
                        "target": f.target,
                        "label": f.label,
                        "kind": f.kind,
                        "choices": list(f.choices),
                        "required": f.required,
                    }
                    for f in form.fields
                    if f.kind != "files" and f.meaning is None
                ],
            }
            for key, form in SETTINGS.forms.items()
            if form.action == "request"
        ],
    )


@pytest.mark.parametrize("language", TRANSLATED)
def test_portal_in_another_language_says_nothing_of_gridwixs_in_english(
    open_portal: Opener, language: str
) -> None:
    portal = open_for(open_portal, language)
    with_forms(portal, language)
    show(portal, {"status": every_status()[4:5], **every_row(), "messages": []})
    texts = element_texts(portal)

    for section in SECTIONS:
        portal.show_section(section)
        if section == "requests":
            words = SETTINGS.forms["invoice-question"].words[language]
            expect(portal.find(".ask")).to_contain_text(words["Question about an invoice"])
        text = visible(portal)
        picture(portal, f"{language}-{section}")

        assert english_in(text, texts, language) == [], section
        assert portal.page.evaluate("document.documentElement.scrollWidth") <= NARROWEST, section


HEADLINES = {
    "de": [
        "Die Partnerschaft ist ausgesetzt",
        "Die Partnerschaft ist beendet",
        "Bitte handeln Sie: Prüfung der Etiketten",
        "Bitte handeln Sie: 2 Prüfungen wurden nicht bestanden",
        "Ihre Antwort wird gebraucht: 856 Lieferavis zu Bestellung 4500187734 wurde abgelehnt",
        "Ihre Antwort wird in 2 Vorgängen gebraucht",
        "Das Onboarding ist zu 57 % abgeschlossen",
        "1 Vorgang wird bearbeitet",
        "2 Vorgänge werden bearbeitet",
        "Alle Prüfungen sind bestanden",
        "Zurzeit ist nichts zu tun",
    ],
    "fr": [
        "Partenariat suspendu",
        "Partenariat terminé",
        "Action requise\u00a0: Prüfung der Etiketten",
        "Action requise\u00a0: 2 vérifications de conformité ont échoué",
        (
            "Votre réponse est requise\u00a0: Document refusé – 856 avis d’expédition"
            " (commande 4500187734)"
        ),
        "Votre réponse est requise dans 2 dossiers",
        "Intégration terminée à 57\u00a0%",
        "1 dossier est en traitement",
        "2 dossiers sont en traitement",
        "Toutes les vérifications de conformité sont réussies",
        "Aucune action requise",
    ],
    "es": [
        "Relación comercial suspendida",
        "Relación comercial terminada",
        "Acción necesaria: Prüfung der Etiketten",
        "Acción necesaria: 2 verificaciones de cumplimiento no se aprobaron",
        (
            "Se necesita su respuesta: Documento rechazado – 856 aviso de embarque"
            " (orden de compra 4500187734)"
        ),
        "Se necesita su respuesta en 2 casos",
        "Incorporación completada al 57%",
        "1 caso está en proceso",
        "2 casos están en proceso",
        "Todas las verificaciones de cumplimiento se aprobaron",
        "No se necesita ninguna acción",
    ],
}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_headline_is_said_in_the_readers_language(open_portal: Opener, language: str) -> None:
    portal = open_for(open_portal, language)
    texts = element_texts(portal)
    found = []
    for row in every_status():
        show(
            portal,
            {
                "status": [row],
                "issues": [],
                "documents": [],
                "requests": [],
                "notices": [],
                "onboarding": [],
                "messages": [],
            },
        )
        found.append(portal.find(".headline").text_content())
        assert english_in(visible(portal), texts, language) == []

    assert found == HEADLINES[language]


def test_check_for_english_finds_it(open_portal: Opener) -> None:
    portal = open_portal(locale="en")
    show(portal, {"status": every_status()[4:5], **every_row(), "messages": []})

    found = english_in(visible(portal), element_texts(portal))

    assert {"Your answer is needed", "was rejected", "Your next steps"} <= set(found)


def test_another_language_has_its_labels_and_the_rest_in_english(open_portal: Opener) -> None:
    portal = open_portal(locale="it-IT", section="issues")
    shipped = portal.page.evaluate("import('/portal/backend/texts.js').then(({TEXTS}) => TEXTS)")

    italian = {
        "labels": {"case.status": {"values": {"awaiting_partner": "In attesa di voi"}}},
        "sentences": {},
    }
    show(portal, {"issues": every_row()["issues"][:1]}, {**shipped, "it": italian})

    issue = portal.find(".issue").first
    expect(issue).to_contain_text("In attesa di voi")
    expect(issue).to_contain_text("Ship notice (ASN)")
    expect(issue).to_contain_text("856 ship notice for order 4500187734 was rejected")
    expect(portal.find("h3")).to_have_text("Issues")


SENTENCES = {
    "en": {
        "labels": {},
        "sentences": {
            "x": {"one": "{count} by {at}, from {day}", "other": "{count} each by {at}, from {day}"}
        },
    },
    "de": {
        "labels": {},
        "sentences": {
            "x": {"one": "{count} bis {at}, ab {day}", "other": "Je {count} bis {at}, ab {day}"}
        },
    },
    "fr": {"labels": {}, "sentences": {"x": "{count} à {at}, dès {day}"}},
    "es": {"labels": {}, "sentences": {"x": "{count} a {at}, desde {day}"}},
}


@pytest.mark.parametrize(
    ("locale", "count", "said"),
    [
        ("de", 1, "1 bis 14.3.2026, 19:00, ab 16.3.2026"),
        ("de", 12345, "Je 12.345 bis 14.3.2026, 19:00, ab 16.3.2026"),
        ("fr", 12345, "12\u202f345 à 14 mars 2026, 19:00, dès 16 mars 2026"),
        ("fr-CA", 12345, "12\u00a0345 à 14 mars 2026, 19\u00a0h\u00a000, dès 16 mars 2026"),
        ("es", 12345, "12.345 a 14 mar 2026, 19:00, desde 16 mar 2026"),
        ("es-MX", 12345, "12,345 a 14 mar 2026, 7:00\u202fp.m., desde 16 mar 2026"),
        ("en-US", 12345, "12,345 each by 14 Mar 2026, 7:00 PM, from 16 Mar 2026"),
    ],
)
def test_numbers_days_and_instants_within_a_sentence_are_the_readers(
    open_portal: Opener, locale: str, count: int, said: str
) -> None:
    portal = open_portal(locale=locale, time_zone="Europe/Tallinn")
    values = {"count": count, "at": {"at": "2026-03-14T17:00:00Z"}, "day": {"day": "2026-03-16"}}

    show(
        portal,
        {
            "status": [
                {
                    "id": "1",
                    "status": "active",
                    "headline": "plain",
                    "sentences": {"headline": {"code": "x", "values": values}},
                }
            ]
        },
        SENTENCES,
    )

    expect(portal.find(".headline")).to_have_text(said)


@pytest.mark.parametrize(
    "sentence",
    [
        {"code": "newer.than.the.portal"},
        {"code": "constructor"},
        {},
        None,
        "x",
        {"code": "headline.answer"},
        {"code": "headline.answer", "values": "no"},
        {"code": "headline.answer", "values": {"subject": {"code": "unknown"}}},
        {"code": "headline.answer", "values": {"subject": {"at": None, "code": None}}},
    ],
)
def test_sentence_that_the_portal_does_not_have_leaves_the_rows_own_text(
    open_portal: Opener, sentence: object
) -> None:
    portal = open_portal(locale="de")

    show(
        portal,
        {
            "status": [
                {
                    "id": "1",
                    "status": "active",
                    "headline": "Aus Trading Grid",
                    "sentences": {"headline": sentence},
                }
            ]
        },
    )

    expect(portal.find(".headline")).to_have_text("Aus Trading Grid")


def test_label_that_the_portals_code_does_not_know_yet_is_the_rows(open_portal: Opener) -> None:
    portal = open_portal(locale="de", section="issues")
    row = every_row()["issues"][0]

    show(portal, {"issues": [{**row, "status": "escalated", "statusLabel": "Escalated"}]})
    expect(portal.find(".issue").first).to_contain_text("Escalated")
    show(portal, {"issues": [{**row, "status": "escalated", "statusLabel": "In progress"}]})
    expect(portal.find(".issue").first).to_contain_text("In Arbeit")
