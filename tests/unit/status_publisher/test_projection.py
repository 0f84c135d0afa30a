"""From a partner's records to its portal row."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.mapping.wix_items import content_hash, data_item
from gridwix.models.portal.partner_status import NextStepKind, PartnerStatusRow
from gridwix.models.wix import MAX_ITEM_BYTES
from gridwix.status_publisher.projection import (
    MAX_LISTED,
    PartnerRecords,
    status_row,
    version_vector,
)
from tests.factories import NOW, PRAIRIE_GOLD, case, check, enrollment, partner, texts

LATER = NOW + timedelta(days=1)


def row(records: PartnerRecords) -> PartnerStatusRow:
    projected = status_row(records, texts())
    assert projected is not None
    return projected


def step(key: str, status: str = "available", **fields: Any) -> dict[str, Any]:
    return {
        "key": key,
        "status": status,
        "title": key.replace("_", " ").title(),
        "owner": "partner",
        "kind": "form",
        **fields,
    }


def test_project_when_a_check_failed_asks_for_what_puts_it_right() -> None:
    failed = check(nextAction="Send the 856 before the truck arrives.", dueOn="2026-03-20")

    status = row(PartnerRecords(partner(), checks=[failed]))

    assert status.headline == "Action needed: 856 ASN received before dock arrival"
    assert status.next_step == "Send the 856 before the truck arrives."
    assert status.next_steps[0].kind is NextStepKind.COMPLIANCE_CHECK
    assert status.failed_checks == 1


def test_project_of_a_hub_without_onboarding_and_checks_says_nothing_of_them() -> None:
    waiting = case(status="awaiting_partner", nextStep="Resend the 856.")

    quiet = row(PartnerRecords(partner(status="active")))
    busy = row(PartnerRecords(partner(status="active"), cases=[waiting]))

    assert quiet.headline == "No action needed"
    assert (quiet.status, quiet.next_steps, quiet.failed_checks) == ("active", (), 0)
    assert busy.headline.startswith("Your answer is needed")
    for status in (quiet, busy):
        assert status.onboarding_percent is None
        assert status.target_go_live is None
        assert (status.current_steps, status.document_requests) == ((), ())


def test_project_when_the_check_passed_shows_the_next_onboarding_step() -> None:
    passed = check(version=2, status="passed", nextAction="No action needed.")
    going = enrollment(
        percentComplete=78,
        steps=[step("edi_testing", note="Send pilot 810 invoice by 20 Mar", dueOn="2026-03-20")],
    )

    status = row(PartnerRecords(partner(), [going], [passed]))

    assert status.headline == "Onboarding 78% complete"
    assert status.next_step == "Send pilot 810 invoice by 20 Mar"
    assert status.failed_checks == 0


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("invited", "2026-04-20"),
        ("in_progress", "2026-04-20"),
        ("completed", "None"),
        ("quantum", "None"),
    ],
)
def test_project_shows_the_planned_go_live_while_the_enrollment_runs(
    status: str, shown: str
) -> None:
    planned = enrollment(status=status, targetGoLive="2026-04-20")

    assert str(row(PartnerRecords(partner(), [planned])).target_go_live) == shown
    assert row(PartnerRecords(partner())).target_go_live is None


def test_next_step_of_a_case_keeps_the_instant_and_one_of_a_check_the_day() -> None:
    at = datetime(2026, 11, 28, 3, tzinfo=UTC)
    records = PartnerRecords(
        partner(),
        [],
        [check(dueOn="2026-11-28")],
        [
            case("case_later", nextStep="Later", dueAt=at + timedelta(minutes=1)),
            case("case_never", nextStep="Never"),
            case("case_sooner", nextStep="Sooner", dueAt=at),
        ],
    )

    found = [(step.text, step.due_on, step.due_at) for step in row(records).next_steps]

    assert [text for text, *_ in found[1:]] == ["Sooner", "Later", "Never"]
    assert [due for _, *due in found[:2]] == [[date(2026, 11, 28), None], [None, at]]


def test_project_orders_cases_by_instants_whatever_their_offsets() -> None:
    due = {"first": "2026-11-28T05:00:00+04:00", "second": "2026-11-28T02:00:00Z", "never": None}
    records = PartnerRecords(
        partner(), [], [], [case(f"case_{at}", number=at, dueAt=due[at]) for at in sorted(due)]
    )

    assert [one.number for one in row(records).cases] == ["first", "second", "never"]


def test_project_orders_next_steps_by_kind_then_due_date() -> None:
    records = PartnerRecords(
        partner(),
        [enrollment(steps=[step("late", dueOn="2026-05-01"), step("soon", dueOn="2026-04-01")])],
        [check(nextAction="Fix the check")],
        [case(nextStep="Answer the case")],
    )

    texts = [next_step.text for next_step in row(records).next_steps]

    assert texts == ["Fix the check", "Answer the case", "Soon", "Late"]


@pytest.mark.parametrize("status", ["locked", "submitted", "completed", "waived", "quantum"])
def test_project_when_a_step_is_not_the_partners_to_do_leaves_it_out(status: str) -> None:
    records = PartnerRecords(partner(), [enrollment(steps=[step("tax_form", status)])])

    assert row(records).next_steps == ()


def test_project_when_the_hub_owns_a_step_does_not_ask_the_partner() -> None:
    records = PartnerRecords(partner(), [enrollment(steps=[step("go_live", owner="hub")])])

    assert row(records).next_steps == ()


def test_project_lists_the_documents_that_the_hub_waits_for() -> None:
    records = PartnerRecords(
        partner(), [enrollment(steps=[step("tax_form", requiredDocumentTypes=["w9", "w8ben_e"])])]
    )

    (request,) = row(records).document_requests

    assert request.document_types == ("w9", "w8ben_e")
    assert request.reference == "enrollments/enr_1/steps/tax_form"


@pytest.mark.parametrize(
    "over",
    [
        PartnerRecords(partner(), cases=[case("case_2", status="closed", updatedAt=LATER)]),
        PartnerRecords(partner(), cases=[case("case_2", deletedAt=LATER, updatedAt=LATER)]),
        PartnerRecords(partner(), checks=[check("chk_2", deletedAt=LATER, updatedAt=LATER)]),
        PartnerRecords(
            partner(), enrollments=[enrollment("enr_2", deletedAt=LATER, updatedAt=LATER)]
        ),
    ],
    ids=["closed-case", "deleted-case", "deleted-check", "deleted-enrollment"],
)
def test_project_when_a_record_is_over_is_the_same_as_without_it(over: PartnerRecords) -> None:
    records = PartnerRecords(partner(), [enrollment()], [check()], [case()])
    more = PartnerRecords(
        partner(),
        [*records.enrollments, *over.enrollments],
        [*records.checks, *over.checks],
        [*records.cases, *over.cases],
    )

    assert row(more) == row(records)


def test_project_when_the_status_is_unknown_keeps_it_raw() -> None:
    assert row(PartnerRecords(partner(status="on_probation"))).status == "on_probation"


def test_project_when_the_partner_was_deleted_has_no_row() -> None:
    assert status_row(PartnerRecords(partner(deletedAt=NOW)), texts()) is None


def test_project_when_a_partner_is_enrolled_twice_shows_the_running_enrollment() -> None:
    done = enrollment(
        "enr_2", status="completed", percentComplete=100, createdAt=NOW + timedelta(days=1)
    )

    assert row(PartnerRecords(partner(), [enrollment(), done])).onboarding_percent == 57


def test_project_of_a_partner_with_very_many_cases_stays_below_the_limit_of_wix() -> None:
    cases = [
        case(f"case_{n}", number=f"TG-{n:06}", subject="x" * 400, nextStep="y" * 400)
        for n in range(2_000)
    ]

    status = row(PartnerRecords(partner(), cases=cases))

    assert status.open_cases == 2_000
    assert len(status.cases) == MAX_LISTED
    assert len(status.model_dump_json()) < MAX_ITEM_BYTES


def test_versions_names_every_record_and_settles_closed_cases() -> None:
    vector = version_vector(
        PartnerRecords(
            partner(version=3),
            [enrollment(version=14)],
            [check(version=7)],
            [case(version=2), case("case_2", 9, status="closed")],
        )
    )

    assert vector.live == {
        f"partners/{PRAIRIE_GOLD}": 3,
        "enrollments/enr_1": 14,
        "compliance-checks/chk_asn_timing_pgf": 7,
        "cases/case_1": 2,
    }
    assert vector.settled == {"cases/case_2": 9}


@given(
    st.permutations(
        [check("chk_1"), check("chk_2", status="passed"), check("chk_3", status="expired")]
    ),
    st.permutations([case("case_1"), case("case_2")]),
)
def test_content_hash_does_not_depend_on_the_order_in_which_records_were_read(
    checks: list[Any], cases: list[Any]
) -> None:
    one = row(PartnerRecords(partner(), checks=checks, cases=cases))
    other = row(PartnerRecords(partner(), checks=checks[::-1], cases=cases[::-1]))

    assert content_hash(data_item("p", one)) == content_hash(data_item("p", other))


def test_project_when_a_next_step_is_said_to_be_the_partners_asks_for_it_whatever_the_status() -> (
    None
):
    theirs = case(status="awaiting_internal", nextStep="Send a label.", nextStepOwner="partner")
    ours = case("case_2", status="open", nextStep="We check it.", nextStepOwner="hub")

    status = row(PartnerRecords(partner(), cases=[ours, theirs]))

    assert [step.text for step in status.next_steps] == ["Send a label."]
    assert status.headline == "Your answer is needed: 856 rejected"


def test_project_says_how_many_entries_its_lists_have_no_room_for() -> None:
    steps = [
        step(f"step_{number}", requiredDocumentTypes=["w9"]) for number in range(MAX_LISTED + 4)
    ]

    many = row(PartnerRecords(partner(), [enrollment(steps=steps)]))
    few = row(PartnerRecords(partner(), [enrollment(steps=steps[:MAX_LISTED])]))

    assert (many.more_current_steps, many.more_next_steps, many.more_document_requests) == (4, 4, 4)
    assert (few.more_current_steps, few.more_next_steps, few.more_document_requests) == (
        None,
        None,
        None,
    )
