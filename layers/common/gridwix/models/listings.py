"""Results of list calls, in which some records may be unreadable."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gridwix.errors import RecordFault


@dataclass(frozen=True, slots=True)
class Listing[R]:
    """The readable records of a list, and one fault for each unreadable record.

    Not iterable on purpose: a caller that reads ``records`` has to decide what to do about
    ``faults``.
    """

    records: Sequence[R] = ()
    faults: Sequence[RecordFault] = ()

    def filter(self, wanted: Callable[[R], bool]) -> "Listing[R]":
        """Return a listing of the records for which ``wanted`` is true, with all faults kept."""
        return Listing([record for record in self.records if wanted(record)], self.faults)

    def __add__(self, other: "Listing[R]") -> "Listing[R]":
        return Listing([*self.records, *other.records], [*self.faults, *other.faults])


@dataclass(frozen=True, slots=True)
class ListPage[R]:
    """A page of a list: its records, and the time (``as_of``) up to which the list is complete.

    ``cursor`` reads the next page; None on the last page.
    """

    listing: Listing[R]
    cursor: str | None
    as_of: datetime


def first_fault_by_owner(faults: Iterable[RecordFault]) -> dict[str, RecordFault]:
    """Map the owner of unreadable records, such as a partner's id, to the first fault among them.

    Faults without an owner are left out.

    >>> fault = RecordFault("cases/CA-1", "version missing", owner="GC1")
    >>> list(first_fault_by_owner([fault, RecordFault("cases/?", "id missing")]))
    ['GC1']
    """
    found: dict[str, RecordFault] = {}
    for fault in faults:
        if fault.owner:
            found.setdefault(fault.owner, fault)
    return found
