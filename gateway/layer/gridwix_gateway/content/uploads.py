"""Uploads: a client announces a file, then sends its bytes to S3. They are verified at first use.

S3 accepts only as many bytes as were announced. It does not check their digest, so the bytes are
copied to a key that no client can write, and the copy's digest is compared with the announced one.
A copy that differs is deleted, and the request that uses the upload is refused.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta

from gridwix_gateway.content.ports import ContentStore
from gridwix_gateway.documents import Document, parse_timestamp, timestamp
from gridwix_gateway.problems import FieldError, Problem
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.items import dump_json, item_document
from gridwix_gateway.store.table import Item, Key, Table

URL_LIFETIME = timedelta(hours=1)
"""Time for which an upload's presigned URL accepts bytes."""

ANNOUNCED_LIFETIME = timedelta(days=2)
"""Time after which an upload that no request has used is deleted, with its bytes."""

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The EICAR test file, which every virus scanner reports as a virus by agreement.

Source: https://www.eicar.org/download-anti-malware-testfile/.
"""

SCANNED_BYTES = 4_096
"""Bytes at the beginning of an upload that are searched for the EICAR test file."""


def announce_upload(draft: Draft, fields: Document, store: ContentStore) -> Document:
    """Register an upload that a client announces, and return the presigned URL for its bytes.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        fields: ``fileName``, ``mediaType``, ``sizeBytes``, ``sha256`` and ``purpose``, as the
            client announces them.
        store: The bucket. It makes URLs without a call to S3.

    Returns:
        ``uploadId``, ``putUrl`` and ``expiresAt``, as in the OpenAPI schema ``Upload``.
    """
    identifier = f"upl_{uuid.uuid4().hex}"
    now = parse_timestamp(draft.at)
    # A number of JSON is whole as 1.0, too.
    size = int(fields["sizeBytes"])
    upload = {**fields, "uploadId": identifier, "sizeBytes": size}
    forgotten = int((now + ANNOUNCED_LIFETIME).timestamp())
    draft.put_item({**_upload_item(upload, "announced"), "expiresAt": forgotten})
    seconds = int(URL_LIFETIME.total_seconds())
    return {
        "uploadId": identifier,
        "putUrl": store.upload_url(_upload_key(identifier), size, seconds),
        "expiresAt": timestamp(now + URL_LIFETIME),
    }


def received_upload(draft: Draft, identifier: str, pointer: str = "/uploadId") -> Document:
    """Return an upload after :meth:`Uploads.receive` has received and verified its bytes.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        identifier: The upload.
        pointer: JSON pointer of the request's field that names the upload, for errors.

    Returns:
        ``fileName``, ``sizeBytes`` and the other fields that the client announced, ``scan`` (result
        of the virus scan), and ``blob`` (key of the bytes in the bucket).

    Raises:
        Problem: ``validation``: there is no such upload, its bytes are not verified, or a virus was
            found.
    """
    item = draft.get_item(_table_key(identifier))
    if item is None or item["status"] != "received":
        raise _unknown_upload(pointer)
    upload = item_document(item)
    if upload["scan"] == "infected":
        fault = FieldError(pointer, "infected", "the scanner has found a virus")
        raise Problem("validation", "The file is infected.", [fault])
    return upload


class Uploads:
    """Verifies the bytes of each upload once, and copies them to a key that no client can write.

    Args:
        table: The gateway's table.
        store: The gateway's bucket.
        new_name: Makes a unique name for a copy.
    """

    def __init__(
        self,
        table: Table,
        store: ContentStore,
        new_name: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._table = table
        self._store = store
        self._new_name = new_name

    def receive(self, identifier: str, pointer: str = "/uploadId") -> None:
        """Verify and copy the bytes of an upload, unless they are verified already. Idempotent.

        Args:
            identifier: The upload.
            pointer: JSON pointer of the request's field that names the upload.

        Raises:
            Problem: ``validation``: there is no such upload, its bytes have not arrived, or the
                bytes are not the announced ones.
        """
        item = self._table.get(_table_key(identifier))
        if item is None:
            raise _unknown_upload(pointer)
        if item["status"] == "received":
            return
        upload = item_document(item)
        # Its own name for each attempt: two of them could copy different bytes.
        blob = f"content/{upload['sha256']}/{self._new_name()}"
        stored = self._store.copy(_upload_key(identifier), blob)
        if stored is None:
            raise _unknown_upload(pointer)
        if (stored.size, stored.sha256) != (upload["sizeBytes"], upload["sha256"]):
            self._store.delete(blob)
            fault = FieldError(pointer, "mismatch", "the bytes are others than were announced")
            raise Problem("validation", "The bytes are not those that were announced.", [fault])
        begin = self._store.read(blob, 0, min(stored.size, SCANNED_BYTES) - 1)
        # The gateway has no virus scanner: it detects the test file, and claims no more.
        scan = "infected" if EICAR in begin else "skipped"
        received = _upload_item({**upload, "scan": scan, "blob": blob}, "received")
        kept = self._table.replace(received, "status", "announced") or self._names(identifier, blob)
        if not kept or scan == "infected":
            self._store.delete(blob)

    def _names(self, identifier: str, blob: str) -> bool:
        """Return True if an upload's item in the table names the copy of its bytes at key ``blob``.

        The copy must be kept then. The caller asks after a refused conditional write: botocore
        retries a write if the response is lost, and the retry is refused, although the first
        request has written the item.
        """
        item = self._table.get(_table_key(identifier))
        return item is not None and item_document(item).get("blob") == blob


def _upload_item(upload: Document, status: str) -> Item:
    key = _table_key(upload["uploadId"])
    return {"pk": key.pk, "sk": key.sk, "status": status, "document": dump_json(upload)}


def _table_key(identifier: str) -> Key:
    return Key(f"U#{identifier}", "-")


def _upload_key(identifier: str) -> str:
    return f"uploads/{identifier}"


def _unknown_upload(pointer: str) -> Problem:
    fault = FieldError(pointer, "unknown", "there is no such upload, or its bytes were not put")
    return Problem("validation", "The upload is not there.", [fault])
