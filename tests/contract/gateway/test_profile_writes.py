"""The profile's contract: writes and what follows from them, by the emulator and by the gateway."""

from gridwix.models.trading_grid.event_feed import CloudEvent
from tests.fakes.gateway.hubs import CHECK, PRAIRIE_GOLD, ProfileClient


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
