"""Finds the records and rows that belong to an identifier, for ``gridwix trace``. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gridwix.mapping.handovers import COLLECTION_OF
from gridwix.mapping.wix_items import item_id
from gridwix.models.events import AUDIENCES, EVERYTHING
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.journal import ATTEMPTS, JournalEntry
from gridwix.models.portal import collection_ids
from gridwix.models.portal.collection_ids import PORTAL_CHANGES
from gridwix.publication.models import LedgerEntry, RowKey

MAX_ENTRIES = 200
"""Maximum number of journal entries of one story, the newest."""

MAX_RECORDS = 5
"""Maximum number of records of one row that are read from Trading Grid, the traced one first."""

ROW_OF = {
    "partners": collection_ids.PARTNER_STATUS,
    "cases": collection_ids.OPEN_ISSUES,
    "enrollments": collection_ids.ONBOARDING_PROGRESS,
    "documents": collection_ids.PARTNER_DOCUMENTS,
    "service-notices": collection_ids.SERVICE_NOTICES,
    "submissions": collection_ids.PARTNER_REQUESTS,
}
"""Collection of the row that a record has under its own id."""

PORTAL_COLLECTIONS = frozenset(
    {
        *ROW_OF.values(),
        collection_ids.ONBOARDING_STEPS,
        collection_ids.PARTNER_ACTIVITY,
        collection_ids.PARTNER_MESSAGES,
    }
)

_OF_TRADING_GRID = frozenset(COLLECTION_OF.values())

HUB = "hub"
"""Collection of journal subjects that belong to no partner: see ``HUB_SUBJECTS``."""

HUB_SUBJECTS = (EVERYTHING, AUDIENCES)
"""Ids of the messages that concern all partners: full resyncs, and audiences."""

RECORD_COLLECTIONS = frozenset(
    {*_OF_TRADING_GRID, "submissions", "transactions", "files", "webhooks", HUB}
)
"""First part of ``collection/id`` for the records that the journal names. ``files`` are those of
Wix's media library.
"""

REFERENCE = re.compile(r"GX-[A-Z2-7]{4}-[A-Z2-7]{4}", re.IGNORECASE)
"""Form of a submission's reference, such as ``GX-ABCD-2345``, which its sender gets."""


@dataclass(frozen=True, slots=True)
class Subject:
    """All that an identifier names: records, their journal entries, and rows of the portal.

    Records are named ``collection/id``. The journal is the table of the functions' attempts to
    process records and rows.
    """

    records: tuple[str, ...]
    entries: tuple[JournalEntry, ...]
    rows: tuple[RowKey, ...]


def own_rows(records: Iterable[str]) -> tuple[RowKey, ...]:
    """Return the keys of the portal rows that have an id made from the id of one of the records.

    In the collections of ``ROW_OF``, such as ``cases``, each record has a row of its own. Records
    of other collections are left out.
    """
    split = [record.partition("/") for record in records]
    return tuple(
        RowKey(ROW_OF[collection], item_id(identifier))
        for collection, _, identifier in split
        if collection in ROW_OF
    )


def rows_of_entries(entries: Sequence[JournalEntry]) -> list[RowKey]:
    """Return the keys of rows that journal entries name, the rows of the newest entry first."""
    names = [name for entry in reversed(entries) for name in entry.rows if "#" in name]
    split = [name.partition("#") for name in dict.fromkeys(names)]
    return [
        RowKey(CollectionId(collection), WixItemId(item))
        for collection, _, item in split
        # The numbers of changes are no row that a record is shown on.
        if collection != PORTAL_CHANGES
    ]


def records_of_row(entry: LedgerEntry | None, subject: Subject) -> tuple[str, ...]:
    """Return the names of the records behind a portal row that are to be read from Trading Grid.

    At most ``MAX_RECORDS``. The records that ``subject`` names, the identifier given to
    ``gridwix trace``, come first.
    """
    live = () if entry is None else tuple(entry.published.live)
    traced = [record for record in subject.records if record in live or not live]
    of_trading_grid = [
        record for record in [*traced, *live] if record.partition("/")[0] in _OF_TRADING_GRID
    ]
    return tuple(dict.fromkeys(of_trading_grid))[:MAX_RECORDS]


def attempts_for(
    key: RowKey, records: Collection[str], entries: Iterable[JournalEntry]
) -> list[JournalEntry]:
    """Return the journal entries of attempts to publish a row.

    These are the entries that name the row, and the entries on its records that name no row: such
    an attempt ended before any row was known.
    """
    name = f"{key.collection}#{key.item_id}"
    return [
        entry
        for entry in entries
        if entry.outcome in ATTEMPTS
        and (name in entry.rows or (not entry.rows and entry.record in records))
    ]


def in_order(entries: Iterable[JournalEntry]) -> tuple[JournalEntry, ...]:
    """Return journal entries without duplicates, oldest first.

    If there are more than ``MAX_ENTRIES``, only the newest of them.
    """
    distinct = {(one.record, one.at, one.function, one.event_id): one for one in entries}
    return tuple(sorted(distinct.values(), key=lambda entry: entry.at)[-MAX_ENTRIES:])
