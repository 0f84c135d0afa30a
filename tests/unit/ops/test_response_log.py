"""Clocks and speed of the hosts that the doctor calls."""

import httpx

from ops.response_log import (
    HERE,
    Response,
    ResponseLog,
    clock_finding,
    host_skews,
    speed_findings,
)

NOW = 1_795_000_000.0
NAMES = {"gateway": "the community gateway"}


def test_log_measures_time_and_clock_of_each_response() -> None:
    times = iter([NOW, NOW + 4])
    dated = httpx.MockTransport(
        lambda _: httpx.Response(200, headers={"Date": "Wed, 18 Nov 2026 11:08:22 GMT"})
    )
    log = ResponseLog(dated, clock=lambda: next(times))

    with httpx.Client(transport=log) as http:
        http.get("https://gateway/partners")

    (response,) = log.responses
    assert (response.host, response.seconds) == ("gateway", 4.0)
    assert response.skew == 1_795_000_102.0 - (NOW + 2)


def test_log_keeps_a_response_without_a_date() -> None:
    log = ResponseLog(httpx.MockTransport(lambda _: httpx.Response(200, headers={"Date": "soon"})))

    with httpx.Client(transport=log) as http:
        http.get("https://gateway/")

    assert [one.skew for one in log.responses] == [None]
    assert host_skews(log.responses, NAMES) == {}


def test_clocks_within_a_minute_agree_and_the_one_that_is_off_is_named() -> None:
    near = clock_finding({"Wix": 59.0, "AWS": 0.0})
    off = clock_finding({"Wix": 61.0, "AWS": 0.0})

    assert near.works
    assert off.is_fault
    assert "the clock of Wix is 61 s ahead" in off.found


def test_clock_of_this_machine_is_named_if_all_others_agree() -> None:
    found = clock_finding({"Wix": -300.0, "AWS": -301.0, "Trading Grid": -300.0})

    assert f"the clock of {HERE} is 300 s ahead" in found.found
    assert "Wix" not in found.found


def test_without_any_clock_nothing_is_said_about_clocks() -> None:
    assert clock_finding({}).skipped


def test_slow_host_is_named_and_one_slow_response_is_no_fault() -> None:
    slow = [Response("gateway", seconds, None) for seconds in (2.5, 3.0, 2.1)]
    once = [Response("gateway", seconds, None) for seconds in (9.0, 0.1, 0.1)]

    (found,) = speed_findings(slow, NAMES)

    assert (found.system, found.is_fault) == ("the community gateway", True)
    assert "2.5 s" in found.found
    assert speed_findings(once, NAMES) == []
    assert speed_findings(slow[:2], NAMES) == []
