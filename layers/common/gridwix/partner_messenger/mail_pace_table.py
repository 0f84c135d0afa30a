"""Rate limit of emails in the DynamoDB table of call budgets: a token bucket for each Wix site."""

from typing import TYPE_CHECKING, override

from gridwix.clients.aws.budget import DynamoDBCallBudget
from gridwix.partner_messenger.mail_pace import mail_burst
from gridwix.partner_messenger.ports import MailPace
from gridwix.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY_SUFFIX = "/emails"
"""Suffix of the key of a site's token bucket of emails; the site's id comes first."""


class DynamoDBMailPace(MailPace):
    """Token bucket in DynamoDB: grants at most ``per_minute`` emails in any 60 s to all workers.

    The constructor raises ValueError unless ``per_minute`` is at least 2.
    """

    def __init__(
        self, client: "DynamoDBClient", table: str, site_id: str, *, per_minute: int, clock: Clock
    ) -> None:
        self._budget = DynamoDBCallBudget(
            client,
            table,
            site_id + KEY_SUFFIX,
            calls_per_minute=per_minute,
            burst=mail_burst(per_minute),
            clock=clock,
        )

    @override
    def take(self) -> float:
        return self._budget.take()
