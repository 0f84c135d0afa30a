"""The judges hear what the models of Trading Grid and of the site tell."""

from random import Random
from typing import Any

from soak.judges import Judges, Kind, Verdict
from soak.judging import connect_judges, judge_calls, outputs_of
from soak.kernel.edges import Edges, NoFaults
from soak.kernel.tasks import Scheduler
from soak.trading_grid import TradingGrid
from soak.wix.library import FileWish
from soak.wix.site import Wix
from tests.unit.soak.judges.good_rows import FIRST
from tests.unit.soak.judges.good_world import NOON, SETTINGS, case, partner


class Models:
    """The judges among the models, without the functions."""

    def __init__(self) -> None:
        scheduler = Scheduler(NOON)
        edges = Edges(scheduler, Random(1), NoFaults(), {})
        self.grid = TradingGrid(edges, Random(2))
        self.wix = Wix(edges, Random(3))
        self.judges = Judges(SETTINGS)
        connect_judges(self.judges, self.grid, self.wix, lambda: scheduler.now)
        self.grid.put("partners", partner(FIRST, "[[p1.p1.v1]]"))
        self.grid.put("cases", case(status="new"))

    def write(self, collection: str, identifier: str, **row: Any) -> None:
        """Write a row as the functions would."""
        self.wix.collections.put(collection, identifier, {"_id": identifier, **row})

    def verdict(self) -> Verdict:
        """The verdict on what is there."""
        judge_calls(self.judges, self.wix)
        return self.judges.verdict(outputs_of(self.wix, frozenset(), NOON))


def test_verdict_when_records_are_put_expects_their_rows() -> None:
    models = Models()

    findings = models.verdict().findings

    assert f"lost: PartnerStatus/{FIRST} is not there" in findings
    assert "lost: OpenIssues/case_1_1 is not there" in findings


def test_verdict_when_a_row_of_the_site_falls_says_so() -> None:
    models = Models()
    for revision in (3, 2):
        subject = f"[[p1.c1.v{revision}]]"
        models.write("OpenIssues", "case_1_1", partnerId=FIRST, subject=subject)

    verdict = models.verdict()

    assert verdict.count(Kind.FALLEN) == 1
    assert verdict.count(Kind.STALE)


def test_verdict_when_a_file_is_left_over_in_the_folder_says_so() -> None:
    models = Models()
    wish = FileWish(name="a.txt", mime="text/plain", private=True, labels=[], path="/gridwix")
    models.wix.library.add(wish, b"words")

    assert models.verdict().count(Kind.DOUBLED) == 1


def test_verdict_when_calls_are_above_the_quota_says_so() -> None:
    models = Models()
    models.wix.calls += [NOON] * 80
    models.wix.above_quota.append(NOON)

    assert models.verdict().count(Kind.ABOVE_BUDGET) == 80 - 75 + 1


def test_message_when_an_event_asks_for_it_is_counted_for_the_event() -> None:
    models = Models()
    models.grid.transition("cases", "case_1_1", "open")
    models.grid.transition("cases", "case_1_1", "awaiting_partner")
    row = {
        "partnerId": FIRST,
        "campaign": "case-awaiting-partner",
        "record": "cases/case_1_1",
        "texts": {"en": {"title": "Issue", "body": "[[p1.c1.v3]]"}},
    }
    models.write("PartnerMessages", "first", **row)
    before = models.judges.running_verdict()

    models.write("PartnerMessages", "second", **row)

    assert before.ok
    assert models.judges.running_verdict().count(Kind.DOUBLED) == 1
