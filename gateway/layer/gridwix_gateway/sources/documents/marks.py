"""Marks of documents: per document, the file and members that its source published last.

A mark is an item of the table, written in the same commit as its document. So after a crash both
agree, and no file becomes a version twice.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter

from gridwix_gateway.documents import Document
from gridwix_gateway.sources.files.ports import Drop
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.table import Key


@dataclass(frozen=True, slots=True)
class DocumentMark:
    """The file and members that a source published last for a document.

    Attributes:
        name: Key of the file's object in the bucket of drops.
        tag: Entity tag of the object.
        dropped_at: Time of the object's upload, RFC 3339 with milliseconds.
        sha256: Digest of the file's bytes.
        fields: The document's members, as computed from the path.
    """

    name: str
    tag: str
    dropped_at: str
    sha256: str
    fields: Document

    def says_of(self, drop: Drop, fields: Document) -> bool:
        """Return whether the mark is of this very file and these members: nothing to publish."""
        return (self.name, self.tag, self.fields) == (drop.name, drop.tag, fields)


def read_document_mark(draft: Draft, source: str, identifier: str) -> DocumentMark | None:
    """Return the mark of a document; None if the source never published it.

    Args:
        draft: The commit.
        source: Name of the source.
        identifier: The document.
    """
    item = draft.get_item(_mark_key(source, identifier))
    return None if item is None else _MARK.validate_json(str(item["mark"]))


def put_document_mark(draft: Draft, source: str, identifier: str, mark: DocumentMark) -> None:
    """Write the mark of a document, in the document's commit.

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
