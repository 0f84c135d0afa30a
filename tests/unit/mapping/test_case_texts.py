"""gridwix's own wording in a case is recognized, and shown in the reader's language."""

from typing import Any

import pytest

from gridwix.mapping.case_rules import new_case
from gridwix.mapping.case_texts import MAX_SUBJECT, recognize_case_texts
from gridwix.mapping.transactions import transaction_exception
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.cases import Case
from gridwix.models.transactions import Direction
from gridwix.notice_publisher.open_issues import open_issue
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.projection import PartnerRecords, status_row
from tests.factories import PRAIRIE_GOLD, case, entry, partner, texts

RULES = {rule.key: rule for rule in configuration().case_rules.rules}
NUMBERS = {"order": "purchase order number", "shipment": "shipment id", "invoice": "invoice number"}


def opened(
    rule: str, editype: str | None = "856", keys: dict[str, str] | None = None, **fields: object
) -> Case:
    """The case that gridwix opens under a rule, as Trading Grid gives it back."""
    contentkeys = [
        {"key": name, "value": value}
        for name, value in (
            {"purchase order number": "4500187734"} if keys is None else keys
        ).items()
    ]
    exception = transaction_exception(
        [entry(status="V", editype=editype, contentkeys=contentkeys)], ()
    )
    new = new_case(PartnerId(PRAIRIE_GOLD), RULES[rule], exception, Direction.INBOUND, texts())
    made = new.model_dump(by_alias=True, mode="json", exclude_none=True)
    told: dict[str, Any] = {
        name: made[name] for name in ("subject", "nextStep", "routedBy", "transactionRefs")
    }
    return case(**{**told, **fields})


def german(of: Case) -> tuple[str, str]:
    said, known = recognize_case_texts(of, texts()), texts()
    assert said.subject.sentence
    assert said.next_step
    assert said.next_step.sentence
    return known.render(said.subject.sentence, "de"), known.render(said.next_step.sentence, "de")


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "keys",
    [
        {"purchase order number": "4500187734"},
        {"shipment id": "S-1"},
        {"invoice number": "R-9"},
        {},
    ],
)
@pytest.mark.parametrize("editype", ["856", "864", None])
def test_case_that_gridwix_has_opened_is_said_in_every_language(
    rule: str, keys: dict[str, str], editype: str | None
) -> None:
    of = opened(rule, editype, keys)

    subject, next_step = german(of)

    assert (subject, next_step) != (of.subject, of.next_step)
    assert not {"order", "rejected", "Document", "transaction", "Correct"} & set(
        f"{subject} {next_step}".split()
    )


def test_case_names_its_document_and_its_order_in_german() -> None:
    subject, next_step = german(opened("ship_notice_rejected"))

    assert subject == "856 Lieferavis zu Bestellung 4500187734 wurde abgelehnt"
    assert next_step == (
        "Korrigieren Sie den Beleg (856 Lieferavis) und senden Sie ihn erneut,"
        " bevor die Ware ankommt."
    )


def test_case_that_others_have_joined_is_still_known_by_the_first() -> None:
    of = opened("delivery_failed")
    joined = of.model_copy(
        update={
            "transaction_refs": (
                *opened("delivery_failed", "810").transaction_refs,
                *of.transaction_refs,
            )
        }
    )

    assert german(joined) == german(of)


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": "Dock 4 has your pallets"},
        {"routed_by": None},
        {"transaction_refs": ()},
    ],
    ids=["new-subject", "no-rule", "no-transaction"],
)
def test_subject_that_is_not_the_rules_is_somebodys_and_stays_as_it_is(
    fields: dict[str, object],
) -> None:
    of = opened("ship_notice_rejected").model_copy(update=fields)

    assert recognize_case_texts(of, texts()).subject.sentence is None
    assert recognize_case_texts(of, texts()).subject.text == of.subject


def test_next_step_that_a_person_has_rewritten_stays_and_the_subject_is_still_gridwixs() -> None:
    words = recognize_case_texts(
        opened("ship_notice_rejected").model_copy(update={"next_step": "Call dock 4."}), texts()
    )

    assert words.subject.sentence is not None
    assert (
        words.next_step and words.next_step.text,
        words.next_step and words.next_step.sentence,
    ) == ("Call dock 4.", None)


def test_subject_that_was_cut_to_fit_is_known_all_the_same() -> None:
    said = texts()
    long = opened("anything_else", keys={"purchase order number": "9" * 60})

    assert len(long.subject) <= MAX_SUBJECT
    assert recognize_case_texts(long, said).subject.sentence is not None


def test_rule_that_is_gone_leaves_the_case_as_trading_grid_has_it() -> None:
    of = opened("ship_notice_rejected")
    gone = of.model_copy(
        update={
            "routed_by": of.routed_by.model_copy(update={"rule_key": "retired_rule"})
            if of.routed_by
            else None
        }
    )

    assert recognize_case_texts(gone, texts()).subject.sentence is None


def test_rows_carry_the_sentences_of_gridwixs_case_and_none_of_a_persons() -> None:
    known, ours, theirs = (
        texts(),
        opened("ship_notice_rejected"),
        case("case_2", number="TG-2", subject="Ruft uns bitte an", status="open"),
    )

    issue, other = open_issue(ours, [], known), open_issue(theirs, [], known)
    status = status_row(PartnerRecords(partner(), cases=[ours, theirs]), known)

    assert issue and issue.sentences and set(issue.sentences) == {"subject", "nextStep"}
    assert other and other.sentences is None
    assert status and status.sentences and set(status.sentences) == {"headline", "nextStep"}
    assert status.next_steps[0].sentences == {"text": status.sentences["nextStep"]}
    assert [one.sentences is None for one in status.cases] == [False, True]
    assert (
        known.render(status.sentences["headline"], "de")
        == "Ihre Antwort wird gebraucht: 856 Lieferavis zu Bestellung 4500187734 wurde abgelehnt"
    )
