"""Files on their way between the two systems."""

from dataclasses import dataclass, field
from enum import StrEnum


class FileFault(StrEnum):
    """Why a file is not taken over. BLOCKED: its address may not be asked. GONE: nothing is there. CHANGED: the bytes are others than were announced."""

    BLOCKED = "blocked"
    GONE = "gone"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file's bytes are: ``sha256`` in hexadecimal digits, ``size`` in bytes, ``head`` the first of them."""

    sha256: str
    size: int
    head: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class UploadPlace:
    """Where Trading Grid takes a file: ``put_url`` is good for a while, and needs no credentials."""

    upload_id: str
    put_url: str = field(repr=False)
