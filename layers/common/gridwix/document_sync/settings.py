"""Environment variables of ``document_sync``."""

from gridwix.runtime.settings import DocumentTableSettings, FileSettings


class DocumentSettings(DocumentTableSettings, FileSettings):
    """Settings of ``document_sync``: settings of documents and of files."""
