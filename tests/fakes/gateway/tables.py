"""Creates the gateway's table in a stand-in of DynamoDB."""

from typing import Any

from botocore.client import BaseClient

from tests.unit.template.rules import ROOT, load

GATEWAY_TEMPLATE = ROOT / "gateway/template.yaml"

MEMBERS = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")


def create_table(client: BaseClient, name: str) -> None:
    """Create the table with the keys and indexes of ``gateway/template.yaml``."""
    any_client: Any = client
    properties = load(GATEWAY_TEMPLATE)["Resources"]["Table"]["Properties"]
    any_client.create_table(TableName=name, **{member: properties[member] for member in MEMBERS})
