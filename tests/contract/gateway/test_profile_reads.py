"""The profile's contract: lists and single records, by the emulator and by the gateway."""

from typing import Any

import pytest

from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from tests.fakes.gateway.hubs import CHECK, PRAIRIE_GOLD, ProfileClient


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/partners", Partner),
        ("/enrollments", Enrollment),
        ("/compliance-checks", ComplianceCheck),
        ("/cases", Case),
        ("/onboarding-programs", OnboardingProgram),
    ],
)
def test_every_entity_is_what_the_models_of_gridwix_read(
    grid: ProfileClient, path: str, model: Any
) -> None:
    found = grid.all(path)

    assert found
    assert all(model.model_validate(entity).id == entity["id"] for entity in found)


@pytest.mark.parametrize("limit", [1, 7, 200])
def test_list_in_pages_of_any_size_gives_everything_once_in_order(
    grid: ProfileClient, limit: int
) -> None:
    found = grid.all("/compliance-checks", limit=limit)

    keys = [(entity["updatedAt"], entity["id"]) for entity in found]
    assert keys == sorted(set(keys))
    assert len(keys) == len(grid.all("/compliance-checks"))


def test_list_of_several_partners_gives_only_theirs(grid: ProfileClient) -> None:
    ids = ["GC080000000001", "GC080000000002"]

    assert {check["partnerId"] for check in grid.all("/compliance-checks", partnerId=ids)} == set(
        ids
    )
    assert {partner["id"] for partner in grid.all("/partners", partnerId=ids)} == set(ids)
    assert grid.client.get("/partners", params={"partnerId": ["x"] * 51}).status_code == 422


def test_list_by_status_and_updated_since_gives_what_fits(grid: ProfileClient) -> None:
    now = grid.client.get("/cases").json()["asOf"]
    grid.hub.advance_clock(1)
    grid.client.post(
        "/cases",
        json={
            "partnerId": PRAIRIE_GOLD,
            "subject": "Mailbox is silent",
            "category": "connectivity",
        },
    )

    assert {case["status"] for case in grid.all("/cases", status="open,closed")} <= {
        "open",
        "closed",
    }
    assert [case["subject"] for case in grid.all("/cases", updatedSince=now)] == [
        "Mailbox is silent"
    ]


def test_cursor_with_other_filters_or_of_no_kind_is_refused(grid: ProfileClient) -> None:
    cursor = grid.client.get("/cases", params={"limit": 1}).json()["nextCursor"]

    assert (
        grid.client.get("/cases", params={"limit": 1, "status": "open", "cursor": cursor}).json()[
            "code"
        ]
        == "cursor-invalid"
    )
    assert grid.client.get("/cases", params={"cursor": "###"}).json()["code"] == "cursor-invalid"


def test_read_when_nothing_has_changed_answers_304(grid: ProfileClient) -> None:
    tag = grid.client.get(CHECK).headers["etag"]

    assert grid.client.get(CHECK, headers={"if-none-match": tag}).status_code == 304
