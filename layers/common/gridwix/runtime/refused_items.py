"""Builds the store of refused items from the settings.

A refused item is a portal row that Wix rejected inside a successful bulk response.
"""

from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.runtime.aws import dynamodb
from gridwix.runtime.environment import once
from gridwix.runtime.settings import RefusedItemSettings


@once
def refused_items() -> DynamoDBRefusedItems:
    """Return the store of portal rows that Wix refused, and of records that cannot be read."""
    settings = RefusedItemSettings.from_environment()
    return DynamoDBRefusedItems(
        dynamodb(),
        settings.refused_item_table,
        kept_seconds=settings.refused_item_days * 86_400,
    )
