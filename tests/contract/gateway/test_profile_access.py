"""The profile's contract: tokens and problems, by the emulator and by the gateway."""

import httpx

from tests.fakes.gateway.hubs import BASE, ProfileClient


def test_token_call_with_wrong_credentials_answers_401_in_opentexts_shape(
    grid: ProfileClient,
) -> None:
    answer = httpx.post(
        f"{grid.url}/v1/oauth2/tokens?grant_type=client_credentials", auth=("wrong", "wrong")
    )

    assert answer.status_code == 401
    assert set(answer.json()) == {"status", "message", "error-code"}


def test_community_without_a_token_answers_a_401_problem(grid: ProfileClient) -> None:
    answer = httpx.get(f"{grid.url}{BASE}/partners", headers={"x-request-id": "req-1"})

    assert (answer.status_code, answer.json()["code"], answer.json()["requestId"]) == (
        401,
        "unauthenticated",
        "req-1",
    )
    assert answer.headers["content-type"] == "application/problem+json"


def test_token_when_ten_hours_have_passed_is_no_longer_good(grid: ProfileClient) -> None:
    grid.hub.advance_clock(36_001)

    assert grid.client.get("/partners").status_code == 401
