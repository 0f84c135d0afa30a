"""Counting the documents of a slice: states, partners, and what neither order nor repetition
changes.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.activity_publisher.counting import (
    MAX_LINES,
    MAX_NUMBER,
    MAX_TYPE,
    SliceCounter,
    SliceCounts,
    document_state,
)
from gridwix.activity_publisher.counts import (
    MAX_FAILURES,
    STATES,
    DocumentState,
    LineKey,
    PartnerCounts,
    sum_counts,
)
from gridwix.mapping.transactions import FA_STATUSES, STATUSES
from gridwix.models.ids import PartnerId
from gridwix.models.transactions import Direction, LensEntry

START = datetime(2026, 3, 12, 14, tzinfo=UTC)
END = START + timedelta(hours=1)
GOLD, BALTIC = PartnerId("GC1"), PartnerId("GC2")
HUB_ADDRESS, GOLD_ADDRESS, BALTIC_ADDRESS = "ZZ:HUB", "ZZ:GOLD", "14:95"


def entry(number: int | str, *, minute: float = 5, process: str = "", **fields: Any) -> LensEntry:
    """A document of ``GOLD`` that was delivered, unless ``fields`` say otherwise."""
    arrived = START + timedelta(minutes=minute)
    return LensEntry(
        **{
            "transaction_id": f"t-{number}",
            "correlation_id": process or f"c-{number}",
            "level": "Document",
            "document_type": "856",
            "envelope_type": "ISA",
            "status": "S",
            "status_date": arrived,
            "arrived_at": arrived,
            "sender_address": GOLD_ADDRESS,
            "receiver_address": HUB_ADDRESS,
            **fields,
        }
    )


def partner_with(address: str, standard: str | None) -> PartnerId | None:
    # 14 is another qualifier in X12.
    if address == BALTIC_ADDRESS and standard == "x12":
        return None
    return {GOLD_ADDRESS: GOLD, BALTIC_ADDRESS: BALTIC}.get(address)


def count(entries: Iterable[LensEntry], ignored: Iterable[str] = ()) -> SliceCounts:
    counter = SliceCounter(START, END, frozenset(ignored))
    for one in entries:
        counter.add(one)
    return counter.result(partner_with)


def states(counts: PartnerCounts, key: LineKey) -> dict[str, int]:
    return {
        state.value: number
        for state, number in zip(STATES, counts.lines[key], strict=True)
        if number
    }


SHIP_NOTICE = LineKey("856", Direction.INBOUND)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "S"}, DocumentState.DELIVERED),
        ({"status": "Completed"}, DocumentState.DELIVERED),
        ({"status": "S", "fa_status": "W"}, DocumentState.DELIVERED),
        ({"status": "S", "fa_status": "N"}, DocumentState.DELIVERED),
        ({"status": "S", "fa_status": "S"}, DocumentState.DELIVERED),
        ({"status": "D", "fa_status": "W"}, DocumentState.UNDERWAY),
        ({"status": "Ready for pickup"}, DocumentState.UNDERWAY),
        ({"status": "S", "fa_status": "A"}, DocumentState.ACKNOWLEDGED),
        ({"status": "S", "fa_status": "Accepted with errors"}, DocumentState.ACKNOWLEDGED),
        ({"status": "S", "fa_status": "M"}, DocumentState.ACKNOWLEDGED),
        ({"status": "S", "fa_status": None, "fa_status_date": START}, DocumentState.ACKNOWLEDGED),
        ({"status": "S", "fa_status": "R"}, DocumentState.REJECTED),
        ({"status": "S", "fa_status": "P"}, DocumentState.REJECTED),
        ({"status": "V"}, DocumentState.REJECTED),
        ({"status": "S", "fa_status": "T"}, DocumentState.LATE),
        ({"status": "F", "fa_status": "W"}, DocumentState.FAILED),
        ({"status": "On hold"}, DocumentState.FAILED),
        ({"status": "S", "error_code": "MAP-1"}, DocumentState.FAILED),
        ({"status": "U"}, DocumentState.OTHER),
        ({"status": "N"}, DocumentState.OTHER),
        ({"status": "quantum"}, DocumentState.OTHER),
        ({"status": None}, DocumentState.OTHER),
        ({"status": "S", "fa_status": "quantum"}, DocumentState.OTHER),
    ],
    ids=str,
)
def test_state_of_a_document_follows_from_its_codes(
    fields: dict[str, Any], state: DocumentState
) -> None:
    assert document_state(entry(1, **fields)) is state


def test_every_known_status_has_a_state_and_a_name_means_the_same_as_its_code() -> None:
    for code, name in STATUSES.items():
        assert document_state(entry(1, status=code)) is document_state(entry(1, status=name))
    for code, name in FA_STATUSES.items():
        assert document_state(entry(1, fa_status=code)) is document_state(entry(1, fa_status=name))


def test_documents_count_by_type_and_direction_and_unknown_addresses_count_apart() -> None:
    found = count(
        [
            entry(1),
            entry(2, fa_status="A"),
            entry(
                3, document_type="850", sender_address=HUB_ADDRESS, receiver_address=GOLD_ADDRESS
            ),
            entry(4, sender_address=BALTIC_ADDRESS, envelope_type="UNB"),
            entry(5, sender_address=BALTIC_ADDRESS),
            entry(6, sender_address="ZZ:NOBODY"),
        ]
    )

    assert states(found.partners[GOLD], SHIP_NOTICE) == {"delivered": 1, "acknowledged": 1}
    assert states(found.partners[GOLD], LineKey("850", Direction.OUTBOUND)) == {"delivered": 1}
    assert states(found.partners[BALTIC], SHIP_NOTICE) == {"delivered": 1}
    assert (found.documents, found.unmapped) == (6, 2)


def test_fault_of_a_file_is_that_of_its_documents_and_the_file_itself_is_none() -> None:
    failed = START + timedelta(minutes=50)
    found = count(
        [
            entry("F", process="c", level="File", document_type=None, error_code="MAP-1"),
            entry(1, process="c", status_date=failed, fa_status="R"),
            entry(2, process="c"),
        ]
    )

    counts = found.partners[GOLD]
    assert found.documents == 2
    assert states(counts, SHIP_NOTICE) == {"rejected": 1, "failed": 1}
    assert [(failure.kind, failure.at) for failure in counts.failures] == [
        ("acknowledgment_rejected", failed),
        ("processing_error", START + timedelta(minutes=5)),
    ]
    assert counts.latest == failed


def test_process_without_a_document_counts_once_where_its_first_file_arrived() -> None:
    files = [
        entry("F1", process="c", level="File", minute=58, document_type=None, status="V"),
        entry("F2", process="c", level="File", minute=61, document_type="IDOC"),
    ]

    here = count(files)
    after = SliceCounter(END, END + timedelta(hours=1), ())
    for one in files:
        after.add(one)

    assert states(here.partners[GOLD], LineKey("IDOC", Direction.INBOUND)) == {"rejected": 1}
    assert after.result(partner_with).documents == 0


def test_document_beyond_the_edge_belongs_to_its_own_slice_with_the_fault_of_the_file() -> None:
    entries = [
        entry("F", process="c", level="File", minute=59, status="F"),
        entry(1, process="c", minute=60),
    ]
    after = SliceCounter(END, END + timedelta(hours=1), ())
    for one in entries:
        after.add(one)

    assert count(entries).documents == 0
    assert states(after.result(partner_with).partners[GOLD], SHIP_NOTICE) == {"failed": 1}


def test_address_that_a_document_lacks_is_that_of_its_file() -> None:
    found = count(
        [
            entry("F", process="c", level="File", sender_address=HUB_ADDRESS).model_copy(
                update={"receiver_address": GOLD_ADDRESS}
            ),
            entry(1, process="c", sender_address=None, receiver_address=None, envelope_type=None),
        ]
    )

    assert list(found.partners[GOLD].lines) == [LineKey("856", Direction.OUTBOUND)]


def test_ignored_error_code_is_no_fault() -> None:
    assert count([entry(1, error_code="I-1")], ignored=["I-1"]).partners[GOLD].failures == ()


def test_unknown_statuses_are_counted_and_their_documents_are_other() -> None:
    found = count([entry(1, status="quantum"), entry(2, status="quantum", minute=-2)])

    assert found.unknown == {"transaction.status=quantum": 1}
    assert states(found.partners[GOLD], SHIP_NOTICE) == {"other": 1}


def test_failed_document_is_named_by_its_most_specific_number() -> None:
    keys = {"purchase order number": "4500", "Invoice Number": "INV-7"}
    content = [{"key": key, "value": value} for key, value in keys.items()]
    odd = [{"key": "invoice number", "value": "7" * (MAX_NUMBER + 1)}]

    found = count(
        [
            entry(1, status="F", content_keys=content),
            entry(2, status="F", content_keys=odd, minute=4),
        ]
    )

    assert [failure.number for failure in found.partners[GOLD].failures] == ["INV-7", ""]


def test_text_that_is_no_document_type_is_none_and_the_number_of_lines_is_limited() -> None:
    long = count([entry(1, document_type="x" * (MAX_TYPE + 1)), entry(2, document_type="8\n5")])
    many = count(entry(n, document_type=f"T{n:04}") for n in range(MAX_LINES + 50))

    assert states(long.partners[GOLD], LineKey("", Direction.INBOUND)) == {"delivered": 2}
    lines = many.partners[GOLD].lines
    assert len(lines) == MAX_LINES + 1
    assert sum(map(sum, lines.values())) == MAX_LINES + 50


def test_only_the_newest_failures_are_kept_by_name_and_all_are_counted() -> None:
    found = count(entry(n, minute=n / 10, status="F") for n in range(MAX_FAILURES + 5)).partners[
        GOLD
    ]

    assert states(found, SHIP_NOTICE) == {"failed": MAX_FAILURES + 5}
    assert [failure.process for failure in found.failures] == [
        f"c-{n}" for n in range(MAX_FAILURES + 4, 4, -1)
    ]


def test_entry_without_a_time_of_arrival_is_left_out() -> None:
    assert count([entry(1, arrived_at=None)]).documents == 0


MOMENTS = st.integers(-5, 64)
ENTRIES = st.lists(
    st.builds(
        entry,
        st.integers(0, 12),
        minute=MOMENTS,
        process=st.sampled_from(["", "p", "q"]),
        level=st.sampled_from(["Document", "File", None]),
        document_type=st.sampled_from(["850", "856", None]),
        status=st.sampled_from([*STATUSES, "quantum", None]),
        fa_status=st.sampled_from([*FA_STATUSES, "quantum", None]),
        sender_address=st.sampled_from([GOLD_ADDRESS, BALTIC_ADDRESS, HUB_ADDRESS, "ZZ:NO", None]),
        receiver_address=st.sampled_from([GOLD_ADDRESS, HUB_ADDRESS, None]),
    ),
    max_size=30,
)


@given(ENTRIES, st.randoms(use_true_random=False))
def test_order_and_repetition_of_entries_change_nothing(
    entries: list[LensEntry], chance: Any
) -> None:
    shuffled = [*entries, *entries[:7]]
    chance.shuffle(shuffled)

    found, again = count(entries), count(shuffled)

    assert (found.partners, found.documents, found.unmapped) == (
        again.partners,
        again.documents,
        again.unmapped,
    )


@given(ENTRIES)
def test_every_document_is_in_one_state_of_one_partner_or_unmapped(
    entries: list[LensEntry],
) -> None:
    found = count(entries)

    mapped = sum(sum(map(sum, counts.lines.values())) for counts in found.partners.values())
    assert found.documents == mapped + found.unmapped


@given(st.lists(st.builds(entry, st.integers(0, 10**6), minute=st.integers(0, 179)), max_size=40))
def test_slices_together_count_each_document_once(entries: list[LensEntry]) -> None:
    unique = {one.transaction_id: one for one in entries}.values()
    parts = []
    for hour in range(3):
        counter = SliceCounter(
            START + timedelta(hours=hour), START + timedelta(hours=hour + 1), frozenset()
        )
        for one in unique:
            counter.add(one)
        parts.append(counter.result(partner_with).partners.get(GOLD))
    found = [part for part in parts if part is not None]

    if unique:
        assert sum(map(sum, sum_counts(found).lines.values())) == len(unique)
        assert sum_counts(reversed(found)) == sum_counts(found)
    else:
        assert found == []
