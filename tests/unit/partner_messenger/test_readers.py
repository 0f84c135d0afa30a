"""A message about a record that a role may not see reaches none of its members, on any channel."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gridwix.configuration.everything import Configuration
from gridwix.configuration.roles import Except
from tests.factories import PRAIRIE_GOLD, change, document
from tests.fakes.messaging import Stage, campaigns, check_passed

DOCUMENTS = {
    "channels": ["portal", "inbox", "email"],
    "trigger": {"events": ["document.published"]},
}


def restricted(found: Configuration, *roles: str, **changed: Any) -> Configuration:
    """A configuration in which some roles see less."""
    less = {role: found.roles.of(role).model_copy(update=changed) for role in roles}
    return found.model_copy(update={"roles": found.roles.model_copy(update=less)})


def documents(*categories: str) -> dict[str, Any]:
    kinds = campaigns().roles.edi.documents.model_copy(update={"categories": categories})
    return {"documents": kinds}


def published(stage: Stage, category: str = "tax_form") -> None:
    stage.source.put(
        document(partnerId=PRAIRIE_GOLD, category=category, status="published", currentVersion=1)
    )
    stage.run(
        change(
            "evt_1",
            type="document.published",
            subject="documents/doc_1",
            version=1,
            occurredAt=stage.now,
        )
    )


def people(stage: Stage) -> None:
    stage.people.add_link("ann", role="finance")
    stage.people.add_link("bob", role="logistics")
    stage.people.add_link("eve", role="warehouse")


def reached(stage: Stage) -> set[str]:
    return {mail.contact_id.removeprefix("contact-") for mail in stage.mails.calls}


@pytest.mark.parametrize(
    ("blind", "less"),
    [
        (["logistics", "other"], {"sections": Except(values=("documents",))}),
        (["logistics", "other"], documents("agreement")),
    ],
)
def test_members_whose_role_does_not_see_the_document_get_no_message(
    blind: list[str], less: dict[str, Any]
) -> None:
    stage = Stage(restricted(campaigns(news=DOCUMENTS), *blind, **less))
    people(stage)

    published(stage)

    assert reached(stage) == {"dana", "ann"}
    assert stage.rows[0]["roles"] == ["admin", "edi", "finance"]


def test_without_a_restriction_a_row_names_the_roles_of_its_campaign_only() -> None:
    stage = Stage(restricted(campaigns(news=DOCUMENTS), "logistics", **documents("tax_form")))
    people(stage)

    published(stage)

    assert reached(stage) == {"dana", "ann", "bob", "eve"}
    assert stage.rows[0]["roles"] == []


def test_message_that_no_role_may_read_is_not_written() -> None:
    everybody = ("admin", "edi", "finance", "logistics", "other")
    stage = Stage(restricted(campaigns(news=DOCUMENTS), *everybody, **documents()))

    published(stage)

    assert (stage.rows, stage.mails.calls) == ([], [])
    assert stage.state_counts(None) == {"suppressed:no_member": 1}


def test_compliance_checks_belong_to_the_status_which_every_role_sees() -> None:
    stage = Stage(restricted(campaigns(review={"channels": ["email"]}), "edi", sections=()))

    stage.run(check_passed())

    assert reached(stage) == {"dana"}


def test_role_is_checked_again_when_the_message_is_sent() -> None:
    """A configuration that was published meanwhile counts for what is planned."""
    stage = Stage(campaigns(news={**DOCUMENTS, "channels": ["email"]}))
    # In the quiet hours, so that it waits.
    stage.now = datetime(2026, 3, 12, 4, tzinfo=UTC)
    published(stage)

    stage.configuration = restricted(stage.configuration, "edi", **documents("agreement"))
    stage.run_at("2026-03-12T14:00")

    assert (stage.mails.calls, stage.state_counts("email")) == ([], {"suppressed:no_member": 1})
