"""Report of an erasure. It has ids, codes and times, but no email address and no name."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ops.erasure.ports import Remainder
from ops.erasure.subject import Subject


class Outcome(StrEnum):
    """Outcome of an erasure.

    DRY_RUN: nothing was removed. ERASED: everything that was found is removed. INCOMPLETE: a store
    failed, so the erasure has to be run again.
    """

    DRY_RUN = "dry_run"
    ERASED = "erased"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class StoreReport:
    """Result of an erasure for one store: found, removed and remaining data.

    ``removed`` is None for a dry run. ``fault`` is the error that ended the work on the store, ""
    for none.
    """

    name: str
    ids: tuple[str, ...] = ()
    removed: int | None = None
    stays: tuple[Remainder, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """The result of one run of an erasure, store by store, with the time of the run."""

    subject: Subject
    at: datetime
    stores: tuple[StoreReport, ...]
    dry_run: bool = False

    @property
    def outcome(self) -> Outcome:
        if any(store.fault for store in self.stores):
            return Outcome.INCOMPLETE
        return Outcome.DRY_RUN if self.dry_run else Outcome.ERASED
