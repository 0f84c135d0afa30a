"""Bulk calls of Wix: encodes items to request bodies, and assigns results to items. Pure.

Source: Bulk Save Data Items of Wix Data Items v2.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from gridwix.clients.json_values import json_object, safe_code
from gridwix.clients.vendor_errors import TOO_LARGE, WIX_ERRORS
from gridwix.clients.wix.codec import encode
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.wix import MAX_BULK_ITEMS, MAX_ITEM_BYTES, DataItem, Refusal

MAX_BODY_BYTES = 4_000_000
"""Maximum size of a request body, in bytes. Items that exceed it together are sent in several
calls.
"""

GROUP = 32
"""Number of items that are encoded at a time: most of the cost of encoding one small item is
that of starting the encoder."""

NOT_JSON = "not_json"
"""Refusal code of an item that cannot be encoded as JSON. gridwix's own code, not Wix's."""

UNKNOWN = "unknown"
"""Refusal code for an item that Wix refuses without a reason. gridwix's own code, not Wix's."""

_MOST_DESCRIPTION = 300
"""Maximum number of characters that are kept of Wix's description of a refusal."""


@dataclass(slots=True)
class SaveChunk:
    """The items of one bulk call, encoded as JSON. ``size`` is their size in bytes."""

    ids: list[WixItemId] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def add_part(self, ids: Iterable[WixItemId], part: bytes) -> None:
        """Add items to the call. ``part`` has them encoded as elements of a JSON array."""
        self.ids += ids
        self.parts.append(part)
        self.size += len(part) + 1

    def take_body(self, collection: CollectionId) -> bytes:
        """Return the request body of the bulk call, and drop the encoded items to free memory."""
        # One copy, since each has megabytes: the ends are joined with their small neighbours first.
        self.parts[0] = (
            b'{"dataCollectionId":' + encode(collection) + b',"dataItems":[' + self.parts[0]
        )
        self.parts[-1] += b"]}"
        body = b",".join(self.parts)
        self.parts.clear()
        return body


def check_ids(ids: Sequence[WixItemId]) -> None:
    """Raise ValueError if a bulk call has more than 1000 items, or an item twice.

    The results of an item that is in a call twice could not be told apart.
    """
    if len(ids) > MAX_BULK_ITEMS:
        raise ValueError(f"a bulk call has at most {MAX_BULK_ITEMS} items, got {len(ids)}")
    if len(set(ids)) != len(ids):
        raise ValueError("a bulk call names each item once")


def wire_item(item: DataItem) -> dict[str, Any]:
    """Return an item in the form in which requests to Wix contain it.

    The item's id is both next to the data and in the data, as in Wix's SDK.

    >>> wire_item(DataItem(WixItemId("p1"), {"name": "Ada"}))
    {'id': 'p1', 'data': {'name': 'Ada', '_id': 'p1'}}
    """
    return {"id": item.id, "data": {**item.data, "_id": item.id}}


def save_chunks(
    collection: CollectionId, items: Iterable[DataItem], refused: list[Refusal]
) -> Iterator[SaveChunk]:
    """Split items into chunks, each of which is saved by one bulk call. Encodes them lazily.

    Args:
        collection: The items' collection.
        items: The items to save.
        refused: A list to which a refusal is added for each item that Wix cannot store, because
            the item cannot be encoded as JSON or is too large. Such an item is in no chunk.
    """
    chunk = SaveChunk()
    for group in batched(items, GROUP, strict=False):
        for ids, part in _encoded_parts(collection, group, refused):
            if chunk.parts and chunk.size + len(part) > MAX_BODY_BYTES:
                yield chunk
                chunk = SaveChunk()
            chunk.add_part(ids, part)
    if chunk.parts:
        yield chunk


def _encoded_parts(
    collection: CollectionId, group: Sequence[DataItem], refused: list[Refusal]
) -> Iterator[tuple[Sequence[WixItemId], bytes]]:
    """Encode a group of items as JSON, and yield the encoded parts with the ids of their items.

    If all items together are valid and no larger than Wix allows for one item, they are one part:
    then none of them is too large. Otherwise each item is a part of its own. A refusal is added to
    ``refused`` for each item that is not valid or too large; such an item is left out.
    """
    try:
        together = encode([wire_item(item) for item in group])[1:-1]
    except ValueError:
        together = b""
    if 0 < len(together) <= MAX_ITEM_BYTES:
        yield [item.id for item in group], together
        return
    for item in group:
        try:
            data = encode({**item.data, "_id": item.id})
        except ValueError as error:
            refused.append(Refusal(collection, item.id, NOT_JSON, str(error)))
            continue
        if len(data) > MAX_ITEM_BYTES:
            refused.append(
                Refusal(
                    collection,
                    item.id,
                    TOO_LARGE,
                    f"the item has {len(data)} bytes, more than {MAX_ITEM_BYTES}",
                )
            )
            continue
        yield [item.id], b'{"id":' + encode(item.id) + b',"data":' + data + b"}"


def refusals(
    operation: str, collection: CollectionId, ids: Sequence[WixItemId], results: object
) -> list[Refusal]:
    """Return the items that Wix refused in a bulk call. Every other item was written.

    A result belongs to the item at the result's ``originalIndex``, or to the item with its ``id``
    if it has no index.

    Args:
        operation: The operation's name in errors.
        collection: The items' collection.
        ids: Ids of the items of the request, in the request's order.
        results: The member ``results`` of the response.

    Raises:
        Unavailable: An item has no result, results contradict each other, or a result belongs to
            no item. The error is ambiguous: items may have been written.
    """
    if not isinstance(results, list):
        raise WIX_ERRORS.malformed_response(operation, "the answer has no results")
    found: list[Refusal | bool | None] = [None] * len(ids)
    by_id: dict[str, int] = {}
    for result in results:
        metadata = json_object(json_object(result).get("itemMetadata"))
        index, named = metadata.get("originalIndex"), metadata.get("id")
        if index is None and isinstance(named, str):
            by_id = by_id or {identifier: position for position, identifier in enumerate(ids)}
            index = by_id.get(named)
        # bool is an int in Python, and no index in JSON.
        if (
            not isinstance(index, int)
            or isinstance(index, bool)
            or not 0 <= index < len(ids)
            or named not in (None, "", ids[index])
        ):
            raise WIX_ERRORS.malformed_response(operation, "a result belongs to no item")
        # Nearly every result is a plain success.
        verdict = (
            True
            if metadata.get("success") is True and not metadata.get("error")
            else _item_verdict(metadata, collection, ids[index])
        )
        if verdict is None or (found[index] is not None and found[index] != verdict):
            raise WIX_ERRORS.malformed_response(operation, "a result contradicts itself or another")
        found[index] = verdict
    missing = found.count(None)
    if missing:
        raise WIX_ERRORS.malformed_response(
            operation, f"{missing} of {len(ids)} items have no verdict"
        )
    return [verdict for verdict in found if isinstance(verdict, Refusal)]


def _item_verdict(
    metadata: Mapping[str, Any], collection: CollectionId, item_id: WixItemId
) -> Refusal | None:
    """Return the refusal of one item, from a result that is not a plain success.

    Returns None if the result contradicts itself: it states a success together with an error, or
    neither of them. ``metadata`` is the result's member ``itemMetadata``.
    """
    error = metadata.get("error")
    if metadata.get("success") is True:
        return None
    if metadata.get("success") is not False and not error:
        return None
    described = json_object(error)
    description = described.get("description")
    text = description[:_MOST_DESCRIPTION] if isinstance(description, str) else ""
    return Refusal(collection, item_id, safe_code(described.get("code")) or UNKNOWN, text)
