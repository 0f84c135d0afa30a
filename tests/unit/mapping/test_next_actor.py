"""The next actor of a case, and a next step that is still open or already done."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.next_actor import (
    current_next_step,
    hub_rule_keys,
    is_waiting_for_partner,
    next_actor,
)
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment
from gridwix.runtime.configuration import configuration
from tests.factories import NOW, case, comment

HUBS = hub_rule_keys(configuration().case_rules)
STEP = "Send the 856 again."


def said(*authors: str) -> list[Comment]:
    """Public comments of these sides, one after the other."""
    return [
        comment(f"cmt_{n}", author=author).model_copy(
            update={"created_at": NOW + timedelta(minutes=n)}
        )
        for n, author in enumerate(authors)
    ]


def test_hub_rules_are_the_shipped_rules_that_ask_nothing_of_the_partner() -> None:
    assert {"our_document_rejected", "anything_else"} == HUBS


@pytest.mark.parametrize(
    ("status", "step", "owner", "rule", "authors", "actor"),
    [
        ("awaiting_partner", None, None, None, [], "partner"),
        # The hub has seen what the partner said, and still waits for it.
        ("awaiting_partner", STEP, None, None, ["partner"], "partner"),
        ("resolved", None, None, None, [], "partner"),
        ("awaiting_internal", STEP, None, None, [], "hub"),
        ("awaiting_internal", STEP, "partner", None, [], "partner"),
        ("new", STEP, None, None, [], "partner"),
        ("new", STEP, None, "ship_notice_rejected", [], "partner"),
        ("new", STEP, None, "anything_else", [], "hub"),
        ("open", STEP, None, None, ["internal"], "partner"),
        ("open", STEP, None, None, ["internal", "partner"], "hub"),
        ("open", STEP, None, None, ["partner", "internal"], "partner"),
        # A note of the system is nobody's word.
        ("open", STEP, None, None, ["internal", "partner", "system"], "hub"),
        ("open", STEP, "hub", None, ["internal"], "hub"),
        ("open", STEP, "partner", None, ["partner"], "partner"),
        ("open", None, None, None, [], "hub"),
        ("on_the_moon", STEP, None, None, [], "hub"),
        ("closed", STEP, "partner", None, [], "nobody"),
        ("cancelled", STEP, None, None, [], "nobody"),
    ],
)
def test_next_actor_by_status_owner_rule_and_last_word(
    status: str,
    step: str | None,
    owner: str | None,
    rule: str | None,
    authors: list[str],
    actor: str,
) -> None:
    of = case(
        status=status, nextStep=step, nextStepOwner=owner, routedBy=rule and {"ruleKey": rule}
    )

    assert next_actor(of, said(*authors), HUBS) == actor


def test_an_internal_comment_is_nobodys_last_word() -> None:
    words = [
        *said("partner"),
        comment("cmt_9", "Do not tell.", "internal").model_copy(
            update={"created_at": NOW + timedelta(hours=1)}
        ),
    ]

    assert next_actor(case(status="open", nextStep=STEP), words, HUBS) == "hub"


@pytest.mark.parametrize(
    ("of", "authors", "shown"),
    [
        (case(status="open", nextStep=STEP), ["internal", "partner"], None),
        (case(status="open", nextStep=STEP), ["partner", "internal"], STEP),
        (case(status="awaiting_partner", nextStep=STEP), ["partner"], STEP),
        # What our own team does next is no question that could be answered.
        (case(status="awaiting_internal", nextStep="We check it."), ["partner"], "We check it."),
        (
            case(status="open", nextStep="We check it.", nextStepOwner="hub"),
            ["partner"],
            "We check it.",
        ),
        (
            case(status="new", nextStep="We check it.", routedBy={"ruleKey": "anything_else"}),
            ["partner"],
            "We check it.",
        ),
    ],
)
def test_next_step_once_the_partner_has_answered_no_longer_asks_for_it(
    of: Case, authors: list[str], shown: str | None
) -> None:
    assert current_next_step(of, said(*authors), HUBS) == shown


STATUSES = st.sampled_from(
    [
        "new",
        "open",
        "awaiting_partner",
        "awaiting_internal",
        "resolved",
        "closed",
        "cancelled",
        "quantum",
    ]
)
OWNERS = st.sampled_from([None, "partner", "hub", "somebody"])
AUTHORS = st.lists(st.sampled_from(["partner", "internal", "system"]), max_size=4)


@given(STATUSES, st.sampled_from([None, STEP]), OWNERS, AUTHORS)
def test_what_a_case_itself_asks_of_the_partner_is_the_partners_turn(
    status: str, step: str | None, owner: str | None, authors: list[str]
) -> None:
    of = case(status=status, nextStep=step, nextStepOwner=owner)

    if is_waiting_for_partner(of):
        assert next_actor(of, said(*authors), HUBS) == "partner"
        assert current_next_step(of, said(*authors), HUBS) == step
