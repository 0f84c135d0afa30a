"""Restricts webhooks to public addresses and HTTPS (SSRF protection), unless settings allow others.

The URL of an endpoint is checked when the endpoint is registered. Each connection goes to an
address that was checked after the host name was resolved (``ssrfguard``), so DNS rebinding does not
get around the check.
"""

import httpx
from ssrfguard import Policy, SSRFGuardError
from ssrfguard.httpx import AsyncSafeTransport

from gridwix_gateway.problems import FieldError, Problem
from gridwix_gateway.webhooks.ports import Addresses

POLICY = Policy(allowed_schemes=frozenset({"https"}), allowed_ports=frozenset({443}))


def check_url(url: str, addresses: Addresses) -> None:
    """Check that webhooks may be sent to a URL. Resolves no host name.

    Args:
        url: The URL of a webhook endpoint.
        addresses: Addresses that the gateway's settings allow: ``public`` or ``any``.

    Raises:
        Problem: ``validation``: the URL is not allowed.
    """
    try:
        if addresses == "public":
            POLICY.check_url(url)
        elif not httpx.URL(url).host:
            raise httpx.InvalidURL("no host")
    except (SSRFGuardError, httpx.InvalidURL, ValueError):
        allowed = (
            "an HTTPS URL of a public host, with port 443" if addresses == "public" else "HTTP"
        )
        fault = FieldError("/url", "address", f"only {allowed} is called")
        raise Problem("validation", "The URL is not allowed.", [fault]) from None


def new_transport(addresses: Addresses) -> httpx.AsyncBaseTransport:
    """Return an httpx transport that connects only to the addresses that the settings allow.

    ``public`` allows public addresses by HTTPS on port 443, ``any`` allows all addresses.
    """
    if addresses == "public":
        return AsyncSafeTransport(policy=POLICY)
    return httpx.AsyncHTTPTransport()
