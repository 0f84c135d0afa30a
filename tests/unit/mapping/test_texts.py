"""gridwix's own texts are in every language of the portal, and the same in each."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gridwix.configuration.case_rules import CASE_PLACEHOLDERS
from gridwix.configuration.everything import Configuration
from gridwix.configuration.intake import Refusal
from gridwix.form_intake.forms import read_form_values
from gridwix.form_intake.projection import faults_message
from gridwix.mapping.days import format_day
from gridwix.mapping.texts import PartnerText, Texts, catalog, sentences_of
from gridwix.models.answer_faults import ANSWER_FAULTS
from gridwix.models.files import FileFault
from gridwix.models.texts import (
    PLACEHOLDER,
    SENTENCES,
    Day,
    Instant,
    LabelOf,
    Sentence,
    check_placeholders,
)
from gridwix.models.time_zones import time_zone
from gridwix.partner_messenger.context import LABELS
from gridwix.runtime.configuration import configuration
from ops.checks.languages import check_languages, texts_of

SHIPPED = configuration()
CATALOG = catalog(SHIPPED)
LANGUAGES = SHIPPED.texts.languages


def changed(**parts: Any) -> Configuration:
    """The shipped configuration with other parts, by their members."""
    return Configuration.model_validate(
        {**json.loads(SHIPPED.model_dump_json(by_alias=True)), **parts}
    )


def with_labels(field: str, **values: Any) -> Configuration:
    labels = json.loads(SHIPPED.model_dump_json(by_alias=True))["labels"]
    return changed(
        labels={**labels, field: {**labels[field], "values": {**labels[field]["values"], **values}}}
    )


def with_languages(*languages: str) -> Configuration:
    return changed(
        texts={**json.loads(SHIPPED.texts.model_dump_json()), "languages": list(languages)}
    )


def blanks(text: str) -> frozenset[str]:
    return frozenset(PLACEHOLDER.findall(text))


def test_the_portal_is_in_four_languages() -> None:
    assert LANGUAGES == ("en", "de", "fr", "es")


@pytest.mark.parametrize("code", sorted(CATALOG))
def test_every_sentence_is_in_every_language_of_the_portal_with_the_same_placeholders(
    code: str,
) -> None:
    texts = CATALOG[code]

    # A question in capitals, such as GLN, or one that no partner sees reads the same.
    assert set(texts) >= set(LANGUAGES) or code.startswith("question.")
    whole = {blanks(text.other) for text in texts.values()}
    assert len(whole) == 1
    # A form for one may say so in words.
    assert all(
        blanks(form) | {"count"} >= blanks(text.other) >= blanks(form)
        for text in texts.values()
        for form in text.forms().values()
    )


def test_every_text_of_the_shipped_configuration_is_in_every_language_of_the_portal() -> None:
    found = list(texts_of(SHIPPED))

    assert [text for text in found if not text.languages >= set(LANGUAGES)] == []
    assert {text.file[0] for text in found} == {
        "labels",
        "texts",
        "case_rules",
        "intake",
        "documents",
        "routing",
        "messaging",
        "campaigns",
        "forms",
    }


def test_there_is_a_sentence_for_every_code_that_code_can_say() -> None:
    wanted = {f"refusal.{code}" for code in get_args(Refusal.__value__)} | {
        f"problem.{code}" for code in ("conflict", *FileFault)
    }
    wanted |= {
        f"case.{rule.key}.{part}"
        for rule in SHIPPED.case_rules.rules
        for part in ("subject", "next_step")
    } | set(SENTENCES)
    wanted |= {
        f"question.{key}.{field.name}"
        for key, form in SHIPPED.forms.items()
        for field in form.fields
    }
    wanted |= {f"form.{key}" for key in SHIPPED.forms} | {
        f"team.{key}" for key in SHIPPED.routing.teams
    }

    assert set(CATALOG) == wanted
    for code, known in SENTENCES.items():
        assert blanks(CATALOG[code]["en"].other) == known


def test_shipped_wording_of_what_does_not_fit_is_what_the_code_says_in_english() -> None:
    said = {code: SHIPPED.texts.sentences[f"unfit.{code}"]["en"] for code in ANSWER_FAULTS}

    assert {
        code: (one.one, one.other) if one.one else one.other for code, one in said.items()
    } == ANSWER_FAULTS


@pytest.mark.parametrize("count", [1, 12])
def test_what_does_not_fit_is_said_in_german_with_its_question(count: int) -> None:
    texts, form = Texts(SHIPPED), SHIPPED.forms["invoice-question"]
    values = {
        "your_name": "D",
        "email": "d@example.com",
        "question": "?",
        "invoiced_unit_price": "four",
        "gln": "1" * count,
    }

    reading = read_form_values(form, values)
    said = faults_message("invoice-question", (*reading.faults, *reading.doubts), texts)

    assert said and said.sentence
    digits = "it has one digit" if count == 1 else "it has 12 digits"
    gln = "check digit" if count == 12 else f"{digits}, and a GLN has 13"
    assert said.text == (
        "Invoice number: is missing. Price on the invoice: is not a number."
        f" GLN: This is not a GLN: {gln}."
    )
    german = (
        "Die Prüfziffer stimmt nicht"
        if count == 12
        else "die Eingabe hat 1 Ziffer, eine GLN hat 13"
    )
    assert texts.render(said.sentence, "de") == (
        "Rechnungsnummer: fehlt. Preis auf der Rechnung: ist keine Zahl."
        f" GLN: Das ist keine GLN: {german}."
    )


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("en", "856 ship notice for order 4500187734 was rejected"),
        ("de", "856 Lieferavis zu Bestellung 4500187734 wurde abgelehnt"),
        ("fr", "Document refusé – 856 avis d’expédition (commande 4500187734)"),
        ("es", "Documento rechazado – 856 aviso de embarque (orden de compra 4500187734)"),
        # A language that the portal lacks reads the default one.
        ("it", "856 ship notice for order 4500187734 was rejected"),
    ],
)
def test_say_fills_in_numbers_labels_and_sentences_in_the_language(locale: str, shown: str) -> None:
    texts = Texts(SHIPPED)
    order = texts.partner_text("reference.order", number="4500187734")

    said = texts.partner_text(
        "case.ship_notice_rejected.subject",
        document=LabelOf(group="transaction.type", value="856"),
        reference=order,
    )

    assert said.sentence is not None
    assert (said.text, texts.render(said.sentence, locale)) == (
        "856 ship notice for order 4500187734 was rejected",
        shown,
    )


def test_say_chooses_the_form_for_one_and_for_others() -> None:
    texts = Texts(SHIPPED)

    assert texts.partner_text("headline.working", count=1).text == "1 case is being worked on"
    assert texts.partner_text("headline.working", count=5).text == "5 cases are being worked on"


@pytest.mark.parametrize(
    ("locale", "count", "shown"),
    [
        ("en", 0, "0 cases are being worked on"),
        ("de", 0, "0 Vorgänge werden bearbeitet"),
        ("es", 0, "0 casos están en proceso"),
        ("es", 1, "1 caso está en proceso"),
        # In French, none is singular, too.
        ("fr", 0, "0 dossier est en traitement"),
        ("fr", 1, "1 dossier est en traitement"),
        ("fr", 2, "2 dossiers sont en traitement"),
    ],
)
def test_singular_and_plural_are_those_of_the_language(locale: str, count: int, shown: str) -> None:
    sentence = Sentence(code="headline.working", values={"count": count})

    assert Texts(SHIPPED).render(sentence, locale) == shown


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("count", [*range(25), 99, 100, 101, 1000, 999_999])
def test_singular_and_plural_are_those_of_unicode(locale: str, count: int) -> None:
    text = SHIPPED.texts.sentences["headline.working"][locale]
    form = Locale.parse(locale).plural_form(count)

    assert form in ("one", "other")
    assert Texts(SHIPPED).render(
        Sentence(code="headline.working", values={"count": count}), locale
    ) == text.forms()[form].format(count=count)


def test_days_and_instants_are_said_as_the_language_writes_them() -> None:
    texts = Texts(SHIPPED)
    day, at = Day(day=date(2026, 3, 16)), Instant(at=datetime(2026, 3, 14, 17, 5, tzinfo=UTC))
    shown = [
        texts.render(Sentence(code="headline.check", values={"title": value}), locale)
        for value in (day, at)
        for locale in LANGUAGES
    ]

    assert shown == [
        "Action needed: 16 Mar 2026",
        "Bitte handeln Sie: 16.3.2026",
        "Action requise\u00a0: 16 mars 2026",
        "Acción necesaria: 16 mar 2026",
        "Action needed: 14 Mar 2026, 12:05 (America/Chicago)",
        "Bitte handeln Sie: 14.3.2026, 12:05 (America/Chicago)",
        "Action requise\u00a0: 14 mars 2026, 12:05 (America/Chicago)",
        "Acción necesaria: 14 mar 2026, 12:05 (America/Chicago)",
    ]
    assert format_day(date(2026, 12, 1), "it") == "1 Dec 2026"


def test_instant_is_said_in_the_zone_of_its_reader_and_names_it() -> None:
    at = Instant(at=datetime(2026, 11, 28, 3, tzinfo=UTC))
    sentence = Sentence(code="headline.check", values={"title": at})
    within = Sentence(code="unfit.all", values={"faults": (sentence,)})

    said = Texts(SHIPPED).render(within, "en", time_zone("America/New_York"))

    assert "27 Nov 2026, 22:00 (America/New_York)" in said


@given(st.text(max_size=40), st.sampled_from(LANGUAGES))
def test_value_from_outside_is_shown_as_it_is_whatever_it_holds(title: str, locale: str) -> None:
    texts = Texts(SHIPPED)

    said = texts.render(Sentence(code="headline.check", values={"title": title}), locale)

    assert (
        said == texts.render(Sentence(code="headline.check", values={"title": ""}), locale) + title
    )


@given(st.text(alphabet="ab{} 1", max_size=12))
def test_text_is_taken_only_if_every_brace_of_it_is_a_placeholder_that_is_known(text: str) -> None:
    rest = re.sub(r"\{a\}", "", text)
    fits = "{" not in rest and "}" not in rest

    if fits:
        assert check_placeholders(text, {"a"}) == text
    else:
        with pytest.raises(ValueError, match=r"not known|not closed"):
            check_placeholders(text, {"a"})


def test_sentences_survive_the_row_and_name_its_fields() -> None:
    texts = Texts(SHIPPED)
    subject = texts.partner_text("reference.order", number="1")

    found = sentences_of(
        next_step=texts.partner_text("headline.answer", subject=subject),
        title=PartnerText("by a person"),
        other=None,
    )

    assert found is not None
    assert list(found) == ["nextStep"]
    assert (
        Sentence.model_validate(json.loads(found["nextStep"].model_dump_json()))
        == found["nextStep"]
    )
    assert sentences_of(title=PartnerText("by a person")) is None


def test_one_text_is_in_the_default_language_and_stands_in_for_the_others() -> None:
    texts = Texts(with_labels("case.status", new="Fresh"))

    assert [texts.label("case.status", "new", locale) for locale in (*LANGUAGES, "it")] == [
        "Fresh"
    ] * 5
    assert texts.label("case.status", "closed", "de") == "Geschlossen"


def test_another_language_has_what_is_written_in_it_and_falls_back_for_the_rest() -> None:
    texts = Texts(with_labels("case.status", new={"en": "New", "it": "Nuovo"}))

    assert [texts.label("case.status", value, "it") for value in ("new", "closed", "quantum")] == [
        "Nuovo",
        "Closed",
        "In progress",
    ]
    assert texts.unknown == {"case.status=quantum": 1}


def test_text_without_the_default_language_is_refused() -> None:
    with pytest.raises(ValidationError, match="there is no text in en"):
        with_labels("case.status", new={"de": "Neu"})


def said_of(settings: Configuration) -> list[str]:
    found = list(check_languages(settings))
    assert not any(remark.is_error for remark in found)
    return [f"{'.'.join(remark.members)}: {remark.said}" for remark in found]


def test_make_config_warns_of_what_a_language_of_the_portal_lacks() -> None:
    lacking = said_of(with_languages(*LANGUAGES, "it"))
    one = said_of(
        with_labels(
            "case.status",
            new={"en": "Fresh", "fr": "Nouveau", "es": "Nuevo"},
            closed=dict.fromkeys((*LANGUAGES, "it"), "Closed"),
        )
    )

    assert said_of(SHIPPED) == []
    assert len(lacking) == len({text.file for text in texts_of(SHIPPED)})
    assert any(
        re.search(
            r"there is no text in it for [\w.]+\.neutral and \d+ more, so partners read en there",
            line,
        )
        for line in lacking
    )
    assert one == [
        (
            "labels.case.status.values.new: there is no text in de for case.status.values.new,"
            " so partners read en there"
        ),
        (
            "labels.case.status.values.closed: case.status.values.closed is written in it,"
            " which is no language of the portal; those are de, en, es, fr"
        ),
    ]


def test_labels_of_messages_are_groups_that_there_are() -> None:
    assert {group for groups in LABELS.values() for group in groups.values()} <= set(SHIPPED.labels)
    assert {"document", "reference"} == CASE_PLACEHOLDERS
