"""Conditional requests by entity tags of versions."""

import pytest

from gridwix_gateway.api.conditions import is_not_modified, require_match
from gridwix_gateway.api.messages import Request
from gridwix_gateway.problems import Problem

RECORD = {"id": "case_1", "version": 5}


@pytest.mark.parametrize("header", ['"v5"', '"v4", "v5"', "*", ' "v5" '])
def test_if_match_with_the_current_version_passes(header: str) -> None:
    require_match(Request("PATCH", (), headers={"if-match": header}), RECORD)


@pytest.mark.parametrize("header", ['"v4"', 'W/"v5"', "v5", "", '"v50"', '"v4", "v6"', '"v5'])
def test_if_match_with_another_version_is_a_conflict(header: str) -> None:
    with pytest.raises(Problem) as refused:
        require_match(Request("PATCH", (), headers={"if-match": header}), RECORD)

    assert (refused.value.code, refused.value.current_version) == ("version-conflict", 5)


def test_missing_if_match_is_a_missing_precondition() -> None:
    with pytest.raises(Problem) as refused:
        require_match(Request("PATCH", ()), RECORD)

    assert (refused.value.code, refused.value.current_version) == ("precondition-required", 5)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"v5"', True),
        ('W/"v5"', True),
        ('"v1", W/"v5"', True),
        ("*", True),
        ('"v4"', False),
        ("v5", False),
        ("", False),
    ],
)
def test_if_none_match_compares_weakly(header: str, *, expected: bool) -> None:
    request = Request("GET", (), headers={"if-none-match": header})

    assert is_not_modified(request, '"v5"') == expected
