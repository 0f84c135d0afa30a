"""Normal form of email addresses, by which people are identified and compared. Pure.

The portal's backend compares in the same way, so both sides find the same person.
"""

import re
import unicodedata

import idna

MAX_LENGTH = 254
"""Maximum length of an address, in characters (RFC 5321 section 4.5.3.1.3, without brackets)."""

MAX_LOCAL = 64
"""Maximum number of bytes before the ``@`` (RFC 5321 section 4.5.3.1.1)."""

_LOCAL = re.compile(r"""[^\s@"(),:;<>\[\\\]]+""")
_PUBLIC_DOMAIN = re.compile(
    r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)


def normal_email(text: str) -> str | None:
    """Return an email address trimmed, NFC and in lowercase, its domain in ASCII (IDNA).

    Args:
        text: The address as a person has written it.

    Returns:
        The address; None if the text is no address of one person at a public domain. Quoted names
        and addresses of hosts in brackets are not accepted, because they are not in use.

    >>> normal_email(" Ada.Lovelace@Bücher.Example ")
    'ada.lovelace@xn--bcher-kva.example'
    >>> normal_email("ada@localhost") is None
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
    if not _LOCAL.fullmatch(local) or any(map(_is_invisible, local)):
        return False
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return not dots and len(local.encode()) <= MAX_LOCAL


def _is_invisible(character: str) -> bool:
    """Return True for a control or format character, or a code point without a character.

    Examples are a zero-width space that was copied along, and U+009B, which terminals obey.
    """
    return unicodedata.category(character).startswith("C")


def _ascii_domain(domain: str) -> str | None:
    encoded = domain
    if not domain.isascii():
        try:
            encoded = idna.encode(domain, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    # One that is ASCII is taken as it is, as the portal does: there are domains that IDNA 2008
    # refuses, such as those with emojis. A last part of digits is the address of a host.
    is_public = _PUBLIC_DOMAIN.fullmatch(encoded) and not encoded.rpartition(".")[2].isdigit()
    return encoded if is_public else None
