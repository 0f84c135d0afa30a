"""Builds the service of ``portal_ringer`` from its settings."""

from collections.abc import Callable, Mapping
from typing import Any

from gridwix.clients.wix.portal_changes import PortalChanges
from gridwix.clients.wix.ring_function import RingFunction, ring_client
from gridwix.mapping.secret_entries import read_signing_key
from gridwix.portal_ringer.repeats import SqsRepeatQueue
from gridwix.portal_ringer.service import PortalRinger
from gridwix.portal_ringer.settings import RingerSettings
from gridwix.runtime.aws import sqs
from gridwix.runtime.environment import once, secrets
from gridwix.runtime.secret_entries import EntryWatch
from gridwix.runtime.wix import wix_data

RESERVED_SHARE = 0.25
"""Share of the call budget's burst (0 to 1) that the ringer leaves to the functions that write
rows: a row that is announced late is better than an outdated one.
"""


@once
def portal_ringer() -> PortalRinger:
    """Return the service that makes open portal pages reload changed sections.

    It is built once for each Lambda execution environment.
    """
    settings = RingerSettings.from_environment()
    site = (
        RingFunction(
            ring_client(),
            str(settings.portal_ring_url),
            _site_secret(settings.wix_webhook_secret),
        )
        if settings.portal_ring_url
        else None
    )
    return PortalRinger(
        PortalChanges(wix_data(settings, reserved_share=RESERVED_SHARE)),
        site,
        SqsRepeatQueue(sqs(), settings.queue_url),
    )


def _site_secret(name: str) -> Callable[[], Mapping[str, Any]]:
    """Return a function that reads the secret which signs requests to the site.

    The returned function also logs, and counts in a metric, the entries of the secret that are
    unusable.
    """
    store, entries = secrets(), EntryWatch("signingSecrets", read_signing_key)
    return lambda: entries.watch(store.get(name))
