"""Builds the waker of the webhook senders: an SQS message wakes them after a commit."""

from gridwix_gateway.runtime.aws import waking_client
from gridwix_gateway.runtime.logs import log_lost_wake
from gridwix_gateway.runtime.settings import WakingSettings
from gridwix_gateway.webhooks.queue import SqsWaker


def webhook_waker(settings: WakingSettings) -> SqsWaker:
    """Return an adapter that wakes the webhook senders by SQS messages.

    Best effort: a schedule wakes the senders if a message is lost.
    """
    return SqsWaker(waking_client, settings.webhook_queue_url, log_lost_wake)
