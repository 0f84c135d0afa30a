"""Messages that wake the senders of webhooks after a commit."""

from gridwix_gateway.runtime.aws import waking_client
from gridwix_gateway.runtime.logs import log_lost_wake
from gridwix_gateway.runtime.settings import WakingSettings
from gridwix_gateway.webhooks.queue import SqsWaker


def webhook_waker(settings: WakingSettings) -> SqsWaker:
    """Return a port that wakes webhook senders by SQS. Best effort: a schedule backs it up."""
    return SqsWaker(waking_client, settings.webhook_queue_url, log_lost_wake)
