"""Names of files that are accepted or refused."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.files.types import MAX_NAME, kind_of, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Preisliste Größe 李.pdf", "Preisliste Größe 李.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\dana\\prices.xlsx", "prices.xlsx"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("line\nbreak\x00.pdf", "linebreak.pdf"),
        ('a<b>:"c|?*.pdf', "abc.pdf"),
        ("Gro\u0308ße.pdf", "Größe.pdf"),
        ("مرحبا.pdf", "مرحبا.pdf"),
        ("", "file"),
        ("...", "file"),
    ],
)
def test_name_is_safe_and_keeps_its_script(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_is_good_everywhere_and_stays_as_it_is_then(name: str) -> None:
    safe = safe_name(name)

    assert 0 < len(safe) <= MAX_NAME
    assert not set(safe) & set('/\\:*?"<>|')
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in safe)
    assert safe_name(safe) == safe


def test_long_name_keeps_its_ending() -> None:
    assert kind_of(safe_name("x" * 400 + ".pdf")) == "pdf"
