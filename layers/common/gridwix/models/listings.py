"""Answers of lists, in which single records may be unreadable."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gridwix.errors import RecordFault


@dataclass(frozen=True, slots=True)
class Listing[R]:
    """The records of a list that could be read, and a fault for each that could not.

    There is no iteration over it on purpose: whoever reads ``records`` decides what to do about ``faults``.
    """

    records: Sequence[R] = ()
    faults: Sequence[RecordFault] = ()

    def filter(self, wanted: Callable[[R], bool]) -> "Listing[R]":
        """The same listing with those of its records only; faults stay."""
        return Listing([record for record in self.records if wanted(record)], self.faults)

    def __add__(self, other: "Listing[R]") -> "Listing[R]":
        return Listing([*self.records, *other.records], [*self.faults, *other.faults])


def first_fault_by_owner(faults: Iterable[RecordFault]) -> dict[str, RecordFault]:
    """One fault for each owner that has any; faults without an owner are left out."""
    found: dict[str, RecordFault] = {}
    for fault in faults:
        if fault.owner:
            found.setdefault(fault.owner, fault)
    return found
