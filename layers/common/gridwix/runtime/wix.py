"""Builds the clients of the Wix site from the settings. All of them share one call budget."""

import httpx

from gridwix.clients.aws.budget import DynamoDBCallBudget
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.site import WixSite
from gridwix.mapping.call_rate import CallRate
from gridwix.runtime.aws import aws_clock, dynamodb
from gridwix.runtime.environment import http, secrets
from gridwix.runtime.record_faults import fault_log
from gridwix.runtime.settings import WixSettings


def wix_data(settings: WixSettings, *, reserved_share: float = 0.0) -> WixClient:
    """Return the client of the site's data collections.

    ``reserved_share`` is the share (0 to 1) of the call budget's burst that this client leaves to
    other clients.
    """
    return WixClient(
        http(),
        _authentication(settings),
        _budget(settings, reserved_share),
        base_url=str(settings.wix_base_url),
        note=fault_log.note,
    )


def wix_site(settings: WixSettings) -> WixSite:
    """Return the client of the site's APIs other than its data collections."""
    return WixSite(
        http(),
        _authentication(settings),
        _budget(settings, 0.0),
        base_url=str(settings.wix_base_url),
    )


def _authentication(settings: WixSettings) -> httpx.Auth:
    return wix_auth(
        secrets().get(settings.wix_credentials_secret),
        settings.wix_site_id,
        base_url=str(settings.wix_base_url),
    )


def _budget(settings: WixSettings, reserved_share: float) -> DynamoDBCallBudget:
    rate = CallRate(settings.wix_calls_per_minute, settings.wix_call_burst)
    rate = rate.leaving_share(reserved_share)
    return DynamoDBCallBudget(
        dynamodb(),
        settings.budget_table,
        settings.wix_site_id,
        calls_per_minute=rate.calls_per_minute,
        burst=rate.burst,
        clock=aws_clock(),
    )
