"""File names, and the labels that mark the purpose of an upload. Pure."""

import hashlib
import unicodedata

from pathvalidate import sanitize_filename

MAX_NAME = 200
"""Maximum length of a file name, in characters."""


def kind_of(name: str) -> str:
    """Extension of a file name, in lower case; "" if it has none.

    >>> kind_of("Prices.XLSX"), kind_of("README"), kind_of(".profile")
    ('xlsx', '', '')
    """
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""


def safe_name(name: str) -> str:
    """File name that is valid on every system: no path, no control or direction characters, not too
    long. Its script and its extension stay.

    >>> safe_name("..\\\\Preise/Größe?.xlsx")
    'Größe.xlsx'
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(
        character
        for character in unicodedata.normalize("NFC", last)
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    # The sanitizer cuts a long name without keeping its extension, so shorten the name first.
    ending = kind_of(shown)
    if len(shown) > MAX_NAME:
        shown = (
            f"{shown[: MAX_NAME - len(ending) - 1]}.{ending}"
            if 0 < len(ending) < 20
            else shown[:MAX_NAME]
        )
    safe = str(sanitize_filename(shown, platform="universal", max_len=4 * MAX_NAME)).strip(" .")
    return safe or "file"


def file_label(*ids: str) -> str:
    """Label of a portal upload, derived from the ids of its purpose.

    ``portal/backend/uploads.js`` computes the same label. Ids contain no slash, so two ids never
    give the label of three.
    """
    return f"gridwix-{hashlib.sha256('/'.join(ids).encode()).hexdigest()[:32]}"
