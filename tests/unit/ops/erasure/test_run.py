"""An erasure over several stores: its order, its failures, and its report."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import override

from botocore.exceptions import ClientError
from jsonschema import Draft202012Validator

from gridwix.errors import Forbidden
from ops.erasure.ports import Findings, PersonalStore, Remainder
from ops.erasure.report import ErasureReport, Outcome
from ops.erasure.run import erase, find_everywhere
from ops.erasure.subject import Subject
from ops.outputs.erase import erase_output
from ops.paths import ROOT

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
DANA = Subject(members=frozenset({"dana"}), emails=frozenset({"dana@prairie.example"}))


@dataclass
class FakeStore(PersonalStore):
    """A store in memory, which can be made to fail."""

    name: str
    held: set[str] = field(default_factory=set)
    failure: Exception | None = None
    blind: Exception | None = None

    @override
    def find(self, subject: Subject) -> Findings:
        if self.blind is not None:
            raise self.blind
        return Findings(tuple(sorted(self.held)), (Remainder("copies", "they stay", NOW),))

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        if self.failure is not None:
            raise self.failure
        removed = set(ids)
        self.held -= removed
        return len(removed)


def look_and_erase(*stores: FakeStore) -> ErasureReport:
    return erase(stores, find_everywhere(stores, DANA, NOW))


def test_dry_run_finds_everything_and_removes_nothing() -> None:
    stores = FakeStore("rows", {"1", "2"}), FakeStore("members", {"dana"})

    report = find_everywhere(stores, DANA, NOW)

    assert report.outcome is Outcome.DRY_RUN
    assert [store.ids for store in report.stores] == [("1", "2"), ("dana",)]
    assert [store.held for store in stores] == [{"1", "2"}, {"dana"}]


def test_erasure_removes_what_was_found_and_no_more() -> None:
    rows = FakeStore("rows", {"1"})
    found = find_everywhere([rows], DANA, NOW)
    rows.held.add("of somebody else")

    report = erase([rows], found)

    assert report.outcome is Outcome.ERASED
    assert report.stores[0].removed == 1
    assert rows.held == {"of somebody else"}


def test_store_that_fails_keeps_the_later_ones_for_the_next_run() -> None:
    rows = FakeStore("rows", {"1"}, failure=Forbidden("no", system="wix", status=403))
    first, last = FakeStore("uploads", {"file"}), FakeStore("members", {"dana"})

    report = look_and_erase(first, rows, last)

    assert report.outcome is Outcome.INCOMPLETE
    assert [store.removed for store in report.stores] == [1, 0, 0]
    assert report.stores[2].fault == "not reached"
    assert last.held == {"dana"}

    rows.failure = None
    assert look_and_erase(first, rows, last).outcome is Outcome.ERASED
    assert not first.held | rows.held | last.held


def test_store_that_cannot_be_looked_through_stops_the_erasure_before_the_member_is_gone() -> None:
    denied = ClientError({"Error": {"Code": "AccessDeniedException"}}, "Scan")
    table, members = FakeStore("table", blind=denied), FakeStore("members", {"dana"})

    report = look_and_erase(table, members)

    assert report.stores[0].fault == "aws: AccessDeniedException of Scan"
    assert report.outcome is Outcome.INCOMPLETE
    assert members.held == {"dana"}


def test_report_keeps_to_its_schema_and_has_no_address() -> None:
    schema = json.loads((ROOT / "docs/command/erase.schema.json").read_text())
    validator = Draft202012Validator(schema)
    failing = FakeStore("rows", {"1"}, failure=Forbidden("no", system="wix", status=403))

    for report in (
        find_everywhere([FakeStore("rows", {"1"})], DANA, NOW),
        look_and_erase(FakeStore("rows", {"1"})),
        look_and_erase(failing, FakeStore("members", {"dana"})),
    ):
        text = json.dumps(erase_output(report).model_dump(mode="json", by_alias=True))
        validator.validate(json.loads(text))
        assert "dana@prairie.example" not in text
    assert schema["additionalProperties"] is False
