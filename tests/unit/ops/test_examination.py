"""Probes side by side, within a deadline, and one cause told once."""

import threading

import httpx
import pytest

from gridwix.errors import Unavailable
from ops.examination import TIMEOUTS_BELIEVED, Breaker, Progress, merge_causes, run_probes
from ops.probes import Finding, Probe


def ignore(_: Progress) -> None:
    """Nobody listens."""


def test_examine_runs_probes_side_by_side_and_answers_in_their_order() -> None:
    meeting = threading.Barrier(3)

    def probe(number: int) -> Probe:
        # Each ends only when all three are under way.
        return ("Wix", str(number), lambda: f"{number} of {meeting.wait() * 0 + 3}")

    found = run_probes([probe(number) for number in range(3)], ignore, seconds=600, at_once=3)

    assert [finding.found for finding in found] == ["0 of 3", "1 of 3", "2 of 3"]


def test_examine_tells_when_each_probe_begins_and_ends() -> None:
    told: list[Progress] = []

    run_probes(
        [("Wix", "a", lambda: "x"), ("Wix", "b", lambda: "y")], told.append, seconds=600, at_once=1
    )

    assert [(one.capability, one.finding is not None) for one in told] == [
        ("Wix: a", False),
        ("Wix: a", True),
        ("Wix: b", False),
        ("Wix: b", True),
    ]
    assert [one.ended for one in told] == [0, 1, 1, 2]


def test_examine_at_the_deadline_leaves_what_hangs_and_does_not_look_at_the_rest() -> None:
    hang = threading.Event()
    probes: list[Probe] = [
        ("Trading Grid", "hangs", lambda: str(hang.wait())),
        ("Trading Grid", "waits", lambda: "never begun"),
    ]

    found = run_probes(probes, ignore, seconds=0.2, at_once=1)
    hang.set()

    assert [(one.capability, one.is_fault, one.skipped) for one in found] == [
        ("hangs", True, False),
        ("waits", False, True),
    ]


def test_examine_raises_a_fault_of_our_own() -> None:
    def broken() -> str:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        run_probes([("Wix", "a", broken)], ignore, seconds=600)


def test_one_cause_is_one_row_that_names_what_it_affects() -> None:
    def down(operation: str) -> str:
        raise Unavailable(f"list of {operation}: ConnectTimeout", system="trading_grid")

    names = ["partners", "cases", "notices"]
    probes: list[Probe] = [("Trading Grid", name, lambda name=name: down(name)) for name in names]  # type: ignore[misc]
    found = run_probes([*probes, ("Wix", "items", lambda: "50 items")], ignore, seconds=600)

    rows = merge_causes(found)

    assert [(row.system, row.works) for row in rows] == [("Trading Grid", False), ("Wix", True)]
    assert rows[0].capability == "3 capabilities"
    assert rows[0].found == (
        "upstream_unavailable: no answer (list of partners: ConnectTimeout)."
        " It affects: partners, cases, notices"
    )


def test_two_causes_of_one_system_and_one_cause_of_two_systems_are_two_rows() -> None:
    findings = [
        Finding("Wix", "a", False, "x: no", "x"),
        Finding("Wix", "b", False, "y: no", "y"),
        Finding("Trading Grid", "c", False, "x: no", "x"),
        Finding("Stack", "d", False, "by itself"),
        Finding("Stack", "e", False, "by itself"),
    ]

    assert merge_causes(findings) == findings


class Counting(httpx.BaseTransport):
    """Fails every request in the same way, and counts them."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.calls = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if request.url.host == "other":
            return httpx.Response(200)
        raise self.error


@pytest.mark.parametrize(
    ("error", "asked"),
    [(httpx.ConnectError("refused"), 1), (httpx.ReadTimeout("slow"), TIMEOUTS_BELIEVED)],
)
def test_breaker_asks_a_host_that_does_not_answer_no_more(
    error: httpx.TransportError, asked: int
) -> None:
    inner = Counting(error)
    with httpx.Client(transport=Breaker(inner)) as http:
        for _ in range(5):
            with pytest.raises(type(error)):
                http.get("http://down/a")

        assert inner.calls == asked
        assert http.get("http://other/").status_code == 200
