"""Maps a file's path to the document that it is published as. Pure.

>>> from gridwix_gateway.sources.documents.declaration import DocumentsDeclaration
>>> declaration = DocumentsDeclaration.model_validate({
...     "source": "documents",
...     "pattern": r"(?P<partner>[^/]+)/(?P<kind>[^/]+)/(?P<title>[^/]+)[.][^.]+",
...     "columns": {"kind": {"type": "code", "codes": {"Tax": "tax_form"}}},
...     "document": {
...         "partnerId": "row.partner", "title": "row.title", "type": "'form'",
...         "category": "row.kind", "classification": "'partner'",
...     },
... })
>>> mapping = compile_document_mapping("share", declaration)
>>> document = mapping.map_path("GC1/tax/W-9.pdf")
>>> document.fields["category"], document.fields["title"], document.media_type
('tax_form', 'W-9', 'application/pdf')
"""

import json
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from gridwix_gateway.community.documents import DOCUMENTS
from gridwix_gateway.documents import Document
from gridwix_gateway.sources.documents.declaration import GIVEN, DocumentsDeclaration
from gridwix_gateway.sources.documents.faults import FileRefused
from gridwix_gateway.sources.documents.kinds import KINDS, ending_of
from gridwix_gateway.sources.documents.patterns import PathPattern
from gridwix_gateway.sources.mapping import (
    CompiledMapping,
    DeclarationFault,
    MappingDeclaration,
    MappingFault,
    compile_mapping,
)
from gridwix_gateway.sources.mapping.members import DOCUMENT_RULES

MAX_KEY = 1_024
"""Maximum bytes of an object key in S3: ``drops/``, the source's name, and the path."""

MAX_FILE_NAME = 255
"""Maximum characters of a file name in the profile."""

_DEFAULTS: Mapping[str, Any] = {"audience": {"all": True}, "locale": ["en"], "tags": []}
_NULLABLE = frozenset({"partnerId", "effectiveFrom", "expiresOn", "statusReason"})
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that a path must not contain: controls, surrogates, line separators."""
_DIRECTION = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Unicode direction classes that reverse a text, and so can disguise a file's ending."""


@dataclass(frozen=True, slots=True)
class MappedDocument:
    """A document as computed from a file's path.

    Attributes:
        id: Id of the document, a digest of source, partner and path.
        fields: Fields of the document, such as the title.
        file_name: Name of the version's file.
        ending: Ending of the file name, one of :data:`KINDS`.
    """

    id: str
    fields: Document
    file_name: str
    ending: str

    @property
    def media_type(self) -> str:
        """Media type of the file, by its ending."""
        return KINDS[self.ending].media_type


class DocumentMapping:
    """Compiled mapping of a documents source: computes a document from the path of a file.

    Args:
        source: Name of the source.
        pattern: The pattern that paths must match.
        types: File name endings that are accepted.
        mapping: The mapping from the pattern's named parts to a record.
        is_shared: Whether the documents belong to the shared library, and not to one partner.
    """

    def __init__(
        self,
        source: str,
        pattern: PathPattern,
        types: Collection[str],
        mapping: CompiledMapping,
        *,
        is_shared: bool,
    ) -> None:
        self._source = source
        self._pattern = pattern
        self._types = tuple(types)
        self._mapping = mapping
        self._is_shared = is_shared

    def map_path(self, path: str) -> MappedDocument:
        """Return the document that the file at a path is published as.

        Args:
            path: The path below the source's folder, with ``/`` between its segments.

        Raises:
            FileRefused: The path does not match, or its parts are invalid. ``str()`` is the reason.
        """
        key_bytes = len(f"drops/{self._source}/{path}".encode(errors="replace"))
        # A Mac writes an umlaut as two characters, other systems as one.
        path = unicodedata.normalize("NFC", path)
        file_name = path.rpartition("/")[2]
        _check_name(path, file_name)
        if key_bytes > MAX_KEY:
            said = f"with its folders, the name has more bytes than S3 takes: {MAX_KEY:,}"
            raise FileRefused("name", said, "path", f"{path[:100]}…")
        ending = ending_of(file_name)
        if ending not in self._types:
            raise FileRefused(
                "type", f"files that end in .{ending[:20]} are not taken", "file_name", file_name
            )
        parts = self._pattern.match(path)
        if parts is None:
            raise FileRefused("path", "the path does not fit the pattern of the source")
        row = {**parts, "path": path, "file_name": file_name}
        mapped = self._mapping.map_row(row)
        if mapped.faults:
            first, *more = mapped.faults
            raise FileRefused(first.code, first.reason, first.column, first.value, more)
        fields = _completed(mapped.records[0].fields)
        partner = fields["partnerId"]
        if not partner and not self._is_shared:
            raise FileRefused("no-partner", "documents.partnerId: there is no value for this path")
        return MappedDocument(_document_id(self._source, partner, path), fields, file_name, ending)


def compile_document_mapping(source: str, declaration: DocumentsDeclaration) -> DocumentMapping:
    """Compile the mapping of a documents source: from a file's path to the fields of a document.

    Args:
        source: Name of the source.
        declaration: The source's declaration.

    Raises:
        MappingFault: An expression is invalid, or the declaration names an unknown field of a
            document, or a part that the pattern of paths does not have.
    """
    pattern = declaration.path_pattern
    if faults := tuple(_own_faults(declaration, pattern)):
        raise MappingFault(faults)
    texts = {name: {"type": "text", "path": name} for name in pattern.names}
    given = {
        name: {"type": "text", "path": name, "required": True, "max_length": MAX_KEY}
        for name in GIVEN
    }
    mapping = MappingDeclaration.model_validate(
        {
            "columns": {**texts, **declaration.columns, **given},
            "records": [
                {"collection": DOCUMENTS, "id": "'document'", "fields": declaration.fields}
            ],
        }
    )
    try:
        compiled = compile_mapping(mapping, DOCUMENT_RULES)
    except MappingFault as fault:
        raise MappingFault([_placed_fault(one, declaration) for one in fault.faults]) from None
    return DocumentMapping(
        source, pattern, declaration.types, compiled, is_shared=declaration.shared
    )


def document_faults(declaration: DocumentsDeclaration) -> Iterator[DeclarationFault]:
    """Yield the faults of a documents declaration that its model cannot detect field by field."""
    try:
        compile_document_mapping("", declaration)
    except MappingFault as fault:
        yield from fault.faults


def _own_faults(
    declaration: DocumentsDeclaration, pattern: PathPattern
) -> Iterator[DeclarationFault]:
    # A name that somebody forgot to write must not show a partner's documents to everybody.
    if (declaration.document.get("partnerId") is None) != declaration.shared:
        yield DeclarationFault(
            ("document",),
            "it says of its documents that they are a partner's and everybody's"
            if declaration.shared
            else "it does not say whose documents these are",
            "keep either partnerId: row.partner, or shared: true for the shared library",
        )
    for name in declaration.columns:
        if name not in pattern.names:
            known = ", ".join(pattern.names)
            yield DeclarationFault(
                ("columns", name),
                "the pattern has no such part",
                f"name it in the pattern: (?P<{name}>...), or write one of {known}",
            )


def _placed_fault(fault: DeclarationFault, declaration: DocumentsDeclaration) -> DeclarationFault:
    """Return a fault with its place in the documents declaration, which people have written.

    The fault was found in the mapping that is generated from the declaration, and has its place
    there.
    """
    match fault.place:
        case ("records", _, "fields"):
            return DeclarationFault(("document",), fault.said, "add it")
        case ("records", _, "fields", *rest):
            said = fault.said.replace("there is no column", "the pattern has no part")
            fix = fault.fix.replace("declare it under columns", "name it in the pattern")
            return DeclarationFault(("document", *rest), said, fix)
        case ("columns", name) if name not in declaration.columns:
            said = f"no expression uses the part {name}"
            return DeclarationFault(
                ("pattern",), said, "use it, or write (?:...) for a part without a name"
            )
    return fault


def _check_name(path: str, file_name: str) -> None:
    """Check length and characters of a path and of its file name. Raises FileRefused."""
    if len(file_name) > MAX_FILE_NAME:
        said = f"a file's name has at most {MAX_FILE_NAME} characters"
        raise FileRefused("name", said, "file_name", f"{file_name[:100]}…")
    if any(
        unicodedata.category(sign) in _CONTROL or unicodedata.bidirectional(sign) in _DIRECTION
        for sign in path
    ):
        raise FileRefused("name", "the path holds a sign that nobody sees", "path")


def _completed(fields: Document) -> Document:
    """Return a document's fields, without nulls that the API's OpenAPI contract forbids.

    If ``audience``, ``locale`` and ``tags`` have no value, they get default values.
    """
    given = {
        name: value for name, value in fields.items() if value is not None or name in _NULLABLE
    }
    return {**_DEFAULTS, **given}


def _document_id(source: str, partner: str | None, path: str) -> str:
    """Return the id of a document: a digest of source, partner and path.

    A path that is mapped to another partner becomes another document, so no partner can see
    versions that were for a different one.
    """
    digest = sha256(json.dumps([source, partner, path]).encode()).hexdigest()
    return f"doc_{digest[:24]}"
