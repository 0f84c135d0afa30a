"""Bodies of requests that upload a document: raw bytes, or a multipart form (RFC 7578)."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from gridwix_gateway.targets.ports import DocumentContent

MAX_FIELDS_BYTES = 64_000
"""Maximum bytes of a form without the document."""

_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True, slots=True)
class UploadBody:
    """Body of a request that uploads a document. Its pieces are read while it is sent.

    Args:
        media_type: ``Content-Type``.
        size: ``Content-Length``.
        pieces: The bytes of the body, in pieces.
    """

    media_type: str
    size: int
    pieces: Iterator[bytes]


def raw_body(content: DocumentContent, pieces: Iterator[bytes]) -> UploadBody:
    """Return a request body that consists of the document's bytes alone."""
    return UploadBody(content.media_type, content.size, pieces)


def form_body(
    content: DocumentContent,
    pieces: Iterator[bytes],
    *,
    field: str,
    file_name: str,
    fields: Mapping[str, str],
) -> UploadBody:
    """Return a request body that is a multipart form, with the document as its last part.

    Args:
        content: Size and media type of the document.
        pieces: The document's bytes, in pieces.
        field: Name of the document's part.
        file_name: File name in the document's part.
        fields: The parts that precede the document, by name.

    Raises:
        ValueError: The other parts are too large.
    """
    # Not to be foreseen, so that no document holds it.
    boundary = uuid.uuid4().hex
    begin = b"".join(
        _part_head(boundary, name, "text/plain; charset=utf-8") + value.encode() + b"\r\n"
        for name, value in fields.items()
    )
    if len(begin) > MAX_FIELDS_BYTES:
        raise ValueError("the fields of the form are too large")
    begin += _part_head(boundary, field, content.media_type, file_name)
    end = f"\r\n--{boundary}--\r\n".encode()
    return UploadBody(
        f"multipart/form-data; boundary={boundary}",
        len(begin) + content.size + len(end),
        chain((begin,), pieces, (end,)),
    )


def _part_head(boundary: str, name: str, media_type: str, file_name: str | None = None) -> bytes:
    # As browsers escape (WHATWG HTML, "multipart/form-data encoding algorithm").
    disposition = f'form-data; name="{name.translate(_ESCAPES)}"'
    if file_name is not None:
        disposition += f'; filename="{file_name.translate(_ESCAPES)}"'
    lines = (
        f"--{boundary}",
        f"Content-Disposition: {disposition}",
        f"Content-Type: {media_type}",
        "",
        "",
    )
    return "\r\n".join(lines).encode()
