"""List prices of AWS that ``make cost`` multiplies with: us-east-1, arm64, without free tier.

The first tier of each price. DynamoDB tables are on demand and of the standard class, logs of the
standard class.
"""

from dataclasses import dataclass
from enum import StrEnum

AS_OF = "2026-11"
"""Month in which the list prices were read."""


class Item(StrEnum):
    """An item that AWS bills. The value is its name in the report."""

    HTTP_API_REQUEST = "API Gateway: requests of an HTTP API"
    REST_API_REQUEST = "API Gateway: requests of a REST API"
    EVENT = "EventBridge: events"
    ARCHIVED_BYTE = "EventBridge: archived bytes"
    SCHEDULE = "EventBridge Scheduler: invocations"
    QUEUE_REQUEST = "SQS: requests"
    INVOCATION = "Lambda: requests"
    GB_SECOND = "Lambda: GB-seconds"
    WRITE_UNIT = "DynamoDB: write units"
    READ_UNIT = "DynamoDB: read units"
    SECRET_CALL = "Secrets Manager: calls"
    LOG_BYTE = "CloudWatch: log bytes"
    OBJECT_WRITE = "S3: writes"
    OBJECT_READ = "S3: reads"
    METRIC_MONTH = "CloudWatch: custom metrics"
    ALARM_MONTH = "CloudWatch: alarms"
    DASHBOARD_MONTH = "CloudWatch: dashboards"
    SECRET_MONTH = "Secrets Manager: secrets"


@dataclass(frozen=True, slots=True)
class Price:
    """AWS's list price of an item: ``usd`` for ``units``, by the page at ``url``."""

    usd: float
    units: float
    url: str

    @property
    def per_unit(self) -> float:
        """Price of one unit in USD."""
        return self.usd / self.units


MILLION = 1e6
GIGABYTE = 1024.0**3

_APIS = "https://aws.amazon.com/api-gateway/pricing/"
_EVENTS = "https://aws.amazon.com/eventbridge/pricing/"
_QUEUES = "https://aws.amazon.com/sqs/pricing/"
_FUNCTIONS = "https://aws.amazon.com/lambda/pricing/"
_TABLES = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
_SECRETS = "https://aws.amazon.com/secrets-manager/pricing/"
_WATCH = "https://aws.amazon.com/cloudwatch/pricing/"
_OBJECTS = "https://aws.amazon.com/s3/pricing/"

PRICES: dict[Item, Price] = {
    Item.HTTP_API_REQUEST: Price(1.00, MILLION, _APIS),
    Item.REST_API_REQUEST: Price(3.50, MILLION, _APIS),
    Item.EVENT: Price(1.00, MILLION, _EVENTS),
    # 0.10 for the processing and 0.023 for the month that the archive keeps an event.
    Item.ARCHIVED_BYTE: Price(0.123, GIGABYTE, _EVENTS),
    Item.SCHEDULE: Price(1.00, MILLION, _EVENTS),
    Item.QUEUE_REQUEST: Price(0.40, MILLION, _QUEUES),
    Item.INVOCATION: Price(0.20, MILLION, _FUNCTIONS),
    Item.GB_SECOND: Price(0.0000133334, 1, _FUNCTIONS),
    Item.WRITE_UNIT: Price(0.625, MILLION, _TABLES),
    Item.READ_UNIT: Price(0.125, MILLION, _TABLES),
    Item.SECRET_CALL: Price(0.05, 10_000, _SECRETS),
    Item.LOG_BYTE: Price(0.50, GIGABYTE, _WATCH),
    Item.OBJECT_WRITE: Price(0.005, 1_000, _OBJECTS),
    Item.OBJECT_READ: Price(0.0004, 1_000, _OBJECTS),
    Item.METRIC_MONTH: Price(0.30, 1, _WATCH),
    Item.ALARM_MONTH: Price(0.10, 1, _WATCH),
    Item.DASHBOARD_MONTH: Price(3.00, 1, _WATCH),
    Item.SECRET_MONTH: Price(0.40, 1, _SECRETS),
}
