"""Creates, replaces and removes the indexes of the portal's collections (``portal/indexes.json``).

Wix allows a collection three regular indexes of at most three fields and one unique index of one
field. Wix builds an index after it has responded, and a failed index counts toward these limits
until it is dropped (https://dev.wix.com/docs/rest/business-solutions/cms/indexes/introduction).
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from gridwix.errors import Refused, UpstreamConflict
from gridwix.models.ids import CollectionId
from ops.errors import OpsError
from ops.paths import ROOT

FILE = ROOT / "portal/indexes.json"

PREFIX = "gridwix-"
"""Prefix of our index names. All other indexes belong to Wix or to editors and are left alone."""

REGULAR, UNIQUE = 3, 1
"""Maximum number of regular and unique indexes of a collection."""

REGULAR_FIELDS, UNIQUE_FIELDS = 3, 1
"""Maximum number of fields of a regular and of a unique index."""

BROKEN = frozenset({"FAILED", "INVALID"})
BUILDING, ACTIVE, LEAVING, GONE = "BUILDING", "ACTIVE", "DROPPING", "DROPPED"

PATIENCE = 300.0
"""Seconds to wait for all indexes together. Wix builds one in moments, or in minutes for very many
items.
"""

POLL = 2.0
"""Seconds between two polls of the index status."""


class IndexStore(Protocol):
    """Port: the part of the Wix client that lists, creates and drops indexes of a collection."""

    def list_indexes(self, collection: CollectionId) -> Sequence[Mapping[str, Any]]: ...
    def create_index(self, collection: CollectionId, index: Mapping[str, Any]) -> None: ...
    def drop_index(self, collection: CollectionId, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a collection as ``portal/indexes.json`` defines it.

    ``fields`` are paths of fields with their order (ASC, DESC).
    """

    name: str
    fields: tuple[tuple[str, str], ...]
    unique: bool = False

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Index":
        """Return an index from its definition in ``portal/indexes.json`` or in a Wix response."""
        fields = tuple(
            (str(each["path"]), str(each.get("order") or "ASC"))
            for each in written.get("fields") or ()
        )
        return cls(str(written.get("name")), fields, bool(written.get("unique")))

    def to_wix(self) -> dict[str, Any]:
        """Return the index as the body of Wix's create-index call."""
        return {
            "name": self.name,
            "fields": [{"path": path, "order": order} for path, order in self.fields],
            "unique": self.unique,
            "caseInsensitive": False,
        }


@dataclass(frozen=True, slots=True)
class ExistingIndex:
    """An index of a collection as Wix reports it, with its status.

    ``failure`` is Wix's error code if the index could not be built, else "".
    """

    index: Index
    status: str
    failure: str = ""

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "ExistingIndex":
        failure = written.get("failure")
        return cls(
            Index.read(written),
            str(written.get("status")),
            str(failure.get("code") or "") if isinstance(failure, Mapping) else "",
        )


class Outcome(StrEnum):
    """Result of creating, replacing or removing one index of a collection.

    ``BUILDING``: Wix was still building the index when the timeout was reached.
    """

    CREATED = "created"
    REPLACED = "replaced"
    REMOVED = "removed"
    UNCHANGED = "unchanged"
    BUILDING = "still being built"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EnsuredIndex:
    """Result for one index of a collection: created, replaced, removed, unchanged or failed.

    If the index failed, ``why`` is Wix's error code or status for it, where known; otherwise "".
    """

    collection: CollectionId
    name: str
    outcome: Outcome
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes that give a collection the wanted indexes: names to drop, then indexes to create.

    ``kept`` are the wanted indexes that are correct or are being built.
    """

    drop: tuple[str, ...] = ()
    create: tuple[Index, ...] = ()
    kept: tuple[Index, ...] = ()


def index_definitions(file: Path = FILE) -> dict[CollectionId, list[Index]]:
    """Return the indexes of ``portal/indexes.json`` by collection.

    Raises:
        OpsError: The name of an index does not begin with ``PREFIX``.
    """
    found = {
        CollectionId(collection): [Index.read(each) for each in written]
        for collection, written in json.loads(file.read_text()).items()
    }
    for collection, indexes in found.items():
        for index in indexes:
            if not index.name.startswith(PREFIX):
                raise OpsError(
                    f"{file.name}: the index {index.name} of {collection} has a name of"
                    " another form",
                    f"begin its name with {PREFIX}",
                )
    return found


def plan_changes(wanted: Sequence[Index], existing: Sequence[ExistingIndex]) -> Plan:
    """Plan how the existing indexes of a collection become the wanted ones. Pure.

    Correct indexes stay. Indexes with ``PREFIX`` in their name are dropped if they differ, have
    failed or are not wanted. All other indexes are ignored.

    >>> index = Index("gridwix-status", (("status", "ASC"),))
    >>> plan_changes([index], []) == Plan(drop=(), create=(index,), kept=())
    True
    >>> plan_changes([], [ExistingIndex(index, "ACTIVE")]).drop
    ('gridwix-status',)
    """
    ours = {
        one.index.name: one
        for one in existing
        if one.index.name.startswith(PREFIX) and one.status != GONE
    }
    # An index that is being built counts as correct, so that a second run does not drop it.
    right = {
        name
        for name, one in ours.items()
        if one.index in wanted and one.status not in BROKEN and one.status != LEAVING
    }
    return Plan(
        drop=tuple(
            name for name, one in ours.items() if name not in right and one.status != LEAVING
        ),
        create=tuple(index for index in wanted if index.name not in right),
        kept=tuple(index for index in wanted if index.name in right),
    )


def index_faults(wanted: Sequence[Index], existing: Sequence[ExistingIndex]) -> list[str]:
    """Return a short phrase for each wanted index of a collection that is missing, failed or wrong.

    An index that is being built is no fault.
    """
    ours = {one.index.name: one for one in existing if one.status not in (GONE, LEAVING)}
    said = []
    for index in wanted:
        one = ours.get(index.name)
        if one is None:
            said.append(f"index {index.name} is missing")
        elif one.status in BROKEN:
            said.append(f"index {index.name} failed {one.failure}".rstrip())
        elif one.index != index:
            said.append(f"index {index.name} has other fields")
    return said


class IndexBuilder:
    """Creates the indexes of collections, and waits until Wix has built them.

    If Wix refuses an index, the builder goes on with the others.

    Args:
        store: The Wix client.
        patience: Seconds to wait for all indexes together.
        clock: Monotonic time in seconds.
        sleep: Sleeps for a number of seconds.
    """

    def __init__(
        self,
        store: IndexStore,
        *,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._clock = clock
        self._sleep = sleep
        self._deadline = clock() + patience
        self._waiting: list[EnsuredIndex] = []

    def start_building(
        self, collection: CollectionId, wanted: Sequence[Index]
    ) -> list[EnsuredIndex]:
        """Drop and create indexes of a collection until they are the wanted ones. Idempotent.

        Return the result of each index. An index that Wix refuses is FAILED. This does not wait
        until Wix has built new indexes, only until it has removed the dropped ones.

        Args:
            collection: The collection.
            wanted: All indexes that the collection should have.

        Raises:
            UpstreamError: A call to Wix failed.
        """
        existing = self._list_existing(collection)
        todo = plan_changes(wanted, existing)
        leaving = {
            one.index.name
            for one in existing
            if one.index.name in todo.drop or one.status == LEAVING
        }
        created = [
            EnsuredIndex(
                collection,
                index.name,
                Outcome.REPLACED if index.name in leaving else Outcome.CREATED,
            )
            for index in todo.create
        ]
        for name in todo.drop:
            self._store.drop_index(collection, name)
        if leaving and todo.create:
            self._wait_until_gone(collection, leaving)
        created = [
            self._create_index(one, index) for one, index in zip(created, todo.create, strict=True)
        ]
        building = {one.index.name for one in existing if one.status == BUILDING}
        kept = [EnsuredIndex(collection, index.name, Outcome.UNCHANGED) for index in todo.kept]
        self._waiting += [one for one in created if one.outcome is not Outcome.FAILED] + [
            one for one in kept if one.name in building
        ]
        removed = set(todo.drop) - {index.name for index in todo.create}
        return [
            *kept,
            *created,
            *(
                EnsuredIndex(collection, name, Outcome.REMOVED)
                for name in todo.drop
                if name in removed
            ),
        ]

    def wait_until_built(self) -> list[EnsuredIndex]:
        """Wait until Wix has built all new indexes; return the indexes that are not usable then.

        Each returned index is FAILED, or still BUILDING at the timeout. Raises UpstreamError if a
        call to Wix failed.
        """
        failed: list[EnsuredIndex] = []
        while True:
            for collection in dict.fromkeys(one.collection for one in self._waiting):
                failed += self._update_waiting(collection)
            if not self._waiting or self._clock() >= self._deadline:
                return failed + [replace(one, outcome=Outcome.BUILDING) for one in self._waiting]
            self._sleep(POLL)

    def _update_waiting(self, collection: CollectionId) -> list[EnsuredIndex]:
        """Stop waiting for a collection's indexes that Wix has built or given up.

        Return the indexes that failed.
        """
        standings = {one.index.name: one for one in self._list_existing(collection)}
        failed: list[EnsuredIndex] = []
        for one in [one for one in self._waiting if one.collection == collection]:
            standing = standings.get(one.name)
            if standing is not None and standing.status == BUILDING:
                continue
            self._waiting.remove(one)
            if standing is None or standing.status != ACTIVE:
                failed.append(
                    replace(
                        one,
                        outcome=Outcome.FAILED,
                        why="" if standing is None else standing.failure or standing.status,
                    )
                )
        return failed

    def _create_index(self, one: EnsuredIndex, index: Index) -> EnsuredIndex:
        try:
            self._store.create_index(one.collection, index.to_wix())
        except (Refused, UpstreamConflict) as refusal:
            # For example, indexes of editors already use up Wix's limit.
            return replace(one, outcome=Outcome.FAILED, why=refusal.vendor_code)
        return one

    def _wait_until_gone(self, collection: CollectionId, names: set[str]) -> None:
        while self._clock() < self._deadline and any(
            one.index.name in names and one.status != GONE
            for one in self._list_existing(collection)
        ):
            self._sleep(POLL)

    def _list_existing(self, collection: CollectionId) -> list[ExistingIndex]:
        return [ExistingIndex.read(each) for each in self._store.list_indexes(collection)]
