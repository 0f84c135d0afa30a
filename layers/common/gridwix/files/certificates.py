"""Content checks of certificates and CMS files, as partners send them for AS2.

They also detect private keys, which partners send by mistake. Pure.
"""

import base64
import binascii
import re
from typing import IO

from gridwix.files.text_formats import decode_text_head
from gridwix.models.files import FileFault

KINDS = frozenset({"cer", "crt", "pem", "p7b", "p7c", "p7m"})
"""Kinds of files that this module checks."""

MAX_BYTES = 1024 * 1024
"""Maximum size of a certificate file in bytes: some 500 certificates. A signed or encrypted file
(p7m) may be larger; only its beginning is read.
"""

_CERTIFICATES = frozenset({b"CERTIFICATE", b"X509 CERTIFICATE"})
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*)-----END \1-----")
"""A PEM block (textual encoding of RFC 7468) with its label."""

# Possessive quantifiers and a limit of 20 headers bound the backtracking: a text may repeat the
# first line a thousand times.
_BREAK = rb"(?:\\{1,4}[rn]|[\s>])*+"
_HEADERS = (
    rb"(?:[A-Za-z-]{1,20}: (?:[^\r\n\\]|\\(?!\\{0,3}[rn])){0,200}+(?:\\{1,4}[rn]|[\r\n])"
    + _BREAK
    + rb"){0,20}+"
)
_PRIVATE_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    + _BREAK
    + _HEADERS
    + rb"[A-Za-z0-9+/]{16}"
    rb"|---- BEGIN SSH2 (?:ENCRYPTED )?PRIVATE KEY ----" + _BREAK + _HEADERS + rb"[A-Za-z0-9+/]{16}"
    rb"|PuTTY-User-Key-File-\d"
)

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_ENVELOPES = (
    _SIGNED_DATA,
    bytes.fromhex("06092a864886f70d010703"),  # enveloped
    bytes.fromhex("060b2a864886f70d0109100109"),  # compressed (RFC 3274)
    bytes.fromhex("060b2a864886f70d0109100117"),  # authenticated and enveloped (RFC 5083)
)
"""Object identifiers of the CMS content types (RFC 5652, 3), in the bytes that a file has."""

_SMIME = re.compile(r"content-type:\s*application/(?:x-)?pkcs7-(?:mime|signature)", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]{64}")


def has_private_key(data: bytes) -> bool:
    r"""Tell whether a text contains a private key itself, not just a mention of one.

    Formats: PEM (also inside JSON or a quoted mail), OpenSSH, SSH2, OpenPGP and PuTTY.

    >>> has_private_key(b"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBkg4LVWM9nuwNSk")
    True
    >>> has_private_key(b"It begins with -----BEGIN PRIVATE KEY-----.")
    False
    """
    # Without its zero bytes, ASCII in UTF-16 reads like ASCII.
    return _PRIVATE_KEY.search(data.replace(b"\0", b"")) is not None


def certificate_fault(kind: str, content: IO[bytes]) -> FileFault | None:
    """Return the fault of a certificate or CMS file, by the kind that its name claims, or None.

    ``kind`` is one of :data:`KINDS`. None means that the content is valid and allowed for this
    kind.
    """
    content.seek(0)
    data = content.read(MAX_BYTES + 1)
    if has_private_key(data):
        return FileFault.PRIVATE_KEY
    if kind == "p7m":
        return None if _is_cms_message(data) else FileFault.WRONG_TYPE
    if len(data) > MAX_BYTES:
        return FileFault.WRONG_TYPE
    blocks = [(match[1], _decode_base64(match[2])) for match in _BLOCK.finditer(data)]
    if kind in ("p7b", "p7c"):
        ders = [der for _, der in blocks] or [data]
        return None if all(map(_holds_certificates, ders)) else FileFault.WRONG_TYPE
    if kind == "pem":
        sound = bool(blocks) and all(
            _is_certificate(der) if label in _CERTIFICATES else bool(der) for label, der in blocks
        )
        return None if sound else FileFault.WRONG_TYPE
    certificates = [der for label, der in blocks if label in _CERTIFICATES] or [data]
    if all(map(_is_certificate, certificates)):
        return None
    return FileFault.PRIVATE_KEY if _is_private_key(data) else FileFault.WRONG_TYPE


def _decode_base64(body: bytes) -> bytes:
    try:
        return base64.b64decode(body)
    except binascii.Error:
        return b""


def _is_certificate(der: bytes) -> bool:
    # Imported here, so that other kinds of files do not pay for it.
    from cryptography.x509 import InvalidVersion, load_der_x509_certificate

    try:
        load_der_x509_certificate(der)
    except (ValueError, InvalidVersion):
        return False
    return True


def _holds_certificates(der: bytes) -> bool:
    """Tell whether a file is PKCS #7 with certificates, signed or not (RFC 5652, 5.1)."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

    try:
        return _content_type(der).startswith(_SIGNED_DATA) and bool(
            load_der_pkcs7_certificates(der)
        )
    except (ValueError, UnsupportedAlgorithm):
        return False


def _is_private_key(der: bytes) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        load_der_private_key(der, None)
    except (TypeError, UnsupportedAlgorithm):
        # TypeError: the key is encrypted. UnsupportedAlgorithm: it is a key of a rare kind.
        return True
    except ValueError:
        return False
    return True


def _is_cms_message(data: bytes) -> bool:
    """Tell whether a file begins as CMS: in BER, in base64, or as S/MIME (RFC 8551)."""
    text = decode_text_head(data[:8192])
    if text is None:
        return _content_type(data).startswith(_ENVELOPES)
    if block := _BLOCK.search(data):
        return _content_type(_decode_base64(block[2])).startswith(_ENVELOPES)
    if encoded := _BASE64.match(data):
        return _content_type(_decode_base64(re.sub(rb"\s", b"", encoded[0])[:40])).startswith(
            _ENVELOPES
        )
    return _SMIME.search(text) is not None


def _content_type(ber: bytes) -> bytes:
    """Return up to 30 bytes of a CMS file, from the object identifier of its content type on.

    The object identifier follows the header of the outer SEQUENCE in BER (X.690, 8.1). b"" if there
    is no SEQUENCE.
    """
    if len(ber) < 2 or ber[0] != 0x30:
        return b""
    lengths = ber[1] & 0x7F if ber[1] & 0x80 else 0
    return ber[2 + lengths : 32] if lengths <= 8 else b""
