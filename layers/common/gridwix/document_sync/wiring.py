"""Builds the service of ``document_sync``."""

from gridwix.clients.files import FileClient
from gridwix.document_sync.files import DocumentFiles
from gridwix.document_sync.service import DocumentSync
from gridwix.document_sync.settings import DocumentSettings
from gridwix.document_sync.transfer_table import DynamoDBTransfers
from gridwix.runtime.aws import aws_clock, dynamodb
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import once
from gridwix.runtime.media import media
from gridwix.runtime.publication import audience_refreshes, hub_partners, ledger, publisher
from gridwix.runtime.refused_items import refused_items
from gridwix.runtime.trading_grid import community
from gridwix.runtime.wix import wix_data


@once
def document_sync() -> DocumentSync:
    """Return the document sync; it is built once per execution environment."""
    settings = DocumentSettings.from_environment()
    files = FileClient(exempt=settings.exempt_hosts)
    kept, rules = ledger(settings), configuration()
    gateway, library = community(settings, files.stream), media(settings, files)
    transfers, portal = DynamoDBTransfers(dynamodb(), settings.transfer_table), wix_data(settings)
    return DocumentSync(
        source=gateway,
        partners=hub_partners(settings, gateway),
        files=DocumentFiles(
            source=gateway,
            media=library,
            transfers=transfers,
            rows=portal,
            rules=rules.documents,
            clock=aws_clock(),
            hold=settings.claim_seconds,
        ),
        ledger=kept,
        publisher=publisher(settings, kept, "document_sync", portal),
        refreshes=audience_refreshes(settings, "document_sync"),
        refused_items=refused_items(),
        configuration=rules,
        clock=aws_clock(),
    )
