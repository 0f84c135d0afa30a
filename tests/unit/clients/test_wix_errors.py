"""Each of Wix's errors becomes the exception of its kind, with only some details."""

import httpx
import pytest

from gridwix.clients.http_messages import HttpResponse
from gridwix.clients.vendor_errors import STATUS_ERRORS, WIX_ERRORS, wix_error
from gridwix.errors import (
    Forbidden,
    NotFound,
    Refused,
    Throttled,
    Unauthenticated,
    Unavailable,
    UpstreamConflict,
    UpstreamError,
)
from tests.fakes.wire import SECRET, shown, wix_fault

NOW = 1_773_324_331.0
"""31 seconds after a full minute."""

TABLE: list[tuple[int, str, type[UpstreamError]]] = [
    (400, "", Refused),
    (401, "", Unauthenticated),
    (403, "", Forbidden),
    (404, "", NotFound),
    (408, "", Unavailable),
    (409, "", UpstreamConflict),
    (410, "", NotFound),
    (412, "", UpstreamConflict),
    (413, "", Refused),
    (418, "", Refused),
    (428, "", UpstreamConflict),
    (429, "", Throttled),
    (500, "", Unavailable),
    (501, "", Unavailable),
    (502, "", Unavailable),
    (503, "", Unavailable),
    (504, "", Unavailable),
    (302, "", Refused),
    (401, "UNAUTHENTICATED", Unauthenticated),
    (403, "PERMISSION_DENIED", Forbidden),
    (404, "NOT_FOUND", NotFound),
    (409, "ALREADY_EXISTS", UpstreamConflict),
    (409, "ABORTED", UpstreamConflict),
    (429, "RESOURCE_EXHAUSTED", Throttled),
    *(
        (400, code, Refused)
        for code in (
            "WDE0001",
            "WDE0002",
            "WDE0003",
            "WDE0004",
            "WDE0005",
            "WDE0006",
            "WDE0007",
            "WDE0009",
            "WDE0069",
        )
    ),
    *(
        (400, code, Refused)
        for code in (
            "WDE0020",
            "WDE0075",
            "WDE0078",
            "WDE0080",
            "WDE0082",
            "WDE0092",
            "WDE0133",
            "WDE0134",
            "WDE0147",
            "WDE0168",
            "WDE0303",
        )
    ),
    (429, "WDE0014", Throttled),
    (400, "WDE0014", Throttled),
    (403, "WDE0014", Throttled),
    (500, "WDE0122", Throttled),
    (404, "WDE0025", NotFound),
    (400, "WDE0026", NotFound),
    (403, "WDE0027", Forbidden),
    (400, "WDE0027", Forbidden),
    (504, "WDE0028", Unavailable),
    (400, "WDE0028", Unavailable),
    (500, "WDE0053", Unavailable),
    (400, "WDE0054", Unavailable),
    (500, "WDE0055", Unavailable),
    (404, "WDE0073", NotFound),
    (400, "WDE0073", NotFound),
    (409, "WDE0074", UpstreamConflict),
    (400, "WDE0074", UpstreamConflict),
    (400, "WDE0091", Forbidden),
    (409, "WDE0104", UpstreamConflict),
    (413, "WDE0109", Refused),
    (400, "WDE0110", Forbidden),
    (400, "WDE0117", Forbidden),
    (400, "WDE0119", Forbidden),
    (400, "WDE0120", Forbidden),
    (400, "WDE0123", UpstreamConflict),
    (400, "WDE0178", UpstreamConflict),
]


RULES = {"RESOURCE_NOT_FOUND"}
"""Codes that are the names of rules, and stand in validation errors."""


def answer(response: httpx.Response) -> HttpResponse:
    return HttpResponse(response.status_code, response.headers, response.content)


@pytest.mark.parametrize(("status", "code", "kind"), TABLE)
def test_error_when_wix_answers_it_then_it_is_of_the_kind_that_says_what_to_do(
    status: int, code: str, kind: type[UpstreamError]
) -> None:
    error = wix_error("save", answer(wix_fault(status, code, {"X-Wix-Request-Id": "w-1"})), NOW)

    assert type(error) is kind
    assert (error.system, error.status, error.vendor_code, error.request_id) == (
        "wix",
        status,
        code,
        "w-1",
    )
    assert getattr(error, "ambiguous", None) is (True if kind is Unavailable else None)
    assert SECRET not in shown(error)


def test_table_when_it_is_tested_then_every_entry_is() -> None:
    assert {code for _, code, _ in TABLE} >= set(WIX_ERRORS.codes) - RULES
    assert {status for status, code, _ in TABLE if not code} >= set(STATUS_ERRORS)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"[]",
        b"<html>busy</html>",
        b'{"details": 7}',
        b'{"details":{"applicationError":[]}}',
        b'{"details":{"validationError":{}}}',
    ],
)
def test_error_when_its_body_says_nothing_then_the_status_decides(body: bytes) -> None:
    error = wix_error("save", HttpResponse(502, httpx.Headers(), body), NOW)

    assert type(error) is Unavailable
    assert str(error) == "save: wix answered 502"


def test_validation_error_when_it_is_told_then_fields_and_rules_are_and_values_are_not() -> None:
    violations = [
        {
            "field": "dataItem.data.title",
            "description": f"{SECRET} is too long",
            "violatedRule": "OTHER",
            "ruleName": "MAX_LENGTH",
            "data": {"value": SECRET},
        },
        {"field": f"the value {SECRET}", "ruleName": f"{SECRET} !"},
        *({"field": f"items[{number}]"} for number in range(9)),
    ]

    error = wix_error(
        "save",
        answer(
            httpx.Response(
                400,
                json={
                    "message": SECRET,
                    "details": {"validationError": {"fieldViolations": violations}},
                },
            )
        ),
        NOW,
    )

    assert (type(error), error.vendor_code) == (Refused, "MAX_LENGTH")
    assert str(error) == (
        "save: wix answered 400, wrong fields: dataItem.data.title MAX_LENGTH, ?,"
        " items[0], items[1], items[2] and 6 more"
    )


def test_file_that_is_not_there_when_it_is_asked_for_is_not_found() -> None:
    details = {
        "validationError": {
            "fieldViolations": [{"field": "fileId", "ruleName": "RESOURCE_NOT_FOUND"}]
        }
    }

    assert (
        type(wix_error("read", answer(httpx.Response(400, json={"details": details})), NOW))
        is NotFound
    )


@pytest.mark.parametrize(
    "code", ["x" * 65, "two words", "new\nline", 'quote"', {"a": 1}, None, True]
)
def test_code_when_it_is_no_identifier_then_it_is_left_out(code: object) -> None:
    error = wix_error(
        "save",
        answer(httpx.Response(400, json={"details": {"applicationError": {"code": code}}})),
        NOW,
    )

    assert error.vendor_code == ""


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, 29.0),
        ({"Retry-After": "12"}, 12.0),
        ({"Retry-After": "0"}, 29.0),
        ({"Retry-After": "Thu, 12 Mar 2026 14:05:51 GMT"}, 20.0),
    ],
)
def test_quota_when_it_is_used_up_then_the_wait_is_as_told_or_to_the_end_of_the_minute(
    headers: dict[str, str], wait: float
) -> None:
    assert wix_error("save", answer(wix_fault(429, "WDE0014", headers)), NOW).wait == wait


def test_quota_when_the_minute_has_just_begun_then_the_wait_is_a_minute() -> None:
    assert wix_error("save", answer(wix_fault(429, "")), NOW - 31).wait == 60.0


def test_overload_when_it_says_when_to_come_back_then_that_is_the_wait() -> None:
    assert (
        wix_error("save", answer(httpx.Response(503, headers={"Retry-After": "20"})), NOW).wait
        == 20.0
    )
