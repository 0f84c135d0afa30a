"""File names, and the labels that mark the purpose of an upload. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Collection
from urllib.parse import urlsplit

from pathvalidate import sanitize_filename

from gridwix.mapping.cuts import cut_text

MAX_NAME = 200
"""Maximum length of a file name, in characters."""

_HOST = re.compile(r"[a-z0-9.-]+")
_ANNOUNCED = re.compile(r"gridwix-announced-(\d{1,15})-[a-z0-9]{1,20}")


def file_extension(name: str) -> str:
    """Return the extension of a file name, in lower case; "" if it has none.

    >>> file_extension("Prices.XLSX"), file_extension("README"), file_extension(".profile")
    ('xlsx', '', '')
    """
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""


def safe_name(name: str) -> str:
    r"""Make a file name valid on every operating system.

    Letters of any script and the extension stay. The path and invisible characters (control, text
    direction) are removed, and a name that is too long is cut.

    >>> safe_name("..\\Preise/Größe?.xlsx")
    'Größe.xlsx'
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(
        character
        for character in unicodedata.normalize("NFC", last)
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    # The sanitizer cuts a long name without keeping its extension, so shorten the name first.
    shown = short_name(shown, MAX_NAME)
    safe = str(sanitize_filename(shown, platform="universal", max_len=4 * MAX_NAME)).strip(" .")
    return safe or "file"


def announced_size(labels: Collection[str]) -> int | None:
    """Read the announced size of an upload, in bytes, from its labels; None if no label has it.

    The portal's backend sets this label when it announces the upload. Uploads of earlier releases
    lack the label.

    >>> announced_size(["gridwix-0f", "gridwix-announced-2048-pdf"])
    2048
    """
    found = (_ANNOUNCED.fullmatch(label) for label in labels)
    return next((int(one[1]) for one in found if one), None)


def is_on_host(url: str, hosts: Collection[str]) -> bool:
    """Tell whether a URL is on one of these hosts, or on a subdomain of one.

    If a host is given with a port, the URL must have the same port.

    >>> is_on_host("https://static.wixstatic.com/ugd/a.pdf", {"wixstatic.com"})
    True
    >>> is_on_host("https://wixstatic.com.example/a.pdf", {"wixstatic.com"})
    False
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return False
    # Readers of addresses differ about any other character.
    if not _HOST.fullmatch(host):
        return False
    named = f"{host}:{port}" if port is not None else host
    return any(named == one or named.endswith(f".{one}") for one in hosts)


def short_name(name: str, most: int) -> str:
    """Cut a file name to at most ``most`` characters.

    A cut name is marked with ``…`` and keeps its extension.

    >>> short_name("Routing guide for all suppliers.pdf", 20)
    'Routing guide….pdf'
    """
    ending = file_extension(name)
    if len(name) <= most or not 0 < len(ending) < 20:
        return cut_text(name, most)
    stem = name[: -len(ending) - 1]
    return f"{cut_text(stem, most - len(ending) - 1)}.{ending}"


def file_label(*ids: str) -> str:
    """Return the label of a portal upload, made from the ids of its purpose, such as its partner.

    ``portal/backend/uploads.js`` computes the same label. Ids contain no slash, so different lists
    of ids never have the same label.
    """
    return f"gridwix-{hashlib.sha256('/'.join(ids).encode()).hexdigest()[:32]}"
