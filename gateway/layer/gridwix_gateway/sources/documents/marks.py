"""Stores, for each document, the file that its source published last, and the document's fields.

Both are one item of the table, called the document's mark, which is written in the same commit as
the document. So after a crash mark and document agree, and no file is published as two versions.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter

from gridwix_gateway.documents import Document
from gridwix_gateway.sources.files.ports import Drop
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.table import Key


@dataclass(frozen=True, slots=True)
class DocumentMark:
    """Mark of a document: the file that a source published last, and the document's fields.

    Attributes:
        name: Key of the file's object in the bucket of uploaded files.
        tag: Entity tag of the object.
        dropped_at: Time of the object's upload, RFC 3339 with milliseconds.
        sha256: Digest of the file's bytes.
        fields: The document's fields, such as the title, as computed from the file's path.
    """

    name: str
    tag: str
    dropped_at: str
    sha256: str
    fields: Document

    def says_of(self, drop: Drop, fields: Document) -> bool:
        """Return True if ``drop`` was published last, with the same fields of the document.

        Key and entity tag are compared. If True, nothing is left to publish.
        """
        return (self.name, self.tag, self.fields) == (drop.name, drop.tag, fields)


def read_document_mark(draft: Draft, source: str, identifier: str) -> DocumentMark | None:
    """Return a document's mark: the file that a source published last, and the document's fields.

    None if the source never published the document.

    Args:
        draft: The commit that is being prepared. It reads the mark.
        source: Name of the source.
        identifier: Id of the document.
    """
    item = draft.get_item(_mark_key(source, identifier))
    return None if item is None else _MARK.validate_json(str(item["mark"]))


def put_document_mark(draft: Draft, source: str, identifier: str, mark: DocumentMark) -> None:
    """Store a document's mark, which describes the file that a source has published for it.

    The mark has no bytes of the file. It is written in the same commit as the document.

    Args:
        draft: The commit that is being prepared. It collects the write.
        source: Name of the source.
        identifier: Id of the document.
        mark: Key, entity tag and digest of the file, and the document's fields.
    """
    key = _mark_key(source, identifier)
    draft.put_item({"pk": key.pk, "sk": key.sk, "mark": _MARK.dump_json(mark).decode()})


def _mark_key(source: str, identifier: str) -> Key:
    return Key(f"S#{source}#D#{identifier}", "-")


_MARK = TypeAdapter(DocumentMark)
