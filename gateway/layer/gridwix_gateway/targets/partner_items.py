"""Selects from the event feed what partners have sent, such as requests and comments. Pure.

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

``document.version_added`` also announces that an approved version has become the current one. Only
the upload of a version is delivered, not its approval.
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
"""Kinds of items for which the target's system creates an object, the record's counterpart."""


@dataclass(frozen=True, slots=True)
class PartnerItem:
    """Something that a partner has sent, such as a comment, to be delivered to external systems.

    Args:
        kind: Kind of the item.
        collection: Collection of the item's record.
        record_id: Id of the item's record.
    """

    kind: ItemKind
    collection: str
    record_id: str


def partner_item(event: Document, type_prefix: str) -> PartnerItem | None:
    """Return the item, such as a comment, that an event announces as sent by a partner.

    An event about a comment or document does not say whether a partner wrote it. So the item is
    returned in either case, and its author is checked before the delivery.

    Args:
        event: A CloudEvent of the feed, caused by a client.
        type_prefix: Prefix of event types.

    Returns:
        The item; None if the event announces no such item.

    >>> partner_item({"type": "p.case.commented", "subject": "cases/c1", "data": {}}, "p.")
    PartnerItem(kind='comment', collection='cases', record_id='c1')
    """
    name = str(event["type"]).removeprefix(type_prefix)
    data: Document = event["data"]
    collection, record_id = str(event["subject"]).split("/")[:2]
    kind = _item_kind(name, data)
    return None if kind is None else PartnerItem(kind, collection, record_id)


def is_accepted(event: Document) -> bool:
    """Return whether a partner accepted the resolution of a case, by the event about the answer.

    The case is closed then. Otherwise it is open again.
    """
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
