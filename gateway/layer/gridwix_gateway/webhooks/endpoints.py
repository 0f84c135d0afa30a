"""Webhook endpoints: registration, signing secrets, replays.

Signing secrets are stored in plain text: the table is encrypted at rest, and the API returns the
secrets to clients that may register endpoints. They are never logged.
"""

import base64
import secrets
import uuid
from collections.abc import Callable, Sequence

from gridwix_gateway.documents import Document
from gridwix_gateway.problems import FieldError, Problem
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.items import dump_json, item_document
from gridwix_gateway.store.table import Item, Key, Table

ENDPOINTS = "W#endpoints"
STATES = "W#states"
REPLAYS = "W#replays"
DISABLED = "W#disabled"

MAX_ENDPOINTS = 20
"""Maximum webhook endpoints of a gateway. Each has its own sender, and all run in one function."""

MAX_REPLAY = 10_000
"""Maximum events that one replay delivers."""

MAX_REPLAY_SCANNED = 50_000
"""Maximum events that a replay reads, if the endpoint's types filter most of them."""

MAX_SECRETS = 2
"""Maximum signing secrets of an endpoint: the newest, and the previous one until the next
rotation.
"""


def register_endpoint(draft: Draft, fields: Document, check_url: Callable[[str], None]) -> Document:
    """Register a webhook endpoint, which gets every event of its types from now on.

    Args:
        draft: Buffers the writes until the commit.
        fields: The request body, a ``NewWebhookEndpoint`` of the gateway's API.
        check_url: Raises Problem for a URL to which the gateway sends no webhooks.

    Returns:
        The new endpoint, with its signing secret.

    Raises:
        Problem: ``invalid-transition`` if there are :data:`MAX_ENDPOINTS` endpoints already,
            ``validation`` if ``check_url`` rejects the URL.
    """
    check_url(fields["url"])
    if len(draft.query_items(ENDPOINTS)) >= MAX_ENDPOINTS:
        raise Problem("invalid-transition", f"There are {MAX_ENDPOINTS} endpoints already.")
    endpoint = {
        "id": f"whe_{uuid.uuid4().hex}",
        "url": fields["url"],
        "types": fields.get("types", []),
        "status": "enabled",
        "secrets": [new_secret()],
        "createdAt": draft.at,
    }
    draft.put_item(_endpoint_item(endpoint))
    state: Item = {
        "pk": STATES,
        "sk": endpoint["id"],
        "revision": 1,
        "position": draft.sequence,
        "failures": 0,
        "leaseUntil": 0,
        "pausedUntil": 0,
    }
    draft.put_item(state)
    return endpoint


def delete_endpoint(draft: Draft, identifier: str) -> None:
    """Delete a webhook endpoint, so that it gets no more webhooks.

    Raises Problem ``not-found`` if there is no such endpoint.
    """
    _require_endpoint(draft, identifier)
    for partition in (ENDPOINTS, STATES, REPLAYS, DISABLED):
        draft.delete_item(Key(partition, identifier))


def rotate_secret(draft: Draft, identifier: str) -> Document:
    """Add a new signing secret to a webhook endpoint.

    The previous secret also signs webhooks until the next rotation.

    Args:
        draft: Buffers the writes until the commit.
        identifier: Id of the endpoint.

    Returns:
        The endpoint with its signing secrets, the newest secret first.

    Raises:
        Problem: ``not-found`` if there is no such endpoint.
    """
    endpoint = _require_endpoint(draft, identifier)
    kept = endpoint["secrets"][: MAX_SECRETS - 1]
    rotated = {**endpoint, "secrets": [new_secret(), *kept]}
    draft.put_item(_endpoint_item(rotated))
    return _with_status(rotated, draft.get_item(Key(DISABLED, identifier)))


def start_replay(draft: Draft, feed: Feed, identifier: str, position: int) -> int:
    """Start a replay: deliver the events after a position in the event feed to an endpoint again.

    A new replay replaces one of the same endpoint that has not ended.

    Args:
        draft: Buffers the writes until the commit.
        feed: The event feed.
        identifier: Id of the endpoint.
        position: Number of the event after which the replay begins.

    Returns:
        Number of events that the replay will deliver.

    Raises:
        Problem: ``not-found`` if there is no such endpoint; ``invalid-transition`` if the endpoint
            is disabled; ``validation`` if the replay has more than :data:`MAX_REPLAY` events or
            reads more than :data:`MAX_REPLAY_SCANNED`; ``cursor-expired`` if events after
            ``position`` are no longer in the feed.
    """
    endpoint = _require_endpoint(draft, identifier)
    if draft.get_item(Key(DISABLED, identifier)) is not None:
        raise Problem("invalid-transition", "The endpoint is disabled. Register it again.")
    queued, until, more = 0, position, True
    while more:
        page = feed.read_page(until, MAX_REPLAY + 1, endpoint["types"])
        queued, until, more = queued + len(page.events), page.position, page.has_more
        if queued > MAX_REPLAY or until - position > MAX_REPLAY_SCANNED:
            detail = f"more than {MAX_REPLAY} events, or too far back"
            fault = FieldError("/fromCursor", "too-many", detail)
            raise Problem("validation", "The replay is too long.", [fault])
    before = draft.get_item(Key(REPLAYS, identifier))
    replay: Item = {
        "pk": REPLAYS,
        "sk": identifier,
        "number": 1 if before is None else int(before["number"]) + 1,
        "position": position,
        "until": until,
    }
    draft.put_item(replay)
    return queued


def get_endpoint(table: Table, identifier: str) -> Document:
    """Return a webhook endpoint with its status and signing secrets.

    Raises Problem ``not-found`` if there is no such endpoint.
    """
    endpoint = find_endpoint(table, identifier)
    if endpoint is None:
        raise _unknown_endpoint()
    return endpoint


def find_endpoint(table: Table, identifier: str) -> Document | None:
    """Return a webhook endpoint with its status and signing secrets; None if it does not exist."""
    item = table.get(Key(ENDPOINTS, identifier))
    if item is None:
        return None
    return _with_status(item_document(item), table.get(Key(DISABLED, identifier)))


def list_endpoints(table: Table) -> Sequence[Document]:
    """Return all webhook endpoints with status and signing secrets, the oldest endpoint first."""
    disabled = {str(item["sk"]) for item in table.query(DISABLED, limit=10 * MAX_ENDPOINTS)}
    endpoints = [item_document(item) for item in table.query(ENDPOINTS, limit=10 * MAX_ENDPOINTS)]
    ordered = sorted(endpoints, key=lambda endpoint: (endpoint["createdAt"], endpoint["id"]))
    return [
        {**endpoint, "status": "disabled"} if endpoint["id"] in disabled else endpoint
        for endpoint in ordered
    ]


def new_secret() -> str:
    """Return a new random signing secret (``whsec_...``)."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _endpoint_item(endpoint: Document) -> Item:
    return {"pk": ENDPOINTS, "sk": endpoint["id"], "document": dump_json(endpoint)}


def _require_endpoint(draft: Draft, identifier: str) -> Document:
    item = draft.get_item(Key(ENDPOINTS, identifier))
    if item is None:
        raise _unknown_endpoint()
    return item_document(item)


def _with_status(endpoint: Document, mark: Item | None) -> Document:
    """Return an endpoint with its status: ``disabled`` if there is a ``mark``, else ``enabled``.

    The mark is a table item of its own. The sender writes it when the endpoint has responded 410.
    """
    return {**endpoint, "status": "enabled" if mark is None else "disabled"}


def _unknown_endpoint() -> Problem:
    return Problem("not-found", "There is no such webhook endpoint.")
