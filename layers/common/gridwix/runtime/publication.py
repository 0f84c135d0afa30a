"""Builds the services that write rows to the portal, from the settings."""

from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.aws.partner_list import DynamoDBPartnerList
from gridwix.clients.aws.refresh_states import DynamoDBRefreshStates, SqsRefreshQueue
from gridwix.ports import PartnerPages
from gridwix.publication.audience_refreshes import AudienceRefreshes
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.ports import PortalCollections
from gridwix.publication.publisher import Publisher
from gridwix.runtime.aws import aws_clock, dynamodb, sqs
from gridwix.runtime.portal_bell import portal_bell
from gridwix.runtime.refused_items import refused_items
from gridwix.runtime.settings import PublisherSettings, QueueSettings
from gridwix.runtime.wix import wix_data


def ledger(settings: PublisherSettings) -> DynamoDBLedger:
    """Return the publication ledger, the DynamoDB table with an entry for each row of the portal.

    An entry has the versions of the Trading Grid records from which the row was last written.
    """
    return DynamoDBLedger(dynamodb(), settings.ledger_table)


def publisher(
    settings: PublisherSettings,
    kept: DynamoDBLedger,
    function: str,
    collections: PortalCollections | None = None,
    *,
    pace: float = 0.0,
) -> Publisher:
    """Return the service that writes the rows of a function to the portal.

    Args:
        settings: The function's settings.
        kept: The publication ledger.
        function: The function's name, which is stored with each item that Wix refuses.
        collections: The collections to write to; None for those of the site.
        pace: Minimum number of seconds between two writes of a row; 0 for none.
    """
    portal = wix_data(settings) if collections is None else collections
    return Publisher(
        collections=portal,
        ledger=kept,
        refused_items=refused_items(),
        function=function,
        clock=aws_clock(),
        hold=settings.claim_seconds,
        bell=portal_bell(settings),
        pace=pace,
    )


def hub_partners(settings: PublisherSettings, source: PartnerPages) -> HubPartners:
    """Return the service that resolves audiences (such as a role or region) to partners.

    It reads all partners of the hub.
    """
    kept = DynamoDBPartnerList(dynamodb(), settings.budget_table, settings.trading_grid_company_id)
    return HubPartners(source, aws_clock(), kept)


def audience_refreshes(settings: PublisherSettings, function: str) -> AudienceRefreshes:
    """Return the service that has all audiences resolved again after changes of partners.

    It sends delayed messages to the function's own queue. An audience is the partners that see a
    row.
    """
    return AudienceRefreshes(
        function,
        states=DynamoDBRefreshStates(dynamodb(), settings.budget_table, function),
        queue=SqsRefreshQueue(sqs(), QueueSettings.from_environment().queue_url),
        company_id=settings.trading_grid_company_id,
        clock=aws_clock(),
    )
