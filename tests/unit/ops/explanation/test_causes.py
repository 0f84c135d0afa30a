"""Causes are found by experiments with groups, also those that only work together."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ops.explanation.causes import find_causes

NAMES = [f"input {number}" for number in range(12)]


def test_causes_of_no_candidates_are_none() -> None:
    assert find_causes([], lambda _: {"title"}) == {}


@given(st.dictionaries(st.sampled_from("uvw"), st.sets(st.sampled_from(NAMES), min_size=1)))
def test_causes_are_exactly_the_inputs_that_change_a_field(wanted: dict[str, set[str]]) -> None:
    found = find_causes(
        NAMES, lambda group: {field for field, names in wanted.items() if names & set(group)}
    )

    assert {field: set(causes) for field, causes in found.items()} == wanted


@given(st.sets(st.sampled_from(NAMES), min_size=2))
def test_inputs_that_change_a_field_only_together_are_all_its_causes(wanted: set[str]) -> None:
    found = find_causes(NAMES, lambda group: {"title"} if wanted <= set(group) else set())

    assert set(found["title"]) == wanted


def test_group_that_changes_nothing_is_not_tried_further() -> None:
    tried: list[Sequence[int]] = []

    def experiment(group: Sequence[int]) -> set[str]:
        tried.append(group)
        return {"title"} if 700 in group else set()

    assert find_causes(range(1000), experiment) == {"title": (700,)}
    assert len(tried) < 25
