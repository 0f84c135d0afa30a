"""A plan against now: every difference is named, and nothing else is."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.reconciliation import RowVerdict
from ops.plans.comparison import compare_plans
from ops.plans.models import ReconcilePlan, RowChange, StackIdentity
from tests.unit.ops.plans.samples import MADE, plan_of

RECORDS = st.dictionaries(
    st.sampled_from([f"cases/c{number}" for number in range(6)]), st.integers(1, 3), max_size=6
)


def row_plan(**members: object) -> ReconcilePlan:
    values = {
        "collection": "OpenIssues",
        "id": "case_1",
        "verdict": RowVerdict.DRIFTED,
        "fields": ("title",),
        "key": "GC1/case_1",
        "expected": "e1",
        "shown": "s1",
    }
    return ReconcilePlan(
        stack=StackIdentity(name="gridwix", id="arn:stack"),
        made_at=MADE,
        made_by="0.1.0",
        collection=None,
        accept_shrink=False,
        guards={},
        changes=(RowChange.model_validate({**values, **members}),),
    ).seal()


def test_plan_made_again_later_is_no_difference() -> None:
    planned = plan_of({"cases/c1": 1})
    now = plan_of({"cases/c1": 1}, made_at=MADE + timedelta(hours=1), made_by="0.2.0")

    found = compare_plans(planned, now)

    assert (found.differences, found.pending) == ((), frozenset({"cases/c1"}))


def test_differences_name_what_is_gone_changed_and_new() -> None:
    planned = plan_of({"cases/c1": 1, "cases/c2": 2, "cases/c3": 3})
    now = plan_of({"cases/c2": 5, "cases/c3": 3, "cases/c4": 1})

    found = compare_plans(planned, now)

    assert found.differences == (
        "cases/c1: Trading Grid no longer lists it",
        "cases/c2: version was 2, now it is 5",
        "cases/c4: it is not in the plan",
    )


def test_what_is_new_is_no_difference_if_it_is_to_be_left() -> None:
    found = compare_plans(
        plan_of({"cases/c1": 1}), plan_of({"cases/c1": 1, "cases/c2": 2}), leave_new=True
    )

    assert found.differences == ()
    assert found.pending | found.new == {"cases/c1", "cases/c2"}
    assert found.new == {"cases/c2"}


def test_another_request_is_a_difference() -> None:
    found = compare_plans(plan_of({}), plan_of({}, partner=PartnerId("GC1")))

    assert found.differences == ("partner of the plan: none was planned, now it is GC1",)


def test_other_content_is_named_without_its_hash() -> None:
    shown = compare_plans(row_plan(), row_plan(shown="s2"))
    expected = compare_plans(row_plan(), row_plan(expected="e2"))
    fields = compare_plans(row_plan(), row_plan(fields=("title", "status")))

    assert shown.differences == ("OpenIssues/case_1: its content on the portal has changed",)
    assert expected.differences == ("OpenIssues/case_1: its content in Trading Grid has changed",)
    assert fields.differences == ("OpenIssues/case_1: fields was title, now it is title, status",)


def test_rows_of_two_collections_with_one_id_are_two_changes() -> None:
    found = compare_plans(row_plan(), row_plan(collection=CollectionId("Other")))

    assert found.differences == (
        "OpenIssues/case_1: it is as it should be, or is being written right now",
        "Other/case_1: it is not in the plan",
    )
    assert row_plan().changes[0].finding.id == WixItemId("case_1")


@given(planned=RECORDS, now=RECORDS, begun=st.booleans(), leave_new=st.booleans())
def test_comparison_has_a_difference_for_each_record_that_is_not_as_planned_and_for_no_other(
    planned: dict[str, int], now: dict[str, int], begun: bool, leave_new: bool
) -> None:
    found = compare_plans(plan_of(planned), plan_of(now), begun=begun, leave_new=leave_new)

    gone, new = planned.keys() - now.keys(), now.keys() - planned.keys()
    changed = {name for name in planned.keys() & now.keys() if planned[name] != now[name]}
    named = {difference.partition(":")[0] for difference in found.differences}
    assert named == changed | (set() if begun else gone) | (set() if leave_new else new)
    assert found.pending == planned.keys() & now.keys()
    assert found.done == (gone if begun else set())
    assert found.new == new
