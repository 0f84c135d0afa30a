"""Validates addresses to which credentials are sent: TLS, except on the same machine. Pure."""

from typing import Annotated

from pydantic import AfterValidator, HttpUrl, ValidationInfo

THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Loopback hosts, to which no request leaves the machine, as :attr:`pydantic.HttpUrl.host` writes
them.
"""

LOCAL_CONTAINER = "AWS_SAM_LOCAL"
"""Environment variable that ``sam local invoke`` sets to ``true`` in its containers."""


def is_protected(url: HttpUrl, info: ValidationInfo) -> bool:
    """Tell whether requests to an address are protected from eavesdroppers.

    In a container of ``sam local invoke`` the emulators are at the address of the host machine, so
    any host counts as protected there.

    Args:
        url: The address.
        info: Validation info; its context, if any, holds the environment variables of the function.
    """
    environment = info.context or {}
    return (
        url.scheme == "https"
        or url.host in THIS_MACHINE
        or environment.get(LOCAL_CONTAINER) == "true"
    )


def _require_protection(url: HttpUrl, info: ValidationInfo) -> HttpUrl:
    if not is_protected(url, info):
        raise ValueError("credentials are sent over https only: deploy with an https address")
    if url.username or url.password:
        raise ValueError("the address has a login; credentials belong in the stack's secrets")
    return url


type ServiceUrl = Annotated[HttpUrl, AfterValidator(_require_protection)]
"""Base URL of a service that gets credentials. Validation fails for plain HTTP to another machine,
and for a login within the address.
"""
