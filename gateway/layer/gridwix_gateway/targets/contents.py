"""Reads the bytes of partners' documents for targets: in pieces, and verified by digest."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

from gridwix_gateway.targets.ports import (
    ContentFault,
    ContentReader,
    DeliveryContext,
    DocumentContent,
)

PIECE = 256 * 1024
"""Bytes held in memory at once while a document is sent."""

MAX_NAME = 150

MISSING = frozenset({"404", "NoSuchKey", "NotFound"})

_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}", re.ASCII)
_UNSAFE = frozenset('/\\:*?"<>|')


class S3Contents(ContentReader):
    """Reads the bytes of documents from S3, to send them to targets.

    Args:
        client: botocore's client of ``s3``.
        bucket: Name of the bucket with the bytes of documents.
    """

    def __init__(self, client: BaseClient, bucket: str) -> None:
        self._client: Any = client
        self._bucket = bucket

    def check(self, content: DocumentContent) -> None:
        try:
            found = self._client.head_object(
                Bucket=self._bucket, Key=content.blob, ChecksumMode="ENABLED"
            )
        except (BotoCoreError, ClientError) as error:
            raise _fault(error) from None
        if int(found["ContentLength"]) != content.size or not is_checksum_of(found, content):
            raise ContentFault("content-damaged", is_lost=True)
        if "ChecksumSHA256" not in found:
            # An object that was restored from elsewhere. A copy of it could not be taken back.
            for _ in self.read_pieces(content):
                pass

    def read_pieces(self, content: DocumentContent) -> Iterator[bytes]:
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=content.blob)["Body"]
            yield from verified_pieces(body.iter_chunks(PIECE), content)
        except (BotoCoreError, ClientError) as error:
            raise _fault(error) from None


def is_checksum_of(response: Mapping[str, Any], content: DocumentContent) -> bool:
    """Return whether S3's checksum of an object equals the digest of a document's content.

    Also True if S3 has stored no checksum, as an emulator may not: then there is nothing to
    compare.
    """
    checksum = response.get("ChecksumSHA256")
    return checksum is None or base64.b64decode(checksum).hex() == content.sha256


def verified_pieces(pieces: Iterator[bytes], content: DocumentContent) -> Iterator[bytes]:
    """Yield pieces of a document; the last piece only if all have the expected size and digest.

    So a request that announces its size first is never completed with wrong bytes.

    Args:
        pieces: The bytes.
        content: Expected size and digest.

    Raises:
        ContentFault: ``content-damaged``: size or digest differ.
    """
    digest, size, held = hashlib.sha256(), 0, b""
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        if size > content.size:
            break
        if held:
            yield held
        held = piece
    if (size, digest.hexdigest()) != (content.size, content.sha256):
        raise ContentFault("content-damaged", is_lost=True)
    yield held


def content_refusal(context: DeliveryContext, max_bytes: int) -> str:
    """Return why the content of a document must not be sent; "" if it may be.

    Args:
        context: The document's delivery, with its record and the facts of its content.
        max_bytes: Maximum size that the target accepts.

    Returns:
        ``document-restricted`` (the profile's restricted documents never leave Trading Grid),
        ``document-too-large``, or "" if the content may be sent.
    """
    if context.variables["record"].get("classification") == "restricted":
        return "document-restricted"
    size = 0 if context.content is None else context.content.size
    return "document-too-large" if size > max_bytes else ""


def plain_file_name(name: str) -> str:
    r"""Return a file name made safe: without folders, control characters and reserved characters.

    >>> plain_file_name("../../etc/W-9 \u202efdp.exe"), plain_file_name("..")
    ('etc_W-9 fdp.exe', 'document')
    """
    shown = (
        "_" if one in _UNSAFE else one
        for one in name
        if unicodedata.category(one) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    plain = "".join(shown).strip("._ ")
    if len(plain) > MAX_NAME:
        suffix = name_suffix(plain)
        plain = plain[: MAX_NAME - len(suffix)] + suffix
    return plain or "document"


def name_suffix(name: str) -> str:
    """Return a file name's suffix, such as ``.pdf``, in lower case.

    "" if the name has no suffix that consists of up to ten letters and digits.

    >>> name_suffix("W-9.PDF"), name_suffix("W-9.p/df"), name_suffix("W-9")
    ('.pdf', '', '')
    """
    suffix = "." + name.rpartition(".")[2].lower() if "." in name else ""
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def _fault(error: Exception) -> ContentFault:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    if code in MISSING:
        return ContentFault("content-missing", is_lost=True)
    # Without the permission to list the bucket, S3 also says so of an object that is not there.
    return ContentFault("content-unreadable", is_lost=False)
