"""Receiving a webhook: what reaches the bus, and what does not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from gridwix.errors import ConfigurationError, Unavailable, WebhookRejected
from gridwix.models.events import Change, PollRequest
from gridwix.trading_grid_webhook.endpoint import TradingGridEdgeSettings
from gridwix.trading_grid_webhook.service import (
    MAX_REJECTIONS,
    REJECTION_WINDOW,
    TradingGridEdge,
    WebhookReceiver,
)
from tests.factories import HUB, cloud_event

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEXT_SECRET = "whsec_dGhlLXNlY3JldC1hZnRlci10aGUtcm90YXRpb24hIQ=="
NOW = 1_773_324_331.0


@dataclass
class FakeEdge(TradingGridEdge):
    """``fresh`` is what Secrets Manager holds, ``cached`` what was fetched before."""

    cached: list[str] = field(default_factory=lambda: [SECRET])
    fresh: list[str] = field(default_factory=lambda: [SECRET])
    bus: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    fails: int = 0
    handovers: list[tuple[str, str]] = field(default_factory=list)
    rejections: list[tuple[str, str]] = field(default_factory=list)

    def secrets(self, *, refresh: bool = False) -> list[str]:
        if refresh:
            self.cached = self.fresh
        return self.cached

    def put_event(self, detail_type: str, detail: Mapping[str, Any], at: float) -> None:
        if self.fails:
            self.fails -= 1
            raise Unavailable(system="aws")
        self.bus.append((detail_type, detail))

    def claim_key(self, key: str, seconds: int, now: float) -> bool:
        first = key not in self.seen
        self.seen.add(key)
        return first

    def record_handover(self, key: str, event_id: str, now: float) -> None:
        self.handovers.append((key, event_id))

    def record_rejection(self, identifier: str, reason: str, now: float) -> None:
        self.rejections.append((identifier, reason))


def receiver(edge: FakeEdge, mode: str = "standard-webhooks", now: float = NOW) -> WebhookReceiver:
    return WebhookReceiver(
        edge,
        company_id=HUB,
        type_prefix="net.example.tg.",
        is_doorbell=mode == "doorbell",
        clock=lambda: now,
    )


def delivery(
    at: float = NOW, secret: str = SECRET, **attributes: Any
) -> tuple[dict[str, str], bytes]:
    body = json.dumps(cloud_event(**attributes)).encode()
    signature = Webhook(secret).sign(
        "evt_01JA2M7Q5X", datetime.fromtimestamp(at, UTC), body.decode()
    )
    return {
        "webhook-id": "evt_01JA2M7Q5X",
        "webhook-timestamp": str(int(at)),
        "webhook-signature": signature,
    }, body


def test_receive_of_a_signed_event_puts_its_change_on_the_bus() -> None:
    edge = FakeEdge()

    assert receiver(edge).receive(*delivery()) == "compliance.status_changed"

    ((detail_type, detail),) = edge.bus
    assert detail_type == "compliance.status_changed"
    assert Change.model_validate(detail).via == "webhook"


def test_receive_of_the_same_request_again_refuses_the_replay() -> None:
    edge = FakeEdge()
    receiver(edge).receive(*delivery())

    with pytest.raises(WebhookRejected) as caught:
        receiver(edge).receive(*delivery())

    assert caught.value.reason == "replayed"
    assert len(edge.bus) == 1


def test_receive_of_the_senders_own_retry_takes_it() -> None:
    edge = FakeEdge(fails=1)
    with pytest.raises(Unavailable):
        receiver(edge).receive(*delivery())

    receiver(edge, now=NOW + 5).receive(*delivery(at=NOW + 5))

    assert len(edge.bus) == 1


def test_receive_after_a_rotation_fetches_the_secret_anew() -> None:
    edge = FakeEdge(fresh=[NEXT_SECRET])

    receiver(edge).receive(*delivery(secret=NEXT_SECRET))

    assert len(edge.bus) == 1


@pytest.mark.parametrize(
    "attributes",
    [{"type": "net.example.tg.weather.changed"}, {"companyid": "GC_OTHER"}, {"specversion": "0.3"}],
)
def test_receive_of_a_rejected_event_puts_nothing_on_the_bus(attributes: dict[str, Any]) -> None:
    edge = FakeEdge()

    with pytest.raises(WebhookRejected):
        receiver(edge).receive(*delivery(**attributes))

    assert edge.bus == []


def test_receive_of_a_forged_event_puts_nothing_on_the_bus_and_remembers_nothing() -> None:
    edge = FakeEdge()

    with pytest.raises(WebhookRejected):
        receiver(edge).receive(*delivery(secret=NEXT_SECRET))

    assert (edge.bus, edge.seen) == ([], set())


def test_receive_as_a_doorbell_believes_nothing_and_asks_for_the_feed() -> None:
    edge = FakeEdge()

    receiver(edge, "doorbell").receive({}, b'{"anything": "at all"}')

    ((detail_type, detail),) = edge.bus
    assert detail_type == "feed.poll_requested"
    assert PollRequest.model_validate(detail)
    assert "anything" not in json.dumps(detail)


def test_receive_as_a_doorbell_that_rings_all_the_time_asks_once_in_ten_seconds() -> None:
    edge = FakeEdge()

    for second in range(30):
        receiver(edge, "doorbell", NOW + second).receive({}, b"")

    assert 3 <= len(edge.bus) <= 4


def test_receive_as_a_doorbell_still_bounds_the_body() -> None:
    with pytest.raises(WebhookRejected):
        receiver(FakeEdge(), "doorbell").receive({}, b"x" * 300_000)


def test_settings_when_a_variable_is_missing_name_it() -> None:
    with pytest.raises(ConfigurationError, match="BUS_NAME, TRADING_GRID_WEBHOOK_SECRET"):
        TradingGridEdgeSettings.read(
            {
                "HANDOVER_TABLE": "h",
                "JOURNAL_DAYS": "30",
                "JOURNAL_TABLE": "j",
                "WEBHOOK_INBOX_TABLE": "t",
                "TRADING_GRID_COMPANY_ID": "c",
                "TRADING_GRID_EVENT_TYPE_PREFIX": "p",
                "TRADING_GRID_WEBHOOK_MODE": "doorbell",
            }
        )


def test_receive_records_the_change_once_the_bus_has_accepted_it() -> None:
    edge = FakeEdge(fails=1)
    with pytest.raises(Unavailable):
        receiver(edge).receive(*delivery())
    assert edge.handovers == []

    receiver(edge, now=NOW + 5).receive(*delivery(at=NOW + 5))

    ((_, detail),) = edge.bus
    change = Change.model_validate(detail)
    assert edge.handovers == [(f"{change.record}@{change.version}", change.event_id)]


def test_receive_of_an_event_without_a_version_records_nothing() -> None:
    edge = FakeEdge()

    receiver(edge).receive(*delivery(data={}))

    assert len(edge.bus) == 1
    assert edge.handovers == []


def test_receive_of_a_doorbell_records_nothing() -> None:
    edge = FakeEdge()

    receiver(edge, mode="doorbell").receive({}, b"")

    assert edge.handovers == []


def test_receive_records_why_a_webhook_is_rejected_under_its_id() -> None:
    edge = FakeEdge()
    receiver(edge).receive(*delivery())

    for request in (delivery(secret=NEXT_SECRET), delivery(at=NOW - 900), delivery()):
        with pytest.raises(WebhookRejected):
            receiver(edge).receive(*request)

    assert edge.rejections == [
        ("evt_01JA2M7Q5X", "invalid-signature"),
        ("evt_01JA2M7Q5X", "timestamp-too-old"),
        ("evt_01JA2M7Q5X", "replayed"),
    ]


@pytest.mark.parametrize("identifier", [None, "", "Ann Lee <ann@example.com>", "x" * 101, "évt"])
def test_receive_records_no_id_that_could_be_free_text(identifier: str | None) -> None:
    edge = FakeEdge()
    headers, body = delivery(secret=NEXT_SECRET)
    headers = {name: value for name, value in headers.items() if name != "webhook-id"}

    with pytest.raises(WebhookRejected):
        receiver(edge).receive(headers | ({"webhook-id": identifier} if identifier else {}), body)

    assert edge.rejections == []


def test_receive_of_a_flood_of_forged_webhooks_records_a_bounded_number() -> None:
    edge, now = FakeEdge(), [NOW]
    flooded = WebhookReceiver(
        edge, company_id=HUB, type_prefix="net.example.tg.", is_doorbell=False, clock=lambda: now[0]
    )

    for seconds in (0, REJECTION_WINDOW):
        now[0] = NOW + seconds
        for _ in range(3 * MAX_REJECTIONS):
            with pytest.raises(WebhookRejected):
                flooded.receive(*delivery(at=now[0], secret=NEXT_SECRET))

    assert len(edge.rejections) == 2 * MAX_REJECTIONS


def test_receive_of_an_accepted_webhook_records_no_rejection() -> None:
    edge = FakeEdge()

    receiver(edge).receive(*delivery())

    assert edge.rejections == []
