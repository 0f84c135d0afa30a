"""Webhooks as Wix signs them, written from its documentation, independent of gridwix.

Source: https://dev.wix.com/docs/rest/articles/getting-started/webhooks.
"""

import base64
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

INSTANCE = "c1f6a1b2-6f5d-4a1f-9b8e-2f1f3a4b5c6d"
NOW = 1_773_324_331.0


@cache
def key(name: str = "wix") -> rsa.RSAPrivateKey:
    """Return the key pair of a name."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def public_pem(name: str = "wix") -> str:
    return (
        key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def token(claims: Any, *, header: Any = None, signer: str = "wix") -> str:
    """Return a JWT with any claims and header, signed with RS256."""
    head = b64(json.dumps(header or {"alg": "RS256", "typ": "JWT"}).encode())
    signed = f"{head}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(key(signer).sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def claims(event: Any, **changes: Any) -> dict[str, Any]:
    found = {
        "data": json.dumps(event),
        "iat": int(NOW),
        "exp": int(NOW) + 3600,
        "iss": "wix.com",
        "aud": "app-1",
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def event(
    event_type: str = "wix.forms.v4.submission_created", domain: Any = None, **changes: Any
) -> dict[str, Any]:
    """Return the first level: its ``data`` and ``identity`` are texts."""
    identity = json.dumps({"identityType": "MEMBER", "memberId": "member-1"})
    return {
        "eventType": event_type,
        "instanceId": INSTANCE,
        "data": json.dumps(submitted() if domain is None else domain),
        "identity": identity,
        **changes,
    }


def submitted(**entity: Any) -> dict[str, Any]:
    """Return the second level: a domain event of a submission."""
    submission = {
        "id": "0f3b1c9e-8d6a-4f2b-b1de-3a6c5e7f9011",
        "formId": "5b1f6a52-7f1e-4a53-9a3d-2d1e0c5a8f01",
        "namespace": "wix.form_app.form",
        "status": "CONFIRMED",
        "submissions": {"invoice_number": "INV-88213", "question": "Which price will you pay?"},
        "createdDate": "2026-03-12T14:05:31.220Z",
        "submitter": {"memberId": "member-1"},
        **entity,
    }
    return {
        "id": "evt-1",
        "entityFqdn": "wix.forms.v4.submission",
        "slug": "created",
        "entityId": submission["id"],
        "eventTime": "2026-03-12T14:05:31.300Z",
        "entityEventSequence": "1",
        "createdEvent": {"entity": submission},
    }
