"""Addresses of the services that get credentials: TLS, except on this very machine."""

import os
from typing import Annotated

from pydantic import AfterValidator, HttpUrl

THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Hosts that no request leaves the machine for, as in :attr:`pydantic.HttpUrl.host`."""


def is_protected(url: HttpUrl) -> bool:
    """Tell whether nobody on the way can read what is sent to an address.

    A function that ``sam local invoke`` runs in a container finds the emulators at the address of
    the machine that it runs on, so there any host counts.

    >>> is_protected(HttpUrl("http://127.0.0.1:8001")), is_protected(HttpUrl("http://tg.example"))
    (True, False)
    """
    return (
        url.scheme == "https"
        or url.host in THIS_MACHINE
        or os.environ.get("AWS_SAM_LOCAL") == "true"
    )


def _require_protection(url: HttpUrl) -> HttpUrl:
    if not is_protected(url):
        raise ValueError("credentials are sent over https only: the address must begin with it")
    if url.username or url.password:
        raise ValueError("the address has a login; credentials belong in the stack's secrets")
    return url


type ServiceUrl = Annotated[HttpUrl, AfterValidator(_require_protection)]
"""Base URL of a service that gets credentials. Validation fails for plain HTTP to another machine,
and for a login within the address.
"""
