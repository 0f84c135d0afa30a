"""An index of the directory that is kept for long names nobody who has lost the address."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.clients.trading_grid import directory_cache
from gridwix.clients.trading_grid.directory_cache import (
    FRESH_SECONDS,
    LONGEST_SECONDS,
    MAX_LOOKUPS,
    MAX_MISSING,
    DirectoryCache,
    Wanted,
    kept_seconds,
    wanted_address,
    wanted_number,
)
from gridwix.clients.trading_grid.directory_index import DirectoryIndex
from gridwix.errors import Refused, Unavailable
from gridwix.models.ids import CompanyId
from gridwix.models.qualifiers import IdentifierScheme
from tests.fakes.wire import ManualClock

ADDRESS = wanted_address("ZZ:GOLD", None)
GLN = "0614141000524"
NUMBER = wanted_number(IdentifierScheme.GLN, GLN)
OLD = FRESH_SECONDS + 1


def entry(company: str, *addresses: object, **fields: object) -> dict[str, Any]:
    return {"partnerCompanyId": company, "tradingAddresses": list(addresses), **fields}


@dataclass
class Directory:
    """A directory whose lookup by address compares texts, with the calls that it received."""

    entries: list[dict[str, Any]]
    lists: int = 0
    asked: list[str] = field(default_factory=list)
    find: Callable[[str, str], list[dict[str, Any]]] | None = None

    def read_index(self) -> DirectoryIndex:
        self.lists += 1
        return indexed(self.entries)

    def look_up(self, parameter: str, value: str) -> DirectoryIndex:
        self.asked.append(value)
        return indexed((self.find or self.matching)(parameter, value))

    def matching(self, parameter: str, value: str) -> list[dict[str, Any]]:
        name = {"tradingAddress": "tradingAddresses"}.get(parameter, parameter)
        return [one for one in self.entries if value in as_texts(one[name])]


def as_texts(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else value


def indexed(entries: list[dict[str, Any]]) -> DirectoryIndex:
    index = DirectoryIndex()
    for one in entries:
        index.append(one)
    return index


@dataclass
class Bench:
    """A cache with a clock, above a directory that counts as a large one."""

    directory: Directory
    clock: ManualClock
    cache: DirectoryCache

    def holders(self, wanted: Wanted = ADDRESS) -> list[CompanyId]:
        return sorted(self.cache.holders(wanted))


def bench(*entries: dict[str, Any]) -> Bench:
    directory, clock = Directory(list(entries)), ManualClock()
    cache = DirectoryCache(directory.read_index, directory.look_up, clock)
    return Bench(directory, clock, cache)


def hinting(*entries: dict[str, Any]) -> Bench:
    """A bench whose index is so old that it is only a hint."""
    made = bench(*entries, *(entry(f"GC{number}") for number in range(10)))
    made.cache.listed_holders(ADDRESS)
    made.clock.now += OLD
    return made


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten entries are a large directory."""
    monkeypatch.setattr(directory_cache, "ENTRIES_PER_SECOND", 0.001)
    monkeypatch.setattr(directory_cache, "ENTRIES_PER_LOOKUP", 1)
    monkeypatch.setattr(directory_cache, "UNWANTED_ENTRIES", 5)


def test_index_of_a_small_directory_is_kept_as_long_as_it_is_fresh(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(directory_cache, "ENTRIES_PER_SECOND", 30)
    found = bench(entry("A", "ZZ:GOLD"))

    found.holders()
    found.clock.now += FRESH_SECONDS
    found.holders()
    lists = found.directory.lists
    found.clock.now += 1
    found.holders()

    assert (lists, found.directory.lists, found.directory.asked) == (1, 2, [])


def test_index_is_kept_for_an_hour_at_most() -> None:
    found = hinting(entry("A", "ZZ:GOLD"))

    found.clock.now += LONGEST_SECONDS - OLD
    found.holders()
    lists = found.directory.lists
    found.clock.now += 1
    found.holders()

    assert (lists, found.directory.lists) == (1, 2)
    assert kept_seconds(10**9) == LONGEST_SECONDS


def test_holder_in_an_old_index_is_confirmed_once_in_five_minutes() -> None:
    found = hinting(entry("A", "ZZ:GOLD"))

    holders = [found.holders(), found.holders()]
    found.clock.now += FRESH_SECONDS
    holders.append(found.holders())
    asked = list(found.directory.asked)
    found.clock.now += 1
    holders.append(found.holders())

    assert holders == [["A"]] * 4
    assert asked == ["ZZ:GOLD"]
    assert (found.directory.asked, found.directory.lists) == (["ZZ:GOLD"] * 2, 1)


@pytest.mark.parametrize(
    ("after", "holders"),
    [
        ([entry("A"), entry("B", "ZZ:GOLD")], ["B"]),
        ([entry("A", "ZZ:GOLD"), entry("B", "ZZ:GOLD")], ["A", "B"]),
        ([entry("A", "ZZ:GOLD"), entry("B", "zz:gold ")], ["A", "B"]),
        ([entry("A", {"qualifier": "ZZ", "id": "GOLD", "standard": "x12"})], ["A"]),
        ([entry("A")], []),
        ([], []),
    ],
    ids=["moved", "second", "second that writes it as another did", "standard", "gone", "left"],
)
def test_holder_when_the_directory_says_otherwise_then_it_is_read_again(
    after: list[Any], holders: list[str]
) -> None:
    found = hinting(entry("A", "ZZ:GOLD"), entry("A", "zz:gold "))
    found.directory.entries[:] = after

    assert found.holders() == holders
    assert found.directory.lists == 2


@pytest.mark.parametrize("written", ["zz:gold", "ZZ:GOLD     ", {"qualifier": "zz", "id": "Gold"}])
def test_address_is_confirmed_as_the_directory_writes_it_and_in_normal_form(
    written: object,
) -> None:
    found = hinting(entry("A", written))
    text = written if isinstance(written, str) else "zz:Gold"
    found.directory.find = lambda _, value: found.directory.entries[:1] if value == text else []

    assert found.holders() == ["A"]
    assert (found.directory.asked, found.directory.lists) == (["ZZ:GOLD", text], 1)


def test_address_that_is_written_in_very_many_ways_costs_a_list_and_no_lookups() -> None:
    written = [f"ZZ:GOLD{' ' * count}" for count in range(MAX_LOOKUPS + 1)]
    found = hinting(entry("A", *written))

    assert found.holders() == ["A"]
    assert (found.directory.asked, found.directory.lists) == ([], 2)


def test_several_holders_in_an_old_index_are_confirmed_as_one_is() -> None:
    found = hinting(entry("A", "ZZ:GOLD"), entry("B", "ZZ:GOLD"))

    both = found.holders()
    found.clock.now += OLD
    found.directory.entries[0] = entry("A")

    assert (both, found.directory.lists) == (["A", "B"], 1)
    assert (found.holders(), found.directory.lists) == (["B"], 2)


@pytest.mark.parametrize(
    "error", [Refused(system="trading_grid", status=400), Unavailable(system="trading_grid")]
)
def test_lookup_that_fails_confirms_nothing(error: Exception) -> None:
    found = hinting(entry("A", "ZZ:GOLD"))

    def fail(_parameter: str, _value: str) -> list[dict[str, Any]]:
        raise error

    found.directory.find = fail

    assert found.holders() == ["A"]
    assert found.directory.lists == 2


def test_lookup_that_shows_entries_without_addresses_confirms_nothing() -> None:
    found = hinting(entry("A", "ZZ:GOLD"))
    found.directory.find = lambda *_: [{"partnerCompanyId": "A"}]

    assert found.holders() == ["A"]
    assert found.directory.lists == 2


def test_lookup_that_lists_everybody_is_not_asked_again() -> None:
    found = hinting(entry("A", "ZZ:GOLD"))
    found.directory.find = lambda *_: found.directory.entries

    for _ in range(3):
        assert found.holders() == ["A"]
        found.clock.now += OLD

    assert (len(found.directory.asked), found.directory.lists) == (1, 4)


def test_many_addresses_cost_no_more_lookups_than_a_list_is_worth() -> None:
    names = [f"P{number}" for number in range(50)]
    found = hinting(*(entry(name, f"ZZ:{name}") for name in names))
    most = len(found.directory.entries)

    for _ in range(3):
        for name in names:
            for standard in (None, "x12"):
                assert found.holders(wanted_address(f"ZZ:{name}", standard)) == [name]
        found.clock.now += 1

    assert (len(found.directory.asked), found.directory.lists) == (most, 2)


def test_lookups_of_another_five_minutes_are_counted_anew() -> None:
    found = hinting(entry("A", "ZZ:GOLD"))
    most = len(found.directory.entries)

    for number in range(2 * most):
        if number == most:
            found.clock.now += FRESH_SECONDS + 1
        # Another standard is another question.
        found.holders(wanted_address("ZZ:GOLD", f"standard-{number % most}"))

    assert (len(found.directory.asked), found.directory.lists) == (2 * most, 1)


def test_new_partner_is_found_at_once_and_the_list_tells_who_else_has_its_address() -> None:
    found = hinting()
    missing = found.holders()
    found.clock.now += OLD
    found.directory.entries += [entry("A", "ZZ:GOLD"), entry("B", "zz:gold")]

    assert (missing, found.directory.lists) == ([], 2)
    assert found.holders() == ["A", "B"]
    assert (found.directory.asked, found.directory.lists) == (["ZZ:GOLD"] * 2, 3)


def test_new_partner_that_the_list_does_not_show_yet_is_the_one_that_the_lookup_found() -> None:
    found = hinting()
    found.directory.find = lambda *_: [entry("A", "ZZ:GOLD")]

    assert found.holders() == ["A"]
    assert found.directory.lists == 2


def test_new_partner_that_writes_its_address_in_its_own_way_is_found_by_a_list() -> None:
    found = hinting()
    other = wanted_address("ZZ:NEW", None)
    found.directory.entries.append(entry("A", "zz:new"))

    assert found.holders(other) == ["A"]
    assert found.directory.lists == 2


def test_address_that_no_list_had_costs_no_more_lists() -> None:
    found = bench(*(entry(f"GC{number}") for number in range(10)))

    for _ in range(4):
        assert found.holders() == []
        found.clock.now += OLD

    assert (found.directory.asked, found.directory.lists) == (["ZZ:GOLD"] * 4, 1)


def test_very_many_missing_addresses_are_not_remembered() -> None:
    found = bench(entry("A"))

    for number in range(MAX_MISSING + 5):
        found.holders(wanted_address(f"ZZ:{number}", None))

    assert len(found.cache._missing) == 5


def test_blank_address_has_no_holder_and_is_not_asked_for() -> None:
    found = hinting(entry("A", "", " "))

    assert found.holders(wanted_address("  ", None)) == []
    assert (found.directory.asked, found.directory.lists) == ([], 1)


def test_listed_holders_are_never_a_hint_and_never_asked_for() -> None:
    found = hinting(entry("A", "ZZ:GOLD"))

    assert list(found.cache.listed_holders(ADDRESS)) == ["A"]
    assert (found.directory.asked, found.directory.lists) == ([], 2)


def test_index_that_cannot_be_read_again_is_not_used() -> None:
    found = hinting(entry("A", "ZZ:GOLD"))
    found.directory.entries[0] = entry("B", "ZZ:GOLD")
    read = found.directory.read_index
    found.cache._read_index = broken

    for _ in range(2):
        with pytest.raises(Unavailable):
            found.holders()

    found.cache._read_index = read
    assert found.holders() == ["B"]


def broken() -> DirectoryIndex:
    raise Unavailable(system="trading_grid")


def test_identifier_is_confirmed_by_its_partner_and_by_the_addresses_that_it_can_be() -> None:
    found = hinting(entry("A", gln=GLN))

    assert found.holders(NUMBER) == ["A"]
    assert found.directory.asked == ["A", f"07:{GLN}", f"14:{GLN}"]
    assert found.directory.lists == 1


@pytest.mark.parametrize(
    ("after", "holders"),
    [
        ([entry("A"), entry("B", gln=GLN)], ["B"]),
        ([entry("A", gln=GLN), entry("B", f"14:{GLN}")], ["A", "B"]),
        ([entry("A", gln="9506000100012")], []),
        ([], []),
    ],
    ids=["moved", "second as an address", "changed", "left"],
)
def test_identifier_when_the_directory_says_otherwise_then_it_is_read_again(
    after: list[Any], holders: list[str]
) -> None:
    found = hinting(entry("A", gln=GLN))
    found.directory.entries[:] = after

    assert found.holders(NUMBER) == holders
    assert found.directory.lists == 2


def test_identifier_of_a_company_without_an_id_costs_a_list_and_no_lookup() -> None:
    found = hinting(entry("", gln=GLN))

    assert found.holders(NUMBER) == [""]
    assert (found.directory.asked, found.directory.lists) == ([], 2)


CHANGES = st.tuples(
    st.sampled_from(["A", "B", "C"]),
    st.sampled_from([(), ("ZZ:GOLD",), ("ZZ:OTHER",), ("ZZ:GOLD", "ZZ:OTHER")]),
)
STEPS = st.lists(
    st.tuples(
        st.none() | CHANGES,
        st.sampled_from(["ZZ:GOLD", "ZZ:OTHER"]),
        st.sampled_from([0.0, 100.0, FRESH_SECONDS, 500.0, 2000.0]),
    ),
    min_size=3,
    max_size=15,
)


@given(STEPS)
def test_holders_are_always_those_of_some_moment_of_the_last_five_minutes(steps: Any) -> None:
    found = bench(entry("A"), entry("B"), entry("C"), *(entry(f"GC{n}") for n in range(5)))
    history: deque[tuple[float, dict[str, list[str]]]] = deque()

    for change, address, seconds in steps:
        if change:
            company, addresses = change
            found.directory.entries["ABC".index(company)] = entry(company, *addresses)
        now = found.clock.now
        history.append((now, {one: truth(found.directory, one) for one in ("ZZ:GOLD", "ZZ:OTHER")}))
        # The last state before the five minutes held at their beginning.
        while len(history) > 1 and history[1][0] < now - FRESH_SECONDS:
            history.popleft()

        holders = found.holders(wanted_address(address, None))

        assert holders in [state[address] for _, state in history]
        found.clock.now += seconds


def truth(directory: Directory, address: str) -> list[str]:
    return sorted(
        one["partnerCompanyId"] for one in directory.entries if address in one["tradingAddresses"]
    )
