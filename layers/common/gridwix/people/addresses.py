"""Normal form of email addresses, in which people are compared. Pure.

The portal's backend compares in the same way, so both sides find the same person.
"""

import re
import unicodedata

import idna

MAX_LENGTH = 254
"""Most characters of an address (RFC 5321 section 4.5.3.1.3, without the brackets)."""

MAX_LOCAL = 64
"""Most bytes before the ``@`` (RFC 5321 section 4.5.3.1.1)."""

_LOCAL = re.compile(r"""[^\s@"(),:;<>\[\\\]\x00-\x1f\x7f]+""")


def normal_address(text: str) -> str | None:
    """Return an email address trimmed, NFC and in lowercase, its domain in ASCII (IDNA).

    Args:
        text: The address as somebody has written it.

    Returns:
        None if it is no address of one person at a public domain. Quoted names and addresses of
        hosts in brackets, which nobody writes, are none.

    >>> normal_address(" Ada.Lovelace@Bücher.Example ")
    'ada.lovelace@xn--bcher-kva.example'
    >>> normal_address("ada@localhost") is None
    True
    """
    written = unicodedata.normalize("NFC", text.strip()).lower()
    local, at, domain = written.rpartition("@")
    if not at or not _is_local_part(local):
        return None
    ascii_domain = _ascii_domain(domain)
    if ascii_domain is None or len(local) + 1 + len(ascii_domain) > MAX_LENGTH:
        return None
    return f"{local}@{ascii_domain}"


def _is_local_part(local: str) -> bool:
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return bool(_LOCAL.fullmatch(local)) and not dots and len(local.encode()) <= MAX_LOCAL


def _ascii_domain(domain: str) -> str | None:
    if "." not in domain or domain.endswith("."):
        return None
    try:
        encoded = idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return None
    # A last part of digits is the address of a host.
    return None if encoded.rpartition(".")[2].isdigit() else encoded
