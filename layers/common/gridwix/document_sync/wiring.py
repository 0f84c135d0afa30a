"""Builds what ``document_sync`` runs."""

import time

from gridwix.clients.files import FileClient
from gridwix.document_sync.files import DocumentFiles
from gridwix.document_sync.service import DocumentSync
from gridwix.document_sync.settings import DocumentSettings
from gridwix.document_sync.transfer_table import DynamoDBTransfers
from gridwix.runtime.aws import dynamodb
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import once
from gridwix.runtime.media import media
from gridwix.runtime.publication import ledger, publisher
from gridwix.runtime.refused_items import refused_items
from gridwix.runtime.trading_grid import community


@once
def document_sync() -> DocumentSync:
    """The service, once for each execution environment."""
    settings = DocumentSettings.read()
    kept, gateway, rules = ledger(settings), community(settings), configuration()
    library = media(settings, FileClient(exempt=settings.exempt_hosts))
    transfers = DynamoDBTransfers(dynamodb(), settings.transfer_table)
    files = DocumentFiles(gateway, library, transfers, rules.documents, clock=time.time, hold=settings.claim_seconds)
    return DocumentSync(gateway, files, kept, publisher(settings, kept, "document_sync"), refused_items(), rules, clock=time.time)
