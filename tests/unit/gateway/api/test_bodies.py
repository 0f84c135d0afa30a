"""JSON bodies: what is refused, and with which code."""

import json

import pytest

from gridwix_gateway.api.bodies import MAX_BODY_BYTES, MAX_DEPTH, parse_body, read_body
from gridwix_gateway.api.messages import Request
from gridwix_gateway.problems import Problem

JSON = {"content-type": "application/json"}


def code(body: bytes, content_type: str = "application/json") -> str:
    request = Request("POST", ("cases",), headers={"content-type": content_type}, body=body)
    with pytest.raises(Problem) as refused:
        read_body(request, "NewCase")
    return refused.value.code


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"[" * 200_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b"1" * 5_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_body_that_is_no_json_is_malformed(body: bytes) -> None:
    assert code(body) == "malformed"


def test_body_with_as_many_levels_as_allowed_is_read() -> None:
    body = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert parse_body(body) == json.loads(body)


@pytest.mark.parametrize("body", [b"7", b"null", b"[]", b'"x"'])
def test_body_that_is_no_object_is_invalid(body: bytes) -> None:
    assert code(body) == "validation"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/jsonx", "application/xml"])
def test_body_of_another_type_is_refused(content_type: str) -> None:
    assert code(b"{}", content_type) == "media-type"


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"],
)
def test_type_of_the_body_may_have_parameters(content_type: str) -> None:
    assert code(b"{}", content_type) == "validation"


def test_body_above_the_limit_is_refused_before_it_is_parsed() -> None:
    assert code(b"[" * (MAX_BODY_BYTES + 1)) == "payload-too-large"
    assert code(b"[" + b" " * (MAX_BODY_BYTES - 1)) == "malformed"
