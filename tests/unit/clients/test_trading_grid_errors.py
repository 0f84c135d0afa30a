"""Each of Trading Grid's errors becomes the exception of its kind, with only some details."""

import re

import httpx
import pytest

from gridwix.clients.trading_grid.gateway import Gateway
from gridwix.clients.vendor_errors import STATUS_ERRORS, TRADING_GRID_ERRORS
from gridwix.errors import (
    CursorExpired,
    Forbidden,
    NotFound,
    Refused,
    Throttled,
    Unauthenticated,
    Unavailable,
    UpstreamConflict,
    UpstreamError,
)
from tests.fakes.community_wire import problem
from tests.fakes.wire import SECRET, ManualClock, Sleeper, Wire, open_auth, shown

TABLE: list[tuple[int, str, type[UpstreamError]]] = [
    (400, "", Refused),
    (401, "", Unauthenticated),
    (403, "", Forbidden),
    (404, "", NotFound),
    (408, "", Unavailable),
    (409, "", UpstreamConflict),
    (410, "", CursorExpired),
    (412, "", UpstreamConflict),
    (413, "", Refused),
    (422, "", Refused),
    (428, "", UpstreamConflict),
    (429, "", Throttled),
    (500, "", Unavailable),
    (502, "", Unavailable),
    (503, "", Unavailable),
    (401, "unauthenticated", Unauthenticated),
    (403, "forbidden", Forbidden),
    (404, "not-found", NotFound),
    (409, "invalid-transition", UpstreamConflict),
    (410, "cursor-expired", CursorExpired),
    (400, "cursor-invalid", CursorExpired),
    (412, "version-conflict", UpstreamConflict),
    (413, "payload-too-large", Refused),
    (415, "media-type", Refused),
    (422, "validation", Refused),
    (422, "idempotency-key-reused", Refused),
    (428, "precondition-required", UpstreamConflict),
    (429, "rate-limited", Throttled),
    (400, "rate-limited", Throttled),
    (502, "upstream", Unavailable),
    (503, "unavailable", Unavailable),
]


def fail(response: httpx.Response, *, gone: type[UpstreamError] = CursorExpired) -> UpstreamError:
    clock = ManualClock()
    wire = Wire(handler=lambda _: response)
    gateway = Gateway(
        wire.client(),
        open_auth(),
        base_url="https://gateway.example",
        clock=clock,
        sleep=Sleeper(clock),
    )
    with pytest.raises(UpstreamError) as caught:
        gateway.get_json("list of cases", "/cases", gone=gone)
    return caught.value


@pytest.mark.parametrize(("status", "code", "kind"), TABLE)
def test_problem_when_it_is_answered_then_it_is_of_the_kind_that_says_what_to_do(
    status: int, code: str, kind: type[UpstreamError]
) -> None:
    error = fail(problem(status, code, detail=SECRET, instance=SECRET))

    assert type(error) is kind
    assert (error.system, error.status, error.vendor_code) == ("trading_grid", status, code)
    assert SECRET not in shown(error)


@pytest.mark.parametrize(("status", "code", "kind"), TABLE)
def test_legacy_error_when_it_is_answered_then_it_means_the_same(
    status: int, code: str, kind: type[UpstreamError]
) -> None:
    error = fail(
        httpx.Response(status, json={"status": status, "message": SECRET, "error-code": code})
    )

    assert type(error) is kind
    assert error.vendor_code == code
    assert SECRET not in shown(error)


def test_table_when_it_is_tested_then_every_entry_is() -> None:
    assert {code for _, code, _ in TABLE} >= set(TRADING_GRID_ERRORS.codes)
    assert {status for status, code, _ in TABLE if not code} >= set(STATUS_ERRORS)


def test_legacy_error_when_its_code_is_a_number_then_it_is_kept() -> None:
    assert (
        fail(
            httpx.Response(404, json={"status": "404", "message": "m", "error-code": 40401})
        ).vendor_code
        == "40401"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b'{"code": ["x"]}',
        b'{"code": "not an identifier"}',
        b'{"errors": "x"}',
        b'{"errors": []}',
    ],
)
def test_error_when_its_body_says_nothing_then_the_status_decides(body: bytes) -> None:
    error = fail(httpx.Response(500, content=body))

    assert type(error) is Unavailable
    assert str(error) == "list of cases: trading_grid answered 500"


def test_410_when_it_is_of_a_single_record_then_the_record_is_gone() -> None:
    assert type(fail(httpx.Response(410), gone=NotFound)) is NotFound


def test_problem_when_fields_are_wrong_then_pointers_are_told_and_details_are_not() -> None:
    errors = [
        {"pointer": "/to", "code": "blocked", "detail": SECRET},
        {"pointer": f"/{SECRET} !", "code": SECRET + " !"},
        "x",
    ]

    error = fail(problem(422, "validation", errors=errors))

    assert (
        str(error)
        == "list of cases: trading_grid answered 422 validation, wrong fields: /to blocked, ?, ?"
    )


@pytest.mark.parametrize(("status", "kind"), [(429, Throttled), (503, Unavailable)])
def test_overload_when_it_says_when_to_come_back_then_that_is_the_wait(
    status: int, kind: type[UpstreamError]
) -> None:
    error = fail(httpx.Response(status, headers={"Retry-After": "20"}))

    assert type(error) is kind
    assert error.wait == 20.0


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (httpx.Response(400, headers={"X-Request-ID": "echoed"}), "echoed"),
        (
            httpx.Response(400, json={"code": "validation", "requestId": "in-the-body"}),
            "in-the-body",
        ),
    ],
)
def test_request_id_when_the_answer_names_one_then_it_is_kept(
    response: httpx.Response, expected: str
) -> None:
    assert fail(response).request_id == expected


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(400),
        httpx.Response(400, headers={"X-Request-ID": "two words"}),
        httpx.Response(200, content=b"<html>"),
    ],
)
def test_request_id_when_the_answer_names_none_then_it_is_the_one_that_was_sent(
    response: httpx.Response,
) -> None:
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", fail(response).request_id)
