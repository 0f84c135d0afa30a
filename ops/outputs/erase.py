"""JSON document of ``gridwix erase``, which erases the data of a person or partner."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime

from ops.erasure.ports import Remainder
from ops.erasure.report import ErasureReport, Outcome, StoreReport
from ops.json_output import JsonOutput


class RemainderEntry(JsonOutput):
    """Data of an erased person or partner that stays in a store, and the reason."""

    what: str
    until: AwareDatetime | None
    """time at which the data is gone at the latest; null: when a person removes it there"""
    why: str
    ids: tuple[str, ...]


class StoreEntry(JsonOutput):
    """Data of an erased person or partner in one store: found, removed and remaining."""

    store: str
    found: int
    ids: tuple[str, ...]
    removed: int | None
    """number of removed items; null for a dry run"""
    fault: str | None
    """the error that ended the work on this store"""
    stays: tuple[RemainderEntry, ...]


class EraseOutput(JsonOutput):
    """Data of one person or partner, store by store: found, removed and remaining.

    The document has neither the email address nor the name of a person.
    """

    of: Literal["person", "partner"]
    ids: tuple[str, ...]
    """ids of the person's members and contacts, or the partner's id"""
    at: AwareDatetime
    outcome: Outcome
    """``incomplete``: a store failed, so the command has to run again"""
    stores: tuple[StoreEntry, ...]
    """in the order in which they are erased"""


def erase_output(report: ErasureReport) -> EraseOutput:
    """Return the report of an erasure as a JSON document."""
    return EraseOutput(
        of="partner" if report.subject.partner else "person",
        ids=report.subject.ids,
        at=_whole_seconds(report.at),
        outcome=report.outcome,
        stores=tuple(_store_entry(store) for store in report.stores),
    )


def _store_entry(store: StoreReport) -> StoreEntry:
    return StoreEntry(
        store=store.name,
        found=len(store.ids),
        ids=store.ids,
        removed=store.removed,
        fault=store.fault or None,
        stays=tuple(_remainder_entry(one) for one in store.stays),
    )


def _remainder_entry(one: Remainder) -> RemainderEntry:
    until = None if one.until is None else _whole_seconds(one.until)
    return RemainderEntry(what=one.what, until=until, why=one.why, ids=one.ids)


def _whole_seconds(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(microsecond=0)
