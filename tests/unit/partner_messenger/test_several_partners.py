"""A member who acts for several partners is told of a shared record once, on each channel."""

from typing import Any

import pytest

from gridwix.errors import Unavailable
from gridwix.models.events import Change
from tests.factories import BALTIC, PRAIRIE_GOLD, change, check, notice, partner
from tests.fakes.messaging import Stage, campaigns, check_passed

MAJOR: dict[str, Any] = {
    "trigger": {"events": ["notice.published", "notice.updated"]},
    "channels": ["portal", "inbox", "email"],
    "texts": {"en": {"title": "{{ record.title }}", "body": "<p>{{ record.title }}</p>"}},
}


def published(version: int = 1) -> Change:
    return change(
        f"evt_n{version}",
        type="notice.published" if version == 1 else "notice.updated",
        subject="service-notices/ntc_1",
        partnerId=None,
        version=version,
    )


def agency(**campaign: Any) -> Stage:
    """Dana acts for Prairie Gold and for Baltic, Katrin for Baltic alone."""
    stage = Stage(campaigns(major={**MAJOR, **campaign}))
    stage.people.add_link("dana", BALTIC)
    stage.source.put(notice())
    return stage


def mails(stage: Stage) -> list[str]:
    return sorted(mail.contact_id for mail in stage.mails.calls)


def test_notice_is_on_each_partners_page_and_reaches_each_member_once() -> None:
    stage = agency()

    stage.run(published())

    assert len(stage.rows) == 2
    assert mails(stage) == ["contact-dana", "contact-katrin"]
    assert len(stage.inbox.messages) == 2
    assert stage.state_counts("email") == {"sent": 2, "suppressed:already_told": 1}


def test_message_about_a_partners_own_record_reaches_a_member_for_each_of_its_partners() -> None:
    stage = Stage(campaigns(review={"channels": ["email"]}))
    stage.people.add_link("dana", BALTIC)
    stage.source.put(check("chk_2", partnerId=BALTIC, status="passed"))

    stage.run(
        check_passed(), check_passed("evt_2", subject="compliance-checks/chk_2", partnerId=BALTIC)
    )

    assert mails(stage) == ["contact-dana", "contact-dana", "contact-katrin"]


def test_member_whose_first_partner_is_out_of_the_audience_again_is_told_for_the_other() -> None:
    stage = agency()
    stage.source.put(notice(audience={"partnerIds": [PRAIRIE_GOLD]}))
    # In quiet hours: the message waits.
    stage.run_at("2026-03-10T04:00:00")
    stage.run(published())
    assert mails(stage) == []

    stage.source.put(notice(version=2, audience={"partnerIds": [BALTIC]}))
    stage.run(published(2))
    stage.run_after(hours=12)

    assert mails(stage) == ["contact-dana", "contact-katrin"]


def test_retry_of_the_message_that_tells_is_sent() -> None:
    stage = agency(channels=["email"])
    stage.mails.errors = [Unavailable(system="wix")]

    stage.run(published())
    stage.run_after(minutes=10)

    assert sorted(set(mails(stage))) == ["contact-dana", "contact-katrin"]
    assert stage.state_counts("email") == {"sent": 2, "suppressed:already_told": 1}


def test_digest_has_a_shared_record_for_one_of_a_members_partners() -> None:
    stage = agency(digest=True, channels=["portal", "email"])

    stage.run(published())
    stage.run_after(hours=30)
    # The digest for the other partner, in its time zone.
    stage.run_at("2026-03-14T06:00:00")

    told = [mail for mail in stage.mails.calls if mail.contact_id == "contact-dana"]
    assert len(told) == 1
    assert stage.state_counts("email")["suppressed:already_told"] == 1


@pytest.mark.parametrize("listed", [True, False])
def test_partners_of_a_shared_record_are_listed_only_if_its_audience_names_no_ids(
    *, listed: bool
) -> None:
    stage = Stage(campaigns(major={**MAJOR, "channels": ["portal"]}))
    stage.source.put(
        notice(audience={"regions": ["NA"]} if listed else {"partnerIds": [PRAIRIE_GOLD]}),
        *(partner(f"GC{number}") for number in range(40)),
    )
    listings: list[object] = []
    pages = stage.source.partner_pages
    stage.source.partner_pages = lambda: listings.append("all") or pages()  # type: ignore[method-assign, func-returns-value]

    stage.run(published())

    assert listings == ["all"] * listed
    assert [row["partnerId"] for row in stage.rows][:1] == [PRAIRIE_GOLD]
