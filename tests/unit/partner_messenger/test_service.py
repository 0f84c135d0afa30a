"""Messages of one event over all channels."""

from gridwix.models.portal.collection_ids import PARTNER_MESSAGES
from gridwix.runtime.configuration import configuration
from tests.factories import NOW, PRAIRIE_GOLD, case, change, check, notice
from tests.fakes.messaging import Stage, campaigns, case_moved, check_passed

EVERYTHING = ["portal", "inbox", "email"]


def test_completed_review_is_told_once_over_each_channel_in_the_partners_words() -> None:
    stage = Stage(campaigns(review={"channels": EVERYTHING}))

    report = stage.run(check_passed())

    (row,) = stage.rows
    (mail,) = stage.mails.calls
    ((contact, text),) = stage.inbox.messages
    assert row["texts"]["en"] == {
        "title": "Done: 856 ASN received before dock arrival",
        "body": "<p>Prairie Gold Foods: 856 ASN received before dock arrival</p>",
    }
    assert (row["partnerId"], row["campaign"], row["record"]) == (
        PRAIRIE_GOLD,
        "review",
        "compliance-checks/chk_asn_timing_pgf",
    )
    assert (row["kind"], row["importance"], row["locale"], row["sentAt"]) == (
        "transactional",
        "info",
        "en",
        NOW,
    )
    assert (mail.contact_id, mail.email, mail.text.title) == (
        "contact-dana",
        "dana@partner.example",
        row["texts"]["en"]["title"],
    )
    assert (contact, text.splitlines()[0]) == ("contact-dana", row["texts"]["en"]["title"])
    assert (report.planned, report.dispatches.sent) == (1, {"portal": 1, "inbox": 1, "email": 1})


def test_message_on_the_portal_is_announced_to_its_partner_and_to_nobody_for_another_channel() -> (
    None
):
    stage = Stage(campaigns(review={"channels": ["portal"]}, mail={"channels": ["email"]}))

    stage.run(check_passed())

    assert [row["partnerId"] for row in stage.rows] == [PRAIRIE_GOLD]
    assert stage.bell.rings == [(PARTNER_MESSAGES, frozenset({PRAIRIE_GOLD}))]


def test_message_that_wix_refuses_is_not_announced() -> None:
    stage = Stage(campaigns(review={"channels": ["portal"]}))
    stage.portal.refuse = lambda _: True

    stage.run(check_passed())

    assert stage.bell.rings == []


def test_outbox_holds_nothing_of_what_is_said_and_no_address() -> None:
    stage = Stage(campaigns(review={"channels": EVERYTHING}))
    stage.run(check_passed())

    kept = str(list(stage.outbox.kept.values()))

    assert not any(text in kept for text in ("Prairie", "856 ASN", "dana@", "contact-"))


def test_shipped_campaigns_speak_of_the_sample_world() -> None:
    stage = Stage(configuration())
    stage.people.add_link("dana", role="admin")
    stage.source.put(
        case("case_1", 5),
        notice(),
        check(
            version=2,
            status="passed",
            title="<b>Cargo</b> insurance",
            nextAction="No action needed.",
        ),
    )

    stage.run(
        check_passed(version=2),
        case_moved("evt_5", 5),
        change("evt_n", type="notice.published", subject="service-notices/ntc_1", partnerId=None),
    )

    told = {
        row["campaign"]: row["texts"]["en"]
        for row in stage.rows
        if row["partnerId"] == PRAIRIE_GOLD
    }
    assert set(told) == {"compliance-review-completed", "case-awaiting-partner", "notice-major"}
    assert told["compliance-review-completed"]["title"] == "Completed: <b>Cargo</b> insurance"
    assert "&lt;b&gt;Cargo&lt;/b&gt; insurance" in told["compliance-review-completed"]["body"]
