"""The declaration that the tests of documents share, and files as people have them."""

from typing import Any

from gridwix_gateway.sources.documents.declaration import DocumentsDeclaration
from gridwix_gateway.sources.documents.mapping import DocumentMapping, compile_document_mapping

SHARE: dict[str, Any] = {
    "source": "documents",
    "pattern": (
        r"(?P<partner>[^/]+)/(?P<kind>[^/]+)/(?P<title>[^/]+?)(?: until (?P<expires>[^/ ]+))?[.]\w+"
    ),
    "columns": {
        "kind": {"type": "code", "codes": {"Insurance": "insurance", "Tax": "tax_form"}},
        "expires": {"type": "date", "format": "%Y-%m-%d"},
    },
    "document": {
        "partnerId": "row.partner",
        "title": "row.title",
        "type": "row.kind",
        "category": "row.kind",
        "classification": "'partner'",
        "expiresOn": "row.expires",
    },
}


def declare(**changes: Any) -> DocumentsDeclaration:
    """The shared declaration with other members."""
    return DocumentsDeclaration.model_validate({**SHARE, **changes})


def compile_share(name: str = "share", **changes: Any) -> DocumentMapping:
    """The mapping of the shared declaration with other members."""
    return compile_document_mapping(name, declare(**changes))


def pdf(text: str = "") -> bytes:
    """A PDF as far as its beginning and its end tell."""
    return f"%PDF-1.7\n{text}\nstartxref\n0\n%%EOF\n".encode()
