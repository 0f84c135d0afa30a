"""The channels of targets against stand-ins: a hostile HTTP server, and moto's SES, S3 and SQS."""

import json
from typing import Any

import botocore.session
import httpx
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sesv2.models import sesv2_backends

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.dead_letters import SqsDeadLetters
from gridwix_gateway.targets.declarations import (
    FilesTarget,
    OAuthAuthentication,
)
from gridwix_gateway.targets.ports import (
    Delivered,
    DeliveryResult,
    Postponed,
    Rejected,
)
from gridwix_gateway.targets.rest.authenticators import (
    FixedHeader,
    MissingSecret,
    OAuthAuthenticator,
    new_request_authenticator,
)
from gridwix_gateway.targets.rest.bounded_http import BoundedHttp, new_http_client
from gridwix_gateway.targets.rest.channel import RestChannel
from gridwix_gateway.targets.templates import TemplateFault
from tests.fakes.gateway.target_channels import (
    JSON,
    NOTHING_FOUND,
    delivery_context,
    files_channel,
    mail_channel,
    raw_server,
    response,
)
from tests.fakes.gateway.targets import (
    KeptContents,
    Tickets,
    declared_target,
    rest_channel,
    rest_target,
)

# A REST system that answers as it should not


def deliver_to(url: str, seconds: float = 20.0) -> DeliveryResult:
    declaration = rest_target(base_url=url)
    authenticator = FixedHeader(lambda: ("Authorization", "Bearer token"))
    http = BoundedHttp(new_http_client(), seconds, max_bytes=50_000)
    return RestChannel(declaration, authenticator, http, KeptContents()).deliver(delivery_context())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (response(b"<h1>Log in</h1>", "Content-Type: text/html"), "unreadable-answer"),
        (response(b'{"result": {"id": ', JSON), "unreadable-answer"),
        (response(b'{"result": {"id": NaN}}', JSON), "unreadable-answer"),
        (response(b'{"result": {"id": ' + b"[" * 40_000, JSON), "unreadable-answer"),
        (response(b'{"result": {"id": "a\\nb"}}', JSON), "unreadable-answer"),
        (response(b'{"result": {"id": {"a": 1}}}', JSON), "unreadable-answer"),
        (response(b'{"result": {"id": ""}}', JSON), "unreadable-answer"),
        (response(b"{}", JSON), "unreadable-answer"),
        (response(b"", JSON, status="204 No Content"), "unreadable-answer"),
        (response(b"{}", JSON, "Content-Encoding: gzip"), "unreadable-answer"),
        (response(b" " * 60_000, JSON), "answer-too-large"),
        (response(b"", "Location: https://example.com/", status="302 Found"), "redirected"),
        (response(b"{}", JSON, status="500 Oops"), "server-error"),
        (response(b"{}", JSON, status="403 Forbidden"), "refused"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "connection-lost"),
        (b"nonsense\r\n\r\n", "connection-lost"),
        (b"", "connection-lost"),
    ],
)
def test_unusable_answer_of_a_rest_target_postpones_with_its_reason(
    answer: bytes, reason: str
) -> None:
    with raw_server(NOTHING_FOUND, answer) as url:
        result = deliver_to(url)

    assert result == Postponed(reason)


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n",
    ],
)
def test_answer_that_trickles_for_ever_is_cut_off(beginning: bytes) -> None:
    with raw_server(NOTHING_FOUND, beginning, drip=0.02) as url:
        result = deliver_to(url, seconds=0.5)

    # The lookup is answered at once; the request that creates never is.
    assert result == Postponed("timed-out")


def test_system_that_refuses_the_connection_pauses_the_target() -> None:
    with raw_server() as url:
        pass

    assert deliver_to(url) == Postponed("unreachable", is_general=True)


def test_refusal_for_good_is_for_a_person() -> None:
    with raw_server(NOTHING_FOUND, response(b"{}", JSON, status="422 Unprocessable")) as url:
        assert deliver_to(url) == Rejected("refused")


def test_refused_lookup_creates_nothing() -> None:
    with raw_server(response(b"{}", JSON, status="400 Bad Request"), NOTHING_FOUND) as url:
        assert deliver_to(url) == Postponed("lookup-refused")


def test_ticket_that_was_created_before_a_500_is_found_and_not_created_again() -> None:
    tickets = Tickets()
    tickets.faults = ["ok", "500-done"]
    channel = rest_channel(tickets)

    first = channel.deliver(delivery_context())
    second = channel.deliver(delivery_context())

    assert first == Postponed("server-error")
    assert isinstance(second, Delivered)
    assert (second.counterpart.reference, second.counterpart.number) == ("t1", "INC0001")
    assert second.counterpart.status == "triaged"
    assert len(tickets.tickets) == 1


def test_doubled_ticket_of_before_is_taken_as_it_is() -> None:
    tickets = Tickets()
    reference = "evt_000000000007-20260312140211480"
    tickets.tickets = [
        {"reference": reference, "id": f"t{number}", "number": f"N{number}", "state": "odd"}
        for number in (1, 2)
    ]

    result = rest_channel(tickets).deliver(delivery_context())

    assert isinstance(result, Delivered)
    assert (result.counterpart.reference, result.counterpart.status) == ("t1", "")
    assert [request.method for request in tickets.requests] == ["GET"]


def test_attempts_of_a_comment_carry_the_same_idempotency_key() -> None:
    tickets = Tickets()
    tickets.faults = ["lost-answer"]
    channel = rest_channel(tickets)
    context = delivery_context(kind="comment", reference="t1", comment={"body": "Hello"})

    first, second = channel.deliver(context), channel.deliver(context)

    keys = {request.headers["Idempotency-Key"] for request in tickets.requests}
    assert (first, second) == (Postponed("connection-lost"), Delivered())
    assert len(keys) == len(tickets.comments) == 1


def test_comment_on_a_record_that_the_system_does_not_have_is_for_a_person() -> None:
    tickets = Tickets()
    context = delivery_context(kind="comment", comment={"body": "Hello"})

    assert rest_channel(tickets).deliver(context) == Rejected("no-reference")
    assert not tickets.requests


@pytest.mark.parametrize("path", ["'/a/../b'", "'/a?b=c'", "'a'", "'/a\\n'", "'/%2E%2E/b'", "7"])
def test_path_that_leaves_its_place_is_not_called(path: str) -> None:
    tickets = Tickets()
    deliveries = rest_target().model_dump(mode="json")["deliveries"]
    deliveries["request"]["lookup"]["path"] = path
    channel = rest_channel(tickets, rest_target(deliveries=deliveries))

    with pytest.raises(TemplateFault):
        channel.deliver(delivery_context())

    assert not tickets.requests


def test_large_body_is_not_sent() -> None:
    tickets = Tickets()
    record = {"id": "req_1", "number": "x" * 300_000}

    assert rest_channel(tickets).deliver(delivery_context(record=record)) == Rejected("too-large")


# Authentication


class FixedSecrets:
    """Secrets by name."""

    def __init__(self, **members: str) -> None:
        self.members = members

    def read_secret(self, name: str) -> dict[str, str]:
        if not self.members:
            raise MissingSecret(name)
        return self.members


@pytest.mark.parametrize(
    ("declared", "secret", "header"),
    [
        (
            {"type": "basic", "secret": "s"},
            {"username": "u", "password": "p:q"},
            ("Authorization", "Basic dTpwOnE="),
        ),
        ({"type": "bearer", "secret": "s"}, {"token": "t"}, ("Authorization", "Bearer t")),
        ({"type": "api_key", "header": "X-Key", "secret": "s"}, {"key": "k"}, ("X-Key", "k")),
    ],
)
def test_credentials_of_the_secret_become_a_header(
    declared: Document, secret: dict[str, str], header: tuple[str, str]
) -> None:
    declaration = rest_target(authentication=declared).authentication
    http = BoundedHttp(new_http_client())

    authenticator = new_request_authenticator(declaration, FixedSecrets(**secret), http)

    assert dict(authenticator.headers()) == dict([header])
    for missing in ({}, {"other": "x"}, dict.fromkeys(secret, "a\nb")):
        if declared["type"] == "basic" and "username" in missing:
            continue
        broken = new_request_authenticator(declaration, FixedSecrets(**missing), http)
        with pytest.raises(MissingSecret):
            broken.headers()


def test_missing_secret_pauses_the_target() -> None:
    declaration = rest_target()
    http = BoundedHttp(new_http_client(httpx.MockTransport(Tickets().answer)))
    authenticator = new_request_authenticator(declaration.authentication, FixedSecrets(), http)

    result = RestChannel(declaration, authenticator, http, KeptContents()).deliver(
        delivery_context()
    )

    assert result == Postponed("secret-missing", is_general=True)


def test_token_is_kept_until_it_ends_and_fetched_again_when_it_is_refused() -> None:
    now, tickets, issued = [0.0], Tickets(), list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "login.example.com":
            issued.append(request)
            return httpx.Response(200, json={"access_token": f"t{len(issued)}", "expires_in": 600})
        return tickets.answer(request)

    http = BoundedHttp(new_http_client(httpx.MockTransport(answer)))
    declared = OAuthAuthentication(
        type="oauth", token_url="https://login.example.com/token", scope="cases", secret="s"
    )
    secrets = FixedSecrets(client_id="c", client_secret="x")
    authenticator = OAuthAuthenticator(declared, secrets, http, lambda: now[0])
    channel = RestChannel(rest_target(), authenticator, http, KeptContents())

    channel.deliver(delivery_context())
    now[0] = 539
    channel.deliver(delivery_context())
    assert len(issued) == 1
    now[0] = 541
    tickets.faults = ["401"]
    refused = channel.deliver(delivery_context())
    channel.deliver(delivery_context())

    assert refused == Postponed("unauthorised", is_general=True)
    assert [one.headers["Authorization"] for one in tickets.requests][-2:] == [
        "Bearer t2",
        "Bearer t3",
    ]
    assert issued[0].content == b"grant_type=client_credentials&scope=cases"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(400, json={"error": "invalid_client"}),
        httpx.Response(200, html="<h1>Log in</h1>"),
        httpx.Response(200, json={"access_token": "a\nb"}),
        httpx.Response(200, json=[]),
    ],
)
def test_token_that_does_not_come_pauses_the_target(answer: httpx.Response) -> None:
    http = BoundedHttp(new_http_client(httpx.MockTransport(lambda _: answer)))
    declared = OAuthAuthentication(
        type="oauth", token_url="https://login.example.com/token", secret="s"
    )
    authenticator = OAuthAuthenticator(
        declared, FixedSecrets(client_id="c", client_secret="x"), http
    )

    channel = RestChannel(rest_target(), authenticator, http, KeptContents())

    result = channel.deliver(delivery_context())

    assert result == Postponed("unauthorised", is_general=True)


# Mail


def test_mail_has_the_records_facts_as_plain_text_and_no_header_of_a_partner(
    aws: botocore.session.Session,
) -> None:
    client: Any = aws.create_client("sesv2")
    client.create_email_identity(EmailIdentity="gateway@example.com")
    record = {
        "number": "CR-1\r\nBcc: somebody@example.com\u202e",
        "text": "<script>alert(1)</script>\r\nsecond\x00 line\u200b",
    }

    result = mail_channel(client).deliver(delivery_context(record=record))

    backend: Any = sesv2_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]
    (sent,) = backend.core_backend.sent_messages
    assert result == Delivered()
    assert sent.subject == "New request CR-1 Bcc: somebody@example.com"
    assert sent.body.splitlines() == [
        "Partner: Acme",
        "a",
        "7",
        "<script>alert(1)</script>",
        "second line",
        "",
        "Delivery evt_000000000007-20260312140211480",
    ]
    assert sent.destinations["ToAddresses"] == ["desk@example.com", "second@example.com"]


class FailingMail:
    """SES over a client whose HTTP layer fails."""

    def __init__(self, aws: botocore.session.Session, status: int, code: str) -> None:
        self.calls = 0
        config = Config(retries={"total_max_attempts": 1})
        self.client: Any = aws.create_client("sesv2", config=config)

        def answer(request: Any, **_: Any) -> Any:
            self.calls += 1
            body = json.dumps({"message": "secret words of a partner"}).encode()
            headers = {"x-amzn-ErrorType": code, "content-type": "application/json"}
            made: Any = AWSResponse(request.url, status, HTTPHeaders.from_dict(headers), None)
            made._content = body
            return made

        self.client.meta.events.register_first("before-send.sesv2.SendEmail", answer)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (429, "TooManyRequestsException", Postponed("throttled", is_general=True)),
        (400, "SendingPausedException", Postponed("throttled", is_general=True)),
        (400, "MessageRejected", Postponed("refused", is_general=True)),
        (403, "AccessDeniedException", Postponed("refused", is_general=True)),
        (400, "BadRequestException", Rejected("refused")),
        (500, "InternalFailure", Rejected("outcome-unknown")),
        (503, "ServiceUnavailable", Rejected("outcome-unknown")),
    ],
)
def test_failure_of_ses_is_repeated_only_if_nothing_was_sent(
    aws: botocore.session.Session, status: int, code: str, expected: DeliveryResult
) -> None:
    failing = FailingMail(aws, status, code)
    record = {"number": "CR-1", "text": "Hello"}

    result = mail_channel(failing.client).deliver(delivery_context(record=record))

    assert (result, failing.calls) == (expected, 1)


def test_long_mail_is_cut_and_says_so(aws: botocore.session.Session) -> None:
    client: Any = aws.create_client("sesv2")
    client.create_email_identity(EmailIdentity="gateway@example.com")

    mail_channel(client).deliver(
        delivery_context(record={"number": "x" * 999, "text": "y" * 99_999})
    )

    backend: Any = sesv2_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]
    (sent,) = backend.core_backend.sent_messages
    assert len(sent.subject) == 200
    assert len(sent.body) < 51_000
    assert sent.body.endswith("[shortened: the rest is in the gateway]")


# Files and dead letters


def test_file_has_one_name_and_the_first_content(aws: botocore.session.Session) -> None:
    client: Any = aws.create_client("s3")
    client.create_bucket(Bucket="targets")
    declaration = declared_target({"target": "files", "prefix": "erp/", "delivers": ["request"]})
    assert isinstance(declaration, FilesTarget)
    channel = files_channel(client, declaration)

    first = channel.deliver(delivery_context())
    second = channel.deliver(delivery_context(record={"id": "req_1", "number": "later"}))

    (listed,) = client.list_objects_v2(Bucket="targets")["Contents"]
    content = json.loads(client.get_object(Bucket="targets", Key=listed["Key"])["Body"].read())
    name = "erp/2026-03-12/evt_000000000007-20260312140211480-request.json"
    assert listed["Key"] == name
    assert isinstance(first, Delivered)
    assert first == second
    assert first.counterpart.reference == name
    assert content["record"]["number"] == "CR-1"
    assert content["delivery"]["kind"] == "request"
    assert "comment" not in content


def test_bucket_that_is_not_there_pauses_the_target(aws: botocore.session.Session) -> None:
    declaration = declared_target({"target": "files", "prefix": "", "delivers": ["request"]})
    assert isinstance(declaration, FilesTarget)

    channel = files_channel(aws.create_client("s3"), declaration, "missing")

    result = channel.deliver(delivery_context())

    assert result == Postponed("refused", is_general=True)


def test_dead_letter_is_a_message_that_brings_its_delivery_back(
    aws: botocore.session.Session,
) -> None:
    client: Any = aws.create_client("sqs")
    url = client.create_queue(QueueName="dead")["QueueUrl"]

    SqsDeadLetters(client, url).send({"target": "tickets", "number": 7, "reason": "refused"})

    (message,) = client.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"target": "tickets", "number": 7, "reason": "refused"}
