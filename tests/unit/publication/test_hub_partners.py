"""All partners are listed once, in as many attempts as it takes, and then what has changed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from gridwix.errors import CursorExpired, OutOfTime, RecordFault, Unavailable
from gridwix.mapping.audiences import audience_test
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing, ListPage
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.partners import Partner
from gridwix.publication.hub_partners import (
    MOST_AGE,
    OVERLAP,
    SECONDS_AT_ONCE,
    HubPartners,
    KeptPartners,
)
from tests.examples import examples
from tests.factories import partner

REGIONS = {"EU": ["DE", "LV"]}
EU = {"eu": Audience(regions=("EU",))}
BEGIN = 1_000_000_000.0


@dataclass
class Gateway:
    """Implements ``PartnerPages``: two partners a page, in the order of their ids.

    ``lag``: seconds by which its lists are older than they say; ``seconds``: how long a page takes.
    """

    now: float = BEGIN
    seconds: float = 0.0
    lag: float = 0.0
    past: dict[str, list[tuple[float, Partner]]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    asked: list[tuple[datetime | None, str | None]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def put(self, identifier: str, **fields: object) -> None:
        """Store a partner, in its next version."""
        history = self.past.setdefault(identifier, [])
        at = datetime.fromtimestamp(self.now, UTC)
        one = partner(identifier, version=len(history) + 1, updatedAt=at, **fields)
        history.append((self.now, one))

    def partner_page(self, since: datetime | None, cursor: str | None) -> ListPage[Partner]:
        self.asked.append((since, cursor))
        self.now += self.seconds
        if self.fails:
            raise self.fails.pop(0)
        seen = self.now - self.lag
        shown = [
            states[-1]
            for _, history in sorted(self.past.items())
            if (states := [one for at, one in history if at <= seen])
        ]
        found = [one for one in shown if since is None or one.updated_at >= since]
        rest = [one for one in found if cursor is None or one.id > cursor]
        page, more = rest[:2], len(rest) > 2
        self.meanwhile()
        return ListPage(
            Listing(
                [one for one in page if one.id not in self.unreadable],
                [
                    RecordFault(one.record, "role missing", owner=one.id)
                    for one in page
                    if one.id in self.unreadable
                ],
            ),
            page[-1].id if more else None,
            datetime.fromtimestamp(self.now, UTC),
        )

    def current(self, audience: Audience) -> tuple[PartnerId, ...]:
        """The audience, by the newest state of each partner."""
        is_member = audience_test(audience, REGIONS)
        return tuple(
            PartnerId(identifier)
            for identifier, history in sorted(self.past.items())
            if identifier not in self.unreadable and is_member(history[-1][1])
        )


def hub_of(size: int, **fields: float) -> tuple[Gateway, HubPartners]:
    gateway = Gateway(**fields)  # type: ignore[arg-type]
    for number in range(size):
        gateway.put(f"GC{number:02}", country="DE" if number % 2 else "US")
    return gateway, HubPartners(gateway, clock=lambda: gateway.now)


def found(hub: HubPartners) -> tuple[PartnerId, ...]:
    return hub.resolve(EU, REGIONS).partner_ids["eu"]


def test_no_audience_when_it_is_resolved_then_nothing_is_read() -> None:
    gateway, hub = hub_of(5)

    assert hub.resolve({}, REGIONS).partner_ids == {}
    assert not gateway.asked


def test_second_call_when_little_has_changed_then_it_reads_one_page() -> None:
    gateway, hub = hub_of(9)
    gateway.now += 600
    first = found(hub)
    gateway.put("GC00", country="LV")
    gateway.put("GC01", country="US")
    gateway.asked.clear()

    assert first == ("GC01", "GC03", "GC05", "GC07")
    assert found(hub) == ("GC00", "GC03", "GC05", "GC07")
    assert gateway.asked == [(datetime.fromtimestamp(BEGIN + 600, UTC) - OVERLAP, None)]


@pytest.mark.parametrize(
    "fields", [{"status": "terminated"}, {"deletedAt": datetime.fromtimestamp(BEGIN, UTC)}]
)
def test_partner_that_leaves_when_it_is_resolved_then_it_is_in_no_audience(
    fields: dict[str, object],
) -> None:
    gateway, hub = hub_of(3)
    found(hub)

    gateway.put("GC01", country="DE", **fields)

    assert found(hub) == ()


def test_version_when_any_partner_has_changed_then_it_is_the_time_of_the_last_change() -> None:
    gateway, hub = hub_of(3)
    first = hub.resolve(EU, REGIONS).version
    gateway.now += 7
    gateway.put("GC00", country="US")

    assert first == int(BEGIN * 1000)
    assert hub.resolve(EU, REGIONS).version == int((BEGIN + 7) * 1000)


def test_long_list_when_the_time_is_up_then_the_next_attempt_goes_on() -> None:
    gateway, hub = hub_of(20, seconds=SECONDS_AT_ONCE / 4)
    gateway.now += 600
    attempts = 0
    while True:
        attempts += 1
        try:
            members = found(hub)
        except OutOfTime:
            continue
        break

    cursors = [cursor for since, cursor in gateway.asked if since is None]
    assert attempts == 3
    assert len(cursors) == len(set(cursors)) == 10
    assert members == gateway.current(EU["eu"])


def test_partner_that_changes_while_the_list_is_read_then_its_newest_state_counts() -> None:
    gateway, hub = hub_of(9)

    def change() -> None:
        gateway.meanwhile = lambda: None
        gateway.put("GC00", country="LV")
        gateway.put("GC01", country="US")

    gateway.fails = [Unavailable(system="trading_grid")]
    with pytest.raises(Unavailable):
        found(hub)
    gateway.meanwhile = change
    gateway.seconds = SECONDS_AT_ONCE + 1
    with pytest.raises(OutOfTime):
        found(hub)
    gateway.seconds = 0.0

    assert found(hub) == ("GC00", "GC03", "GC05", "GC07")


def test_expired_cursor_when_the_list_goes_on_then_it_starts_over() -> None:
    gateway, hub = hub_of(9, seconds=SECONDS_AT_ONCE + 1)
    with pytest.raises(OutOfTime):
        found(hub)
    gateway.seconds = 0.0
    gateway.fails = [CursorExpired(system="trading_grid")]
    with pytest.raises(CursorExpired):
        found(hub)

    assert found(hub) == ("GC01", "GC03", "GC05", "GC07")
    assert [cursor for _, cursor in gateway.asked][2] is None


def test_partner_that_cannot_be_read_when_it_could_before_then_it_is_in_no_audience() -> None:
    gateway, hub = hub_of(4)
    found(hub)

    gateway.put("GC01", country="DE")
    gateway.unreadable = {"GC01"}
    assert found(hub) == ("GC03",)
    gateway.put("GC01", country="DE")
    gateway.unreadable.clear()

    assert found(hub) == ("GC01", "GC03")


def test_old_list_when_it_is_used_then_all_partners_are_read_again() -> None:
    gateway, hub = hub_of(4)
    found(hub)
    # Without a trace in the list of what has changed.
    gateway.past.pop("GC01")
    gateway.now += MOST_AGE
    assert found(hub) == ("GC01", "GC03")

    gateway.now += 1
    assert found(hub) == ("GC03",)


@pytest.mark.parametrize("reason", ["unreadable", "purged"])
@pytest.mark.parametrize("environment", ["same", "new", "new, of an old list"])
def test_partner_that_changed_last_when_it_is_not_listed_any_more_then_no_version_falls(
    reason: str, environment: str
) -> None:
    gateway, _ = hub_of(4)
    store = Store()
    hub = HubPartners(gateway, lambda: gateway.now, store)
    gateway.now += 600
    gateway.put("GC01", country="US")
    before = hub.resolve(EU, REGIONS).version
    if reason == "purged":
        gateway.past.pop("GC01")
    else:
        gateway.unreadable.add("GC01")
    gateway.now += 60 if environment == "new" else MOST_AGE + 1
    if environment != "same":
        hub = HubPartners(gateway, lambda: gateway.now, store)

    assert hub.resolve(EU, REGIONS).version == before


def test_whole_list_that_lags_when_it_lacks_the_last_change_then_its_version_is_older() -> None:
    gateway, hub = hub_of(4)
    found(hub)
    gateway.now += MOST_AGE
    gateway.put("GC01", country="US")
    before = hub.resolve(EU, REGIONS)
    gateway.now += 1
    gateway.lag = 10.0

    lagging = hub.resolve(EU, REGIONS)

    assert before.partner_ids["eu"] == ("GC03",)
    assert lagging.partner_ids["eu"] == ("GC01", "GC03")
    assert lagging.version < before.version


@dataclass
class Store:
    """Implements ``PartnerListStore``."""

    kept: KeptPartners | None = None
    saves: int = 0
    fails: bool = False

    def load(self) -> KeptPartners | None:
        if self.fails:
            raise Unavailable(system="aws")
        return self.kept

    def save(self, kept: KeptPartners) -> None:
        if self.fails:
            raise Unavailable(system="aws")
        self.saves += 1
        self.kept = kept


def test_new_environment_when_a_list_is_kept_then_it_reads_what_has_changed_since() -> None:
    gateway, _ = hub_of(9)
    store = Store()
    gateway.now += 600
    found(HubPartners(gateway, lambda: gateway.now, store))
    gateway.now += 1_800
    gateway.put("GC00", country="LV")
    gateway.put("GC01", country="US")
    gateway.asked.clear()
    other = HubPartners(gateway, lambda: gateway.now, store)

    resolved = other.resolve(EU, REGIONS)

    assert resolved.partner_ids["eu"] == ("GC00", "GC03", "GC05", "GC07")
    assert resolved.version == int(gateway.now * 1000)
    assert gateway.asked == [(datetime.fromtimestamp(BEGIN + 600, UTC) - OVERLAP, None)]
    assert store.saves == 1


def test_kept_list_when_it_is_an_hour_old_then_it_is_replaced() -> None:
    gateway, _ = hub_of(9)
    store = Store()
    hub = HubPartners(gateway, lambda: gateway.now, store)
    for seconds in (0, 1_800, 1_800, 1, 1_800, 1_801):
        gateway.now += seconds
        found(hub)

    assert store.saves == 3
    assert store.kept is not None
    assert store.kept.as_of.timestamp() == gateway.now
    assert store.kept.listed_at == BEGIN


def test_old_list_when_another_environment_has_kept_a_newer_one_then_that_one_is_taken() -> None:
    gateway, _ = hub_of(9)
    store = Store()
    first = HubPartners(gateway, lambda: gateway.now, store)
    found(first)
    gateway.now += MOST_AGE + 1
    found(HubPartners(gateway, lambda: gateway.now, store))
    gateway.asked.clear()

    assert found(first) == ("GC01", "GC03", "GC05", "GC07")
    assert [since is None for since, _ in gateway.asked] == [False]


@pytest.mark.parametrize("kept", ["old", "of the future", "malformed", "not to be read"])
def test_new_environment_when_the_kept_list_is_of_no_use_then_it_lists_all(kept: str) -> None:
    gateway, _ = hub_of(9)
    store = Store()
    found(HubPartners(gateway, lambda: gateway.now, store))
    assert store.kept is not None
    match kept:
        case "old":
            gateway.now += MOST_AGE + 1
        case "of the future":
            store.kept = replace(store.kept, listed_at=gateway.now + 1)
        case "malformed":
            store.kept = replace(store.kept, content=b"?")
        case _:
            store.fails = True
    gateway.put("GC00", country="LV")
    gateway.asked.clear()

    assert found(HubPartners(gateway, lambda: gateway.now, store))[0] == "GC00"
    assert gateway.asked[0] == (None, None)


class Hub(RuleBasedStateMachine):
    """Partners come, change and leave; lists lag, break off, expire and take long."""

    @initialize(size=st.integers(0, 9))
    def begin(self, size: int) -> None:
        self.gateway, _ = hub_of(size)
        self.store = Store()
        self.begin_again()
        self.version = 0

    @rule()
    def begin_again(self) -> None:
        self.hub = HubPartners(self.gateway, lambda: self.gateway.now, self.store)

    @rule(
        number=st.integers(0, 12),
        country=st.sampled_from(["DE", "LV", "US"]),
        status=st.sampled_from(["active", "active", "terminated"]),
    )
    def change(self, number: int, country: str, status: str) -> None:
        self.gateway.put(f"GC{number:02}", country=country, status=status)

    @rule(seconds=st.sampled_from([1.0, 60.0, MOST_AGE]))
    def wait(self, seconds: float) -> None:
        self.gateway.now += seconds

    @rule(
        error=st.sampled_from([CursorExpired, Unavailable]),
        after=st.integers(0, 3),
    )
    def fail(self, error: type[CursorExpired | Unavailable], after: int) -> None:
        def page(since: datetime | None, cursor: str | None) -> ListPage[Partner]:
            if len(self.gateway.asked) >= limit:
                raise error(system="trading_grid")
            return type(self.gateway).partner_page(self.gateway, since, cursor)

        limit = len(self.gateway.asked) + after
        self.gateway.partner_page = page  # type: ignore[method-assign]
        try:
            found(self.hub)
        except (CursorExpired, Unavailable):
            pass
        finally:
            del self.gateway.partner_page

    @rule(lag=st.sampled_from([1.0, OVERLAP.total_seconds()]))
    def read_from_a_replica(self, lag: float) -> None:
        self.gateway.lag = lag
        found(self.hub)
        self.gateway.lag = 0.0

    @rule()
    def read_slowly(self) -> None:
        self.gateway.seconds = SECONDS_AT_ONCE / 2
        try:
            found(self.hub)
        except OutOfTime:
            pass
        finally:
            self.gateway.seconds = 0.0

    @precondition(lambda self: self.gateway.now > BEGIN)
    @rule()
    def resolve(self) -> None:
        resolved = self.hub.resolve(EU, REGIONS)

        assert resolved.partner_ids["eu"] == self.gateway.current(EU["eu"])
        assert resolved.version >= self.version
        self.version = resolved.version


TestHub = Hub.TestCase
TestHub.settings = settings(max_examples=examples(16), stateful_step_count=30, deadline=None)
