"""Items that partners send, selected from the feed. Pure.

===========  ==========================================================  ========================
kind         event, caused by a client of the API                        record
===========  ==========================================================  ========================
request      ``request.received``                                        collaboration request
case         ``case.created``                                            case
comment      ``request.commented``, ``case.commented``, by a partner     the request or case
resolution   ``case.status_changed`` from resolved to closed or open     case
submission   ``step.status_changed`` to submitted                        enrollment
document     ``document.version_added`` with a version from the portal   document
===========  ==========================================================  ========================

``document.version_added`` also tells of an approved version that is current from then on. Its
upload was an item; its approval is none.
"""

from dataclasses import dataclass
from typing import Literal

from gridwix_gateway.documents import Document

type ItemKind = Literal["request", "case", "comment", "resolution", "submission", "document"]

KINDS: tuple[ItemKind, ...] = (
    "request",
    "case",
    "comment",
    "resolution",
    "submission",
    "document",
)

OPENING_KINDS = frozenset[ItemKind]({"request", "case"})
"""Kinds that create the record's counterpart in the other system."""


@dataclass(frozen=True, slots=True)
class PartnerItem:
    """Something that a partner has sent.

    Args:
        kind: Its kind.
        collection: Collection of its record.
        record_id: Id of its record.
    """

    kind: ItemKind
    collection: str
    record_id: str


def partner_item(event: Document, type_prefix: str) -> PartnerItem | None:
    """Return what a partner has sent with an event, or None.

    Comments and documents are recognised by their events alone; whether a partner wrote them is
    read later.

    Args:
        event: A CloudEvent of the feed, caused by a client.
        type_prefix: Prefix of event types.

    Returns:
        The item.

    >>> partner_item({"type": "p.case.commented", "subject": "cases/c1", "data": {}}, "p.")
    PartnerItem(kind='comment', collection='cases', record_id='c1')
    """
    name = str(event["type"]).removeprefix(type_prefix)
    data: Document = event["data"]
    collection, record_id = str(event["subject"]).split("/")[:2]
    kind = _item_kind(name, data)
    return None if kind is None else PartnerItem(kind, collection, record_id)


def is_accepted(event: Document) -> bool:
    """Return whether a resolution was accepted: the case is closed."""
    return bool(event["data"]["after"].get("status") == "closed")


def _item_kind(name: str, data: Document) -> ItemKind | None:
    match name:
        case "request.received":
            return "request"
        case "case.created":
            return "case"
        case "case.commented" | "request.commented":
            return "comment"
        case "document.version_added":
            return None if "currentVersion" in data["changed"] else "document"
        case "step.status_changed":
            return "submission" if data["after"].get("status") == "submitted" else None
        case "case.status_changed":
            before = data.get("before", {}).get("status")
            is_answer = before == "resolved" and data["after"].get("status") in {"closed", "open"}
            return "resolution" if is_answer else None
    return None
