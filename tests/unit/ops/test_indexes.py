"""Bringing indexes to their definitions, and the definitions to what is really asked of the
collections.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gridwix.clients.wix import links
from gridwix.errors import NotFound, Refused
from gridwix.models.ids import CollectionId
from gridwix.models.portal import collection_ids
from gridwix.partner_messenger import members as people
from gridwix.people import member_rows, unlinking
from ops import collections, members
from ops.errors import OpsError
from ops.indexes import (
    REGULAR,
    REGULAR_FIELDS,
    UNIQUE,
    UNIQUE_FIELDS,
    EnsuredIndex,
    ExistingIndex,
    Index,
    IndexBuilder,
    Outcome,
    index_definitions,
    index_faults,
    plan_changes,
)
from ops.paths import ROOT
from tests.fakes.wire import ManualClock, Sleeper

C = CollectionId("OpenIssues")
BY_PARTNER = Index("gridwix-partner", (("partnerId", "ASC"), ("updatedAt", "DESC")))
BY_NUMBER = Index("gridwix-number", (("number", "ASC"),))
BACKEND = ROOT / "portal/backend"


def standing(index: Index, status: str = "ACTIVE", failure: str = "") -> ExistingIndex:
    return ExistingIndex(index, status, failure)


def theirs(name: str = "byTitle") -> Index:
    return Index(name, (("title", "ASC"),))


@dataclass
class FakeSite:
    """Indexes of collections.

    A new one is BUILDING for ``slow`` readings, then it becomes ``then``; a dropped one is DROPPING
    for as many.
    """

    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    slow: int = 1
    then: Mapping[str, Any] = field(default_factory=lambda: {"status": "ACTIVE"})
    room: int = 3
    writes: list[str] = field(default_factory=list)
    readings: dict[str, int] = field(default_factory=dict)

    def list_indexes(self, collection: CollectionId) -> Sequence[Mapping[str, Any]]:
        if collection != C:
            raise NotFound(system="wix", status=404)
        shown = [dict(index) for index in self.stored.values()]
        for name, index in list(self.stored.items()):
            self.readings[name] = self.readings.get(name, 0) + 1
            if self.readings[name] >= self.slow and index["status"] == "BUILDING":
                index.update(self.then)
            elif self.readings[name] >= self.slow and index["status"] == "DROPPING":
                del self.stored[name]
        return shown

    def create_index(self, collection: CollectionId, index: Mapping[str, Any]) -> None:
        assert collection == C
        self.writes.append(f"create {index['name']}")
        if index["name"] in self.stored or len(self.stored) >= self.room:
            raise Refused(system="wix", status=400, vendor_code="WDE0080")
        self.stored[index["name"]] = {"id": "1", "source": "USER", **index, "status": "BUILDING"}
        self.readings[index["name"]] = 0

    def drop_index(self, collection: CollectionId, name: str) -> None:
        assert collection == C
        self.writes.append(f"drop {name}")
        self.stored[name]["status"] = "DROPPING"
        self.readings[name] = 0

    def put(self, index: Index, status: str = "ACTIVE") -> None:
        self.stored[index.name] = {"source": "USER", **index.to_wix(), "status": status}


def builder(site: FakeSite, patience: float = 60) -> IndexBuilder:
    clock = ManualClock()
    return IndexBuilder(site, patience=patience, clock=clock, sleep=Sleeper(clock))


def outcomes(found: Sequence[EnsuredIndex]) -> dict[str, Outcome]:
    return {one.name: one.outcome for one in found}


@pytest.mark.parametrize(
    ("existing", "drop", "create"),
    [
        ([], (), (BY_PARTNER,)),
        ([standing(BY_PARTNER)], (), ()),
        ([standing(BY_PARTNER, "BUILDING")], (), ()),
        ([standing(BY_PARTNER, "FAILED")], (BY_PARTNER.name,), (BY_PARTNER,)),
        ([standing(BY_PARTNER, "INVALID")], (BY_PARTNER.name,), (BY_PARTNER,)),
        ([standing(BY_PARTNER, "DROPPING")], (), (BY_PARTNER,)),
        ([standing(BY_PARTNER, "DROPPED")], (), (BY_PARTNER,)),
        (
            [standing(Index(BY_PARTNER.name, (("partnerId", "ASC"),)))],
            (BY_PARTNER.name,),
            (BY_PARTNER,),
        ),
        (
            [standing(Index(BY_PARTNER.name, (("partnerId", "ASC"), ("updatedAt", "ASC"))))],
            (BY_PARTNER.name,),
            (BY_PARTNER,),
        ),
        ([standing(BY_PARTNER), standing(BY_NUMBER)], (BY_NUMBER.name,), ()),
        ([standing(BY_PARTNER), standing(theirs()), standing(theirs("broken"), "FAILED")], (), ()),
    ],
)
def test_plan_drops_ours_that_are_wrong_and_creates_what_is_missing(
    existing: list[ExistingIndex], drop: tuple[str, ...], create: tuple[Index, ...]
) -> None:
    found = plan_changes([BY_PARTNER], existing)

    assert (found.drop, found.create) == (drop, create)


def test_indexes_that_are_missing_are_built_and_a_second_run_writes_nothing() -> None:
    site = FakeSite(slow=3)
    first = builder(site)
    begun, unfinished = first.start_building(C, [BY_PARTNER, BY_NUMBER]), first.wait_until_built()
    site.writes.clear()

    second = builder(site)
    again, left = second.start_building(C, [BY_PARTNER, BY_NUMBER]), second.wait_until_built()

    assert (set(outcomes(begun).values()), unfinished) == ({Outcome.CREATED}, [])
    assert (set(outcomes(again).values()), left, site.writes) == ({Outcome.UNCHANGED}, [], [])
    assert {index["status"] for index in site.stored.values()} == {"ACTIVE"}


def test_index_whose_fields_changed_is_replaced_once_the_old_one_is_gone_and_others_stay() -> None:
    site = FakeSite(slow=3)
    site.put(Index(BY_PARTNER.name, (("partnerId", "ASC"),)))
    site.put(theirs())
    run = builder(site)

    begun, unfinished = run.start_building(C, [BY_PARTNER]), run.wait_until_built()

    assert (outcomes(begun), unfinished) == ({BY_PARTNER.name: Outcome.REPLACED}, [])
    assert site.writes == [f"drop {BY_PARTNER.name}", f"create {BY_PARTNER.name}"]
    assert Index.read(site.stored[BY_PARTNER.name]) == BY_PARTNER
    assert Index.read(site.stored["byTitle"]) == theirs()


def test_index_that_is_no_longer_wanted_leaves_its_place_before_another_takes_it() -> None:
    site = FakeSite(slow=2, room=1)
    site.put(BY_NUMBER)
    run = builder(site)

    begun, unfinished = run.start_building(C, [BY_PARTNER]), run.wait_until_built()

    assert outcomes(begun) == {BY_PARTNER.name: Outcome.CREATED, BY_NUMBER.name: Outcome.REMOVED}
    assert (unfinished, list(site.stored)) == ([], [BY_PARTNER.name])


def test_failed_index_is_dropped_before_it_is_made_anew() -> None:
    site = FakeSite()
    site.put(BY_PARTNER, "FAILED")
    run = builder(site)

    begun, unfinished = run.start_building(C, [BY_PARTNER]), run.wait_until_built()

    assert (outcomes(begun), unfinished) == ({BY_PARTNER.name: Outcome.REPLACED}, [])
    assert site.stored[BY_PARTNER.name]["status"] == "ACTIVE"


def test_index_that_wix_cannot_build_is_named_with_the_reason() -> None:
    site = FakeSite(
        then={"status": "FAILED", "failure": {"code": "WDE0112", "description": "unknown"}}
    )
    run = builder(site)
    run.start_building(C, [BY_PARTNER])

    assert run.wait_until_built() == [EnsuredIndex(C, BY_PARTNER.name, Outcome.FAILED, "WDE0112")]


def test_index_for_which_others_leave_no_place_is_named_and_the_next_is_tried_all_the_same() -> (
    None
):
    site = FakeSite(room=1)
    run = builder(site)

    begun = run.start_building(C, [BY_PARTNER, BY_NUMBER])

    assert outcomes(begun) == {BY_PARTNER.name: Outcome.CREATED, BY_NUMBER.name: Outcome.FAILED}
    assert [one.why for one in begun] == ["", "WDE0080"]
    assert run.wait_until_built() == []


def test_index_that_is_built_beyond_the_wait_is_said_to_be_and_taken_up_by_the_next_run() -> None:
    site = FakeSite(slow=20)
    run = builder(site, patience=10)
    run.start_building(C, [BY_PARTNER])

    late = run.wait_until_built()
    site.slow = 1
    following = builder(site)
    begun = following.start_building(C, [BY_PARTNER])

    assert [one.outcome for one in late] == [Outcome.BUILDING]
    assert site.readings[BY_PARTNER.name] < 10
    assert (outcomes(begun), following.wait_until_built(), len(site.writes)) == (
        {BY_PARTNER.name: Outcome.UNCHANGED},
        [],
        1,
    )


def test_faults_name_what_is_missing_failed_or_otherwise_and_nothing_that_is_being_built() -> None:
    other = Index(BY_NUMBER.name, (("title", "ASC"),))

    assert index_faults([BY_PARTNER], []) == ["index gridwix-partner is missing"]
    assert index_faults([BY_PARTNER], [standing(BY_PARTNER, "DROPPING")]) == [
        "index gridwix-partner is missing"
    ]
    assert index_faults([BY_PARTNER], [standing(BY_PARTNER, "FAILED", "WDE0114")]) == [
        "index gridwix-partner failed WDE0114"
    ]
    assert index_faults([BY_NUMBER], [standing(other)]) == ["index gridwix-number has other fields"]
    assert (
        index_faults(
            [BY_PARTNER, BY_NUMBER],
            [standing(BY_PARTNER), standing(BY_NUMBER, "BUILDING"), standing(theirs(), "FAILED")],
        )
        == []
    )


def test_definition_of_an_index_that_is_not_named_as_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "indexes.json").write_text(json.dumps({"OpenIssues": [theirs().to_wix()]}))

    with pytest.raises(OpsError, match="byTitle"):
        index_definitions(tmp_path / "indexes.json")


def test_definitions_keep_wixs_limits_and_name_fields_that_the_collections_have() -> None:
    known = {
        one["id"]: {each["key"] for each in one["fields"]}
        for one in collections.collection_definitions()
    }

    for collection, indexes in index_definitions().items():
        assert len({index.name for index in indexes}) == len(indexes)
        assert sum(not index.unique for index in indexes) <= REGULAR
        assert sum(index.unique for index in indexes) <= UNIQUE
        for index in indexes:
            paths = [path for path, _ in index.fields]
            assert 1 <= len(paths) <= (UNIQUE_FIELDS if index.unique else REGULAR_FIELDS)
            assert {order for _, order in index.fields} <= {"ASC", "DESC"}
            assert set(paths) <= known[collection], (collection, index.name)


type Query = tuple[str, str, tuple[str, ...]]
"""The collection, a field that is filtered by, and the fields by which what is found is sorted,
newest first.
"""

SECTION = re.compile(r"collection: '(\w+)', find: (\w+)\('\1'\), newest: \[([^]]*)\]")
CHAIN = re.compile(
    r"wixData\s*\.query\(('\w+'|\w+)\)\s*\.(eq|hasSome|lt|not|ascending|startsWith|isNotEmpty)\((?:'(\w+)')?"
)
CALL = re.compile(r"wixData\s*\.query\(")
FILTERS = {
    "ownRows": ("partnerId",),
    "rowsForRole": ("partnerId",),
    "sharedRows": ("forEverybody", "partnerIds"),
    "permittedDocuments": ("forEverybody", "partnerIds"),
    "visibleRequests": ("partnerId",),
}
"""The fields that the finders of ``rows.js`` filter by."""

TAKEN = {
    "people_range.py": ("PARTNER_LINKS", "PARTNER_INVITATIONS"),
    "member_rows.py": (
        "INVITATION_REDEMPTIONS",
        "INVITATION_ATTEMPTS",
        "MEMBER_SETTINGS",
        "MEMBER_READ_MARKS",
    ),
}
"""The collections of a module's methods that take the collection."""

PYTHON_QUERIES = (
    re.compile(r"items_where\(\s*(\w+), \"(\w+)\""),
    re.compile(r"query_(?:pages|items)\(\s*(\w+),\s*filter=\{\s*\"(\w+)\""),
)


def backend_queries() -> Iterator[Query]:
    """Queries of the portal's backend.

    Each call of ``wixData.query`` must be one that is understood here.
    """
    for path in sorted(BACKEND.glob("*.js")):
        # Its conditions bound a page, by the fields that the section's query sorts by.
        if path.name == "paging.js":
            continue
        code = path.read_text()
        names = dict(re.findall(r"^const (\w+) = '(\w+)';", code, re.MULTILINE))
        chains = CHAIN.findall(code)
        assert len(chains) == len(CALL.findall(code)), (
            f"{path.name} asks in a way that is not understood here"
        )
        for collection, method, filtered in chains:
            # All rows in the order of their ids: Wix has an index for that.
            if method == "ascending":
                assert filtered == "_id"
                continue
            # A finder of rows.js takes the collection as its parameter: SECTIONS says for which.
            # Wix itself has an index of `_id`.
            # A condition on the rows of the partner, which an index finds.
            if filtered == "kind":
                continue
            if collection != "collection" and filtered not in ("", "_id"):
                yield (
                    collection.strip("'") if collection.startswith("'") else names[collection],
                    filtered,
                    (),
                )
    rows = (BACKEND / "rows.js").read_text()
    assert {
        filtered for collection, _, filtered in CHAIN.findall(rows) if collection == "collection"
    } - {"_id", ""} == {
        *("partnerId", "forEverybody", "partnerIds"),
        # Of the partner's messages and submissions, which an index finds newest first, those for
        # other roles are passed over.
        *("roles", "record", "kind"),
    }
    sections = SECTION.findall(rows)
    assert len(sections) == rows.count("newest: [")
    for collection, made, newest in sections:
        for filtered in FILTERS[made]:
            yield collection, filtered, tuple(re.findall(r"'(\w+)'", newest))


def python_queries() -> Iterator[Query]:
    """Queries of the functions and the command, except those by ``_id``."""
    constants = {
        name: str(value)
        for module in (collection_ids, members, links, member_rows, people, unlinking)
        for name, value in vars(module).items()
        if name.isupper()
    }
    for folder in ("layers", "functions", "ops"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for pattern in PYTHON_QUERIES:
                for collection, filtered in pattern.findall(path.read_text()):
                    # Wix itself has an index of `_id`.
                    if filtered == "_id":
                        continue
                    # A method that takes the collection.
                    for name in TAKEN.get(path.name, [collection]):
                        yield constants[name], filtered, ()


def test_every_query_has_an_index_that_begins_with_its_field_and_goes_on_with_its_order() -> None:
    found = {*backend_queries(), *python_queries()}
    indexes = {
        collection: [index.fields for index in named]
        for collection, named in index_definitions().items()
    }

    served = {
        (collection, filtered, newest)
        for collection, filtered, newest in found
        for fields in indexes.get(CollectionId(collection), ())
        if fields[0][0] == filtered
        and (not newest or fields[1:] == tuple((name, "DESC") for name in newest))
    }

    assert len(found) > 15
    assert found - served == set()


def test_every_index_serves_a_query() -> None:
    asked = {
        (collection, filtered)
        for collection, filtered, _ in (*backend_queries(), *python_queries())
    }

    assert {
        (str(collection), index.fields[0][0])
        for collection, indexes in index_definitions().items()
        for index in indexes
    } <= asked
