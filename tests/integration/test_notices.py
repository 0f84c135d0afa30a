"""Use case 3 through the deployed stack: open issues and service notices, and no private data."""

import time
from itertools import pairwise
from typing import Any

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.mapping.wix_items import item_id
from gridwix.models.events import AUDIENCES, AUDIENCES_CHANGED
from gridwix.models.ids import CollectionId
from gridwix.models.journal import JournalOutcome, row_name
from gridwix.models.portal.collection_ids import OPEN_ISSUES, PARTNER_STATUS, SERVICE_NOTICES
from ops.local_environment import LocalEnvironment

CASE = "case_01JA3B"


def rows(local: LocalEnvironment, collection: CollectionId) -> dict[str, dict[str, Any]]:
    return {
        item.id: dict(item.data)
        for page in local.connections.wix.query_pages(collection)
        for item in page.items
    }


def test_asn_problem_appears_with_what_is_affected_and_when_it_should_be_over(
    local_cloud: LocalEnvironment,
) -> None:
    order = {
        "kind": "incident",
        "title": "856 ship notices from EU partners are rejected",
        "impact": "major",
        "audience": {"regions": ["EU"]},
        "scheduledUntil": "2031-01-01T12:00:00.000Z",
        "affectedTransactionTypes": [{"code": "856", "standard": "x12", "direction": "inbound"}],
        "bodyHtml": "<p>We are <b>looking</b> into it.</p><img src=x onerror=alert(1)>",
    }

    notice = local_cloud.trading_grid.order("notices", order)

    local_cloud.wait_for(lambda: notice["id"] in rows(local_cloud, SERVICE_NOTICES), "the notice")
    row = rows(local_cloud, SERVICE_NOTICES)[notice["id"]]
    partners = {
        partner.partner_id: partner
        for partner in local_cloud.connections.community.every_partner().records
    }
    assert (row["active"], row["transactionTypes"], row["impactLabel"]) == (True, ["856"], "Major")
    assert row["expectedUntil"].isoformat() == "2031-01-01T12:00:00+00:00"
    assert row["entries"][0]["html"] == "<p>We are <b>looking</b> into it.</p>"
    assert "GC055120098871" in row["partnerIds"]
    assert {partners[partner].country for partner in row["partnerIds"]} == {"EE", "DE"}

    local_cloud.trading_grid.order(
        f"notices/{notice['id']}", {"to": "resolved", "bodyHtml": "<p>Fixed.</p>"}
    )

    local_cloud.wait_for(
        lambda: not rows(local_cloud, SERVICE_NOTICES)[notice["id"]]["active"],
        "the end of the notice",
    )
    assert len(rows(local_cloud, SERVICE_NOTICES)[notice["id"]]["entries"]) == 2


def test_partner_that_leaves_an_audience_leaves_the_notice_with_the_next_refresh(
    local_cloud: LocalEnvironment,
) -> None:
    """Through the function's own queue, which delays the refresh, and with the role's rights."""
    generated = [
        record
        for record in local_cloud.gateway.iterate_records("partners")
        if record["name"].split(" ")[0] not in ("Prairie", "Baltic", "Harbor")
        and record["status"] == "active"
    ]
    leaver, stayer = (record["id"] for record in generated[-2:])
    order = {
        "kind": "advisory",
        "title": "New label layout for two partners",
        "impact": "minor",
        "audience": {"partnerIds": [leaver, stayer]},
        "bodyHtml": "<p>From May on.</p>",
    }
    notice = local_cloud.trading_grid.order("notices", order)["id"]
    local_cloud.wait_for(lambda: notice in rows(local_cloud, SERVICE_NOTICES), "the notice")
    assert set(rows(local_cloud, SERVICE_NOTICES)[notice]["partnerIds"]) == {leaver, stayer}

    local_cloud.gateway.make_transition("partners", generated[-2], "terminated")

    local_cloud.wait_for(
        lambda: rows(local_cloud, SERVICE_NOTICES)[notice]["partnerIds"] == [stayer],
        "the notice without the former partner",
    )
    journal = DynamoDBJournal(
        local_cloud.stack.aws.dynamodb, local_cloud.stack.output("JournalTableName")
    )
    # The row is there before the journal says so.
    local_cloud.wait_for(
        lambda: any(
            row_name(SERVICE_NOTICES, item_id(notice)) in one.rows
            for one in journal.of_record(AUDIENCES, limit=10)
        ),
        "the journal's entry of the refresh",
    )
    refreshes = journal.of_record(AUDIENCES, limit=10)
    assert {(one.event_type, one.outcome) for one in refreshes} == {
        (AUDIENCES_CHANGED, JournalOutcome.DONE)
    }


def test_public_comment_reaches_the_partner_and_an_internal_one_does_not(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.gateway.comment_on_case(CASE, "The label of carton 3 is wrong, too.")
    local_cloud.gateway.comment_on_case(
        CASE, "Ask legal about a penalty.", visibility="internal", author_name="Morgan Reyes"
    )

    local_cloud.wait_for(
        lambda: any(
            "carton 3" in said["text"] for said in rows(local_cloud, OPEN_ISSUES)[CASE]["comments"]
        ),
        "the comment",
    )
    local_cloud.wait_until_idle()

    texts = [said["text"] for said in rows(local_cloud, OPEN_ISSUES)[CASE]["comments"]]
    assert "Please send a photo of one carton label." in texts
    assert not any("penalty" in text or "chargeback" in text for text in texts)


def test_burst_of_comments_writes_the_rows_once_a_second_and_ends_with_the_last_one(
    local_cloud: LocalEnvironment,
) -> None:
    """Somebody works through a case: 30 comments, as fast as one after the other is accepted."""
    partner = rows(local_cloud, OPEN_ISSUES)[CASE]["partnerId"]
    local_cloud.wait_until_idle()
    before = {
        one: local_cloud.wix.writes(one)[-1]["number"] for one in (OPEN_ISSUES, PARTNER_STATUS)
    }
    began = time.monotonic()

    for number in range(30):
        local_cloud.gateway.comment_on_case(CASE, f"Carton {number + 100} is wrong, too.")
    seconds = time.monotonic() - began
    local_cloud.wait_for(
        lambda: "Carton 129" in str(rows(local_cloud, OPEN_ISSUES)[CASE]["comments"]),
        "the last comment",
    )
    local_cloud.wait_until_idle()

    for collection, item in ((OPEN_ISSUES, CASE), (PARTNER_STATUS, partner)):
        moments = [
            one["at"]
            for one in local_cloud.wix.writes(collection, after=before[collection])
            if one["id"] == item_id(item)
        ]
        assert 1 <= len(moments) <= seconds + 3, (collection, moments)
        assert all(after - earlier >= 0.9 for earlier, after in pairwise(moments)), moments


def test_not_one_byte_that_wix_received_is_private(local_cloud: LocalEnvironment) -> None:
    """No request of the whole run has names or internal comments."""
    received = local_cloud.wix.requests()

    bodies = "".join(str(request["body"]) for request in received)
    assert "carton label" in bodies
    for private in (
        "Robin Vega",
        "Morgan Reyes",
        "Katrin Tamm",
        "chargeback",
        "penalty",
        "assignee",
    ):
        assert private not in bodies
