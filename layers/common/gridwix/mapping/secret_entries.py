"""Reads the entries of a secret's list: signing secrets or public keys. Pure.

During a rotation a list has several entries. A malformed entry, such as one with a typing error,
must not make the others unusable. So each entry is read by itself, and is named by its position in
the list, never by its content.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

MAX_ENTRIES = 20
"""Maximum number of entries of a list that are read; the others are ignored."""

SIGNING_PREFIX = "whsec_"
"""Beginning of a signing secret, as of Standard Webhooks. A secret without it is valid as well."""


class EntryFault(StrEnum):
    """Reason why an entry of a secret's list cannot be used.

    PRIVATE_KEY: it is the private half of a key pair.
    """

    NOT_A_TEXT = "not_a_text"
    BLANK = "blank"
    NOT_ASCII = "not_ascii"
    NOT_BASE64 = "not_base64"
    NOT_PEM = "not_pem"
    NOT_RSA = "not_rsa"
    PRIVATE_KEY = "private_key"


def read_signing_key(entry: object) -> bytes | EntryFault:
    """Decode a signing secret to its key, or return the reason why it cannot be used.

    White space around and within the secret, as from copying, is ignored. Base64 padding may be
    missing, as in the libraries of Standard Webhooks.

    >>> read_signing_key("whsec_b2xkIGtleQ=="), read_signing_key("whsec_b2xkIGtleQ")
    (b'old key', b'old key')
    >>> [str(read_signing_key(one)) for one in (7, "whsec_", "whsec_é", "whsec_#")]
    ['not_a_text', 'blank', 'not_ascii', 'not_base64']
    """
    if not isinstance(entry, str):
        return EntryFault.NOT_A_TEXT
    text = "".join(entry.split()).removeprefix(SIGNING_PREFIX)
    if not text:
        return EntryFault.BLANK
    if not text.isascii():
        return EntryFault.NOT_ASCII
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return EntryFault.NOT_BASE64


def usable_entries[T](
    entries: Iterable[object], read: Callable[[object], T | EntryFault]
) -> list[T]:
    """Read the entries of a secret's list; return the keys of the usable ones, in their order.

    >>> usable_entries(["whsec_b2xkIGtleQ==", "whsec_#"], read_signing_key)
    [b'old key']

    Args:
        entries: The entries, as JSON values. The first ``MAX_ENTRIES`` count.
        read: Reads one entry.
    """
    readings = (read(entry) for entry, _ in zip(entries, range(MAX_ENTRIES), strict=False))
    return [reading for reading in readings if not isinstance(reading, EntryFault)]


def entry_faults(
    entries: Iterable[object], read: Callable[[object], object]
) -> Mapping[int, EntryFault]:
    """Return the faults of a secret's entries, by their position in the list, counted from 1.

    >>> dict(entry_faults(["whsec_b2xk", None], read_signing_key))
    {2: <EntryFault.NOT_A_TEXT: 'not_a_text'>}

    Args:
        entries: The entries, as JSON values. The first ``MAX_ENTRIES`` count.
        read: Reads one entry.
    """
    places = zip(range(1, MAX_ENTRIES + 1), entries, strict=False)
    readings = ((place, read(entry)) for place, entry in places)
    return {place: fault for place, fault in readings if isinstance(fault, EntryFault)}
