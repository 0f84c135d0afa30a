"""Idempotency keys make a POST idempotent: it is executed once per key, however often it is sent.

The response is stored in the same commit as the request's changes, so neither exists without the
other. If two requests with one key arrive at once, one is executed and the other gets its response.
"""

import hashlib
import json
from datetime import timedelta
from typing import NamedTuple

from gridwix_gateway.api.messages import Request, Response
from gridwix_gateway.documents import parse_timestamp
from gridwix_gateway.problems import FieldError, Problem
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.items import dump_json
from gridwix_gateway.store.table import Key

LIFETIME = timedelta(days=2)
"""Time for which the response to an idempotency key is stored. The profile asks for a day."""

MAX_KEY = 200


class IdempotencyKey(NamedTuple):
    """An ``Idempotency-Key`` together with the consumer key of the client that sent it.

    So two clients can choose the same text for different requests.
    """

    consumer: str
    text: str


def idempotency_key(request: Request, consumer: str) -> IdempotencyKey | None:
    """Return the ``Idempotency-Key`` of a POST; None without the header, and for other methods.

    Args:
        request: The request.
        consumer: The consumer key of the request's client.

    Raises:
        Problem: ``validation``: the header is empty or longer than 200 characters.
    """
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise Problem(
            "validation",
            "Idempotency-Key is not valid.",
            [FieldError("", "invalid", "Idempotency-Key has 1 to 200 characters")],
        )
    return None if key is None else IdempotencyKey(consumer, key)


def replayed_response(draft: Draft, key: IdempotencyKey, request: Request) -> Response | None:
    """Return the stored response to an idempotency key, or None if the key is new.

    Args:
        draft: The commit: its reads and buffered writes.
        key: The ``Idempotency-Key``.
        request: The request.

    Raises:
        Problem: ``idempotency-key-reused``: the key was sent with a different request.
    """
    item = draft.get_item(_item_key(key))
    if item is None:
        return None
    if item["request"] != _fingerprint(request):
        raise Problem("idempotency-key-reused", "The key was used for another request.")
    kept = json.loads(str(item["response"]))
    headers = {**kept["headers"], "idempotent-replayed": "true"}
    return Response(kept["status"], kept["document"], headers)


def keep_response(draft: Draft, key: IdempotencyKey, request: Request, response: Response) -> None:
    """Store a response under its idempotency key, in the same commit as the request's writes.

    Args:
        draft: The commit: its reads and buffered writes.
        key: The ``Idempotency-Key``.
        request: The request.
        response: The response to the request, with a JSON body or none.
    """
    kept = {
        "status": response.status,
        "document": response.document,
        "headers": dict(response.headers),
    }
    expires = parse_timestamp(draft.at) + LIFETIME
    item_key = _item_key(key)
    draft.put_item(
        {
            "pk": item_key.pk,
            "sk": item_key.sk,
            "request": _fingerprint(request),
            "response": dump_json(kept),
            "expiresAt": int(expires.timestamp()),
        }
    )


def _item_key(key: IdempotencyKey) -> Key:
    # A digest has one length, whatever characters the client's key has.
    digests = (hashlib.sha256(part.encode()).hexdigest() for part in key)
    return Key(f"I#{'#'.join(digests)}", "-")


def _fingerprint(request: Request) -> str:
    target = "/".join(request.segments).encode()
    return hashlib.sha256(target + b"\n" + request.body).hexdigest()
