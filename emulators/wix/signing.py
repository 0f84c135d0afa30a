"""The site's key pair, with which Wix signs the webhooks of the app.

Source: https://dev.wix.com/docs/rest/articles/get-started/webhook-structure.
"""

import functools
import sqlite3

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

ISSUER = "wix.com"
LIFETIME = 3600
"""Seconds from the issue of a webhook's token (``iat``) to its expiry (``exp``)."""
KEY_BITS = 2048

SCHEMA = "CREATE TABLE IF NOT EXISTS key_pair (private TEXT NOT NULL);"


class Signer:
    """Signs the webhooks of one app. Its key pair is stored in the site's state."""

    def __init__(self, connection: sqlite3.Connection, app_id: str, *, in_memory: bool) -> None:
        self._app_id = app_id
        connection.executescript(SCHEMA)
        row = connection.execute("SELECT private FROM key_pair").fetchone()
        if row is not None:
            self._private = _load_key(row["private"])
        else:
            self._private = _shared_key() if in_memory else _new_key()
            text = self._private.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ).decode()
            connection.execute("INSERT INTO key_pair VALUES (?)", (text,))

    @property
    def public_key(self) -> str:
        """The public key as PEM, as the app's dashboard shows it."""
        return (
            self._private.public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def sign_jwt(self, data: str, at: float, *, forged: bool = False) -> str:
        """Return a JWT (RS256) with ``data``, issued at ``at`` (Unix seconds).

        With ``forged``, the JWT is signed with a key that is not the site's.
        """
        claims = {
            "data": data,
            "iat": int(at),
            "exp": int(at) + LIFETIME,
            "iss": ISSUER,
            "aud": self._app_id,
        }
        return jwt.encode(claims, _foreign_key() if forged else self._private, algorithm="RS256")


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)


@functools.cache
def _shared_key() -> rsa.RSAPrivateKey:
    """Return the key pair that all in-memory sites of this process share.

    A new key takes a tenth of a second, which is too slow for each test.
    """
    return _new_key()


@functools.cache
def _foreign_key() -> rsa.RSAPrivateKey:
    return _new_key()


def _load_key(text: str) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(text.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
