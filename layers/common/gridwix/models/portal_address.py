"""Validated addresses: the portal page, and the function that makes open pages reload. Pure."""

from typing import Annotated

from pydantic import AfterValidator, HttpUrl, ValidationInfo

from gridwix.models.service_address import is_protected

RESERVED = frozenset({"example", "example.com", "example.net", "example.org", "invalid", "test"})
"""Domains reserved for examples and tests (RFC 2606, RFC 6761), so that no real portal has one.
``PortalUrl`` in ``template.yaml`` refuses the same domains.
"""


def is_placeholder(host: str) -> bool:
    """Tell whether a host is in a domain that is reserved for examples.

    >>> is_placeholder("www.example.com"), is_placeholder("portal.northwind.com")
    (True, False)
    >>> is_placeholder("example.com.northwind.com")
    False
    """
    labels = host.lower().rstrip(".").split(".")
    return any(".".join(labels[-length:]) in RESERVED for length in (1, 2))


def _refuse_placeholder(url: HttpUrl) -> HttpUrl:
    if is_placeholder(url.host or ""):
        raise ValueError(
            "the portal's address is that of an example; give the stack the real one as PortalUrl"
        )
    return url


type PortalUrl = Annotated[HttpUrl, AfterValidator(_refuse_placeholder)]
"""URL of the portal page. Validation fails for a placeholder host."""


RING_PATH = "/_functions/gridwixRing"
"""Path, at the end of its address, of the site's HTTP function that rings open pages."""


def _require_ring_function(url: HttpUrl, info: ValidationInfo) -> HttpUrl:
    if not is_protected(url, info):
        raise ValueError(
            "it does not begin with https://: deploy with such an address as PortalRingUrl"
        )
    if not (url.path or "").endswith(RING_PATH) or url.query or url.fragment:
        raise ValueError(
            f"it does not end with {RING_PATH}: deploy with such an address as PortalRingUrl"
        )
    if url.username or url.password:
        raise ValueError("it has a login: deploy with the address without it as PortalRingUrl")
    return url


type RingUrl = Annotated[HttpUrl, AfterValidator(_require_ring_function)]
"""URL of the site's HTTP function ``gridwixRing``, over TLS but on this very machine. Validation
fails for any other address.
"""
