"""The port of every store: find what names the subject, then remove it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ops.erasure.subject import Subject
from ops.errors import OpsError

BY_HAND = "remove what it holds of the subject by hand (docs/personal-data.md says where it is)"
"""Remedy for a store that is too large for the command."""


class TooLarge(OpsError):
    """A store is larger than one run looks through."""

    code = "too_large"


@dataclass(frozen=True, slots=True)
class Remainder:
    """Data that stays: its latest end (None: until a person removes it there), and the reason.

    ``ids`` name it if it can be named, such as rows.
    """

    what: str
    why: str
    until: datetime | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """Data of the subject in a store: the ids to remove, and what has to stay."""

    ids: tuple[str, ...] = ()
    stays: tuple[Remainder, ...] = ()


class PersonalStore(Protocol):
    """A store that may hold personal data.

    Both methods raise botocore's errors and :class:`gridwix.errors.GridwixError`, such as
    UpstreamError. ``remove`` is idempotent: what is gone already counts as removed.
    """

    name: str
    """Name in the report and in ``docs/personal-data.md``."""

    def find(self, subject: Subject) -> Findings:
        """Find what the store holds of the subject. Changes nothing. Raises TooLarge."""

    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        """Remove what was found, and return the number of removed things.

        Args:
            subject: The person or partner.
            ids: The ids that ``find`` has returned.
        """
