"""Members who get a message: roles, links, consent, address and language."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Literal

import pytest

from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.partner_messenger.dispatches import Link
from tests.factories import NOW, check, partner
from tests.fakes.messaging import Stage, campaigns, check_passed


def test_roles_and_links_say_who_is_written_to() -> None:
    stage = Stage(
        campaigns(review={"channels": ["portal", "email"], "audience": {"roles": ["finance"]}})
    )
    stage.people.add_link("ann", role="finance")
    stage.people.add_link("bob", role="logistics")

    stage.run(check_passed())

    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-ann"]
    assert stage.rows[0]["roles"] == ["finance"]


def test_member_who_no_longer_acts_for_the_partner_gets_nothing_that_waited() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.now = datetime(2026, 3, 12, 4, tzinfo=UTC)
    stage.run(check_passed(occurredAt=stage.now))
    stage.people.remove_links("dana")

    stage.run_at("2026-03-12T14:00")

    assert (stage.mails.calls, stage.state_counts("email")) == ([], {"suppressed:no_member": 1})


def test_partner_without_a_member_gets_the_row_and_a_campaign_for_persons_says_so() -> None:
    stage = Stage(
        campaigns(both={"channels": ["portal", "email"]}, persons={"channels": ["email"]})
    )
    stage.people.remove_links("dana")

    stage.run(check_passed())

    assert (len(stage.rows), stage.mails.calls) == (1, [])
    assert stage.state_counts(None) == {"expanded": 1, "suppressed:no_member": 1}


@pytest.mark.parametrize("what", ["link", "contact"])
def test_member_whose_link_or_contact_cannot_be_read_is_waited_for(
    what: Literal["link", "contact"],
) -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.people.unreadable["dana"] = what
    report = stage.run(check_passed())
    assert (stage.mails.calls, report.dispatches.suppressed, report.dispatches.postponed) == (
        [],
        {},
        {"record_fault": 1},
    )

    stage.people.unreadable.clear()
    stage.run_at("2026-03-12T16:00")

    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-dana"]


def test_message_that_waited_goes_out_once_the_link_can_be_read_again() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.now = datetime(2026, 3, 12, 4, tzinfo=UTC)
    stage.run(check_passed(occurredAt=stage.now))
    stage.people.unreadable["dana"] = "link"
    stage.run_at("2026-03-12T14:00")
    assert stage.state_counts("email") == {"planned:record_fault": 1}

    stage.people.unreadable.clear()
    stage.run_at("2026-03-12T16:00")

    assert [mail.contact_id for mail in stage.mails.calls] == ["contact-dana"]


def test_link_that_cannot_be_read_keeps_nobody_else_waiting() -> None:
    stage = Stage(campaigns(review={"channels": ["portal", "email"]}))
    stage.people.add_link("ann")
    stage.people.unreadable["dana"] = "link"

    stage.run(check_passed())

    assert (len(stage.rows), [mail.contact_id for mail in stage.mails.calls]) == (
        1,
        ["contact-ann"],
    )


def test_marketing_goes_to_subscribers_only_and_transactional_to_everybody() -> None:
    stage = Stage(
        campaigns(
            news={"kind": "marketing", "channels": ["inbox", "email"]},
            review={"channels": ["email"]},
        )
    )
    stage.people.add_link("sub", subscription="SUBSCRIBED")
    stage.people.add_link("unsub", subscription="UNSUBSCRIBED")

    stage.run(check_passed())

    marketing = [mail.contact_id for mail in stage.mails.calls if mail.kind == "marketing"]
    assert marketing == [contact for contact, _ in stage.inbox.messages] == ["contact-sub"]
    assert sorted(
        mail.contact_id for mail in stage.mails.calls if mail.kind == "transactional"
    ) == ["contact-dana", "contact-sub", "contact-unsub"]
    assert stage.state_counts("inbox") == {"sent": 1, "suppressed:no_consent": 2}


def test_consent_counts_when_the_message_goes_out() -> None:
    stage = Stage(campaigns(news={"kind": "marketing", "channels": ["email"]}))
    stage.people.add_link("dana", subscription="SUBSCRIBED")
    stage.now = datetime(2026, 3, 12, 4, tzinfo=UTC)
    stage.run(check_passed(occurredAt=stage.now))
    stage.people.add_link("dana", subscription="UNSUBSCRIBED")

    stage.run_at("2026-03-12T14:00")

    assert stage.mails.calls == []


@pytest.mark.parametrize("person", [{"email": ""}, {"deliverability": "BOUNCED"}])
def test_address_that_mails_do_not_reach_gets_none(person: dict[str, str]) -> None:
    stage = Stage(campaigns(review={"channels": ["inbox", "email"]}))
    stage.people.add_link("dana", **person)

    stage.run(check_passed())

    assert (stage.mails.calls, len(stage.inbox.messages), stage.state_counts("email")) == (
        [],
        1,
        {"suppressed:no_address": 1},
    )


def test_language_is_the_persons_then_the_countrys_then_the_default() -> None:
    texts = {"en": {"title": "Done", "body": "Done"}, "de": {"title": "Fertig", "body": "Fertig"}}
    stage = Stage(campaigns(review={"channels": ["portal", "email"], "texts": texts}))
    stage.source.put(partner(version=2, country="DE"))
    stage.people.add_link("fritz")
    stage.people.add_link("amy", locale="en-us")
    stage.people.add_link("luc", locale="fr")

    stage.run(check_passed(occurredAt=NOW))

    assert {mail.contact_id: mail.text.title for mail in stage.mails.calls} == {
        "contact-amy": "Done",
        **{f"contact-{name}": "Fertig" for name in ("dana", "fritz", "luc")},
    }
    assert (stage.rows[0]["locale"], sorted(stage.rows[0]["texts"])) == ("de", ["de", "en"])


def test_occasions_of_many_partners_are_expanded_with_one_query_of_links() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    asked: list[int] = []
    read_links = stage.people.partner_links

    def count_partners(partner_ids: Collection[PartnerId]) -> Listing[Link]:
        asked.append(len(partner_ids))
        return read_links(partner_ids)

    stage.people.partner_links = count_partners  # type: ignore[method-assign]
    events = []
    for number in range(30):
        identifier = f"GC9{number}"
        stage.source.put(
            partner(identifier, country="US"),
            check(f"chk_{number}", partnerId=identifier, status="passed"),
        )
        stage.people.add_link(f"member{number}", identifier)
        events.append(
            check_passed(
                f"evt_{number}", subject=f"compliance-checks/chk_{number}", partnerId=identifier
            )
        )

    stage.run(*events)

    assert len(stage.mails.calls) == 30
    assert asked == [30]
