"""Issues and checks OAuth tokens of the gateway: client credentials by Basic authentication."""

import base64
import binascii
from collections.abc import Callable

TOKEN_SECONDS = 36_000
"""Lifetime of a token, in seconds."""


class Access:
    """Issues OAuth tokens and checks them.

    ``credentials`` maps each consumer key to its valid secrets: two of them during a rotation.

    Args:
        clock: Returns Unix seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.credentials: dict[str, tuple[str, ...]] = {}
        self._clock = clock
        self._tokens: dict[str, tuple[float, str]] = {}
        self._count = 0

    def issue(self, authorization: str) -> str | None:
        """Return a new token; None for wrong credentials.

        Args:
            authorization: Value of the header ``Authorization``.
        """
        scheme, _, encoded = authorization.partition(" ")
        try:
            key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        if scheme.lower() != "basic" or secret not in self.credentials.get(key, ()):
            return None
        self._count += 1
        token = f"token-{self._count:08}"
        self._tokens[token] = self._clock() + TOKEN_SECONDS, key
        return token

    def accepts(self, authorization: str) -> bool:
        """Return True for a bearer token that is valid now."""
        scheme, _, token = authorization.partition(" ")
        expires, key = self._tokens.get(token, (0.0, ""))
        return scheme.lower() == "bearer" and expires > self._clock() and key in self.credentials

    def revoke_tokens(self) -> None:
        """Revoke all tokens that were issued so far."""
        self._tokens.clear()
