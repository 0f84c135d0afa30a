"""Checks the signatures of Wix requests: RS256 tokens of webhooks, and signed form posts.

The raw bytes are verified before they are parsed. Site code and automations, which cannot sign
tokens, use :func:`verify_form_post`. Imports little, for a fast cold start.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gridwix.edge.rejections import rejection
from gridwix.edge.standard_webhooks import check_size, verify_signature
from gridwix.errors import ConfigurationError
from gridwix.lazy_imports import import_lazily
from gridwix.mapping.secret_entries import EntryFault, read_signing_key, usable_entries
from gridwix.models.secret_names import WIX_WEBHOOK

# PyJWT uses it only for keys in certificates.
with import_lazily("cryptography.x509"):
    import jwt
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

CLOCK_SKEW = 60
"""Tolerance, in seconds, for a token that is not valid yet by our clock, or has expired."""

MAX_BODY_BYTES = 256 * 1024
"""Maximum size of a body, in bytes. A submission becomes an item of DynamoDB, of at most 400 KB."""

_FORM = re.compile(r"[a-z0-9-]{1,60}")


def verify_token(body: bytes, public_keys: Sequence[object], *, now: float) -> Mapping[str, Any]:
    """Verify the token of a Wix webhook (a JWT) and return its claims.

    The signature is checked before the payload is parsed.

    Args:
        body: the raw bytes of the request: the token.
        public_keys: the valid keys, as PEM or base64 of PEM, as JSON values of the secret. During a
            rotation there are two. One that cannot be used is skipped.
        now: Unix seconds.

    Raises:
        WebhookRejected: if no key matches, or the token is malformed, expired or not yet valid.
        ConfigurationError: if there is no usable key.
    """
    check_size(body, MAX_BODY_BYTES)
    keys = usable_entries(public_keys, read_public_key)
    if not keys:
        raise ConfigurationError(
            "has no public key of the Wix app that can be used",
            secret=WIX_WEBHOOK,
            remedy="add one with `gridwix secret set wix/webhook --field publicKeys`",
        )
    try:
        token = body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise rejection("malformed-token") from None
    claims = _decode_token(token, keys)
    issued, expires = _number_or_none(claims.get("iat")), _number_or_none(claims.get("exp"))
    if issued is None or expires is None or not isinstance(claims.get("data"), str):
        raise rejection("missing-claim")
    if expires + CLOCK_SKEW < now:
        raise rejection("expired")
    if issued - CLOCK_SKEW > now:
        raise rejection("not-yet-valid")
    return claims


def _decode_token(token: str, keys: Sequence[RSAPublicKey]) -> Mapping[str, Any]:
    for key in keys:
        try:
            # Times are checked by the caller, against the time that it was given.
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                options={
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "verify_aud": False,
                },
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidAlgorithmError:
            raise rejection("wrong-algorithm") from None
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            # Deeply nested JSON raises RecursionError.
            raise rejection("malformed-token") from None
        return claims
    raise rejection("invalid-signature")


def read_public_key(entry: object) -> RSAPublicKey | EntryFault:
    """Parse an entry of a secret as an RSA public key; return the fault if it cannot be used.

    Wix's dashboard shows the key as PEM, or as one line of base64 of the PEM.
    """
    if not isinstance(entry, str):
        return EntryFault.NOT_A_TEXT
    if not entry.strip():
        return EntryFault.BLANK
    if not entry.isascii():
        return EntryFault.NOT_ASCII
    try:
        pem = entry.encode() if "BEGIN" in entry else base64.b64decode(entry.strip(), validate=True)
    except ValueError:
        return EntryFault.NOT_BASE64
    if b"PRIVATE KEY" in pem:
        return EntryFault.PRIVATE_KEY
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return EntryFault.NOT_PEM
    return key if isinstance(key, RSAPublicKey) else EntryFault.NOT_RSA


def verify_form_post(
    form: str,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    body: bytes,
    secrets: Sequence[object],
    *,
    now: float,
) -> bool:
    """Verify a form post; return True if its sender may name the submitting member, else False.

    True: the post comes from the site's own code, which signs the bytes as Standard Webhooks
    defines it. False: it comes from a Wix automation, which cannot sign and may not name a member.
    The address that the automation posts to contains :func:`form_signature`, which is valid for
    this form alone.

    Args:
        form: the key of the form.
        headers: the headers, by lower-case name.
        query: the query parameters.
        body: the raw bytes of the request.
        secrets: the valid signing secrets, as JSON values of the secret. During a rotation there
            are two. One that cannot be used is skipped.
        now: Unix seconds.

    Raises:
        WebhookRejected: if no secret matches, or the form's key is malformed.
        ConfigurationError: if there is no usable secret.
    """
    if not _FORM.fullmatch(form):
        raise rejection("unknown-form")
    check_size(body, MAX_BODY_BYTES)
    if "webhook-signature" in headers or "signature" not in query:
        verify_signature(headers, body, secrets, now=now)
        return True
    given = query["signature"].encode()
    keys = usable_entries(secrets, read_signing_key)
    if not keys:
        raise ConfigurationError(
            "has no signing secret for forms that can be used",
            secret=WIX_WEBHOOK,
            remedy="add one with `gridwix secret set wix/webhook --field signingSecrets`",
        )
    # Every secret is compared, so that the time taken does not reveal which one was close.
    if not sum(hmac.compare_digest(_sign_form(form, key).encode(), given) for key in keys):
        raise rejection("invalid-signature")
    return False


def form_signature(form: str, secret: str) -> str:
    """Return the signature at the end of the address to which an automation posts a form.

    It is the HMAC-SHA256 of the form's key, as base64url.

    Args:
        form: the key of the form.
        secret: a signing secret as Standard Webhooks defines it (``whsec_...``).

    Raises:
        ConfigurationError: if the secret cannot be used.
    """
    key = read_signing_key(secret)
    if isinstance(key, EntryFault):
        raise ConfigurationError(
            f"has an entry of signingSecrets that cannot be used ({key})",
            secret=WIX_WEBHOOK,
            remedy="remove it with `gridwix secret set wix/webhook --remove-unusable`",
        )
    return _sign_form(form, key)


def _sign_form(form: str, key: bytes) -> str:
    return (
        base64.urlsafe_b64encode(hmac.digest(key, f"form:{form}".encode(), hashlib.sha256))
        .decode()
        .rstrip("=")
    )


def _number_or_none(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
