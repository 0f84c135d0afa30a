"""State of published files: per document, the file and members that its source published last.

This state is called the document's mark. It is an item of the table, written in the same commit as
the document. So after a crash mark and document agree, and no file becomes a version twice.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter

from gridwix_gateway.documents import Document
from gridwix_gateway.sources.files.ports import Drop
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.table import Key


@dataclass(frozen=True, slots=True)
class DocumentMark:
    """Mark of a document: the file and members that a source published last for the document.

    Attributes:
        name: Key of the file's object in the bucket of uploaded files.
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
        """Return whether this very file was published last, with these members.

        Then nothing is left to publish.
        """
        return (self.name, self.tag, self.fields) == (drop.name, drop.tag, fields)


def read_document_mark(draft: Draft, source: str, identifier: str) -> DocumentMark | None:
    """Return the file and members that a source published last for a document, its mark.

    None if the source never published the document.

    Args:
        draft: The commit, which reads the mark.
        source: Name of the source.
        identifier: Id of the document.
    """
    item = draft.get_item(_mark_key(source, identifier))
    return None if item is None else _MARK.validate_json(str(item["mark"]))


def put_document_mark(draft: Draft, source: str, identifier: str, mark: DocumentMark) -> None:
    """Store the file and members that a source has published for a document, its mark.

    The mark is written in the same commit as the document.

    Args:
        draft: The commit.
        source: Name of the source.
        identifier: Id of the document.
        mark: The file and members.
    """
    key = _mark_key(source, identifier)
    draft.put_item({"pk": key.pk, "sk": key.sk, "mark": _MARK.dump_json(mark).decode()})


def _mark_key(source: str, identifier: str) -> Key:
    return Key(f"S#{source}#D#{identifier}", "-")


_MARK = TypeAdapter(DocumentMark)
