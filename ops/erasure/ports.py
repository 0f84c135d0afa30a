"""The port of every store of personal data: find the subject's data, then remove it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ops.erasure.subject import Subject
from ops.errors import OpsError

BY_HAND = "remove what it holds of the subject by hand (docs/personal-data.md says where it is)"
"""Remedy in the report for a store that is too large for the command to search."""


class TooLarge(OpsError):
    """A store holds more items than one run of an erasure searches."""

    code = "too_large"


@dataclass(frozen=True, slots=True)
class Remainder:
    """Data of the subject that an erasure leaves in a store, with the reason.

    ``until`` is the time at which it is gone at the latest; None if a person has to remove it
    there. ``ids`` name what can be named, such as rows.
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
    """Name of the store in the report and in ``docs/personal-data.md``."""

    def find(self, subject: Subject) -> Findings:
        """Find the data of the subject that the store holds. Changes nothing. Raises TooLarge."""

    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        """Remove the subject's data that ``find`` found, and return the number of removed items.

        Args:
            subject: The person or partner.
            ids: The ids that ``find`` has returned.
        """
