"""The profile's contract: writes and what follows from them, by the emulator and by the gateway."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from gridwix.models.trading_grid.event_feed import CloudEvent
from tests.fakes.gateway.hubs import CHECK, PRAIRIE_GOLD, ProfileClient

NEW_CASE = {"partnerId": PRAIRIE_GOLD, "subject": "Label", "category": "label_quality"}
NEW_REQUEST: dict[str, Any] = {
    "type": "support",
    "submitter": {"name": "Ann"},
    "formKey": "support",
    "formVersion": 1,
    "answers": {},
    "sourceSubmissionId": "sub_1",
}


def new_case(grid: ProfileClient) -> dict[str, Any]:
    case: dict[str, Any] = grid.client.post("/cases", json=NEW_CASE).json()
    return case


def test_write_without_or_with_a_stale_if_match_is_refused_with_the_current_version(
    grid: ProfileClient,
) -> None:
    missing = grid.client.post(f"{CHECK}/transitions", json={"to": "pending"})
    stale = grid.client.post(
        f"{CHECK}/transitions", json={"to": "pending"}, headers={"if-match": '"v4"'}
    )

    assert (missing.status_code, missing.json()["currentVersion"]) == (428, 5)
    assert (stale.status_code, stale.json()["currentVersion"]) == (412, 5)


def test_post_with_the_same_idempotency_key_is_carried_out_once(grid: ProfileClient) -> None:
    wish = {"partnerId": PRAIRIE_GOLD, "subject": "Twice", "category": "other"}
    headers = {"idempotency-key": "0b8f1d1e-3a55-4a6e-8b5c-2f5d1f0d9a10"}

    first = grid.client.post("/cases", json=wish, headers=headers)
    second = grid.client.post("/cases", json=wish, headers=headers)
    other = grid.client.post("/cases", json={**wish, "subject": "Other"}, headers=headers)

    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


def test_transition_that_is_not_allowed_says_what_is(grid: ProfileClient) -> None:
    answer = grid.transition(CHECK, "passed")

    assert answer.status_code == 409
    assert (
        answer.json()["detail"]
        == "complianceCheck chk_asn_timing_pgf is failed; from there it can go to pending, waived."
    )


def test_case_lists_every_change_of_its_status_and_no_person(grid: ProfileClient) -> None:
    wish = {"partnerId": PRAIRIE_GOLD, "subject": "Label", "category": "label_quality"}
    path = f"/cases/{grid.client.post('/cases', json=wish).json()['id']}"

    grid.transition(path, "open")
    grid.transition(path, "new")
    case = grid.transition(path, "awaiting_partner").json()

    assert [change["status"] for change in case["statusHistory"]] == [
        "new",
        "open",
        "awaiting_partner",
    ]
    assert {tuple(change) for change in case["statusHistory"]} == {("status", "at", "visibility")}


def test_resolved_check_says_that_nothing_is_left_to_do_and_appends_its_events(
    grid: ProfileClient,
) -> None:
    head = grid.client.get("/events", params={"cursor": "now"}).json()["nextCursor"]

    grid.transition(CHECK, "pending")
    passed = grid.transition(CHECK, "passed").json()
    events = [
        CloudEvent.model_validate(event)
        for event in grid.client.get("/events", params={"cursor": head}).json()["items"]
    ]

    assert (passed["status"], passed["version"], passed["nextAction"]) == (
        "passed",
        7,
        "No action needed. Live 856 monitoring continues.",
    )
    assert [(event.type, event.subject, event.data["version"]) for event in events] == [
        (
            "net.example.tg.compliance.status_changed",
            "compliance-checks/chk_asn_timing_pgf",
            version,
        )
        for version in (6, 7)
    ]
    assert events[0].sequence is not None
    assert events[1].sequence is not None
    assert events[0].sequence < events[1].sequence


def test_completed_step_unlocks_the_steps_that_waited_on_it(grid: ProfileClient) -> None:
    path = "/enrollments/enr_01J9QK/steps/tax_form"
    for to in ("in_progress", "submitted", "completed"):
        assert grid.transition(path, to).status_code == 200
    for to in ("in_progress", "submitted", "completed"):
        assert grid.transition("/enrollments/enr_01J9QK/steps/edi_setup", to).status_code == 200

    enrollment = grid.client.get("/enrollments/enr_01J9QK").json()
    statuses = {step["key"]: step["status"] for step in enrollment["steps"]}

    assert (statuses["edi_testing"], statuses["label_cert"], statuses["go_live"]) == (
        "available",
        "available",
        "locked",
    )
    assert enrollment["percentComplete"] == 43
    types = [
        event["type"]
        for event in grid.client.get(
            "/events", params={"types": "net.example.tg.step.unlocked"}
        ).json()["items"]
    ]
    assert len(types) == 2


def test_tenant_that_cascades_unlocks_no_step_on_request(grid: ProfileClient) -> None:
    assert (
        grid.transition("/enrollments/enr_01J9QK/steps/edi_testing", "available").status_code == 409
    )


def test_locked_step_says_what_it_waits_on(grid: ProfileClient) -> None:
    answer = grid.transition("/enrollments/enr_01J9QK/steps/edi_testing", "in_progress")

    assert answer.status_code == 409
    assert (
        answer.json()["errors"][0]["detail"] == "waitsOn: edi_setup=available, tax_form=available"
    )


def test_reopened_step_locks_its_dependents_again(grid: ProfileClient) -> None:
    answer = grid.transition("/enrollments/enr_01J9PG/steps/edi_setup", "changes_requested")

    assert set(answer.json()["relocked"]) == {"edi_testing", "label_cert"}


def test_internal_comment_is_marked_and_raises_the_cases_version(grid: ProfileClient) -> None:
    before = grid.client.get("/cases/case_01JA3B").json()["version"]

    grid.client.post(
        "/cases/case_01JA3B/comments", json={"body": "Do not tell them.", "visibility": "internal"}
    )

    assert (
        grid.client.get("/cases/case_01JA3B/comments").json()["items"][-1]["visibility"]
        == "internal"
    )
    assert grid.client.get("/cases/case_01JA3B").json()["version"] == before + 1


def test_deleted_record_stays_in_lists_as_a_tombstone_and_is_in_the_feed(
    grid: ProfileClient,
) -> None:
    case = new_case(grid)
    since = grid.client.get("/cases").json()["asOf"]
    grid.hub.advance_clock(1)

    grid.hub.delete_record("cases", case["id"])

    (listed,) = [one for one in grid.all("/cases", updatedSince=since) if one["id"] == case["id"]]
    assert listed["deletedAt"] == listed["updatedAt"]
    assert listed["version"] == case["version"] + 1
    assert grid.client.get(f"/cases/{case['id']}").json() == listed
    event = grid.events()[-1]
    assert (event["type"], event["data"]["changed"]) == (
        "net.example.tg.case.updated",
        ["deletedAt"],
    )


def test_changed_partner_has_a_new_version_and_an_event_with_what_was_before(
    grid: ProfileClient,
) -> None:
    path = f"/partners/{PRAIRIE_GOLD}"
    before = grid.client.get(path)

    patched = grid.client.patch(
        path, json={"legalName": "PG Inc."}, headers={"if-match": before.headers["etag"]}
    )

    assert patched.json()["version"] == before.json()["version"] + 1
    assert patched.headers["etag"] == grid.client.get(path).headers["etag"]
    event = grid.events()[-1]
    assert (event["subject"], event["partnerid"]) == (path[1:], PRAIRIE_GOLD)
    assert event["data"]["before"] == {"legalName": before.json().get("legalName")}
    assert event["data"]["after"] == patched.json()


@pytest.mark.parametrize("path", ["/cases", "/collaboration-requests"])
def test_record_of_an_unknown_partner_is_refused(grid: ProfileClient, path: str) -> None:
    wish = NEW_CASE if path == "/cases" else NEW_REQUEST

    refused = grid.client.post(path, json={**wish, "partnerId": "nobody"})

    assert (refused.status_code, refused.json()["code"]) == (422, "validation")
    assert refused.json()["errors"][0]["pointer"] == "/partnerId"


@pytest.mark.parametrize(
    "due_at",
    [
        "",
        "tomorrow",
        "2026-11-28",
        "2026-13-01T00:00:00Z",
        "1899-12-31T23:59:59Z",
        "9000-01-01T00:00:00Z",
    ],
)
@pytest.mark.parametrize("path", ["/cases", "/collaboration-requests"])
def test_record_with_a_due_time_that_the_profile_does_not_have_is_refused(
    grid: ProfileClient, path: str, due_at: str
) -> None:
    wish = NEW_CASE if path == "/cases" else NEW_REQUEST

    refused = grid.client.post(path, json={**wish, "dueAt": due_at})
    taken = grid.client.post(path, json={**wish, "dueAt": "2026-11-28T03:00:00.5+01:00"})

    assert (refused.status_code, refused.json()["code"]) == (422, "validation")
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/dueAt"}
    assert taken.status_code == 201


def test_request_is_triaged_if_it_was_routed_and_has_a_number(grid: ProfileClient) -> None:
    routing = {"teamKey": "finance-ops", "ruleKey": "invoices"}

    received = grid.client.post("/collaboration-requests", json=NEW_REQUEST).json()
    triaged = grid.client.post(
        "/collaboration-requests", json={**NEW_REQUEST, "routing": routing}
    ).json()

    assert (received["status"], triaged["status"]) == ("received", "triaged")
    assert received["number"].startswith("CR-")
    assert received["number"] != triaged["number"]
    assert received["partnerId"] is None
    assert [event["type"] for event in grid.events()] == ["net.example.tg.request.received"] * 2


def test_request_with_an_upload_that_there_is_not_is_refused(grid: ProfileClient) -> None:
    attachments = [{"uploadId": "upl_nothing", "fileName": "a.pdf"}]

    refused = grid.client.post(
        "/collaboration-requests", json={**NEW_REQUEST, "attachments": attachments}
    )

    assert (refused.status_code, refused.json()["code"]) == (422, "validation")


@pytest.mark.parametrize("correlation_id", ["CA-1", "CA/1", "CA%2F1", "a b+c", "日本", "C\n1\n"])
def test_transaction_of_a_case_is_added_once_and_replaced(
    grid: ProfileClient, correlation_id: str
) -> None:
    case = new_case(grid)
    path = f"/cases/{case['id']}/transaction-refs/{quote(correlation_id, safe='')}"

    added = grid.client.put(path, json={"poNumber": "PO-1"})
    same = grid.client.put(path, json={"poNumber": "PO-1"})
    replaced = grid.client.put(path, json={"poNumber": "PO-2"})

    assert added.json()["transactionRefs"] == [
        {"poNumber": "PO-1", "correlationId": correlation_id}
    ]
    assert [one.headers["etag"] for one in (added, same, replaced)] == ['"v2"', '"v2"', '"v3"']
    assert [ref["poNumber"] for ref in replaced.json()["transactionRefs"]] == ["PO-2"]


@pytest.mark.parametrize(
    "correlation_id",
    ["x" * 201, "日" * 201, "x/" * 101],
    ids=["letters", "characters", "slashes"],
)
def test_transaction_is_refused_if_its_correlation_id_is_too_long(
    grid: ProfileClient, correlation_id: str
) -> None:
    case = new_case(grid)
    path = f"/cases/{case['id']}/transaction-refs"

    refused = grid.client.put(f"{path}/{quote(correlation_id, safe='')}", json={"poNumber": "1"})
    longest = grid.client.put(f"{path}/{'x' * 200}", json={"poNumber": "1"})

    assert (refused.status_code, refused.json()["code"]) == (422, "validation")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["correlationId"]
    assert [ref["correlationId"] for ref in longest.json()["transactionRefs"]] == ["x" * 200]


def test_transaction_is_refused_if_it_has_no_correlation_id(grid: ProfileClient) -> None:
    case = new_case(grid)

    refused = grid.client.put(f"/cases/{case['id']}/transaction-refs/", json={"poNumber": "1"})

    assert (refused.status_code, refused.json()["code"]) in {
        (404, "not-found"),
        (422, "validation"),
    }
    assert grid.client.get(f"/cases/{case['id']}").json() == case


def test_case_that_is_over_takes_no_transaction_and_no_comment_of_a_partner(
    grid: ProfileClient,
) -> None:
    case = new_case(grid)
    path = f"/cases/{case['id']}"
    grid.transition(path, "cancelled")

    transaction = grid.client.put(f"{path}/transaction-refs/CA-1", json={})
    partner = grid.client.post(f"{path}/comments", json={"body": "Hm", "authorKind": "partner"})
    internal = grid.client.post(f"{path}/comments", json={"body": "Hm", "authorKind": "internal"})

    assert [transaction.json()["code"], partner.json()["code"]] == ["invalid-transition"] * 2
    assert internal.status_code == 201


def test_next_step_is_the_hubs_once_the_partner_has_answered(grid: ProfileClient) -> None:
    case = new_case(grid)
    path = f"/cases/{case['id']}"
    step = {"nextStep": "Send the label", "nextStepOwner": "partner"}
    grid.client.patch(path, json=step, headers={"if-match": '"v1"'})

    grid.client.post(f"{path}/comments", json={"body": "Which one?", "authorKind": "internal"})
    waiting = grid.client.get(path).json()
    grid.client.post(f"{path}/comments", json={"body": "Here it is", "authorKind": "partner"})
    answered = grid.client.get(path).json()
    reworded = grid.client.patch(path, json={"nextStep": "Wait"}, headers={"if-match": '"v4"'})

    assert (waiting["nextStepOwner"], answered["nextStepOwner"]) == ("partner", "hub")
    assert reworded.json()["nextStepOwner"] is None
    assert [event["data"]["after"].get("visibility") for event in grid.events()][2:4] == [
        "public",
        "public",
    ]
    assert "Here it is" not in json.dumps(grid.events())


def test_comments_of_a_request_are_listed_oldest_first(grid: ProfileClient) -> None:
    request = grid.client.post("/collaboration-requests", json=NEW_REQUEST).json()
    path = f"/collaboration-requests/{request['id']}/comments"

    for body in ("one", "two"):
        grid.client.post(path, json={"body": body})

    found = grid.client.get(path).json()
    assert [(one["body"], one["requestId"]) for one in found["items"]] == [
        ("one", request["id"]),
        ("two", request["id"]),
    ]
    assert found["nextCursor"] is None
    assert grid.client.get("/collaboration-requests/nothing/comments").status_code == 404


def test_rejected_resolution_needs_a_reason(grid: ProfileClient) -> None:
    path = f"/cases/{new_case(grid)['id']}"
    grid.transition(path, "open")
    resolved = grid.transition(path, "resolved", reason="Sent again").json()

    silent = grid.transition(path, "open")
    reasoned = grid.transition(path, "open", reason="Still missing")

    assert resolved["resolution"] == {"code": "fixed", "summary": "Sent again"}
    assert (silent.status_code, silent.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert reasoned.json()["status"] == "open"


def test_enrollment_is_completed_with_its_last_step(grid: ProfileClient) -> None:
    enrollment = grid.client.get("/enrollments/enr_01J9QK").json()
    path = "/enrollments/enr_01J9QK"

    for step in enrollment["steps"]:
        grid.transition(f"{path}/steps/{step['key']}", "waived", reason="Not needed")

    done = grid.client.get(path).json()
    assert (done["status"], done["percentComplete"], done["currentStepKeys"]) == (
        "completed",
        100,
        [],
    )
    last = grid.events()[-1]
    assert (last["type"], last["data"]["before"]) == (
        "net.example.tg.enrollment.status_changed",
        {"status": "in_progress"},
    )


def test_posts_of_one_key_at_once_create_one(grid: ProfileClient) -> None:
    headers = {"idempotency-key": "6d0c1cde-4b5b-4d31-9a0e-4b1a0d4f3c11"}

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: grid.client.post("/cases", json=NEW_CASE, headers=headers), range(16)
            )
        )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(grid.events()) == 1


@pytest.mark.parametrize(
    ("content", "content_type", "code"),
    [
        (b"{", "application/json", "malformed"),
        (b"\xff", "application/json", "malformed"),
        (b"{}", "text/plain", "media-type"),
        (b"[]", "application/json", "validation"),
        (b" " * (1024 * 1024 + 1), "application/json", "payload-too-large"),
    ],
)
def test_body_that_cannot_be_taken_is_refused(
    grid: ProfileClient, content: bytes, content_type: str, code: str
) -> None:
    refused = grid.client.post("/cases", content=content, headers={"content-type": content_type})

    assert refused.json()["code"] == code
