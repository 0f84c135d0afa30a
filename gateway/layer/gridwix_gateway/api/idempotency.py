"""Idempotency keys: a POST is executed once per key, however often it is sent.

The response is kept in the same commit as what the request has changed. So there is no moment at
which one exists without the other, and of two requests at once with one key, one replays the
other's response.
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
"""Time for which a response is kept. The profile asks for a day."""

MAX_KEY = 200


class IdempotencyKey(NamedTuple):
    """An ``Idempotency-Key``, and the consumer key of its client.

    Clients choose their keys without knowing of each other, so equal ones mean different requests.
    """

    consumer: str
    text: str


def idempotency_key(request: Request, consumer: str) -> IdempotencyKey | None:
    """Return the request's ``Idempotency-Key``, or None.

    Args:
        request: The request.
        consumer: The consumer key of its client.

    Raises:
        Problem: ``validation``: it is empty or longer than 200 characters.
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
    """Return the kept response of a key, or None if the key is new.

    Args:
        draft: The commit's draft.
        key: The ``Idempotency-Key``.
        request: The request.

    Raises:
        Problem: ``idempotency-key-reused``: the key belongs to another request.
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
    """Keep a response for a key, as a part of the commit.

    Args:
        draft: The commit's draft.
        key: The ``Idempotency-Key``.
        request: The request.
        response: Its response, with a JSON body or none.
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
