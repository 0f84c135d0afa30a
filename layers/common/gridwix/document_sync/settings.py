"""Environment variables of ``document_sync``."""

from gridwix.runtime.settings import DocumentTableSettings, FileSettings


class DocumentSettings(DocumentTableSettings, FileSettings):
    """Environment variables of ``document_sync``: those for documents and those for files."""
