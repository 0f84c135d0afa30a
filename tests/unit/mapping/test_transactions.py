"""Faults of a process are judged by all entries that tell of it."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.transactions import group_by_process, transaction_exception
from gridwix.models.transactions import ExceptionKind, LensEntry
from tests.factories import NOW, entry

IGNORED = ("-1",)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, None),
        ({"status": "C", "fastatus": None}, None),
        ({"status": "F"}, ExceptionKind.DELIVERY_FAILED),
        ({"status": "Failed"}, ExceptionKind.DELIVERY_FAILED),
        ({"status": "Delivery failed"}, ExceptionKind.DELIVERY_FAILED),
        ({"status": "H"}, ExceptionKind.DELIVERY_FAILED),
        ({"deliverystatus": "PartiallyDelivered"}, ExceptionKind.DELIVERY_FAILED),
        ({"status": "D"}, None),
        ({"status": "V"}, ExceptionKind.VALIDATION_ERROR),
        ({"status": "Validation error"}, ExceptionKind.VALIDATION_ERROR),
        ({"fastatus": "R"}, ExceptionKind.ACKNOWLEDGMENT_REJECTED),
        ({"fastatus": "P"}, ExceptionKind.ACKNOWLEDGMENT_REJECTED),
        ({"fastatus": "Rejected"}, ExceptionKind.ACKNOWLEDGMENT_REJECTED),
        ({"fastatus": "T"}, ExceptionKind.ACKNOWLEDGMENT_OVERDUE),
        ({"fastatus": "W"}, None),
        ({"fastatus": "E"}, None),
        ({"errorcode": "MAP-0102"}, ExceptionKind.PROCESSING_ERROR),
        ({"errorcode": 17}, ExceptionKind.PROCESSING_ERROR),
        ({"errorcode": "-1", "externalerrormessage": "nothing"}, None),
        ({"externalerrormessage": "Map ended with code 12"}, ExceptionKind.PROCESSING_ERROR),
        ({"status": "V", "fastatus": "T"}, ExceptionKind.VALIDATION_ERROR),
        ({"status": "quantum"}, None),
    ],
)
def test_what_is_wrong_with_one_entry(fields: dict[str, Any], kind: ExceptionKind | None) -> None:
    assert transaction_exception([entry(**fields)], IGNORED).kind == kind


def test_error_text_of_another_entry_belongs_to_the_document_that_failed() -> None:
    file = entry(
        "TG-1-F",
        transactionlevel="File",
        editype=None,
        status="C",
        errorcode="SSCC_MISMATCH",
        externalerrormessage="MAN02 not on manifest",
    )
    document = entry(
        "TG-1", status="V", contentkeys=[{"key": "shipment identification", "value": "SHP-1"}]
    )

    found = transaction_exception([file, document], IGNORED)

    assert (found.kind, found.transaction_id, found.document_type, found.shipment_id) == (
        ExceptionKind.VALIDATION_ERROR,
        "TG-1",
        "856",
        "SHP-1",
    )
    assert (found.error_code, found.message) == ("SSCC_MISMATCH", "MAN02 not on manifest")
    assert "MAN02" not in repr(found)


def test_exception_is_told_of_the_business_document_and_not_of_its_acknowledgment() -> None:
    found = transaction_exception(
        [entry("TG-0", editype="997"), entry("TG-1", editype="850", fastatus="R")], IGNORED
    )

    assert (found.document_type, found.transaction_id) == ("850", "TG-1")


def test_entry_without_a_correlation_id_is_a_process_of_its_own() -> None:
    assert set(
        group_by_process([entry("TG-1", None), entry("TG-2", None), entry("TG-3", "c-3")])
    ) == {"TG-1", "TG-2", "c-3"}


def test_of_an_entry_that_was_read_twice_the_later_one_counts() -> None:
    early, late = entry(status="D"), entry(status="F", statusdate=NOW + timedelta(minutes=5))

    for read in ([early, late], [late, early]):
        assert (
            transaction_exception(group_by_process(read)["c-1"], IGNORED).kind
            == ExceptionKind.DELIVERY_FAILED
        )


def test_statuses_that_nobody_knows_are_no_fault_and_are_counted() -> None:
    unknown = Counter[str]()

    found = transaction_exception([entry(status="quantum", fastatus="Z")], IGNORED, unknown)

    assert found.kind is None
    assert unknown == {"transaction.status=quantum": 1, "transaction.fastatus=Z": 1}


entries = st.lists(
    st.builds(
        lambda number, status, fa, level, error: entry(
            f"TG-{number}",
            status=status,
            fastatus=fa,
            transactionlevel=level,
            errorcode=error,
            editype="856" if level == "Document" else None,
        ),
        st.integers(0, 5),
        st.sampled_from(["S", "D", "F", "V", "C"]),
        st.sampled_from([None, "A", "R", "T", "W"]),
        st.sampled_from(["Document", "File"]),
        st.sampled_from([None, "MAP-1", "-1"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.transaction_id,
)


@given(st.data())
def test_order_of_the_entries_does_not_matter(data: st.DataObject) -> None:
    read: list[LensEntry] = data.draw(entries)
    shuffled = data.draw(st.permutations(read))

    assert transaction_exception(read, IGNORED) == transaction_exception(shuffled, IGNORED)
