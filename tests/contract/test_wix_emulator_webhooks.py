"""Webhooks of the Wix emulator: signatures, subscriptions, retries, and injected faults."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from emulators.common import server
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from emulators.wix.webhooks import SCHEDULE
from ops.emulator import Emulator
from tests.contract.wix_site import (
    COLLECTIONS,
    PARTNERS,
    PATIENCE,
    Callback,
    Client,
    a_callback,
    a_site,
    code,
    decode_webhook,
    wait_until,
)

CREATED = "wix.forms.v4.submission_created"
NOW = "2026-03-02T12:00:00.000Z"
GUID = "11111111-2222-4333-8444-555555555555"


def wait_for_deliveries(site: Client, count: int) -> list[dict[str, Any]]:
    """Wait for that many completed deliveries and return them, oldest first."""

    def found() -> list[dict[str, Any]]:
        return [delivery for delivery in site.deliveries() if delivery["status"] != "pending"]

    wait_until(lambda: len(found()) >= count)
    assert len(found()) == count
    return found()[::-1]


def a_hooked_site(callback: Callback, *types: str, **options: Any) -> tuple[Client, str]:
    """Return a site with a webhook, and the id of a form."""
    site = a_site(**options)
    form = site.a_form()
    site.register_webhook(callback, *(types or (CREATED,)))
    return site, form


def submit(site: Client, form: str, count: int = 1) -> list[str]:
    return [site.submit(form, {"email": f"{number}@example.com"})["id"] for number in range(count)]


def entities(site: Client, bodies: list[str]) -> list[str]:
    return [decode_webhook(body, site).event["entityId"] for body in bodies]


def test_delivery_when_made_then_it_is_a_bare_token_around_three_levels_of_json() -> None:
    callback = a_callback()
    site, form = a_hooked_site(callback)
    before = int(time.time())

    submission = site.submit(form, {"email": "ada@example.com"}, visitorId=GUID)
    (body,) = callback.wait_for(1)

    one = decode_webhook(body, site)
    assert jwt.get_unverified_header(body)["alg"] == "RS256"
    assert before <= one.claims["iat"] <= time.time()
    assert one.claims["exp"] > time.time()
    assert isinstance(one.claims["data"], str)
    assert isinstance(one.envelope["data"], str)
    assert isinstance(one.envelope["identity"], str)
    assert (one.envelope["eventType"], one.envelope["instanceId"]) == (
        CREATED,
        site.info["instanceId"],
    )
    assert one.envelope["accountInfo"] == {
        "accountId": site.info["accountId"],
        "siteId": site.info["siteId"],
    }
    assert one.identity == {"identityType": "ANONYMOUS_VISITOR", "anonymousVisitorId": GUID}
    event_id, sequence = one.event.pop("id"), one.event.pop("entityEventSequence")
    assert (len(event_id), sequence.isdecimal()) == (36, True)
    assert one.event == {
        "entityFqdn": "wix.forms.v4.submission",
        "slug": "created",
        "entityId": submission["id"],
        "eventTime": NOW,
        "triggeredByAnonymizeRequest": False,
        "originatedFrom": "",
        "createdEvent": {"entity": submission},
    }


def test_delivery_when_it_is_answered_with_200_then_it_is_listed_as_delivered() -> None:
    callback = a_callback()
    site, form = a_hooked_site(callback)

    (submission,) = submit(site, form)
    (delivery,) = wait_for_deliveries(site, 1)
    event = decode_webhook(callback.bodies[0], site).event

    assert delivery["milliseconds"] > 0
    expected = {
        "eventId": event["id"],
        "eventType": CREATED,
        "entityId": submission,
        "status": "delivered",
        "attempts": 1,
        "responseStatus": 200,
    }
    assert {name: delivery[name] for name in expected} == expected
    assert site.control("GET", "webhooks/deliveries")["counts"] == {"delivered": 1}
    assert (
        site.deliveries(eventId=event["id"])
        == site.deliveries(type=CREATED)
        == site.deliveries(status="delivered")
        == [delivery]
    )
    assert (
        site.deliveries(eventId=GUID)
        == site.deliveries(type="other")
        == site.deliveries(status="failed")
        == site.deliveries(limit=0)
        == []
    )


@pytest.mark.parametrize("status", [201, 204, 301, 404, 500])
def test_delivery_when_the_answer_is_anything_but_200_then_it_is_sent_again_with_the_same_data(
    status: int,
) -> None:
    callback = a_callback(status)
    site, form = a_hooked_site(callback, webhook_scale=0.0001)

    submit(site, form)
    (delivery,) = wait_for_deliveries(site, 1)
    first, second = (decode_webhook(body, site) for body in callback.wait_for(2))

    assert (delivery["status"], delivery["attempts"], delivery["responseStatus"]) == (
        "delivered",
        2,
        200,
    )
    assert first.claims["data"] == second.claims["data"]


def test_delivery_when_the_answer_takes_too_long_then_it_counts_as_none() -> None:
    callback = a_callback(seconds=3600)
    site, form = a_hooked_site(callback, patience=1.0)

    submit(site, form)
    wait_until(lambda: site.deliveries()[0]["attempts"] == 1)
    (delivery,) = site.deliveries()

    assert (delivery["status"], delivery["responseStatus"]) == ("pending", None)
    assert delivery["milliseconds"] >= 1250


def test_delivery_when_nobody_listens_then_the_next_attempt_is_a_minute_away() -> None:
    site = a_site()
    site.control("POST", "webhooks", {"url": "http://127.0.0.1:1/nobody", "types": [CREATED]})

    submit(site, site.a_form())
    wait_until(lambda: site.deliveries()[0]["attempts"] == 1)
    (delivery,) = site.deliveries()

    last, following = (
        datetime.fromisoformat(delivery[name]) for name in ("lastAttemptAt", "nextAttemptAt")
    )
    assert (delivery["status"], delivery["responseStatus"]) == ("pending", None)
    assert round((following - last).total_seconds()) == 60


def test_delivery_when_it_never_succeeds_then_it_fails_after_twelve_more_attempts() -> None:
    callback = a_callback(*[503] * 20)
    site, form = a_hooked_site(callback, webhook_scale=0.000005)

    submit(site, form)
    (delivery,) = wait_for_deliveries(site, 1)

    assert (
        delivery["status"],
        delivery["attempts"],
        delivery["responseStatus"],
        delivery["nextAttemptAt"],
    ) == ("failed", 13, 503, None)
    assert len(callback.wait_for(13, quiet=0.1)) == 13


def test_schedule_when_added_up_then_it_spans_two_days() -> None:
    hours = [wait / 3600 for wait in SCHEDULE[2:]]

    assert SCHEDULE[:2] == (60, 600)
    assert hours == [1, 2, 2, 2, 4, 4, 4, 8, 8, 12]
    assert 47 * 3600 < sum(SCHEDULE) < 48 * 3600


def test_delivery_when_one_event_fails_then_later_ones_are_not_held_up() -> None:
    callback = a_callback(500)
    site, form = a_hooked_site(callback)

    submit(site, form, 3)
    callback.wait_for(3)
    wait_until(
        lambda: (
            sorted(delivery["status"] for delivery in site.deliveries())
            == ["delivered", "delivered", "pending"]
        )
    )


def test_deliveries_when_there_are_many_then_twelve_at_most_are_underway() -> None:
    callback = a_callback(together=12)
    site, form = a_hooked_site(callback)

    ids = submit(site, form, 120)
    deliveries = wait_for_deliveries(site, 120)

    assert callback.most_underway == 12
    assert sorted(entities(site, callback.bodies)) == sorted(ids)
    assert {delivery["attempts"] for delivery in deliveries} == {1}


def test_sequence_when_several_events_are_of_one_entity_then_it_grows() -> None:
    callback = a_callback()
    site, _ = a_hooked_site(callback, "wix.members.v1.*")

    member = site.control("POST", "members", {"loginEmail": "a@b.c", "status": "PENDING"})[
        "member"
    ]["id"]
    site.ok("POST", f"/members/v1/members/{member}/approve", {})
    site.ok("POST", f"/members/v1/members/{member}/block", {})
    events = sorted(
        (decode_webhook(body, site).event for body in callback.wait_for(3)),
        key=lambda event: int(event["entityEventSequence"]),
    )

    assert [event["slug"] for event in events] == ["created", "updated", "updated"]
    assert [event["updatedEvent"]["currentEntity"]["status"] for event in events[1:]] == [
        "APPROVED",
        "BLOCKED",
    ]


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([], ["contact_created", "member_created", "submission_created"]),
        (["wix.forms.*"], ["submission_created"]),
        (["wix.members.v1.member_created", CREATED], ["member_created", "submission_created"]),
        (["wix.other.*"], []),
        (["*"], ["contact_created", "data_item_created", "member_created", "submission_created"]),
    ],
)
def test_webhook_when_it_names_types_then_it_gets_no_others(
    types: list[str], expected: list[str]
) -> None:
    site, callback, everything = a_site(), a_callback(), a_callback()
    form = site.a_form()
    site.register_webhook(callback, *types)
    site.register_webhook(everything, "*")

    site.insert(_id="p1")
    site.control("POST", "members", {"loginEmail": "a@b.c"})
    submit(site, form)
    everything.wait_for(4)
    callback.wait_for(len(expected), quiet=0.1)

    assert (
        sorted(
            decode_webhook(body, site).envelope["eventType"].rpartition(".")[2]
            for body in callback.bodies
        )
        == expected
    )


def test_data_items_when_asked_for_then_every_write_is_told_but_a_truncation() -> None:
    callback = a_callback()
    site, _ = a_hooked_site(callback, "wix.data.v2.data_item_*")

    site.insert(_id="p1", title="Alpha")
    site.bulk("save", {"data": {"_id": "p1", "title": "Beta"}}, {"data": {"_id": "p2"}})
    site.bulk(
        "patch",
        {
            "dataItemId": "p2",
            "fieldModifications": [
                {"fieldPath": "title", "action": "SET_FIELD", "setFieldOptions": {"value": "Gamma"}}
            ],
        },
    )
    site.bulk("remove", "p1")
    site.ok("POST", "/wix-data/v2/items/truncate", {"dataCollectionId": PARTNERS})
    tellings = sorted(
        (decode_webhook(body, site) for body in callback.wait_for(5, quiet=0.1)),
        key=lambda one: int(one.event["entityEventSequence"]),
    )
    events = [one.event for one in tellings]

    assert [(event["slug"], event["entityId"]) for event in events] == [
        ("created", "p1"),
        ("updated", "p1"),
        ("created", "p2"),
        ("updated", "p2"),
        ("deleted", "p1"),
    ]
    created, updated, deleted = (
        events[0]["createdEvent"]["entity"],
        events[1]["updatedEvent"]["currentEntity"],
        events[4]["deletedEvent"]["deletedEntity"],
    )
    assert (created["id"], created["dataCollectionId"], created["data"]["title"]) == (
        "p1",
        PARTNERS,
        "Alpha",
    )
    assert (updated["data"]["title"], deleted) == (
        "Beta",
        {"id": "p1", "dataCollectionId": PARTNERS},
    )


def test_data_items_when_a_write_is_refused_then_nothing_is_told() -> None:
    callback = a_callback()
    site, _ = a_hooked_site(callback, "wix.data.v2.data_item_created")
    site.insert(_id="p1")

    refused = site.insert(_id="p1")
    callback.wait_for(1, quiet=0.1)

    assert refused.status_code == 409


def test_event_when_nobody_wants_it_then_it_cannot_be_redelivered_later() -> None:
    site, callback = a_site(), a_callback()
    submit(site, site.a_form())

    site.register_webhook(callback)

    assert site.control("POST", "webhooks/redeliver") == {"queued": 0}


def test_webhook_when_removed_then_what_waits_for_it_is_dropped() -> None:
    callback, other = a_callback(500), a_callback()
    site, form = a_hooked_site(callback)
    site.register_webhook(other)
    submit(site, form)
    wait_until(lambda: [delivery["attempts"] for delivery in site.deliveries()] == [1, 1])
    webhooks = site.control("GET", "webhooks")["webhooks"]

    left = site.control("DELETE", "webhooks", id=webhooks[0]["id"])["webhooks"]
    missing = site.call("DELETE", "/__emulator/webhooks", id="webhook-9")
    submit(site, form)
    other.wait_for(2)

    assert [webhook["url"] for webhook in webhooks] == [callback.url, other.url]
    assert left == webhooks[1:]
    assert missing.status_code == 404
    wait_until(
        lambda: {delivery["status"] for delivery in site.deliveries()} == {"dropped", "delivered"}
    )
    assert site.control("DELETE", "webhooks") == {"webhooks": []}


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"url": "ftp://example.com"},
        {"url": "http://example.com", "types": "all"},
        {"url": "http://x.y", "types": ["a b"]},
    ],
)
def test_webhook_when_its_order_is_refused_then_there_is_none(order: dict[str, Any]) -> None:
    site = a_site()

    answer = site.post("/__emulator/webhooks", order)

    assert answer.status_code == 400
    assert site.control("GET", "webhooks") == {"webhooks": []}


def test_redelivery_when_asked_for_then_the_same_event_comes_again() -> None:
    callback = a_callback()
    site, form = a_hooked_site(callback)
    submit(site, form, 2)
    first = decode_webhook(callback.wait_for(2)[0], site)

    one = site.control("POST", "webhooks/redeliver", {"eventId": first.event["id"]})
    again = decode_webhook(callback.wait_for(3)[2], site)
    everything = site.control("POST", "webhooks/redeliver")
    callback.wait_for(5)
    missing = site.post("/__emulator/webhooks/redeliver", {"eventId": GUID})

    assert (one, everything, missing.status_code) == ({"queued": 1}, {"queued": 2}, 404)
    assert again.claims["data"] == first.claims["data"]


def test_event_when_made_up_then_its_data_goes_out_as_it_is() -> None:
    callback = a_callback()
    site, _ = a_hooked_site(callback, "AppInstalled", "wix.bookings.v9.*")
    event = {
        "id": GUID,
        "entityFqdn": "wix.bookings.v9.seat",
        "slug": "warmed",
        "entityId": "s1",
        "actionEvent": {"body": {"degrees": 37}},
    }

    unknown = site.control(
        "POST", "events", {"eventType": "wix.bookings.v9.seat_warmed", "data": event}
    )
    legacy = site.control(
        "POST",
        "events",
        {
            "eventType": "AppInstalled",
            "data": {"appId": "x"},
            "identity": {"identityType": "APP", "appId": "x"},
        },
    )
    nobody = site.control("POST", "events", {"eventType": "wix.unheard.v1.of_created", "data": {}})
    first, second = sorted(
        (decode_webhook(body, site) for body in callback.wait_for(2)),
        key=lambda one: one.envelope["eventType"],
        reverse=True,
    )

    assert (unknown, legacy["queued"], nobody["queued"]) == ({"eventId": GUID, "queued": 1}, 1, 0)
    assert first.event == event
    assert "identity" not in first.envelope
    assert (second.event, second.identity) == (
        {"appId": "x"},
        {"identityType": "APP", "appId": "x"},
    )


def test_event_when_its_data_is_text_then_it_is_not_encoded_again() -> None:
    callback = a_callback()
    site, _ = a_hooked_site(callback, "broken")

    site.control("POST", "events", {"eventType": "broken", "data": "{no JSON"})
    (body,) = callback.wait_for(1)
    claims = jwt.decode(
        body, site.info["publicKey"], algorithms=["RS256"], audience=site.info["appId"]
    )

    assert json.loads(claims["data"])["data"] == "{no JSON"


@pytest.mark.parametrize(
    ("order", "field"), [({"data": {}}, "eventType"), ({"eventType": "x"}, "data")]
)
def test_event_when_its_order_is_incomplete_then_it_is_refused(
    order: dict[str, Any], field: str
) -> None:
    answer = a_site().post("/__emulator/events", order)

    assert (answer.status_code, code(answer)) == (400, field)


def test_fault_when_an_event_is_dropped_then_only_a_redelivery_brings_it() -> None:
    callback = a_callback()
    site, form = a_hooked_site(callback)
    site.fault("webhook_drop", "wix.members.*")
    site.fault("webhook_drop", CREATED)

    lost, kept = submit(site, form, 2)
    came = entities(site, callback.wait_for(1, quiet=0.1))
    site.control("POST", "webhooks/redeliver")
    callback.wait_for(3)

    assert came == [kept]
    assert sorted(entities(site, callback.bodies[1:])) == sorted([lost, kept])


def test_fault_when_an_event_is_duplicated_then_it_comes_twice_with_one_id() -> None:
    callback = a_callback()
    site, form = a_hooked_site(callback)
    site.fault("webhook_duplicate")

    submit(site, form, 2)
    ids = [decode_webhook(body, site).event["id"] for body in callback.wait_for(3)]

    assert len(set(ids)) == 2


@pytest.mark.parametrize("kind", ["webhook_delay", "webhook_reorder"])
def test_fault_when_an_event_is_held_back_then_a_later_one_overtakes_it(kind: str) -> None:
    callback = a_callback()
    site, _ = a_hooked_site(callback, "wix.data.v2.data_item_created")
    site.fault(kind, seconds=0.3)

    # In one call: between two, a busy machine may let the time pass.
    site.bulk("insert", {"data": {"_id": "first"}}, {"data": {"_id": "second"}})

    assert entities(site, callback.wait_for(2)) == ["second", "first"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("webhook_bad_signature", jwt.InvalidSignatureError),
        ("webhook_expired", jwt.ExpiredSignatureError),
    ],
)
def test_fault_when_a_token_is_spoilt_then_it_does_not_verify(
    kind: str, error: type[Exception]
) -> None:
    callback = a_callback()
    site, form = a_hooked_site(callback)
    site.fault(kind)

    submit(site, form)
    submit(site, form)
    callback.wait_for(2)
    spoilt = []
    for body in callback.bodies:
        try:
            decode_webhook(body, site)
        except jwt.InvalidTokenError as found:
            spoilt.append(type(found))

    assert spoilt == [error]


def test_site_when_restarted_then_it_keeps_its_key_and_goes_on_delivering(tmp_path: Path) -> None:
    state, callback = tmp_path / "site.db", a_callback(500)

    def info(url: str) -> dict[str, Any]:
        found: dict[str, Any] = Emulator(url).info()
        return found

    with (
        server.thread(
            build_app(new_site(state=state, webhook_scale=0.02, patience=PATIENCE))
        ) as url,
        httpx.Client() as http,
    ):
        site = Client(url, info(url), http)
        site.register_webhook(callback, CREATED)
        (submission,) = submit(site, site.a_form())
        wait_until(lambda: site.deliveries()[0]["attempts"] == 1)
    with (
        server.thread(
            build_app(new_site(state=state, webhook_scale=0.02, patience=PATIENCE))
        ) as url,
        httpx.Client() as http,
    ):
        restarted = Client(url, info(url), http)
        bodies = callback.wait_for(2)
        kept = restarted.ok("GET", f"/forms/v4/submissions/{submission}")["submission"]

    assert restarted.info["publicKey"] == site.info["publicKey"]
    assert entities(restarted, bodies) == [submission, submission]
    assert kept["id"] == submission


def test_sites_when_each_has_its_own_state_then_their_keys_differ(tmp_path: Path) -> None:
    keys = {a_site(state=tmp_path / name).info["publicKey"] for name in ("one.db", "two.db")}

    assert len(keys) == 2


def test_collections_when_their_definition_changes_then_no_item_event_comes() -> None:
    callback = a_callback()
    site, _ = a_hooked_site(callback, "*")

    site.ok("POST", COLLECTIONS, {"collection": {"id": "Other", "fields": []}})

    callback.wait_for(0, quiet=0.1)


def test_webhooks_page_when_opened_then_it_shows_each_delivery() -> None:
    callback = a_callback(503)
    site, form = a_hooked_site(callback)
    empty = a_page(site)
    (submission,) = submit(site, form)
    wait_until(lambda: site.deliveries()[0]["attempts"] == 1)
    (delivery,) = site.deliveries()

    text = a_page(site)

    assert "Nothing was delivered yet." in empty
    assert f'data-testid="delivery-{delivery["id"]}"' in text
    assert all(
        part in text
        for part in (callback.url, CREATED, delivery["eventId"], submission, "1 pending", "503")
    )


def a_page(site: Client) -> str:
    answer = site.http.get(f"{site.url}/webhooks")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    return answer.text
