"""Ownership of fields: whatever the two sides do and in whichever order, the owner's word stands
and nothing is lost unseen.
"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gridwix.publication.merge import AGREED, CONFLICTS, Owner, merge_fields

OWNERS = {"title": Owner.TRADING_GRID, "instructions": Owner.PORTAL}


def applied(source: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """The row after a merge."""
    changed = {**row, **merge_fields(source, row, OWNERS).changes}
    return {field: value for field, value in changed.items() if value is not None}


def test_merge_into_a_row_that_is_not_there_yet_takes_everything() -> None:
    row = applied({"title": "Tax form", "instructions": "Fill it in."}, {})

    assert row == {
        "title": "Tax form",
        "instructions": "Fill it in.",
        AGREED: {"title": "Tax form", "instructions": "Fill it in."},
    }


def test_merge_leaves_fields_that_are_nobodys_business_alone() -> None:
    row = applied(
        {"title": "Tax form"},
        {"title": "Tax", "image": "wix:image://1", "copy": "<p>Ours</p>", AGREED: {"title": "Tax"}},
    )

    assert (row["title"], row["image"], row["copy"]) == ("Tax form", "wix:image://1", "<p>Ours</p>")
    assert CONFLICTS not in row


def test_merge_when_the_portal_has_edited_trading_grids_field_takes_it_back_and_says_so() -> None:
    row = applied({"title": "Tax form"}, {"title": "Our own title", AGREED: {"title": "Tax form"}})

    assert row["title"] == "Tax form"
    assert row[CONFLICTS] == [
        {"field": "title", "kept": "Tax form", "refused": "Our own title", "refusedFrom": "portal"}
    ]


def test_merge_when_nobody_has_edited_the_portals_field_follows_trading_grid() -> None:
    row = applied(
        {"instructions": "New."}, {"instructions": "Old.", AGREED: {"instructions": "Old."}}
    )

    assert row["instructions"] == "New."
    assert CONFLICTS not in row


def test_merge_when_both_have_edited_the_portals_field_keeps_the_portals_and_shows_the_other() -> (
    None
):
    row = applied(
        {"instructions": "New."}, {"instructions": "Ours.", AGREED: {"instructions": "Old."}}
    )

    assert row["instructions"] == "Ours."
    assert row[CONFLICTS] == [
        {"field": "instructions", "kept": "Ours.", "refused": "New.", "refusedFrom": "trading_grid"}
    ]


def test_merge_when_both_have_come_to_the_same_is_no_conflict() -> None:
    for field in OWNERS:
        assert CONFLICTS not in applied({field: "Same."}, {field: "Same.", AGREED: {field: "Old."}})


VALUES = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["source", "portal", "merge"]), st.sampled_from(list(OWNERS)), VALUES
    ),
    max_size=20,
)


@given(STEPS)
def test_merge_after_any_interleaving_of_edits_and_merges_agrees_and_names_what_was_not_taken(
    steps: list[tuple[str, str, str]],
) -> None:
    source, row = (
        {"title": "a", "instructions": "a"},
        applied({"title": "a", "instructions": "a"}, {}),
    )
    edited = dict.fromkeys(OWNERS, False)
    for actor, field, value in [*steps, ("merge", "title", "")]:
        if actor == "source":
            source[field] = value
        elif actor == "portal":
            row[field] = value
            edited[field] = True
        else:
            before, outcome = dict(row), merge_fields(source, row, OWNERS)
            row = applied(source, row)
            lost = {(one.field, one.refused) for one in outcome.conflicts}
            overwritten = before["title"] not in (before[AGREED]["title"], source["title"])
            assert (("title", before["title"]) in lost) is overwritten
            kept_back = before["instructions"] != before[AGREED]["instructions"] and source[
                "instructions"
            ] not in (
                before[AGREED]["instructions"],
                before["instructions"],
            )
            assert (("instructions", source["instructions"]) in lost) is kept_back
            assert {(one["field"], one["refused"]) for one in row.get(CONFLICTS, [])} >= lost

    assert row["title"] == source["title"]
    assert edited["instructions"] or row["instructions"] == source["instructions"]
    assert merge_fields(source, row, OWNERS).changes == {}
