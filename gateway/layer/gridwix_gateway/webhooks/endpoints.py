"""Webhook endpoints: registration, secrets, replays. Use cases over a draft, and reads.

Secrets are stored as they are: the table is encrypted at rest, and the profile returns them to
clients that may register endpoints. They are never logged.
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
"""Endpoints of a gateway. Each has a sender of its own, and a function runs as many at once."""

MAX_REPLAY = 10_000
"""Events of one replay."""

MAX_REPLAY_SCANNED = 50_000
"""Events that a replay of a rare type looks at."""

MAX_SECRETS = 2
"""Secrets that sign: the newest, and the one before it until the next rotation."""


def register_endpoint(draft: Draft, fields: Document, check_url: Callable[[str], None]) -> Document:
    """Register an endpoint. It gets each event from now on.

    Args:
        draft: The commit.
        fields: The profile's ``NewWebhookEndpoint``.
        check_url: Raises Problem for a URL that the gateway does not call.

    Returns:
        The endpoint with its secret.

    Raises:
        Problem: ``invalid-transition`` if there are :data:`MAX_ENDPOINTS`, ``validation`` for its
            URL.
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
    """Delete an endpoint. It gets no more webhooks. Raises Problem ``not-found``."""
    _require_endpoint(draft, identifier)
    for partition in (ENDPOINTS, STATES, REPLAYS, DISABLED):
        draft.delete_item(Key(partition, identifier))


def rotate_secret(draft: Draft, identifier: str) -> Document:
    """Add a secret to an endpoint. The previous one also signs until the next rotation.

    Args:
        draft: The commit.
        identifier: The endpoint.

    Returns:
        The endpoint, the newest secret first.

    Raises:
        Problem: ``not-found``.
    """
    endpoint = _require_endpoint(draft, identifier)
    kept = endpoint["secrets"][: MAX_SECRETS - 1]
    rotated = {**endpoint, "secrets": [new_secret(), *kept]}
    draft.put_item(_endpoint_item(rotated))
    return _with_status(rotated, draft.get_item(Key(DISABLED, identifier)))


def start_replay(draft: Draft, feed: Feed, identifier: str, position: int) -> int:
    """Let the events behind a position be delivered again. It ends a replay that is under way.

    Args:
        draft: The commit.
        feed: The feed.
        identifier: The endpoint.
        position: The position behind which the replay begins.

    Returns:
        Number of events that will be delivered.

    Raises:
        Problem: ``not-found``; ``invalid-transition`` if the endpoint is disabled; ``validation``
            for more than :data:`MAX_REPLAY` events; ``cursor-expired``.
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
    """Return an endpoint with its status and secrets. Raises Problem ``not-found``."""
    endpoint = find_endpoint(table, identifier)
    if endpoint is None:
        raise _unknown_endpoint()
    return endpoint


def find_endpoint(table: Table, identifier: str) -> Document | None:
    """Return an endpoint with its status and secrets, or None."""
    item = table.get(Key(ENDPOINTS, identifier))
    if item is None:
        return None
    return _with_status(item_document(item), table.get(Key(DISABLED, identifier)))


def list_endpoints(table: Table) -> Sequence[Document]:
    """Return all endpoints, the oldest first."""
    disabled = {str(item["sk"]) for item in table.query(DISABLED, limit=10 * MAX_ENDPOINTS)}
    endpoints = [item_document(item) for item in table.query(ENDPOINTS, limit=10 * MAX_ENDPOINTS)]
    ordered = sorted(endpoints, key=lambda endpoint: (endpoint["createdAt"], endpoint["id"]))
    return [
        {**endpoint, "status": "disabled"} if endpoint["id"] in disabled else endpoint
        for endpoint in ordered
    ]


def new_secret() -> str:
    """Return a new signing secret."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _endpoint_item(endpoint: Document) -> Item:
    return {"pk": ENDPOINTS, "sk": endpoint["id"], "document": dump_json(endpoint)}


def _require_endpoint(draft: Draft, identifier: str) -> Document:
    item = draft.get_item(Key(ENDPOINTS, identifier))
    if item is None:
        raise _unknown_endpoint()
    return item_document(item)


def _with_status(endpoint: Document, mark: Item | None) -> Document:
    """Return an endpoint with its status. The mark is an item of its own: the sender writes it."""
    return {**endpoint, "status": "enabled" if mark is None else "disabled"}


def _unknown_endpoint() -> Problem:
    return Problem("not-found", "There is no such webhook endpoint.")
