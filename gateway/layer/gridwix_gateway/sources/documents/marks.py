"""The mark of a document: what its source said of it last.

It is an item beside the document, written in the same commit. So after a crash the mark and the
library agree, and no file becomes a version twice.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter

from gridwix_gateway.documents import Document
from gridwix_gateway.sources.files.ports import Drop
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.table import Key


@dataclass(frozen=True, slots=True)
class DocumentMark:
    """Last state of a document, by its source.

    Attributes:
        name: Key of the object.
        tag: Its entity tag.
        dropped_at: Time of its upload, RFC 3339 with milliseconds.
        sha256: Digest of its bytes.
        fields: The document's members.
    """

    name: str
    tag: str
    dropped_at: str
    sha256: str
    fields: Document

    def says_of(self, drop: Drop, fields: Document) -> bool:
        """Return whether a file is the one that was said last, with the same members."""
        return (self.name, self.tag, self.fields) == (drop.name, drop.tag, fields)


def read_mark(draft: Draft, source: str, identifier: str) -> DocumentMark | None:
    """Return the mark of a document; None if the source never gave it.

    Args:
        draft: The commit.
        source: Name of the source.
        identifier: The document.
    """
    item = draft.get_item(_mark_key(source, identifier))
    return None if item is None else _MARK.validate_json(str(item["mark"]))


def put_mark(draft: Draft, source: str, identifier: str, mark: DocumentMark) -> None:
    """Write the mark of a document with the commit.

    Args:
        draft: The commit.
        source: Name of the source.
        identifier: The document.
        mark: The mark.
    """
    key = _mark_key(source, identifier)
    draft.put_item({"pk": key.pk, "sk": key.sk, "mark": _MARK.dump_json(mark).decode()})


def _mark_key(source: str, identifier: str) -> Key:
    return Key(f"S#{source}#D#{identifier}", "-")


_MARK = TypeAdapter(DocumentMark)
