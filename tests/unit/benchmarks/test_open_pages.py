"""What ``make bench ARGS=open_pages`` counts as a goal that was missed, and its ringer's queue."""

import dataclasses
import threading
from typing import Any

import pytest

from benchmarks.open_pages import Figures, Mark, MemoryRingerQueue, Page, latencies
from gridwix.models.portal.collection_ids import OPEN_ISSUES
from gridwix.portal_ringer.messages import LAST_REPEAT
from gridwix.portal_ringer.service import PortalRinger
from tests.fakes.ringing import FakeNumbers, FakeSite

GOOD = Figures(
    pages=2,
    connected=2,
    changes=[0.5],
    notice=[1.0, 15.0],
    reconnection=[],
    missed=0,
    refused={"opening": 0, "notice": 0},
    failures=0,
    reads={},
    writes={},
    faults={},
)


def page(view: str, **shown: float) -> Page:
    marks = {int(name.removeprefix("mark")): at for name, at in shown.items()}
    return Page("GC1", view, connected=True, failures=0, shown=marks)


def test_shortfalls_when_all_goals_are_met_then_there_are_none() -> None:
    assert GOOD.shortfalls == []


@pytest.mark.parametrize(
    ("name", "value", "shortfall"),
    [
        ("connected", 1, "a page has no connection"),
        ("notice", [1.0], "a page showed the notice after 15 s"),
        ("notice", [1.0, 15.1], "a page showed the notice after 15 s"),
        ("refused", {"opening": 0, "notice": 1}, "Wix refused calls over a quota"),
        ("failures", 1, "a web method failed"),
        ("missed", 1, "a page missed a change"),
    ],
)
def test_shortfalls_name_the_goal_that_was_missed(name: str, value: Any, shortfall: str) -> None:
    assert dataclasses.replace(GOOD, **{name: value}).shortfalls == [shortfall]


def test_mark_of_a_partner_concerns_its_pages_with_issues_and_one_of_everybody_all() -> None:
    own, others, everybodys = Mark(1, "GC1", 0), Mark(2, "GC2", 0), Mark(3, None, 0)

    concerned = {
        view: [mark.number for mark in (own, others, everybodys) if mark.concerns(page(view))]
        for view in ("overview", "issues", "documents")
    }

    assert concerned == {"overview": [1, 3], "issues": [1, 3], "documents": [3]}


def test_latencies_are_those_of_the_pages_that_a_change_concerns() -> None:
    pages = [page("issues", mark1=12.5), page("documents", mark1=90.0), page("issues")]

    assert latencies([Mark(1, "GC1", 10.0)], pages) == [2.5]


def test_queue_hands_a_change_to_the_ringer_and_its_repeats_back_to_it() -> None:
    queue, numbers, site = MemoryRingerQueue(), FakeNumbers(), FakeSite()
    rung = threading.Event()

    class Repeats(MemoryRingerQueue):
        """Delays nothing."""

        def send(self, message: Any, *, delay: int) -> None:
            queue.send(message, delay=0)
            if message.repeat == LAST_REPEAT:
                rung.set()

    with queue.consumed_by(PortalRinger(numbers, site, Repeats())):
        queue.ring(OPEN_ISSUES, frozenset({"GC1"}))
        assert rung.wait(60)

    assert numbers.calls == 1
    assert site.heard["GC1"] == {"issues": 1}
    assert len(site.requests) >= LAST_REPEAT
