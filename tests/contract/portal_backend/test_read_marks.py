"""What a member has read, on several devices: merge rules, bounds, and calls at the same time."""

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.portal.node import find_node
from ops.paths import ROOT
from tests.contract.portal_backend.cases import INVALID, SECTIONS, TOO_LARGE, data_calls
from tests.contract.portal_site import Portal, Visitor

type Mark = dict[str, Any]

MOST_IDS = 100
"""Ids that a mark keeps (``MOST_IDS`` of ``marks.js``)."""

SCRIPT = f"""
import {{ createInterface }} from 'node:readline';
import * as marks from '{(ROOT / "portal/backend/marks.js").as_uri()}';
for await (const line of createInterface({{ input: process.stdin }})) {{
  const {{ rule, args }} = JSON.parse(line);
  console.log(JSON.stringify(marks[rule](...args)));
}}
"""


READ = {"issues": {"upTo": "2026-03-12T09:01:00.000Z"}}


class Rules:
    """The pure rules of ``marks.js``, in one process of Node.js."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self, rule: str, *args: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"rule": rule, "args": args}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def rules() -> Iterator[Rules]:
    with subprocess.Popen(
        [find_node(), "--input-type=module", "-e", SCRIPT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        yield Rules(process)
        assert process.stdin is not None
        process.stdin.close()


def at(minute: int) -> str:
    return f"2026-03-12T09:{minute:02}:00.000Z"


IDS = st.sampled_from(["case_1", "case_2", "1", "2", "__proto__"])
times = st.integers(0, 9).map(at)
marks = st.fixed_dictionaries(
    {"upTo": st.none() | times, "ids": st.dictionaries(IDS, times, max_size=5)}
)


@given(marks, marks, marks)
def test_marks_merge_to_the_same_in_every_order_and_however_often(
    rules: Rules, one: Mark, two: Mark, three: Mark
) -> None:
    left = rules("mergeMarks", rules("mergeMarks", one, two), three)

    assert left == rules("mergeMarks", one, rules("mergeMarks", two, three))
    assert left == rules("mergeMarks", rules("mergeMarks", three, two), one)
    assert left == rules("mergeMarks", left, two)


@given(marks, marks, IDS, times)
def test_what_is_read_on_one_device_is_read_after_any_merge_and_nothing_else_is(
    rules: Rules, one: Mark, two: Mark, row: str, changed: str
) -> None:
    merged = rules("mergeMarks", one, two)

    assert rules("isRead", merged, row, changed) == (
        rules("isRead", one, row, changed) or rules("isRead", two, row, changed)
    )


@given(marks, IDS, times)
def test_row_that_changes_after_it_was_read_is_unread_again(
    rules: Rules, mark: Mark, row: str, seen: str
) -> None:
    read = rules("mergeMarks", mark, {"upTo": None, "ids": {row: seen}})
    last = max(filter(None, [mark["upTo"], mark["ids"].get(row), seen]))

    assert rules("isRead", read, row, last) is True
    assert rules("isRead", read, row, at(59)) is False


def test_mark_keeps_the_newest_ids_in_every_order_of_merging(rules: Rules) -> None:
    moments = [
        (datetime(2026, 3, 12, tzinfo=UTC) + timedelta(minutes=number)).strftime(
            "%Y-%m-%dT%H:%M:%S.000Z"
        )
        for number in range(MOST_IDS + 5)
    ]
    rows = [
        {"upTo": None, "ids": {f"row_{999 - number}": moment}}
        for number, moment in enumerate(moments)
    ]
    forward: Mark = {"upTo": None, "ids": {}}
    backward = forward

    for row in rows:
        forward = rules("mergeMarks", forward, row)
    for row in reversed(rows):
        backward = rules("mergeMarks", backward, row)

    assert forward == backward
    assert set(forward["ids"].values()) == set(moments[5:])


def test_marks_follow_the_member_from_device_to_device(site: Portal) -> None:
    partner = site.partner()
    phone = site.member(partner)

    phone.call("markRead", partner, {"issues": {"upTo": at(3), "ids": {"case_1": at(7)}}})
    phone.call("markRead", partner, {"messages": {"ids": {"dsp_1": "2026-03-12T10:09:00+01:00"}}})
    answer = phone.call("markRead", partner, {"issues": {"ids": {"case_2": at(5)}}})

    assert answer == {
        "marks": {
            "issues": {"upTo": at(3), "ids": {"case_1": at(7), "case_2": at(5)}},
            "messages": {"upTo": None, "ids": {"dsp_1": at(9)}},
        }
    }
    assert phone.call("getReadMarks", partner) == answer


def test_mark_that_comes_late_undoes_nothing_and_writes_nothing(site: Portal) -> None:
    partner = site.partner()
    member = site.member(partner)
    after = member.call("markRead", partner, {"issues": {"upTo": at(9), "ids": {}}})
    before = rows_of(site, member)

    late = member.call("markRead", partner, {"issues": {"upTo": at(3), "ids": {"case_1": at(7)}}})
    again = member.call("markRead", partner, {"issues": {"upTo": at(9)}})

    assert late == again == after
    assert rows_of(site, member) == before


def test_devices_that_mark_at_the_same_time_lose_nothing(site: Portal) -> None:
    partner = site.partner()
    member = site.member(partner)
    wanted = {f"case_{number}": at(number % 60) for number in range(40)}

    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda one: member.call("markRead", partner, {"issues": {"ids": {one[0]: one[1]}}}),
                wanted.items(),
            )
        )

    assert member.call("getReadMarks", partner)["marks"]["issues"]["ids"] == wanted
    assert len(rows_of(site, member)) < len(wanted)


def test_many_rows_become_one_that_holds_them_all(site: Portal) -> None:
    partner = site.partner()
    member = site.member(partner)

    for number in range(17):
        member.call("markRead", partner, {"issues": {"ids": {f"case_{number}": at(number)}}})

    [row] = rows_of(site, member).values()
    assert [one["id"] for one in row["marks"]["issues"]["ids"]] == sorted(
        f"case_{number}" for number in range(17)
    )


def test_merge_that_stopped_halfway_is_completed_later(site: Portal) -> None:
    partner = site.partner()
    member = site.member(partner)
    for number in range(16):
        member.call("markRead", partner, {"issues": {"ids": {f"case_{number}": at(number)}}})
    left = rows_of(site, member)
    member.call("markRead", partner, {"issues": {"ids": {"case_16": at(16)}}})
    for identifier, row in left.items():
        data = {name: value for name, value in row.items() if not name.startswith("_")}
        site.row("MemberReadMarks", identifier, **data)

    answer = member.call("markRead", partner, {"issues": {"ids": {"case_17": at(17)}}})

    assert len(answer["marks"]["issues"]["ids"]) == 18
    assert len(rows_of(site, member)) == 1


def test_marks_cost_two_reads_and_a_write_and_a_second_one_for_each_16th(site: Portal) -> None:
    partner = site.partner()
    member = site.member(partner)

    def mark(number: int) -> tuple[int, int]:
        ids = {f"case_{number}": at(number)}
        return data_calls(site, lambda: member.call("markRead", partner, {"issues": {"ids": ids}}))

    assert [mark(number) for number in range(18)] == [(2, 1)] * 16 + [(2, 2), (2, 1)]
    assert mark(17) == (2, 0)
    assert data_calls(site, lambda: member.call("getReadMarks", partner)) == (2, 0)


@pytest.mark.parametrize(
    "marks",
    [
        None,
        [],
        {"read": True},
        {"upTo": 5},
        {"upTo": "yesterday"},
        {"upTo": "2026-03-12"},
        {"upTo": "2026-13-12T09:00:00Z"},
        {"upTo": (datetime.now(UTC) + timedelta(days=2)).isoformat()},
        {"ids": ["case_1"]},
        {"ids": {"case_1": True}},
        {"ids": {"case_1": None}},
        {"ids": {"../case_1": at(1)}},
        {"ids": {"": at(1)}},
    ],
)
def test_what_is_no_mark_is_refused(site: Portal, marks: Any) -> None:
    partner = site.partner()
    member = site.member(partner)

    assert member.call("markRead", partner, {"issues": marks}) == INVALID
    assert rows_of(site, member) == {}


@pytest.mark.parametrize("section", ["weather", "", "__proto__", "constructor"])
def test_section_that_there_is_not_is_refused_with_all_others(site: Portal, section: str) -> None:
    partner = site.partner()

    assert (
        site.member(partner).call("markRead", partner, {**READ, section: READ["issues"]}) == INVALID
    )


@pytest.mark.parametrize("marks", [None, [], "issues", 5])
def test_what_names_no_sections_is_refused(site: Portal, marks: Any) -> None:
    partner = site.partner()

    assert site.member(partner).call("markRead", partner, marks) == INVALID


def test_all_sections_together_cost_one_write(site: Portal) -> None:
    partner = site.partner()
    member = site.member(partner)
    marks = {name: {"upTo": at(3), "ids": {"row_1": at(7)}} for name in SECTIONS}

    calls = data_calls(site, lambda: member.call("markRead", partner, marks))

    assert calls == (2, 1)
    assert member.call("getReadMarks", partner) == {"marks": marks}


def test_more_ids_than_a_call_may_have_are_too_large(site: Portal) -> None:
    partner = site.partner()
    ids = {f"case_{number}": at(1) for number in range(101)}

    assert site.member(partner).call("markRead", partner, {"issues": {"ids": ids}}) == TOO_LARGE


def test_marks_are_the_members_own_at_each_partner(site: Portal) -> None:
    one, other = site.partner(), site.partner()
    member, colleague = site.member(one, other), site.member(one)

    member.call("markRead", one, {"issues": {"upTo": at(9)}})

    assert member.call("getReadMarks", other) == {"marks": {}}
    assert colleague.call("getReadMarks", one) == {"marks": {}}


def test_row_that_somebody_edited_on_the_site_counts_as_unread(site: Portal) -> None:
    partner = site.partner()
    member = site.member(partner)
    for number, marks in enumerate(
        [
            "read",
            {"issues": None, "weather": {"upTo": at(1)}},
            {
                "issues": {
                    "upTo": "all",
                    "ids": [{"id": 1, "at": at(1)}, {"id": "a", "at": "now"}, None],
                }
            },
        ]
    ):
        site.row(
            "MemberReadMarks",
            f"edited-{number}-{member.id}",
            memberId=member.id,
            partnerId=partner,
            marks=marks,
        )

    answer = member.call("markRead", partner, {"issues": {"ids": {"case_1": at(1)}}})

    assert answer == {"marks": {"issues": {"upTo": None, "ids": {"case_1": at(1)}}}}
    assert member.call("getReadMarks", partner) == answer


def rows_of(site: Portal, member: Visitor) -> dict[str, dict[str, Any]]:
    return {
        identifier: row
        for identifier, row in site.rows("MemberReadMarks").items()
        if row["memberId"] == member.id
    }
