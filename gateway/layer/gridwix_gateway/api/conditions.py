"""Conditional requests (RFC 9110, section 13). A record's entity tag is made of its version."""

from gridwix_gateway.api.messages import Request, Response
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem


def entity_tag(record: Document) -> str:
    """Return a record's entity tag (``ETag``), made of its version.

    >>> entity_tag({"id": "case_1", "version": 5})
    '"v5"'
    """
    return f'"v{record["version"]}"'


def entity_response(record: Document, status: int = 200) -> Response:
    """Return a response with a record as its body, and the record's version as ``ETag``.

    Args:
        record: The record.
        status: HTTP status.
    """
    return Response(status, record, {"etag": entity_tag(record)})


def require_match(request: Request, record: Document) -> None:
    """Check ``If-Match`` against a record's version (optimistic locking).

    So a write cannot overwrite a change that its client has not seen.

    Args:
        request: The request.
        record: The record, as read within the commit.

    Raises:
        Problem: ``precondition-required`` if the header is missing, ``version-conflict`` if it
            names only other versions.
    """
    wanted = request.headers.get("if-match")
    version = record["version"]
    if wanted is None:
        raise Problem("precondition-required", "If-Match is missing.", current_version=version)
    # A weak tag never matches here (section 13.1.1).
    if wanted.strip() != "*" and entity_tag(record) not in _tags(wanted):
        raise Problem("version-conflict", "The record has changed since.", current_version=version)


def is_not_modified(request: Request, tag: str) -> bool:
    """Return True if ``If-None-Match`` names the record's entity tag, so that 304 is the answer.

    The comparison is weak (RFC 9110, section 13.1.2).

    Args:
        request: The request.
        tag: The record's entity tag.
    """
    wanted = request.headers.get("if-none-match", "")
    tags = {one.removeprefix("W/") for one in _tags(wanted)}
    return wanted.strip() == "*" or tag in tags


def _tags(header: str) -> set[str]:
    # Our tags hold no comma, so a part of a foreign one cannot be taken for one of them.
    return {tag.strip() for tag in header.split(",")}
