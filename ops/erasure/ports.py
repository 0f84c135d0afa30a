"""Port of every store of personal data: find the data of a person or partner, then remove it."""

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
    """Data of the person or partner that an erasure leaves in a store, with the reason.

    ``until`` is the time at which the data is gone at the latest; None if a person has to remove it
    by hand. ``ids`` are the ids of rows, log groups or the like that hold the data; empty if they
    are not known.
    """

    what: str
    why: str
    until: datetime | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """Data of a person or partner in one store.

    ``ids`` name the data to remove, ``stays`` is the data that has to stay.
    """

    ids: tuple[str, ...] = ()
    stays: tuple[Remainder, ...] = ()


class PersonalStore(Protocol):
    """A store that may hold personal data of the person or partner to erase (the subject).

    Both methods raise botocore's errors and :class:`gridwix.errors.GridwixError`, such as
    UpstreamError. ``remove`` is idempotent: data that is gone already counts as removed.
    """

    name: str
    """Name of the store in the report and in ``docs/personal-data.md``."""

    def find(self, subject: Subject) -> Findings:
        """Find the data of the subject that the store holds. Changes nothing.

        Raises TooLarge if the store holds more than an erasure can search.
        """

    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        """Remove the data of the subject that ``find`` found; return the number of removed items.

        Args:
            subject: The person or partner.
            ids: The ids that ``find`` has returned.
        """
