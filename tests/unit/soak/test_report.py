import pytest

from soak.judges.verdict import Kind, Verdict
from soak.malformed import MalformedReport, describe_report
from soak.progress import Effort
from soak.report import FigureTable, Report, as_markdown, print_report, summarize_run
from soak.run import Conditions, Plan, Run
from soak.traffic.shape import small_world
from soak.traffic.storms import Storm

LOST = Verdict({Kind.LOST: 1}, ("lost: the third wording of a case",))
OK = Verdict({}, ())
REPORT = Report(
    (
        FigureTable(("figure", "value"), [("command", "python -m soak --seed 'a|b'")]),
        FigureTable(("verdict", "number"), [("lost", "1"), ("stale", "1,024")]),
    ),
    LOST.findings,
)


def test_markdown_when_a_cell_has_a_bar_then_it_stays_one_cell() -> None:
    assert as_markdown(REPORT) == (
        "| figure | value |\n|---|---|\n| command | python -m soak --seed 'a\\|b' |\n\n"
        "| verdict | number |\n|---|---|\n| lost | 1 |\n| stale | 1,024 |\n\n"
        "- lost: the third wording of a case\n"
    )


def test_terminal_has_aligned_columns_with_numbers_to_the_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_report(REPORT)

    shown = capsys.readouterr().out
    assert "python -m soak --seed 'a|b'" in shown
    assert "│ lost    │      1 │\n│ stale   │  1,024 │\n" in shown
    assert shown.endswith("\nlost: the third wording of a case\n")
    assert "|---" not in shown


def test_report_when_a_run_is_summarized_then_it_has_what_is_needed_to_repeat_it() -> None:
    slow = Conditions(parameters={"WixCallsPerMinute": "40", "WixCallBurst": "10"})
    letter = '{"detail": {"type": "case.updated"}}'
    with Run(Plan("7", small_world(5, 40), Storm(), slow)) as run:
        for body in (letter, letter, '{"reason": "schedule"}'):
            run.world.queues.send("CaseOpenerDeadLetterQueue", body)
        report = summarize_run(run, LOST, Effort(90, 60, 300), "python -m soak --seed 7")

    figures = {row[0]: row[1] for row in report.tables[0].rows}
    assert figures["command"] == "python -m soak --seed 7"
    assert figures["seed"] == "7"
    assert figures["wall time"] == "90 s"
    assert figures["processor time"].startswith("60 s: ")
    assert figures["most calls of Wix in a minute (limit 40)"] == "0"
    assert figures.keys() >= {"Python", "processors of the machine"}
    assert (
        FigureTable(
            ("dead-letter queue", "messages", "of these"),
            [("CaseOpenerDeadLetterQueue", "3", "case.updated 2, others 1")],
        )
        in report.tables
    )
    # What one looks for first is what the terminal shows last.
    assert report.tables[-1].rows[:2] == [("lost", "1"), ("stale", "0")]
    assert report.findings == LOST.findings


@pytest.mark.parametrize(("wanted", "ok"), [(2, True), (3, False)])
def test_malformed_when_fewer_records_are_spoiled_than_wanted_then_it_says_so_and_is_not_ok(
    wanted: int, ok: bool
) -> None:
    spoiled = {"cases/c1": "version missing", "partners/p2": "name missing"}
    report = MalformedReport(9, wanted, frozenset(spoiled), spoiled, 1, (), OK)

    assert report.ok == ok
    assert ("only 2 of 3 records could be malformed" in describe_report(report)) != ok


def test_malformed_when_records_are_not_named_or_others_are_then_they_are_listed() -> None:
    report = MalformedReport(
        9, 1, frozenset({"cases/c1"}), {"cases/c2": "version missing"}, 1, ("a letter",), OK
    )

    text = describe_report(report)

    assert not report.ok
    assert "1 of them malformed: 0 named with their reason, 1 others named" in text
    assert "  cases/c1: not named\n  cases/c2: version missing\n" in text
    assert "1 of them about other partners" in text
