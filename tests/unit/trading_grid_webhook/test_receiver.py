"""Receiving a webhook: what reaches the bus, and what does not."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from gridwix.edge.standard_webhooks import MAX_BODY_BYTES, TOLERANCE, verify_signature
from gridwix.errors import ConfigurationError, Unavailable, WebhookRejected
from gridwix.models.events import Change, PollRequest
from gridwix.models.key_claims import KeyClaim
from gridwix.trading_grid_webhook.endpoint import TradingGridEdgeSettings
from gridwix.trading_grid_webhook.service import (
    LEASE_SECONDS,
    MAX_REJECTIONS,
    REJECTION_WINDOW,
    Receipt,
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
    seen: dict[str, float] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
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

    def claim_key(self, key: str, lease_seconds: int, now: float) -> KeyClaim:
        if self.seen.get(key, now) > now:
            return KeyClaim.DONE if key in self.confirmed else KeyClaim.HELD
        self.seen[key] = now + lease_seconds
        self.confirmed.discard(key)
        return KeyClaim.GRANTED

    def confirm_key(self, key: str, seconds: int, now: float) -> None:
        self.seen[key] = now + seconds
        self.confirmed.add(key)

    def release_key(self, key: str, now: float) -> None:
        self.seen.pop(key, None)

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

    assert receiver(edge).receive(*delivery()) == Receipt("compliance.status_changed")

    ((detail_type, detail),) = edge.bus
    assert detail_type == "compliance.status_changed"
    assert Change.model_validate(detail).via == "webhook"


def test_receive_of_the_same_bytes_again_is_a_duplicate_for_as_long_as_they_are_valid() -> None:
    edge = FakeEdge()
    receiver(edge, now=NOW - TOLERANCE).receive(*delivery())

    for later in (-TOLERANCE, 0, TOLERANCE):
        again = receiver(edge, now=NOW + later).receive(*delivery())

        assert again == Receipt("compliance.status_changed", duplicate=True)
    assert len(edge.bus) == len(edge.handovers) == 1


def test_receive_of_the_same_bytes_after_a_failed_put_publishes_them() -> None:
    """A sender that signs once has no other bytes to send."""
    edge = FakeEdge(fails=2)
    for _ in range(2):
        with pytest.raises(Unavailable):
            receiver(edge).receive(*delivery())

    receipts = [receiver(edge).receive(*delivery()) for _ in range(2)]

    assert [receipt.duplicate for receipt in receipts] == [False, True]
    assert len(edge.bus) == 1


def test_receive_of_other_bytes_under_the_same_id_and_time_is_no_duplicate() -> None:
    edge = FakeEdge()

    receiver(edge).receive(*delivery(data={"version": 7}))
    receiver(edge).receive(*delivery(data={"version": 8}))

    assert [detail["version"] for _, detail in edge.bus] == [7, 8]


def test_receive_of_the_same_bytes_while_another_invocation_has_them_asks_to_try_again() -> None:
    edge = FakeEdge()
    edge.claim_key(verify_signature(*delivery(), [SECRET], now=NOW), LEASE_SECONDS, NOW)

    with pytest.raises(Unavailable):
        receiver(edge, now=NOW + LEASE_SECONDS - 1).receive(*delivery())
    taken_up = receiver(edge, now=NOW + LEASE_SECONDS).receive(*delivery())

    assert taken_up == Receipt("compliance.status_changed")


class Killed(BaseException):
    """The process ends."""


CALLS = ("claim_key", "put_event", "confirm_key", "record_handover")

UNKNOWN = {("put_event", True), ("confirm_key", False)}
"""Deaths after which nobody can know whether the bus has the change."""


@dataclass
class DyingEdge(FakeEdge):
    """Ends the process at one call, before it has an effect or after."""

    dies_at: str = ""
    carried_out: bool = False

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in CALLS or name != self.dies_at:
            return found

        def die(*args: Any) -> None:
            if self.carried_out:
                found(*args)
            raise Killed

        return die


@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("dies_at", CALLS)
def test_event_whose_receiver_dies_at_any_call_is_published_by_the_same_bytes(
    dies_at: str, carried_out: bool
) -> None:
    edge = DyingEdge(dies_at=dies_at, carried_out=carried_out)
    with pytest.raises(Killed):
        receiver(edge).receive(*delivery())
    edge.dies_at = ""

    receiver(edge, now=NOW + LEASE_SECONDS).receive(*delivery())

    assert len(edge.bus) == (2 if (dies_at, carried_out) in UNKNOWN else 1)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "fails", *CALLS]),
            st.booleans(),
            st.sampled_from([0, 1, LEASE_SECONDS]),
        ),
        max_size=8,
    )
)
def test_202_means_that_the_bus_has_the_event_and_a_second_time_needs_a_death_at_the_put(
    attempts: list[tuple[str, bool, int]],
) -> None:
    edge, now, unknown = DyingEdge(), NOW - TOLERANCE, 0
    for fault, carried_out, seconds in attempts:
        edge.dies_at, edge.carried_out, edge.fails = fault, carried_out, int(fault == "fails")
        before = len(edge.bus)
        with suppress(Killed, Unavailable):
            receiver(edge, now=now).receive(*delivery())
            assert edge.bus
        unknown += (fault, carried_out) in UNKNOWN and len(edge.bus) > before
        now += seconds
    edge.dies_at, edge.fails = "", 0

    receiver(edge, now=now + LEASE_SECONDS).receive(*delivery())

    assert 1 <= len(edge.bus) <= 1 + unknown


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


@pytest.mark.parametrize("attributes", [{"companyid": "GC_OTHER"}, {"specversion": "0.3"}])
def test_receive_of_a_rejected_event_puts_nothing_on_the_bus(attributes: dict[str, Any]) -> None:
    edge = FakeEdge()

    with pytest.raises(WebhookRejected):
        receiver(edge).receive(*delivery(**attributes))

    assert edge.bus == []


def test_receive_of_an_event_of_an_unknown_type_ignores_it() -> None:
    edge = FakeEdge()

    receipt = receiver(edge).receive(*delivery(type="net.example.tg.weather.changed"))

    assert receipt == Receipt(ignored=True)
    assert (edge.bus, edge.seen, edge.rejections) == ([], {}, [])


def test_receive_of_an_event_of_a_mebibyte_puts_its_change_on_the_bus() -> None:
    edge = FakeEdge()
    size = len(delivery(data={"version": 1, "text": ""})[1])

    receiver(edge).receive(*delivery(data={"version": 1, "text": "x" * (2**20 - size)}))

    # A change has no content, so the size of an event says nothing of that on the bus.
    ((_, detail),) = edge.bus
    assert len(json.dumps(detail)) < 1_000


def test_receive_of_a_forged_event_puts_nothing_on_the_bus_and_remembers_nothing() -> None:
    edge = FakeEdge()

    with pytest.raises(WebhookRejected):
        receiver(edge).receive(*delivery(secret=NEXT_SECRET))

    assert (edge.bus, edge.seen) == ([], {})


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
        receiver(FakeEdge(), "doorbell").receive({}, b"x" * (MAX_BODY_BYTES + 1))


def test_receive_as_a_doorbell_after_a_failed_put_asks_again_at_once() -> None:
    edge = FakeEdge(fails=1)
    with pytest.raises(Unavailable):
        receiver(edge, "doorbell").receive({}, b"")

    receipts = [receiver(edge, "doorbell").receive({}, b"") for _ in range(2)]

    assert receipts == [Receipt("feed.poll_requested"), Receipt()]
    assert len(edge.bus) == 1


def test_settings_when_a_variable_is_missing_name_it() -> None:
    with pytest.raises(ConfigurationError, match="BUS_NAME, TRADING_GRID_WEBHOOK_SECRET"):
        TradingGridEdgeSettings.from_environment(
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

    for request in (delivery(secret=NEXT_SECRET), delivery(at=NOW - 900)):
        with pytest.raises(WebhookRejected):
            receiver(edge).receive(*request)

    assert edge.rejections == [
        ("evt_01JA2M7Q5X", "invalid-signature"),
        ("evt_01JA2M7Q5X", "timestamp-too-old"),
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
