"""Storms of the soak test: rates as asked, the same for a seed, and an end."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from soak.kernel.edges import Fault
from soak.kernel.tasks import Scheduler
from soak.traffic.shape import small_world
from soak.traffic.storms import (
    CALM,
    EVERYWHERE,
    RATES,
    Occasion,
    Storm,
    StormFaults,
    fitted,
    plan_occasions,
    scaled,
    schedule_occasions,
    skew_of,
)

START, HOURS = 1_000_000.0, 3_600.0
EDGES = ("dynamodb", "sqs", "events", "s3", "secrets", "trading_grid", "wix", "media", "ring")


def test_rates_when_the_storm_is_full_then_every_fault_happens_on_every_edge() -> None:
    assert RATES.keys() == set(EDGES)
    for edge in EDGES:
        assert RATES[edge].keys() >= EVERYWHERE.keys()
        assert sum(RATES[edge].values()) < 0.2
    assert {fault for shares in RATES.values() for fault in shares} == set(Fault)


@pytest.mark.parametrize("edge", EDGES)
def test_faults_when_many_are_drawn_then_each_has_its_share(edge: str) -> None:
    faults = StormFaults(Storm(), Random(5), until=START)
    drawn = Counter(faults.draw(edge, "call", 0.0) for _ in range(40_000))

    for fault, share in RATES[edge].items():
        assert drawn[fault] / 40_000 == pytest.approx(share, abs=0.0005 + share / 4)


def test_faults_when_the_storm_is_over_or_calm_then_nothing_fails() -> None:
    over = StormFaults(Storm(), Random(5), until=START)
    over.begin_outage("wix", START + 100)
    calm = StormFaults(CALM, Random(5), until=START)

    assert {over.draw("wix", "call", START) for _ in range(500)} == {None}
    assert {calm.draw("wix", "call", 0.0) for _ in range(500)} == {None}


def test_outage_when_it_has_begun_then_most_calls_over_its_edge_fail_until_its_end() -> None:
    faults = StormFaults(CALM, Random(5), until=START + 1_000)
    faults.begin_outage("wix", START + 100)

    during = [faults.draw("wix", "call", START) for _ in range(500)]
    assert sum(fault is not None for fault in during) > 400
    assert faults.draw("media", "call", START) is None
    assert {faults.draw("wix", "call", START + 100) for _ in range(100)} == {None}


def test_plan_when_seeds_are_equal_then_it_is_the_same_and_as_frequent_as_asked() -> None:
    first, second, other = (
        plan_occasions(Storm(), Random(seed), START, START + 200 * HOURS) for seed in (4, 4, 5)
    )
    counts = Counter(one.what for one in first)

    assert first == second != other
    assert counts["kill"] / 200 == pytest.approx(Storm().kills, rel=0.1)
    assert counts["deployment"] / 200 == pytest.approx(Storm().deployments, rel=0.3)
    assert counts.keys() == {
        "kill",
        "deployment",
        "skew",
        "rotation",
        "outage",
        "expiry",
        "replay",
    }
    assert [one.at for one in first] == sorted(one.at for one in first)
    assert all(START < one.at < START + 200 * HOURS for one in first)
    assert all(one.at + one.seconds <= START + 200 * HOURS for one in first)
    assert all(one.seconds <= Storm().skew_seconds for one in first if one.what == "skew")
    assert any(one.seconds > 60 for one in first if one.what == "skew")
    assert {one.edge for one in first if one.what == "outage"} == {
        "trading_grid",
        "wix",
        "media",
        "ring",
    }


def test_plan_when_it_is_calm_then_it_is_empty() -> None:
    assert plan_occasions(CALM, Random(4), START, START + 200 * HOURS) == []


def test_storm_when_it_is_scaled_then_rates_and_occasions_are_so_many_times_as_frequent() -> None:
    half = scaled(Storm(), 0.5)

    assert half.kills == Storm().kills / 2
    assert half.skew_seconds == Storm().skew_seconds
    assert half.rates["wix"][Fault.STALE] == RATES["wix"][Fault.STALE] / 2


def test_occasions_when_they_are_scheduled_then_those_with_an_action_happen_at_their_time() -> None:
    scheduler = Scheduler(START)
    happened: list[tuple[float, str]] = []
    occasions = [Occasion(START + 5, "kill", 1), Occasion(START + 9, "replay", 2)]

    schedule_occasions(
        scheduler, occasions, {"kill": lambda one: happened.append((scheduler.now, one.what))}
    )
    scheduler.run()

    assert happened == [(START + 5, "kill")]


def test_skews_when_many_are_drawn_then_half_are_small_and_others_are_minutes() -> None:
    random = Random(6)
    skews = [abs(skew_of(random, Storm())) for _ in range(1_000)]

    assert sum(skew <= 1 for skew in skews) / 1_000 == pytest.approx(0.5, abs=0.06)
    assert 120 < max(skews) <= Storm().skew_seconds


def test_storm_when_the_site_takes_more_calls_stops_them_as_long_in_a_thousand() -> None:
    storm = fitted(Storm(), replace(small_world(), site_quota=2_000))
    assert storm.rates["wix"][Fault.THROTTLED] == pytest.approx(
        Storm().rates["wix"][Fault.THROTTLED] / 10
    )
    assert storm.skews == pytest.approx(Storm().skews / 10)
    assert fitted(Storm(), small_world()) == Storm()
    assert fitted(CALM, small_world()) == CALM
