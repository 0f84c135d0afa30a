from pathlib import Path

import pytest

from soak.arguments import RUN, USED, read_arguments


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--short", "--schedules", "3"], "--schedules does not use --short"),
        (["--planted", "--partners", "5"], "--planted does not use --partners"),
        (["--malformed", "3", "--storm", "0"], "--malformed does not use --storm"),
        (["--jobs", "2"], f"{RUN} does not use --jobs"),
        (["--schedules", "3", "--report", "r.md"], "--schedules does not use --report"),
        (["--planted", "--schedules", "3"], "not allowed with argument --planted"),
        (["--malformed", "3", "--planted"], "not allowed with argument --malformed"),
        (["--schedules", "3", "--seed", "x"], "--seed is a whole number with --schedules, not 'x'"),
        (["--schedules", "3", "--seed=-1"], "--seed is a whole number with --schedules, not '-1'"),
        (["--schedules", "3", "--seed", "٣"], "--seed is a whole number"),
        (["--seed", ""], "--seed: it is empty"),
        (["--events", "0"], "--events: it is a whole number above 0, not '0'"),
        (["--partners", "many"], "--partners: it is a whole number above 0, not 'many'"),
        (["--storm", "-1"], "--storm: it is a number from 0, not '-1'"),
        (["--storm", "nan"], "--storm: it is a number from 0, not 'nan'"),
        (["--report", "no/such/folder/r.md"], "--report no/such/folder/r.md: No such file"),
        (["--part", "3"], "unrecognized arguments: --part 3"),
    ],
)
def test_arguments_when_they_do_not_fit_then_a_sentence_says_why(
    given: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_arguments(given)

    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("mode", USED)
def test_arguments_when_a_mode_uses_them_all_then_they_are_taken(mode: str, tmp_path: Path) -> None:
    values = {
        "--seed": ["7"],
        "--partners": ["5"],
        "--events": ["9"],
        "--storm": ["0"],
        "--jobs": ["2"],
        "--report": [str(tmp_path / "r.md")],
        "--malformed": ["4"],
        "--schedules": ["4"],
    }
    options = (*([] if mode == RUN else [mode]), *USED[mode])
    given = [word for option in options for word in (option, *values.get(option, []))]

    found = read_arguments(given)

    assert str(found.seed) == ("7" if "--seed" in options else "None")
    assert found.storm == (0 if mode == RUN else 1)
    assert found.jobs == (2 if mode == "--schedules" else 1)


def test_seed_when_there_are_schedules_then_it_is_the_number_of_the_first() -> None:
    assert read_arguments(["--schedules", "3"]).seed == 1
    assert read_arguments(["--schedules", "3", "--seed", "70"]).seed == 70


def test_report_when_the_arguments_do_not_fit_then_no_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        read_arguments(["--planted", "--report", str(tmp_path / "r.md")])

    assert list(tmp_path.iterdir()) == []
