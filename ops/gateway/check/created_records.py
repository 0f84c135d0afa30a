"""Test records that the conformance kit creates to try writes on, and closes at the end of a run.

Each is named as a test record. Documents are ``restricted`` and comments ``internal``, so that
neither leaves Trading Grid.
"""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from gridwix.clients.http_messages import path_segment
from ops.gateway.check.bounded_http import GatewayFault
from ops.gateway.check.exchanges import Document, Exchange
from ops.gateway.check.gateway import Gateway, LimitReached
from ops.gateway.check.rules import UNEXPECTED_FORM, require, require_status
from ops.gateway.check.state_machines import FINAL, way_to_end

MARK = "[gridwix gateway check] test record, please ignore"
REASON = "gridwix gateway check: end of a test record"


@dataclass(frozen=True)
class Change:
    """A record as the gateway returned it to the conformance kit, after a write or a read.

    ``exchange`` is the request by which the kit wrote or read the record, and the gateway's
    response.
    """

    collection: str
    document: Document
    exchange: Exchange

    @property
    def id(self) -> str:
        return str(self.document["id"])

    @property
    def path(self) -> str:
        return record_path(self.collection, self.id)

    @property
    def version(self) -> int:
        return int(self.document["version"])

    @property
    def etag(self) -> str:
        """The ETag that the gateway's OpenAPI contract prescribes for this version of the record.

        It may differ from the ETag that the response had.
        """
        return f'"v{self.version}"'


def record_path(collection: str, identifier: str) -> str:
    """Return the path of a record, relative to the base URL.

    The id is escaped, since it can contain any character.
    """
    return f"/{collection}/{path_segment(identifier)}"


class CreatedRecords:
    """Creates a partner's test records, and closes them at the end of the conformance kit's run.

    Records that existed before the run get their status and legal name back (``restore_later``).
    """

    def __init__(self, gateway: Gateway, partner_id: str) -> None:
        self._gateway = gateway
        self.partner_id = partner_id
        self._open: dict[tuple[str, str], None] = {}
        self._before: dict[tuple[str, str], Document] = {}

    def case_fields(self, subject: str = "") -> Document:
        """Return the body of a request that creates a case (``NewCase``), with a unique subject."""
        return {
            "partnerId": self.partner_id,
            "subject": f"{MARK} {subject} {uuid.uuid4()}",
            "category": "other",
            "priority": "low",
            "description": "Created by gridwix gateway check, which also closes it.",
        }

    def request_fields(self) -> Document:
        """Return the body of a POST that creates a collaboration request.

        The body has a unique submission id. It fits ``NewCollaborationRequest``, a schema of the
        gateway's OpenAPI contract.
        """
        return {
            "type": "support",
            "partnerId": self.partner_id,
            "submitter": {"name": MARK},
            "formKey": "gateway-check",
            "formVersion": 1,
            "answers": {"subject": MARK},
            "priority": "low",
            "sourceSubmissionId": f"gateway-check-{uuid.uuid4()}",
        }

    def document_fields(self) -> Document:
        """Return the body of a POST that creates a document, with a unique title.

        The body fits ``NewDocument``, a schema of the gateway's OpenAPI contract.
        """
        return {
            "partnerId": self.partner_id,
            "type": "gateway_check",
            "title": f"{MARK} {uuid.uuid4()}",
            "category": "other",
            "classification": "restricted",
        }

    def create_case(self) -> Change:
        """Create a support case to try writes on, and return it. Raises Broken if that fails."""
        return self.create("cases", self.case_fields())

    def create_request(self) -> Change:
        """Create a test collaboration request, and return it. Raises Broken if that fails."""
        return self.create("collaboration-requests", self.request_fields())

    def create(self, collection: str, fields: Document, key: str | None = None) -> Change:
        """Create a record, and return it.

        Args:
            collection: The record's collection.
            fields: The body of the request.
            key: The idempotency key; None for a new one.

        Returns:
            The record.

        Raises:
            Broken: The response has another status than 201.
        """
        exchange = self.post(f"/{collection}", fields, key=key)
        require_status(exchange, 201)
        return self.note(collection, exchange)

    def note(self, collection: str, exchange: Exchange) -> Change:
        """Note a record that the gateway has created, so that it is closed at the end of the run.

        Returns the record, taken from the response of ``exchange``.
        """
        change = Change(collection, exchange.document, exchange)
        self._open[collection, change.id] = None
        return change

    def restore_later(self, record: Change) -> None:
        """Note a record that existed before the run, to restore it at the end.

        Its status and legal name are restored. A rule that changes such a record also changes it
        back. The note is for a rule that fails in between.
        """
        self._before.setdefault((record.collection, record.id), record.document)

    def post(
        self,
        path: str,
        body: Document,
        *,
        key: str | None = None,
        if_match: str | None = None,
    ) -> Exchange:
        """Send a POST request with an idempotency key.

        Args:
            path: The path after the base URL.
            body: The JSON body.
            key: The idempotency key; None for a new one.
            if_match: The header ``If-Match``; None for none.

        Returns:
            The request and its response, which may have any status.
        """
        headers = {"idempotency-key": key or str(uuid.uuid4())}
        if if_match is not None:
            headers["if-match"] = if_match
        return self._gateway.send("POST", path, body, headers=headers)

    def move(self, record: Change, to: str, **more: Any) -> Change:
        """Move a record to another status, by a transition that the OpenAPI contract allows.

        Args:
            record: The record at its present version.
            to: The new status.
            more: Other fields of the request, such as ``reason``.

        Returns:
            The record after the transition.

        Raises:
            Broken: The transition was refused, or the record has another status afterwards.
        """
        exchange = self.try_move(record, to, **more)
        require_status(exchange, 200)
        require(
            exchange.document["status"] == to,
            f"after the transition to {to} the status is {exchange.document['status']}",
            exchange,
        )
        return Change(record.collection, exchange.document, exchange)

    def try_move(self, record: Change, to: str, **more: Any) -> Exchange:
        """Ask for a transition of a record to another status, which may be refused.

        Returns the request and its response, which may have any status.
        """
        return self.post(f"{record.path}/transitions", {"to": to, **more}, if_match=record.etag)

    def patch(self, record: Change, changes: Document) -> Change:
        """Change fields of a record, and return the record. Raises Broken if that fails."""
        exchange = self.try_patch(record, changes)
        require_status(exchange, 200)
        return Change(record.collection, exchange.document, exchange)

    def try_patch(self, record: Change, changes: Document) -> Exchange:
        """Ask for a change of fields of a record, which may be refused.

        Returns the request and its response, which may have any status.
        """
        return self._gateway.send("PATCH", record.path, changes, headers={"if-match": record.etag})

    def read(self, collection: str, identifier: str) -> Change:
        """Read a record; return it with the request and its response.

        Raises Broken if the gateway does not have the record.
        """
        exchange = self._gateway.get(record_path(collection, identifier))
        require_status(exchange, 200)
        return Change(collection, exchange.document, exchange)

    def announce_upload(self, content: bytes) -> Exchange:
        """Announce the upload of a text file; return the exchange (the request and its response).

        The response may have any status.
        """
        fields = {
            "fileName": "gridwix-gateway-check.txt",
            "mediaType": "text/plain",
            "sizeBytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "purpose": "document_version",
        }
        return self.post("/uploads", fields)

    def upload(self, content: bytes) -> str:
        """Announce a text file and send its bytes. Return the id of the upload.

        Raises Broken if the announcement or the sending fails.
        """
        announced = self.announce_upload(content)
        require_status(announced, 201)
        put = self._gateway.put_content(announced.document["putUrl"], content, "text/plain")
        require(200 <= put.status < 300, f"the bytes are refused with {put.status}", put)
        return str(announced.document["uploadId"])

    def close_all(self) -> list[str]:
        """Close, withdraw or cancel each record that the run created, and restore what it changed.

        Returns:
            A text for each record that is still open, or not as before, with the reason.
        """
        left = []
        for collection, identifier in [*self._open, *self._before]:
            try:
                before = self._before.get((collection, identifier))
                if before is None:
                    reason = self._close(collection, identifier)
                else:
                    reason = self._restore(collection, identifier, before)
            except GatewayFault as fault:
                reason = fault.fault
            except LimitReached as reached:
                reason = str(reached)
            except UNEXPECTED_FORM as error:
                reason = f"a response has an unexpected form: {type(error).__name__}"
            if reason:
                left.append(f"{collection}/{identifier}: {reason}")
        return left

    def _restore(self, collection: str, identifier: str, before: Document) -> str | None:
        exchange = self._gateway.get(record_path(collection, identifier))
        if exchange.status != 200:
            return f"a read answers {exchange.status}"
        record = Change(collection, exchange.document, exchange)
        status, name = before["status"], before.get("legalName")
        if record.document["status"] != status:
            exchange = self.try_move(record, status, reason=REASON)
            if exchange.status != 200:
                return f"it was {status}, and is {record.document['status']}"
            record = Change(collection, exchange.document, exchange)
        if record.document.get("legalName") != name:
            exchange = self.try_patch(record, {"legalName": name})
            if exchange.status != 200:
                return "its legalName is not the former one"
        return None

    def _close(self, collection: str, identifier: str) -> str | None:
        exchange = self._gateway.get(record_path(collection, identifier))
        if exchange.status != 200:
            return f"a read answers {exchange.status}"
        status = str(exchange.document.get("status"))
        # A draft document has no way to its end in the profile; a gateway may have one.
        way = way_to_end(collection, status) or [FINAL[collection][0]]
        if status in FINAL[collection]:
            return None
        for to in way:
            record = Change(collection, exchange.document, exchange)
            exchange = self.try_move(record, to, reason=REASON)
            if exchange.status != 200:
                return f"it is {status}, and the transition to {to} answers {exchange.status}"
        return None
