"""The names of files, and the marks that say what an upload is for. Pure."""

import hashlib
import unicodedata

from pathvalidate import sanitize_filename

MAX_NAME = 200
"""Characters of a name."""


def kind_of(name: str) -> str:
    """The ending of a file's name, in lower case; "" if it has none."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if stem and dot else ""


def safe_name(name: str) -> str:
    """A name that is one on every system: no path, no control or direction characters, not too long; its script and its ending stay."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in unicodedata.normalize("NFC", last) if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    # The sanitiser cuts what is too long for a file system without regard to the ending, so it is given no long name.
    ending = kind_of(shown)
    if len(shown) > MAX_NAME:
        shown = f"{shown[: MAX_NAME - len(ending) - 1]}.{ending}" if 0 < len(ending) < 20 else shown[:MAX_NAME]
    safe = str(sanitize_filename(shown, platform="universal", max_len=4 * MAX_NAME)).strip(" .")
    return safe or "file"


def file_label(*ids: str) -> str:
    """The label of a file that is uploaded to the portal, by the ids of what it is for: ``portal/backend/uploads.js`` makes the same.

    Ids hold no slash, so what is named by two ids never has the mark of what is named by three.
    """
    return f"gridwix-{hashlib.sha256('/'.join(ids).encode()).hexdigest()[:32]}"
