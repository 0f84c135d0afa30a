"""The address of the portal's page, which links in messages lead to. Pure."""

from typing import Annotated

from pydantic import AfterValidator, HttpUrl

RESERVED = frozenset({"example", "example.com", "example.net", "example.org", "invalid", "test"})
"""Domains that are set aside for examples and tests, so that no portal is there (RFC 2606, RFC 6761). ``PortalUrl`` in ``template.yaml`` refuses the same."""


def is_placeholder(host: str) -> bool:
    """Whether a host is nobody's: one of a domain that is reserved for examples.

    >>> is_placeholder("www.example.com"), is_placeholder("portal.northwind.com"), is_placeholder("example.com.northwind.com")
    (True, False, False)
    """
    labels = host.lower().rstrip(".").split(".")
    return any(".".join(labels[-length:]) in RESERVED for length in (1, 2))


def _refuse_placeholder(url: HttpUrl) -> HttpUrl:
    if is_placeholder(url.host or ""):
        raise ValueError("the portal's address is that of an example; give the stack the real one as PortalUrl")
    return url


type PortalUrl = Annotated[HttpUrl, AfterValidator(_refuse_placeholder)]
