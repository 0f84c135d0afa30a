"""A text of a mail is cut at a word, never inside a letter, and the cut is marked."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from gridwix_gateway.targets.mail.channel import MAX_SUBJECT, subject_line
from gridwix_gateway.targets.mail.cuts import cut_text

LETTERS = st.sampled_from(["a", "e\u0301", "李", "か\u3099", "👍🏽", "👩‍👩‍👧‍👦", "🇩🇪", " "])


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Send the", "Send the"),
        ("Send the labels", "Send…"),
        ("ラベルが足りません。", "ラベルが足りま…"),
        ("cafe\u0301cafe\u0301", "cafe\u0301ca…"),
    ],
)
def test_text_when_it_is_too_long_then_is_cut_at_a_word_or_else_a_letter(
    text: str, cut: str
) -> None:
    assert cut_text(text, 8) == cut


@given(st.lists(LETTERS, max_size=60).map("".join), st.integers(1, 70))
def test_any_text_when_cut_then_fits_and_has_whole_letters_of_its_beginning(
    text: str, most: int
) -> None:
    cut = cut_text(text, most)

    assert len(cut) <= most
    if cut != text:
        kept = regex.findall(r"\X", cut.removesuffix("…"))
        assert cut.endswith("…")
        assert regex.findall(r"\X", text)[: len(kept)] == kept


def test_subject_when_it_is_too_long_then_says_that_it_is_cut() -> None:
    subject = subject_line("word " * MAX_SUBJECT)

    assert subject.endswith("word…")
    assert len(subject) <= MAX_SUBJECT
