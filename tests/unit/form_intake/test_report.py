"""Reports of steps add up to the report of the run."""

from collections import Counter

from gridwix.errors import RecordFault, Refused, SourceBehind, Unavailable
from gridwix.form_intake.report import IntakeReport
from gridwix.partner_requests.submissions import HoldReason, Outcome

ONE = Outcome("collaboration-requests/req_1")


def test_sum_has_the_results_of_both_and_changes_neither() -> None:
    refused, fault, behind, not_shown = (
        Refused(system="trading_grid"),
        RecordFault("cases/1", "?"),
        SourceBehind(),
        Unavailable(system="wix"),
    )
    first = IntakeReport(
        delivered={"a": ONE},
        unmatched=1,
        unknown=Counter({"x=1": 1}),
        refusals=[refused],
        blocked_lanes=frozenset({"A"}),
    )
    second = IntakeReport(
        held={"b": HoldReason.REFUSED},
        failures={"c": behind},
        unmatched=2,
        unknown=Counter({"x=1": 2}),
        not_shown=[not_shown],
        record_faults=[fault],
        blocked_lanes=frozenset({"B"}),
        interrupted=True,
    )

    assert first + second == IntakeReport(
        delivered={"a": ONE},
        unmatched=3,
        held={"b": HoldReason.REFUSED},
        failures={"c": behind},
        refusals=(refused,),
        unknown=Counter({"x=1": 3}),
        not_shown=(not_shown,),
        record_faults=(fault,),
        blocked_lanes=frozenset({"A", "B"}),
        interrupted=True,
    )
    assert (first.unmatched, first.unknown, second.unmatched) == (1, Counter({"x=1": 1}), 2)


def test_later_result_of_the_same_submission_counts() -> None:
    first, last = SourceBehind(), Unavailable(system="trading_grid")

    assert (IntakeReport(failures={"a": first}) + IntakeReport(failures={"a": last})).failures == {
        "a": last
    }
