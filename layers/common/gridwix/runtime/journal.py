"""Builds the journal from the settings.

The journal is the DynamoDB table in which the Lambda functions record the result of each message
and change.
"""

from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.runtime.aws import dynamodb
from gridwix.runtime.environment import once
from gridwix.runtime.settings import JournalSettings

DAY = 24 * 3600


@once
def journal() -> DynamoDBJournal:
    """Return the journal, in which Lambda functions record the result of each message or change."""
    settings = JournalSettings.from_environment()
    return DynamoDBJournal(dynamodb(), settings.journal_table, settings.journal_days * DAY)
