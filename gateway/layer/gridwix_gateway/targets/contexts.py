"""Reads the data of a delivery to an external system (target), for the target's expressions.

The data become variables of these expressions. They come from the event, and from the record and
its partner as they are now.
"""

from dataclasses import dataclass
from typing import Any

from gridwix_gateway.content.ranges import served_media_type
from gridwix_gateway.documents import Document
from gridwix_gateway.store.items import event_key, item_document
from gridwix_gateway.store.records import Records
from gridwix_gateway.store.table import Table
from gridwix_gateway.targets.delivery_log import TargetDelivery
from gridwix_gateway.targets.partner_items import is_accepted
from gridwix_gateway.targets.ports import (
    DeliveryContext,
    DocumentContent,
    ItemReader,
    StoredVersion,
)


@dataclass(frozen=True, slots=True)
class NoContext:
    """Result for a delivery to an external system (target) if there is nothing to send.

    Args:
        reason: Code of the reason why there is nothing to send.
        is_lost: True if something that a partner sent is lost, so that a person must be told. False
            if the comment or document is not by a partner, and so not meant for external systems.
    """

    reason: str
    is_lost: bool


class ContextReader:
    """Reads the data that is delivered to an external system (target), for its expressions.

    The data become variables of the expressions that the target's declaration has.

    Args:
        table: The gateway's table.
        items: Reads comments and document versions.
    """

    def __init__(self, table: Table, items: ItemReader) -> None:
        self._table = table
        self._records = Records(table)
        self._items = items

    def read(self, delivery: TargetDelivery, system: str) -> DeliveryContext | NoContext:
        """Read the data of one delivery to an external system (target).

        Args:
            delivery: The delivery of an item that a partner has sent, such as a comment.
            system: Name of the external system, by which the record's ``externalRefs`` is searched.

        Returns:
            Values of the variables for the target's expressions and, for a document, the location
            of its bytes; or a :class:`NoContext` if there is nothing to send.
        """
        stored = self._table.get(event_key(delivery.number))
        if stored is None:
            return NoContext("event-expired", is_lost=True)
        event = item_document(stored)
        collection, record_id = delivery.record
        record = self._records.get(collection, record_id)
        if record is None:
            return NoContext("record-missing", is_lost=True)
        partner_id = event.get("partnerid")
        partner = None if partner_id is None else self._records.get("partners", partner_id)
        identifier = delivery_id(event)
        variables: Document = {
            "event": event,
            "record": record,
            "partner": partner or {},
            "reference": record_reference(record, system),
            "delivery": {"id": identifier, "kind": delivery.item.kind},
            "comment": None,
            "step": None,
            "version": None,
            "accepted": None,
            "attached": None,
        }
        content: DocumentContent | None = None
        if delivery.item.kind == "document":
            stored_version = self._items.find_version(record_id, delivery.number)
            if stored_version is None:
                return NoContext("version-missing", is_lost=True)
            if stored_version.version["source"] != "portal":
                return NoContext("not-by-a-partner", is_lost=False)
            variables["version"] = stored_version.version
            content = _version_content(stored_version)
        found = self._own_variable(delivery, event)
        if isinstance(found, NoContext):
            return found
        return DeliveryContext(identifier, delivery.item.kind, variables | found, content)

    def _own_variable(self, delivery: TargetDelivery, event: Document) -> Document | NoContext:
        """Return the variable that exists only for the kind of item that is delivered.

        It is ``comment`` for a comment, ``step`` for a submitted step, and ``accepted`` for an
        answer to the resolution of a case: whether the partner accepts the resolution. Returns an
        empty mapping for other kinds, and the reason if a comment is missing or not by a partner.
        """
        after: Any = event["data"]["after"]
        match delivery.item.kind:
            case "comment":
                comments = self._items.list_comments(*delivery.record)
                found = next((one for one in comments if one["id"] == after.get("id")), None)
                if found is None:
                    return NoContext("comment-missing", is_lost=True)
                if found["author"]["kind"] != "partner":
                    return NoContext("not-by-a-partner", is_lost=False)
                return {"comment": found}
            case "submission":
                return {"step": after}
            case "resolution":
                return {"accepted": is_accepted(event)}
        return {}


def _version_content(stored: StoredVersion) -> DocumentContent:
    version = stored.version
    return DocumentContent(
        blob=stored.blob,
        size=int(version["sizeBytes"]),
        sha256=str(version["sha256"]),
        media_type=served_media_type(version["mediaType"]),
        file_name=str(version["fileName"]),
    )


def delivery_id(event: Document) -> str:
    """Return the id under which an event is delivered to targets, the same in every attempt.

    The event's time is part of the id, because a table restored from a backup reuses event numbers.

    >>> delivery_id({"id": "evt_000000000007", "time": "2026-03-12T14:02:11.480Z"})
    'evt_000000000007-20260312140211480'
    """
    digits = "".join(character for character in str(event["time"]) if character.isdigit())
    return f"{event['id']}-{digits}"


def record_reference(record: Document, system: str) -> str:
    """Return a record's id in another system, from ``externalRefs``; "" if it has no id there.

    >>> record_reference({"externalRefs": [{"system": "servicenow", "id": "a1"}]}, "servicenow")
    'a1'
    """
    references = record.get("externalRefs") or ()
    return next((str(one["id"]) for one in references if one.get("system") == system), "")
