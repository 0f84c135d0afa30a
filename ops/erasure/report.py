"""Report of an erasure, which ``--json`` prints by ``docs/command/erase.schema.json``.

It has ids, codes and times, and neither the email address nor the name.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ops.erasure.ports import Remainder
from ops.erasure.subject import Subject


class Outcome(StrEnum):
    """DRY_RUN: nothing was removed. ERASED: everything found is removed. INCOMPLETE: a store
    failed, so run it again."""

    DRY_RUN = "dry_run"
    ERASED = "erased"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class StoreReport:
    """What one store held, what was removed, and what stays.

    ``removed`` is None for a dry run. ``fault`` is the error that ended it, "" for none.
    """

    name: str
    ids: tuple[str, ...] = ()
    removed: int | None = None
    stays: tuple[Remainder, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """The result of one run, store by store, at a time."""

    subject: Subject
    at: datetime
    stores: tuple[StoreReport, ...]
    dry_run: bool = False

    @property
    def outcome(self) -> Outcome:
        if any(store.fault for store in self.stores):
            return Outcome.INCOMPLETE
        return Outcome.DRY_RUN if self.dry_run else Outcome.ERASED

    def document(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {
            "of": "partner" if self.subject.partner else "person",
            "ids": list(self.subject.ids),
            "at": self.at.isoformat(timespec="seconds"),
            "outcome": str(self.outcome),
            "stores": [_store_document(store) for store in self.stores],
        }


def _store_document(store: StoreReport) -> dict[str, Any]:
    return {
        "store": store.name,
        "found": len(store.ids),
        "ids": list(store.ids),
        "removed": store.removed,
        "fault": store.fault or None,
        "stays": [
            {
                "what": one.what,
                "until": None if one.until is None else one.until.isoformat(timespec="seconds"),
                "why": one.why,
                "ids": list(one.ids),
            }
            for one in store.stays
        ],
    }
