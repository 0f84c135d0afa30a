"""Builds the store of refused items from the settings."""

from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.runtime.aws import dynamodb
from gridwix.runtime.environment import once
from gridwix.runtime.settings import RefusedItemSettings


@once
def refused_items() -> DynamoDBRefusedItems:
    """Return the store of refused items and of records that cannot be read."""
    return DynamoDBRefusedItems(dynamodb(), RefusedItemSettings.read().refused_item_table)
