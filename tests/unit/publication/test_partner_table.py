"""What is known of all partners is kept in little memory, in the greatest version of each."""

import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.audiences import PartnerKind
from gridwix.models.ids import PartnerId
from gridwix.publication import partner_table
from gridwix.publication.partner_table import MOST_RECENT, MOST_VERSION, PartnerTable

DE, US = PartnerKind("supplier", "DE"), PartnerKind("carrier", "US")
STATES = st.tuples(
    st.sampled_from(["GC1", "GC2", "GC3", "Ä", "\ud800"]),
    st.integers(1, 4),
    st.sampled_from([None, DE, US]),
    st.sampled_from(["put", "put", "put", "forget", "pack", "keep"]),
)


@given(st.lists(STATES), st.integers(1, 4))
def test_table_whatever_it_packs_has_the_greatest_version_of_each(
    states: list[tuple[str, int, PartnerKind | None, str]], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partner_table, "MOST_RECENT", most)
        table, expected = PartnerTable(), dict[str, tuple[int, PartnerKind | None]]()
        for identifier, version, kind, action in states:
            match action:
                case "put":
                    table.put(PartnerId(identifier), version, kind)
                    if identifier not in expected or expected[identifier][0] <= version:
                        expected[identifier] = version, kind
                case "forget":
                    table.forget(PartnerId(identifier))
                    expected.pop(identifier, None)
                case "keep":
                    table = PartnerTable.from_bytes(table.to_bytes())
                case _:
                    table.to_bytes()

        assert dict(table.kinds()) == {name: kind for name, (_, kind) in expected.items()}


def test_version_that_is_greater_than_any_other_when_it_comes_then_it_counts() -> None:
    table = PartnerTable()
    table.put(PartnerId("GC1"), MOST_VERSION + 7, DE)
    table.to_bytes()
    table.put(PartnerId("GC1"), MOST_VERSION + 8, US)

    assert dict(table.kinds()) == {"GC1": US}


def test_memory_when_there_are_many_partners_then_each_takes_about_thirty_bytes() -> None:
    tracemalloc.start()
    try:
        table = PartnerTable()
        before = tracemalloc.get_traced_memory()[0]
        for number in range(10 * MOST_RECENT):
            table.put(PartnerId(f"GC{number:012}"), number + 1, DE)
        for _ in table.kinds():
            pass
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert taken / (10 * MOST_RECENT) < 40


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no zlib",
        *map(
            zlib.compress,
            [
                b"no json",
                b'[null]\n[["GC1",1,7]]',
                b'[null]\n[["GC1",-1,0]]',
                b"[null]\n[[7,1,0]]",
            ],
        ),
    ],
)
def test_bytes_of_no_table_when_they_are_read_then_it_is_an_error(content: bytes) -> None:
    with pytest.raises(ValueError):
        PartnerTable.from_bytes(content)


def test_bytes_of_many_partners_take_about_ten_bytes_for_each() -> None:
    table = PartnerTable()
    for number in range(4 * MOST_RECENT):
        table.put(PartnerId(f"GC{number:012}"), number % 9 + 1, US if number % 20 else DE)

    assert len(table.to_bytes()) / (4 * MOST_RECENT) < 12
