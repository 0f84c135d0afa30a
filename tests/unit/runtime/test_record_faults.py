"""Records that cannot be read are named: in the log, in metrics and in the store; and nothing else
fails by it.
"""

import json
from typing import Any

import pytest

from gridwix.errors import RecordFault, RowHeld, Unavailable
from gridwix.publication.models import RowKey
from gridwix.runtime.record_faults import MAX_NAMED, FaultLog, fault_log, report_record_faults
from tests.fakes.stores import FakeRefusedItems

FAULT = RecordFault("cases/case_7", "version int_parsing", owner="GC1")


def name(*errors: Any, store: Any = None) -> FakeRefusedItems:
    kept = FakeRefusedItems() if store is None else store
    report_record_faults(errors, lambda: kept)
    return kept


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_fault_is_named_once_with_its_record_field_and_reason_whoever_has_seen_it(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    fault_log.note(FAULT)

    store = name(FAULT, RowHeld(), RecordFault("cases/case_7", "version int_parsing"))

    ((key, refusal),) = store.items.items()
    lines = printed(capsys)
    assert (key, refusal.code, refusal.description) == (
        RowKey("cases", "case_7"),  # type: ignore[arg-type]
        "record_fault",
        "version int_parsing",
    )
    assert [(line.record, line.reason) for line in caplog.records] == [  # type: ignore[attr-defined]
        ("cases/case_7", "version int_parsing")
    ]
    counted = [
        (line["RecordFaults"], line["service"], line.get("reason"))
        for line in lines
        if "RecordFaults" in line
    ]
    assert sorted(counted, key=str) == [([1.0], "gridwix", None), ([1.0], "test", "cases")]


def test_run_without_faults_asks_for_no_store_and_counts_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report_record_faults([RowHeld()], lambda: pytest.fail("there is nothing to keep"))

    assert printed(capsys) == []


def test_run_names_what_its_own_clients_noted_and_not_what_an_earlier_one_did() -> None:
    name(FAULT)

    assert name(RecordFault("cases/case_8", "number missing")).items.keys() == {
        RowKey("cases", "case_8")  # type: ignore[arg-type]
    }


def test_store_that_cannot_be_written_fails_nothing() -> None:
    class Down(FakeRefusedItems):
        def add(self, refusals: Any, *, function: str, at: float) -> None:
            raise Unavailable(system="aws")

    name(FAULT, store=Down())


def test_thousands_of_faults_are_counted_and_the_first_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = name(
        *(RecordFault(f"cases/case_{number}", "number missing") for number in range(3 * MAX_NAMED))
    )

    assert len(store.items) == MAX_NAMED
    assert [line["RecordFaults"] for line in printed(capsys) if "RecordFaults" in line] == [
        [3.0 * MAX_NAMED]
    ] * 2


def test_log_of_faults_is_bounded() -> None:
    log = FaultLog(most=3)
    for number in range(10):
        log.note(RecordFault(f"cases/{number}", "number missing"))

    assert [fault.record for fault in log.drain()] == ["cases/0", "cases/1", "cases/2"]
    assert log.drain() == []
