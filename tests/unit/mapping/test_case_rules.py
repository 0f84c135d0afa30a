"""The shipped ``config/case_rules.yaml`` decides which case an exception opens or joins."""

from datetime import timedelta
from typing import Any

import pytest

from gridwix.configuration.case_rules import CaseRule
from gridwix.mapping.case_rules import (
    MAX_REFS,
    case_idempotency_key,
    joinable_case,
    matching_rule,
    new_case,
    transaction_ref,
)
from gridwix.mapping.transactions import transaction_exception
from gridwix.models.ids import PartnerId
from gridwix.models.transactions import Direction, TransactionException
from gridwix.runtime.configuration import configuration
from tests.factories import NOW, PRAIRIE_GOLD, case, entry, texts

RULES = configuration().case_rules.rules
PARTNER = PartnerId(PRAIRIE_GOLD)


def exception(**fields: Any) -> TransactionException:
    return transaction_exception([entry(**{"status": "V", **fields})], ())


def rule(key: str) -> CaseRule:
    return next(rule for rule in RULES if rule.key == key)


def ref(number: int = 1, order: str = "4500187734") -> dict[str, Any]:
    return {"correlationId": f"c-{number}", "poNumber": order}


@pytest.mark.parametrize(
    ("fields", "direction", "key"),
    [
        ({"editype": "856"}, Direction.INBOUND, "ship_notice_rejected"),
        (
            {"editype": "DESADV", "status": "S", "fastatus": "R"},
            Direction.INBOUND,
            "ship_notice_rejected",
        ),
        ({"editype": "810"}, Direction.INBOUND, "invoice_rejected"),
        (
            {"editype": "850", "status": "S", "fastatus": "T"},
            Direction.OUTBOUND,
            "acknowledgment_overdue",
        ),
        ({"editype": "856", "status": "S", "fastatus": "T"}, Direction.INBOUND, "anything_else"),
        ({"editype": "850", "status": "F"}, Direction.OUTBOUND, "delivery_failed"),
        (
            {"editype": "850", "status": "S", "fastatus": "R"},
            Direction.OUTBOUND,
            "our_document_rejected",
        ),
        ({"editype": "855"}, Direction.INBOUND, "document_rejected"),
        ({"editype": None, "status": "C", "errorcode": "X"}, Direction.INBOUND, "anything_else"),
    ],
)
def test_shipped_rules_send_each_exception_where_it_belongs(
    fields: dict[str, Any], direction: Direction, key: str
) -> None:
    assert matching_rule(exception(**fields), direction, RULES).key == key


def test_case_tells_the_partner_what_it_is_about_and_what_to_do() -> None:
    found = exception(editype="856")

    opened = new_case(PARTNER, rule("ship_notice_rejected"), found, Direction.INBOUND, texts())

    assert opened.subject == "856 ship notice for order 4500187734 was rejected"
    assert (
        opened.next_step == "Correct the 856 ship notice and send it again before the goods arrive."
    )
    assert (opened.category, opened.priority, opened.due_at) == (
        "asn_rejection",
        "high",
        NOW + timedelta(hours=24),
    )
    assert opened.transaction_refs == (transaction_ref(found, Direction.INBOUND),)


def test_document_that_nobody_knows_gets_a_neutral_name_and_is_counted() -> None:
    labels = texts()

    opened = new_case(
        PARTNER,
        rule("anything_else"),
        exception(editype="864", contentkeys=[]),
        Direction.INBOUND,
        labels,
    )

    assert opened.subject == "Document for transaction TG-1 could not be processed"
    assert labels.unknown == {"transaction.type=864": 1}


def test_open_case_of_the_same_rule_is_joined() -> None:
    one = rule("delivery_failed")
    ours = case(
        "case_1", routedBy={"ruleKey": "delivery_failed"}, status="open", transactionRefs=[ref()]
    )

    assert joinable_case([ours], one, "other") == ours
    for other in (
        case("case_1", routedBy={"ruleKey": "anything_else"}, status="open"),
        case("case_1", status="open"),
        case("case_1", routedBy={"ruleKey": "delivery_failed"}, status="resolved"),
        case("case_1", routedBy={"ruleKey": "delivery_failed"}, status="closed"),
        case("case_1", routedBy={"ruleKey": "delivery_failed"}, status="open", deletedAt=NOW),
        case(
            "case_1",
            routedBy={"ruleKey": "delivery_failed"},
            status="open",
            transactionRefs=[ref(number) for number in range(MAX_REFS)],
        ),
    ):
        assert joinable_case([other], one, "other") is None


def test_case_of_another_order_is_not_joined_where_the_rule_asks_for_the_order() -> None:
    ours = case(
        "case_1",
        routedBy={"ruleKey": "ship_notice_rejected"},
        status="open",
        transactionRefs=[ref(order="4500000001")],
    )

    assert joinable_case([ours], rule("ship_notice_rejected"), "4500000001") == ours
    assert joinable_case([ours], rule("ship_notice_rejected"), "4500000002") is None
    assert joinable_case([ours], rule("ship_notice_rejected"), None) is None


def test_two_workers_use_the_same_key_until_there_is_a_case() -> None:
    one, first, second = (
        rule("delivery_failed"),
        exception(),
        exception(correlationid="c-2", transactionid="TG-2"),
    )
    closed = case("case_1", routedBy={"ruleKey": "delivery_failed"}, status="closed")

    key = case_idempotency_key(PARTNER, one, first, [])

    assert key == case_idempotency_key(PARTNER, one, second, [])
    assert key != case_idempotency_key(PARTNER, one, second, [closed])
    assert key != case_idempotency_key(PartnerId("GC2"), one, first, [])
    assert key != case_idempotency_key(PARTNER, rule("anything_else"), first, [])
