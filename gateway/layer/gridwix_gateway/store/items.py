"""Items of records and events in the table: keys, and documents as JSON texts. Pure."""

import json

from gridwix_gateway.documents import Document
from gridwix_gateway.store.table import Item, Key

BLOCK_SIZE = 1_000
"""Event numbers per partition. A commit then writes to one or two partitions, and a page
reads few.
"""

MAX_DOCUMENT_BYTES = 350_000
"""Maximum bytes of a record as JSON. DynamoDB limits an item to 400 kB, and an event holds the
record and more.
"""


def record_key(collection: str, identifier: str) -> Key:
    """Return the primary key of a record's item in the table.

    >>> record_key("cases", "case_1")
    Key(pk='R#cases#case_1', sk='-')
    """
    return Key(f"R#{collection}#{identifier}", "-")


def list_partition(collection: str) -> str:
    """Return the partition key of a collection's records in the index ``list``."""
    return f"L#{collection}"


def partner_partition(collection: str, partner_id: str) -> str:
    """Return the partition key of a partner's records of a collection, in the index ``partner``."""
    return f"P#{collection}#{partner_id}"


def sort_key(updated_at: str, identifier: str) -> str:
    """Return a record's sort key in the indexes ``list`` and ``partner``: time of update, then id.

    >>> sort_key("2026-03-12T14:02:11.480Z", "case_1")
    '2026-03-12T14:02:11.480Z#case_1'
    """
    return f"{updated_at}#{identifier}"


def record_partner(collection: str, document: Document) -> str | None:
    """Return the id of the partner that a record belongs to; None if it belongs to no partner.

    A partner's own record belongs to that partner.
    """
    found = document["id"] if collection == "partners" else document.get("partnerId")
    return None if found is None else str(found)


def record_item(collection: str, document: Document) -> Item:
    """Return the table item of a record, with its keys in the indexes."""
    key = record_key(collection, document["id"])
    partner_id = record_partner(collection, document)
    indexed = {
        "listKey": list_partition(collection),
        "sortKey": sort_key(document["updatedAt"], document["id"]),
        **({"partnerKey": partner_partition(collection, partner_id)} if partner_id else {}),
    }
    return {"pk": key.pk, "sk": key.sk, **indexed, "document": dump_json(document)}


def event_key(number: int) -> Key:
    """Return the primary key of an event's item in the table. Event numbers begin with 1.

    >>> event_key(1000), event_key(1001).pk
    (Key(pk='F#0000000000', sk='000000001000'), 'F#0000000001')
    """
    return Key(f"F#{(number - 1) // BLOCK_SIZE:010}", f"{number:012}")


def event_item(number: int, at: str, expires_at: int, event: Document, origin: str = "") -> Item:
    """Return the table item of an event.

    Args:
        number: The event's number.
        at: Time of the event's commit.
        expires_at: Time after which DynamoDB may delete the event, in Unix seconds.
        event: The CloudEvent.
        origin: Who caused the event: ``client``, ``desk``, or "" for the gateway and its sources.
            It is stored beside the CloudEvent, and not shown.
    """
    key = event_key(number)
    return {
        "pk": key.pk,
        "sk": key.sk,
        "at": at,
        "type": event["type"],
        "document": dump_json(event),
        "expiresAt": expires_at,
        "origin": origin,
    }


def dump_json(document: Document) -> str:
    """Return a document as compact JSON text."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def item_document(item: Item) -> Document:
    """Return the document that a table item holds as JSON text in ``document``."""
    document: Document = json.loads(str(item["document"]))
    return document


def item_bytes(item: Item) -> int:
    """Return the size of an item as DynamoDB counts it: names and values in UTF-8.

    >>> item_bytes({"pk": "ab", "n": 12})
    7
    """
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: str | int | bytes) -> int:
    if isinstance(value, bytes):
        return len(value)
    return len(str(value).encode())
