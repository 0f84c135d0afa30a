"""Proxy events of the three services that send them."""

import base64
from typing import Any

import pytest

from gridwix_gateway.api.messages import (
    MalformedRequest,
    Response,
    proxy_response,
    read_request,
)
from gridwix_gateway.documents import Document


def rest_event(path: str, **more: Any) -> Document:
    return {"httpMethod": "PUT", "path": path, "requestContext": {"stage": "live"}, **more}


def event_2(path: str, domain: str, stage: str = "$default", **more: Any) -> Document:
    context = {"http": {"method": "PUT"}, "domainName": domain, "stage": stage}
    return {"version": "2.0", "rawPath": path, "requestContext": context, **more}


HTTP_API = "abc.execute-api.eu-west-1.amazonaws.com"
FUNCTION_URL = "abc.lambda-url.eu-west-1.on.aws"


@pytest.mark.parametrize(
    ("event", "segments"),
    [
        (rest_event("/cases/a%2Fb%2525%3F"), ("cases", "a/b%25?")),
        (event_2("/cases/a%2Fb%2525%3F", FUNCTION_URL), ("cases", "a/b%25?")),
        (event_2("/cases/a/b%25", HTTP_API), ("cases", "a", "b%25")),
        (event_2("/live/cases/a", HTTP_API, "live"), ("cases", "a")),
        (rest_event("/cases/"), ("cases", "")),
    ],
)
def test_path_is_decoded_once(event: Document, segments: tuple[str, ...]) -> None:
    assert read_request(event).segments == segments


def test_query_has_each_value_of_a_repeated_parameter() -> None:
    several = {"partnerId": ["p,1", "p 2"], "limit": ["5"]}
    first = rest_event("/cases", multiValueQueryStringParameters=several)
    raw = "partnerId=p%2C1&partnerId=p+2&limit=5&status="
    second = event_2("/cases", HTTP_API, rawQueryString=raw)

    for event in (first, second):
        request = read_request(event)
        assert request.query_values("partnerId") == ("p,1", "p 2")
        assert request.query_value("limit") == "5"
        assert request.query_value("cursor") is None


def test_query_with_too_many_parameters_is_malformed() -> None:
    for event in (
        event_2("/cases", HTTP_API, rawQueryString="&".join(["a=1"] * 201)),
        rest_event("/cases", multiValueQueryStringParameters={"a": ["1"] * 201}),
    ):
        with pytest.raises(MalformedRequest):
            read_request(event)


def test_body_is_the_bytes_that_were_sent() -> None:
    encoded = base64.b64encode(b"\x00\xff").decode()

    binary = read_request(event_2("/x", HTTP_API, body=encoded, isBase64Encoded=True))
    text = read_request(event_2("/x", HTTP_API, body="{ü}"))

    assert (binary.body, text.body) == (b"\x00\xff", "{ü}".encode())
    with pytest.raises(MalformedRequest):
        read_request(event_2("/x", HTTP_API, body="*", isBase64Encoded=True))


def test_headers_have_lower_case_names() -> None:
    request = read_request(event_2("/x", HTTP_API, headers={"If-Match": '"v1"', "x-none": None}))

    assert dict(request.headers) == {"if-match": '"v1"'}


@pytest.mark.parametrize("given", ["", "a b", "x" * 101, "a\r\nset-cookie: b", "ü"])
def test_request_id_that_is_no_plain_text_is_replaced(given: str) -> None:
    request = read_request(event_2("/x", HTTP_API, headers={"X-Request-ID": given}))

    assert len(request.request_id) == 36


def test_request_id_of_the_client_is_kept() -> None:
    request = read_request(event_2("/x", HTTP_API, headers={"X-Request-ID": "req-1"}))

    assert request.request_id == "req-1"


def test_response_with_bytes_is_encoded_and_one_without_a_body_is_empty() -> None:
    binary = proxy_response(Response(200, headers={"content-type": "image/png"}, content=b"\x00"))
    empty = proxy_response(Response(304, headers={"etag": '"v1"'}))

    assert (binary["body"], binary["isBase64Encoded"]) == ("AA==", True)
    assert (empty["body"], "content-type" in empty["headers"]) == ("", False)
    assert binary["headers"]["cache-control"] == "no-store"
