"""Normal form of email addresses."""

import pytest

from gridwix.people.addresses import normal_email


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("ada@prairiegold.example", "ada@prairiegold.example"),
        ("\u00a0 Ada.L@PrairieGold.EXAMPLE\t", "ada.l@prairiegold.example"),
        # One letter, written as two code points.
        ("jose\u0301@x.example", "jos\u00e9@x.example"),
        ("ada@B\u00fccher.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@stra\u00dfe.example", "ada@xn--strae-oqa.example"),
        ("o'neil+edi@x.example", "o'neil+edi@x.example"),
        # Domains that IDNA 2008 refuses, and the portal has in its rows: a snowman is one of them.
        ("ada@ab--cd.example", "ada@ab--cd.example"),
        ("ada@xn--n3h.example", "ada@xn--n3h.example"),
    ],
)
def test_address_when_written_otherwise_then_has_one_normal_form(written: str, normal: str) -> None:
    assert normal_email(written) == normal
    assert normal_email(normal) == normal


@pytest.mark.parametrize(
    "written",
    [
        *("", "ada", "@x.example", "ada@", "ada@localhost", "ada@127.0.0.1", "ada@x.example."),
        *("ada lovelace@x.example", "ada@x y.example", "ada@-x.example", "ada@x..example"),
        *(".ada@x.example", "ada..l@x.example", "a,b@x.example", "ada@b@x.example"),
        *("<ada@x.example>", '"ada l"@x.example', "ada\n@x.example"),
        # Characters that nobody sees, or that a terminal obeys.
        *("a\u200bda@x.example", "\ufeffada@x.example", "ada\u00ad@x.example"),
        *("a\u202eda@x.example", "a\u009b31mda@x.example", "a\x7fda@x.example"),
        f"{'a' * 65}@x.example",
        f"ada@{'x' * 64}.example",
        f"ada@{'x.' * 130}example",
    ],
)
def test_text_when_it_is_no_address_of_a_person_then_has_no_normal_form(written: str) -> None:
    assert normal_email(written) is None
