"""The page "Nine o'clock" names commands that there are, and sentences that they print."""

import inspect
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Column, Table

from ops.commands import trace
from ops.story import rows
from tests.command_lines import parse_command
from tests.integration.test_nine_oclock import PLAYED
from tests.nine_oclock import TEXT as PAGE
from tests.nine_oclock import read_symptoms
from tests.printed import one_line_rows

COMMANDS = sorted(
    {line for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()}
    | set(re.findall(r"`(gridwix [^`]+)`", PAGE))
)
SAID = re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_command_of_the_page_is_one_of_the_command_line(line: str) -> None:
    parse_command(line)


@pytest.mark.parametrize("line", ["gridwix tell X", "gridwix trace X --no-such", "gridwix trace"])
def test_command_that_is_none_is_noticed(line: str) -> None:
    with pytest.raises(Exception, match=r"(?i)no such|missing"):
        parse_command(line)


def test_page_has_commands_and_sentences() -> None:
    assert len(COMMANDS) > 8
    assert len(SAID) > 5


@pytest.mark.parametrize("sentence", SAID)
def test_sentence_of_the_page_is_one_that_trace_prints(sentence: str) -> None:
    printed = re.sub(r'"\s*f?"', "", inspect.getsource(rows) + inspect.getsource(trace))
    first, *_ = re.split(r" ?\(|\.\.\.", sentence)

    assert first.strip() in printed


def test_each_symptom_of_the_page_is_played() -> None:
    symptoms = read_symptoms()

    assert set(PLAYED) == set(symptoms)
    assert all(symptom.commands for symptom in symptoms.values())


@pytest.mark.parametrize("sentence", ["somebody removed it", "Wix refused the row"])
def test_answer_of_the_page_that_a_test_follows_is_one_command(sentence: str) -> None:
    portal, *_ = read_symptoms().values()

    assert portal.command_for(sentence).startswith("gridwix ")


@given(
    st.lists(
        st.tuples(
            st.text("abc-/", min_size=1, max_size=40),
            st.lists(st.text("xyz", min_size=1, max_size=5), min_size=2, max_size=12),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_printed_table_is_read_row_by_row_however_narrow_it_is(
    rows: list[tuple[str, list[str]]],
) -> None:
    out = io.StringIO()
    table = Table(Column("Key", no_wrap=True), Column("Id", overflow="fold"), "Words")
    for number, (identifier, words) in enumerate(rows):
        table.add_row(f"key-{number}", identifier, " ".join(words))
    console = Console(file=out, width=50, highlight=False)
    console.print(table)
    console.print("the end")

    *_, last = lines = one_line_rows(out.getvalue()).splitlines()
    read = [line.split(" | ") for line in lines if line.startswith("key-")]

    assert last == "the end"
    assert [(key, identifier) for key, identifier, _ in read] == [
        (f"key-{number}", identifier) for number, (identifier, _) in enumerate(rows)
    ]


def test_printed_words_are_read_as_a_sentence() -> None:
    printed = (
        "│ old     │ paused for 3  │\n│         │ min: `gridwix │\n│         │ resume x`     │"
    )

    assert one_line_rows(printed) == "old | paused for 3 min: `gridwix resume x`"
