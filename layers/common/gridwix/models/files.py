"""Files on their way between the two systems."""

from dataclasses import dataclass, field
from enum import StrEnum


class FileFault(StrEnum):
    """Why a file is not taken over. BLOCKED: its address may not be asked. GONE: nothing is there. CHANGED: the bytes are others than were announced. FAILED:
    the portal's media library could do nothing with it."""

    BLOCKED = "blocked"
    GONE = "gone"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    CHANGED = "changed"
    INFECTED = "infected"
    FAILED = "failed"


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


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as the portal's media library is to have it. ``label`` finds it again; ``size`` is in bytes."""

    name: str = field(repr=False)
    media_type: str
    size: int
    private: bool
    label: str


class FileState(StrEnum):
    """How a file in the media library stands. GONE: there is none."""

    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"


LOST = frozenset({FileState.FAILED, FileState.GONE})
"""How a file stands that was usable and no longer can be opened: somebody has removed it, or put it into the trash."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file in the media library. ``labels`` are those that it was given when it came."""

    file_id: str
    state: FileState
    size: int
    labels: frozenset[str] = frozenset()
