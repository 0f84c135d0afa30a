"""Rules of the conformance kit on webhooks, which are signed as Standard Webhooks 1.0.0 says.

A webhook delivers an event of the gateway's event feed.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import standardwebhooks

from ops.gateway.check.created_records import Change, record_path
from ops.gateway.check.exchanges import Document, Exchange
from ops.gateway.check.receiver import Receiver, Webhook
from ops.gateway.check.rules import (
    Capability,
    Need,
    Skipped,
    require,
    require_problem,
    require_status,
)
from ops.gateway.check.session import Session

webhooks = Capability("webhooks", "Webhooks")
SKEW = 300
"""Maximum difference, in seconds, between the time in a webhook and the receiver's clock."""


@dataclass(frozen=True)
class Endpoint:
    """A registered webhook endpoint.

    ``path`` is the path of the conformance kit's own HTTP server at which the endpoint's webhooks
    arrive. ``created`` is the request by which the endpoint was registered, and the gateway's
    response.
    """

    path: str
    created: Exchange

    @property
    def id(self) -> str:
        return str(self.created.document["id"])

    @property
    def secrets(self) -> list[str]:
        found: list[str] = self.created.document["secrets"]
        return found

    @property
    def address(self) -> str:
        return record_path("webhook-endpoints", self.id)


@dataclass(frozen=True)
class Delivery:
    """A change of a record, and the webhooks of its event that have arrived."""

    change: Change
    webhooks: list[Webhook]


@webhooks.rule("created", "A new endpoint has a signing secret and is listed", Need.WEBHOOKS)
def check_created(session: Session) -> None:
    endpoint = _endpoint(session)
    require(endpoint.secrets, "the endpoint has no signing secret", endpoint.created)
    status = endpoint.created.document["status"]
    require(status == "enabled", f"the endpoint is {status}", endpoint.created)
    require_status(session.gateway.get(endpoint.address), 200)
    listed = session.gateway.get("/webhook-endpoints")
    require_status(listed, 200)
    ids = [one["id"] for one in listed.document["items"]]
    require(endpoint.id in ids, f"{endpoint.id} is not listed", listed)


@webhooks.rule("delivered", "A change is delivered as the event that is in the feed", Need.WEBHOOKS)
def check_delivered(session: Session) -> None:
    delivery = _first_delivery(session)
    event = _event_of(delivery.webhooks[0])
    faults = session.profile.event_faults(event)
    require(not faults, f"the body is no event: {'; '.join(faults)}", _shown(delivery.webhooks[0]))
    same = next((one for one in _fed(session) if one["id"] == event["id"]), None)
    shown = _shown(delivery.webhooks[0])
    require(same is not None, f"the feed has no event {event['id']}", shown)
    require(same == event, "the event differs from that of the feed", shown)


@webhooks.rule("id", "webhook-id is the id of the event", Need.WEBHOOKS)
def check_id(session: Session) -> None:
    webhook = _first_delivery(session).webhooks[0]
    wanted = _event_of(webhook).get("id")
    require(webhook.id == wanted, f"webhook-id is {webhook.id}, not {wanted}", _shown(webhook))


@webhooks.rule("signature", "The signature is right for the raw body", Need.WEBHOOKS)
def check_signature(session: Session) -> None:
    webhook = _first_delivery(session).webhooks[0]
    for secret in _endpoint(session).secrets:
        require(_is_signed(webhook, secret), "the signature is wrong", _shown(webhook))


@webhooks.rule("timestamp", "webhook-timestamp is the time of the attempt", Need.WEBHOOKS)
def check_timestamp(session: Session) -> None:
    webhook = _first_delivery(session).webhooks[0]
    text = webhook.headers.get("webhook-timestamp", "")
    stated = int(text) if text.isascii() and text.isdigit() else 0
    require(
        abs(webhook.at - stated) <= SKEW,
        f"webhook-timestamp is {text!r}, which a receiver refuses at {webhook.at:.0f}",
        _shown(webhook),
    )


@webhooks.rule("retried", "A webhook that was answered with 500 is retried", Need.WEBHOOKS)
def check_retried(session: Session) -> None:
    delivery = _retried_delivery(session)
    require(len(delivery.webhooks) > 1, "there is no second attempt", _shown(delivery.webhooks[0]))


@webhooks.rule("retried_id", "A retry has the webhook-id of the first attempt", Need.WEBHOOKS)
def check_retried_id(session: Session) -> None:
    delivery = _retried_delivery(session)
    if len(delivery.webhooks) < 2:
        raise Skipped("there is no second attempt")
    ids = list(dict.fromkeys(webhook.id for webhook in delivery.webhooks))
    shown = [_shown(webhook) for webhook in delivery.webhooks[:2]]
    require(len(ids) == 1, f"the attempts have the ids {', '.join(ids)}", *shown)


@webhooks.rule("retried_signature", "A retry is signed for its own time", Need.WEBHOOKS)
def check_retried_signature(session: Session) -> None:
    delivery = _retried_delivery(session)
    if len(delivery.webhooks) < 2:
        raise Skipped("there is no second attempt")
    last = delivery.webhooks[-1]
    for secret in _endpoint(session).secrets:
        require(_is_signed(last, secret), "the signature of the retry is wrong", _shown(last))


@webhooks.rule("deliveries", "The deliveries are listed with their attempts", Need.WEBHOOKS)
def check_deliveries(session: Session) -> None:
    wanted = {
        _event_of(_first_delivery(session).webhooks[0])["id"]: 1,
        _event_of(_retried_delivery(session).webhooks[0])["id"]: len(
            _retried_delivery(session).webhooks
        ),
    }
    address = f"{_endpoint(session).address}/deliveries"
    pages: list[Exchange] = []

    def is_listed() -> bool:
        pages.append(session.gateway.get(address, {"limit": 200}))
        require_status(pages[-1], 200)
        found = {one["eventId"]: one for one in pages[-1].document["items"]}
        return all(
            identifier in found
            and found[identifier]["status"] == "delivered"
            and found[identifier]["attempts"] >= attempts
            for identifier, attempts in wanted.items()
        )

    require(
        session.wait_until(is_listed),
        f"the list does not have {', '.join(wanted)} as delivered, with each attempt",
        *pages[-1:],
    )


@webhooks.rule("types", "An endpoint with types gets these events only", Need.WEBHOOKS)
def check_types(session: Session) -> None:
    event = _event_of(_first_delivery(session).webhooks[0])
    endpoint = _register(session, [event["type"]])
    # The patch comes before the creation: it would arrive before it.
    case = session.records.create_case()
    session.records.patch(case, {"priority": "normal"})
    _await(session, endpoint, session.records.create_case())
    others = {
        found["type"]
        for found in map(_event_of, _receiver(session).received(endpoint.path))
        if found["type"] != event["type"]
    }
    require(
        not others, f"an endpoint for {event['type']} gets {', '.join(others)}", endpoint.created
    )
    listed = session.gateway.get(f"{endpoint.address}/deliveries")
    require_status(listed, 200)
    queued = {one["eventType"] for one in listed.document["items"]} - {event["type"]}
    require(not queued, f"{', '.join(queued)} is queued for it", listed)


@webhooks.rule("replayed", "A replay delivers the events after a cursor again", Need.WEBHOOKS)
def check_replayed(session: Session) -> None:
    endpoint, delivery = _endpoint(session), _first_delivery(session)
    cursor = _start(session).document["nextCursor"]
    exchange = session.records.post(f"{endpoint.address}/replay", {"fromCursor": cursor})
    require_status(exchange, 202)
    queued = exchange.document["queued"]
    require(queued >= 1, f"{queued} events are queued, after some changes", exchange)
    count = len(delivery.webhooks)

    def came_again() -> bool:
        return len(_of_record(session, endpoint, delivery.change)) > count

    require(
        session.wait_until(came_again, session.limits.webhook_patience),
        "the replayed event does not arrive",
        exchange,
    )
    last = _of_record(session, endpoint, delivery.change)[-1]
    require(last.id == delivery.webhooks[0].id, f"it comes with the id {last.id}", _shown(last))


@webhooks.rule("rotated", "A rotation puts a new secret before the former one", Need.WEBHOOKS)
def check_rotated(session: Session) -> None:
    former, rotated = _endpoint(session).secrets[0], _rotation(session)
    secrets = rotated.document["secrets"]
    require(
        len(secrets) >= 2 and secrets[0] != former and former in secrets[1:],
        f"there are {len(secrets)} secrets, and the former one is not the second",
        rotated,
    )


@webhooks.rule("both_sign", "After a rotation both secrets sign", Need.WEBHOOKS)
def check_both_sign(session: Session) -> None:
    former, secrets = _endpoint(session).secrets[0], _rotation(session).document["secrets"]
    webhook = _await(session, _endpoint(session), session.records.create_case()).webhooks[0]
    require(_is_signed(webhook, secrets[0]), "the new secret does not sign", _shown(webhook))
    require(_is_signed(webhook, former), "the former secret does not sign", _shown(webhook))


@webhooks.rule("deleted", "A deleted endpoint is not-found", Need.WEBHOOKS)
def check_deleted(session: Session) -> None:
    endpoint = _register(session, [])
    require_status(session.gateway.send("DELETE", endpoint.address, None), 204)
    session.endpoints.discard(endpoint.address)
    require_problem(session.gateway.get(endpoint.address), "not-found")


def _receiver(session: Session) -> Receiver:
    assert session.receiver is not None
    return session.receiver


def _subjects_to_fail(session: Session) -> set[str]:
    """Return the records for which the receiver answers the next webhook with 500.

    So the gateway retries such a webhook. The set has subjects of events (``collection/id``), and
    rules add to it.
    """
    return session.keep("subjects to fail", set[str])


def _start(session: Session) -> Exchange:
    """Return the response with the event feed's last cursor before the webhook rules run.

    The cursor is requested once in a run of the conformance kit. A later read from the cursor gets
    the events of all changes that the rules of this module make.
    """

    def read() -> Exchange:
        exchange = session.gateway.get("/events", {"cursor": "now"})
        require_status(exchange, 200)
        return exchange

    return session.keep("feed before webhooks", read)


def _endpoint(session: Session) -> Endpoint:
    """Return the webhook endpoint that most rules of this module use; it gets events of all types.

    The first call in a run of the conformance kit registers the endpoint; later calls return the
    same.
    """

    def make() -> Endpoint:
        _start(session)
        return _register(session, [])

    return session.keep("endpoint", make)


def _register(session: Session, types: list[str]) -> Endpoint:
    to_fail = _subjects_to_fail(session)

    def answer(webhook: Webhook) -> int:
        subject = _event_of(webhook).get("subject")
        if subject not in to_fail:
            return 202
        to_fail.discard(subject)
        return 500

    path, url = _receiver(session).open_path(answer)
    fields: Document = {"url": url, "types": types}
    exchange = session.records.post("/webhook-endpoints", fields)
    require_status(exchange, 201)
    endpoint = Endpoint(path, exchange)
    session.endpoints.add(endpoint.address)
    return endpoint


def _first_delivery(session: Session) -> Delivery:
    def make() -> Delivery:
        endpoint = _endpoint(session)
        return _await(session, endpoint, session.records.create_case())

    return session.keep("first delivery", make)


def _retried_delivery(session: Session) -> Delivery:
    """Return the two attempts to deliver one webhook, of which the first was answered with 500.

    The first call in a run of the conformance kit makes the change that is delivered; later calls
    return the same.
    """

    def make() -> Delivery:
        endpoint = _endpoint(session)
        # The answer depends on the record, which is there before its second event.
        case = session.records.create_case()
        _await(session, endpoint, case)
        _subjects_to_fail(session).add(f"cases/{case.id}")
        changed = session.records.patch(case, {"priority": "normal"})
        return _await(session, endpoint, changed, count=2)

    return session.keep("retried delivery", make)


def _rotation(session: Session) -> Exchange:
    def rotate() -> Exchange:
        address = f"{_endpoint(session).address}/rotate-secret"
        exchange = session.gateway.send("POST", address, None)
        require_status(exchange, 200)
        return exchange

    return session.keep("rotation", rotate)


def _await(session: Session, endpoint: Endpoint, change: Change, count: int = 1) -> Delivery:
    """Wait for the webhooks of a change; return the change with the webhooks that have arrived.

    ``count`` is the number of webhooks to wait for: each attempt to deliver the event is one. Fewer
    are returned if no more arrive in time. Raises Broken if none arrives.
    """

    def arrived() -> bool:
        return len(_of_version(session, endpoint, change)) >= count

    session.wait_until(arrived, session.limits.webhook_patience)
    found = _of_version(session, endpoint, change)
    require(
        found,
        f"no webhook arrives for {change.collection}/{change.id} at version {change.version}",
        endpoint.created,
        change.exchange,
    )
    return Delivery(change, found)


def _of_version(session: Session, endpoint: Endpoint, change: Change) -> list[Webhook]:
    return [
        webhook
        for webhook in _of_record(session, endpoint, change)
        if _version_of(webhook) == change.version
    ]


def _of_record(session: Session, endpoint: Endpoint, change: Change) -> list[Webhook]:
    subject = f"{change.collection}/{change.id}"
    return [
        webhook
        for webhook in _receiver(session).received(endpoint.path)
        if _event_of(webhook).get("subject") == subject
    ]


def _version_of(webhook: Webhook) -> object:
    data = _event_of(webhook).get("data")
    return data.get("version") if isinstance(data, dict) else None


def _event_of(webhook: Webhook) -> Document:
    """Return the event in the body of a webhook; {} if the body is no JSON object."""
    try:
        found = json.loads(webhook.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _fed(session: Session) -> list[Document]:
    """Return the events that came into the event feed since this run began to check webhooks.

    They follow the cursor of :func:`_start`. At most as many pages are read as the limits of the
    run allow.
    """
    events: list[Document] = []
    cursor = _start(session).document["nextCursor"]
    for _ in range(session.limits.pages):
        page = session.gateway.get("/events", {"cursor": cursor, "limit": 200})
        require_status(page, 200)
        events += page.document["items"]
        cursor = page.document["nextCursor"]
        if not page.document["hasMore"]:
            break
    return events


def _is_signed(webhook: Webhook, secret: str) -> bool:
    """Return True if one of a webhook's signatures was made with this secret.

    The webhook's time is not compared with the clock, unlike in ``verify`` of the library: another
    rule checks it.
    """
    try:
        moment = datetime.fromtimestamp(int(webhook.headers.get("webhook-timestamp", "")), UTC)
        verifier = standardwebhooks.Webhook(secret)
        wanted = verifier.sign(webhook.id, moment, webhook.body.decode())
    except (
        ValueError,
        OverflowError,
        OSError,
        RuntimeError,
        standardwebhooks.webhooks.EmptyWebhookSecretError,
    ):
        return False
    return wanted in webhook.headers.get("webhook-signature", "").split(" ")


def _shown(webhook: Webhook) -> Exchange:
    return Exchange(
        "POST",
        "(webhook)",
        webhook.headers,
        webhook.body,
        webhook.answered,
        {},
        b"",
        None,
    )
