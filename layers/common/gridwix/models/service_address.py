"""Addresses of the services that get credentials: TLS, except on this very machine. Pure."""

from typing import Annotated

from pydantic import AfterValidator, HttpUrl, ValidationInfo

THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Hosts for which no request leaves the machine, as :attr:`pydantic.HttpUrl.host` writes them."""

LOCAL_CONTAINER = "AWS_SAM_LOCAL"
"""Environment variable that ``sam local invoke`` sets to ``true`` in its containers."""


def is_protected(url: HttpUrl, info: ValidationInfo) -> bool:
    """Tell whether requests to an address are protected from eavesdroppers.

    A function that ``sam local invoke`` runs in a container finds the emulators at the address of
    the machine that it runs on, so there any host counts.

    Args:
        url: The address.
        info: Its context, if there is one, holds the environment variables of the function.
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
