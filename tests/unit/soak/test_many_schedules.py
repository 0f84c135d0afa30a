"""Many small worlds, of which it is decided here how they end."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from soak.judges.verdict import Kind, Verdict
from soak.schedules import many
from soak.schedules.many import Settings, play_many

SETTINGS = Settings(partners=3, events=20)


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """What is wrong in the worlds of some seeds."""
    found: dict[int, str] = {}
    monkeypatch.setattr(many, "play_seed", lambda seed, _: found.get(seed, ""))
    monkeypatch.setattr(many, "shrink_seed", lambda seed, _: f"{seed} made smaller")
    return found


def test_schedules_when_none_fails_then_the_seeds_and_their_number_are_printed(
    verdicts: dict[int, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert play_many(70, 30, 2, SETTINGS, ThreadPoolExecutor) == 0

    first, last = lines(capsys)
    assert first == "seeds 70 to 99: worlds of 3 partners and 20 events, 2 at a time"
    assert last.startswith("30 of 30 worlds without findings, ")


def test_schedules_when_some_fail_then_each_is_named_and_made_smaller_and_the_others_are_played(
    verdicts: dict[int, str], capsys: pytest.CaptureFixture[str]
) -> None:
    verdicts |= {3: "seed 3 fails: 1 lost", 9: "seed 9 fails: 1 stale"}

    assert play_many(1, 9, 2, SETTINGS, ThreadPoolExecutor) == 1

    _, *told, last = lines(capsys)
    assert sorted(told) == sorted([*verdicts.values(), "3 made smaller", "9 made smaller"])
    assert told.index("seed 3 fails: 1 lost") < told.index("3 made smaller")
    assert last.startswith("7 of 9 worlds without findings, ")


def test_schedules_when_a_world_takes_long_then_progress_is_printed_meanwhile(
    verdicts: dict[int, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    verdicts[1] = "seed 1 fails: 1 lost"
    printed, shown = threading.Event(), list[str]()
    monkeypatch.setattr(many, "EVERY", 0.01)

    def shrink(seed: int, _: Settings) -> str:
        assert printed.wait(60)
        return f"{seed} made smaller"

    def note(text: str, **_: object) -> None:
        shown.append(text)
        if "being made smaller" in text:
            printed.set()

    monkeypatch.setattr(many, "shrink_seed", shrink)
    monkeypatch.setattr(many, "print", note, raising=False)

    play_many(1, 1, 1, SETTINGS, ThreadPoolExecutor)

    assert any(line.endswith(": 1 of 1 worlds, 1 fail, 1 being made smaller") for line in shown), (
        shown
    )
    assert shown.index("1 made smaller") > 1


@pytest.mark.parametrize("tries", [0, 1])
def test_world_when_it_fails_then_it_is_told_in_words_and_as_a_test(
    tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Verdict({Kind.LOST: 1}, ("lost: something",))
    monkeypatch.setattr(many, "play_schedule", lambda _: lost)
    monkeypatch.setattr(many, "shrink_schedule", lambda schedule, most: schedule)

    text = many.shrink_seed(1, Settings(partners=3, events=20, tries=tries))

    assert "seed 1: all bursts of traffic" in text
    assert "def test_schedule_1_when_it_is_played_then_nothing_is_wrong()" in text
    assert (str(lost) in text) == (tries > 0)
