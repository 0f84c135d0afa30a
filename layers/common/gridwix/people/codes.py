"""Secret codes and ids of invitations. Pure.

A code is derived from the invitation's id with a secret key of the stack, so the code is stored
nowhere. The portal keeps only the code's hash. A holder of the key can derive the code again.
"""

import base64
import hashlib
import hmac

from gridwix.models.ids import PartnerId, WixItemId

CODE_BYTES = 20
"""Bytes of a code: 160 bits, 32 characters in base32."""

GROUP = 4
"""Characters per group of a code."""


def invitation_id(partner_id: PartnerId, email: str, round_number: int) -> WixItemId:
    """Return the id of the nth invitation of a person to a partner, n being ``round_number``.

    Deterministic: the same person, partner and number give the same id. ``email`` is in normal
    form.
    """
    text = f"invitation/{partner_id}/{email}/{round_number}"
    return WixItemId(hashlib.sha256(text.encode()).hexdigest()[:40])


def invitation_code(key: bytes, invitation_id: WixItemId) -> str:
    """Return the secret code of an invitation, in groups of four characters, to be read aloud."""
    digest = hmac.digest(key, f"gridwix-invitation/{invitation_id}".encode(), "sha256")
    return readable_code(digest[:CODE_BYTES])


def readable_code(data: bytes) -> str:
    """Return ``CODE_BYTES`` bytes as a code: base32 letters in groups, separated by hyphens.

    >>> readable_code(bytes(CODE_BYTES))[:9]
    'AAAA-AAAA'
    """
    letters = base64.b32encode(data).decode()
    return "-".join(letters[place : place + GROUP] for place in range(0, len(letters), GROUP))


def code_hash(code: str) -> str:
    """Return a hash of an invitation's code: 160 bits of SHA-256, in hexadecimal.

    Hyphens in the code are ignored.

    >>> code_hash("AB-CD") == code_hash("ABCD")
    True
    """
    return hashlib.sha256(code.replace("-", "").encode()).hexdigest()[:40]


def invitation_link(portal_url: str, code: str) -> str:
    """Return the URL at which a person accepts an invitation.

    The code follows a ``#``, so that no server logs it.
    """
    return f"{portal_url}#invitation={code.replace('-', '')}"
