"""Signed calls without botocore: botocore is the judge of what is sent."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gridwix.clients.aws.edge import DYNAMODB, EVENTBRIDGE, SECRETS_MANAGER
from gridwix.clients.aws.signed import (
    MAX_IDLE,
    MAX_RESPONSE_BYTES,
    Service,
    SignedCaller,
    endpoint_of,
)
from gridwix.errors import (
    ConfigurationError,
    Forbidden,
    GridwixError,
    NotFound,
    Refused,
    Throttled,
    Unauthenticated,
    Unavailable,
    UpstreamConflict,
    UpstreamError,
)
from ops.waiting import STANDSTILL
from tests.fakes.aws_server import AwsServer, Received, answer, aws_server, hang_up

NOW = 1_780_000_000.0
KEYS = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
OK = answer(200, b"{}")


class Time:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[AwsServer]:
    with aws_server() as running:
        yield running


def caller(
    server: AwsServer,
    *,
    clock: Time | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: float = STANDSTILL,
) -> SignedCaller:
    return SignedCaller(
        {**KEYS, "AWS_ENDPOINT_URL": server.url, **(environment or {})},
        clock=clock or Time(),
        timeout=timeout,
    )


def botocores_signature(
    request: Received, server: AwsServer, service: str, token: str | None
) -> str:
    """The Authorization header that botocore gives the same request."""
    names = (
        request.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    )
    same = AWSRequest(
        request.method,
        server.url + request.path,
        headers={name: request.headers[name] for name in names},
        data=request.body,
    )
    same.context["timestamp"] = request.headers["x-amz-date"]
    judge = SigV4Auth(
        Credentials(KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"], token),
        service,
        "eu-west-1",
    )
    canonical = judge.canonical_request(same)
    signature = judge.signature(judge.string_to_sign(same, canonical), same)
    scope = judge.scope(same)
    signed_headers = judge.signed_headers(judge.headers_to_sign(same))
    return (
        f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed_headers},"
        f" Signature={signature}"
    )


@pytest.mark.parametrize(
    "service", [SECRETS_MANAGER, EVENTBRIDGE, DYNAMODB], ids=lambda service: service.name
)
@pytest.mark.parametrize("token", [None, "a-session+token/=="])
@pytest.mark.parametrize(
    "payload", [{}, {"SecretId": "gridwix/wix ü  two spaces"}], ids=["empty", "text"]
)
@pytest.mark.parametrize("path", ["", "/", "/some where//deep"])
def test_request_is_signed_as_botocore_signs_it(
    service: Service, token: str | None, payload: dict[str, str], path: str, server: AwsServer
) -> None:
    server.behaviours.append(OK)
    environment = {
        "AWS_ENDPOINT_URL": server.url + path.replace(" ", "%20"),
        "AWS_SESSION_TOKEN": token or "",
    }

    caller(server, environment=environment).call(service, "Operation", payload)

    request = server.received[0]
    assert request.headers["authorization"] == botocores_signature(
        request, server, service.name, token
    )
    assert {"host", "x-amz-date", "x-amz-target", "content-type"} <= set(
        request.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    )
    assert request.headers["x-amz-date"] == datetime.fromtimestamp(NOW, UTC).strftime(
        "%Y%m%dT%H%M%SZ"
    )
    assert request.payload == payload


@pytest.mark.parametrize(
    "service", [SECRETS_MANAGER, EVENTBRIDGE, DYNAMODB], ids=lambda service: service.name
)
@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "us-gov-west-1", "cn-north-1"])
def test_endpoint_and_protocol_are_those_of_botocore(service: Service, region: str) -> None:
    client = botocore.session.get_session().create_client(
        service.name, region_name=region, aws_access_key_id="key", aws_secret_access_key="secret"
    )
    model = client.meta.service_model

    assert endpoint_of(service, {"AWS_REGION": region}).geturl() == client.meta.endpoint_url
    assert (service.target_prefix, service.json_version) == (
        model.metadata["targetPrefix"],
        model.metadata["jsonVersion"],
    )
    assert (
        service.endpoint_variable
        == f"AWS_ENDPOINT_URL_{model.service_id.hyphenize().replace('-', '_').upper()}"
    )
    assert service.name == model.signing_name


def test_endpoint_of_one_service_goes_before_that_of_all() -> None:
    environment = {
        "AWS_ENDPOINT_URL": "http://all:1",
        "AWS_ENDPOINT_URL_EVENTBRIDGE": "http://events:2",
    }

    assert endpoint_of(EVENTBRIDGE, environment).netloc == "events:2"
    assert endpoint_of(DYNAMODB, environment).netloc == "all:1"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"AWS_ENDPOINT_URL": "ftp://host"},
        {"AWS_ENDPOINT_URL": "http://"},
        {"AWS_ENDPOINT_URL": "localhost:4566"},
    ],
)
def test_endpoint_that_the_environment_does_not_give_is_a_configuration_error(
    environment: dict[str, str],
) -> None:
    with pytest.raises(ConfigurationError):
        endpoint_of(EVENTBRIDGE, environment)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (
            400,
            b'{"__type":"com.amazonaws.x#AccessDeniedException","Message":"secret words"}',
            Forbidden,
        ),
        (400, b'{"__type":"ResourceNotFoundException"}', NotFound),
        (400, b'{"__type":"com.amazon.coral.availability#ThrottlingException"}', Throttled),
        (400, b'{"__type":"ProvisionedThroughputExceededException"}', Throttled),
        (400, b'{"__type":"ConditionalCheckFailedException"}', UpstreamConflict),
        (400, b'{"__type":"UnrecognizedClientException"}', Unauthenticated),
        (403, b'{"__type":"InvalidSignatureException"}', Unauthenticated),
        (400, b'{"__type":"ValidationException"}', Refused),
        (500, b'{"__type":"InternalServerError"}', Unavailable),
        (503, b"<html>", Unavailable),
        (429, b"", Throttled),
        (403, b"[]", Forbidden),
        (404, b"null", Refused),
        (200, b"<html>", Unavailable),
        (200, b"[1]", Unavailable),
        (200, b"", Unavailable),
    ],
)
def test_answer_that_is_not_a_success_is_raised_as_what_it_means(
    status: int, body: bytes, error: type[UpstreamError], server: AwsServer
) -> None:
    server.behaviours.append(answer(status, body, X_Amzn_RequestId="req-1"))

    with pytest.raises(error) as raised:
        caller(server).call(EVENTBRIDGE, "PutEvents", {})

    assert type(raised.value) is error
    assert raised.value.system == "aws"
    assert "secret words" not in str(raised.value)
    assert status == 200 or (raised.value.status, raised.value.request_id) == (status, "req-1")


def test_error_type_in_a_header_counts_too(server: AwsServer) -> None:
    server.behaviours.append(
        answer(400, b"{}", X_Amzn_ErrorType="ThrottlingException:http://internal.amazon.com/")
    )

    with pytest.raises(Throttled) as raised:
        caller(server).call(EVENTBRIDGE, "PutEvents", {})

    assert raised.value.vendor_code == "ThrottlingException"


def test_answer_that_is_too_large_is_not_read_to_the_end(server: AwsServer) -> None:
    server.behaviours += [answer(200, b'{"a":"' + b"x" * MAX_RESPONSE_BYTES + b'"}'), OK]
    aws = caller(server)

    with pytest.raises(Unavailable, match="too large"):
        aws.call(EVENTBRIDGE, "PutEvents", {})

    aws.call(EVENTBRIDGE, "PutEvents", {})
    assert [request.connection for request in server.received] == [1, 2]


def test_connection_is_kept_for_the_next_call(server: AwsServer) -> None:
    server.behaviours += [OK, answer(400, b"{}"), OK]
    aws = caller(server)

    aws.call(EVENTBRIDGE, "PutEvents", {})
    with pytest.raises(Refused):
        aws.call(DYNAMODB, "PutItem", {})
    aws.call(DYNAMODB, "PutItem", {})

    assert [request.connection for request in server.received] == [1, 1, 1]


def test_connection_that_was_idle_for_long_is_not_used_again(server: AwsServer) -> None:
    server.behaviours += [OK, OK]
    clock = Time()
    aws = caller(server, clock=clock)

    aws.call(EVENTBRIDGE, "PutEvents", {})
    clock.now += MAX_IDLE
    aws.call(EVENTBRIDGE, "PutEvents", {})

    assert [request.connection for request in server.received] == [1, 2]


def test_kept_connection_that_was_closed_is_opened_anew_once(server: AwsServer) -> None:
    server.behaviours += [OK, hang_up, OK]
    aws = caller(server)

    aws.call(EVENTBRIDGE, "PutEvents", {})
    aws.call(EVENTBRIDGE, "PutEvents", {"second": True})

    assert [request.connection for request in server.received] == [1, 1, 2]
    assert server.received[2].payload == {"second": True}


def test_new_connection_that_is_closed_is_unavailable_and_ambiguous(server: AwsServer) -> None:
    server.behaviours.append(hang_up)

    with pytest.raises(Unavailable) as raised:
        caller(server).call(EVENTBRIDGE, "PutEvents", {})

    assert raised.value.ambiguous
    assert len(server.received) == 1


def test_connection_that_is_closed_twice_is_unavailable(server: AwsServer) -> None:
    server.behaviours += [OK, hang_up, hang_up]
    aws = caller(server)
    aws.call(EVENTBRIDGE, "PutEvents", {})

    with pytest.raises(Unavailable):
        aws.call(EVENTBRIDGE, "PutEvents", {})

    assert len(server.received) == 3


def test_silence_is_unavailable_and_ambiguous_and_the_request_is_not_repeated(
    server: AwsServer,
) -> None:
    def say_nothing(handler: BaseHTTPRequestHandler, target: str, request: bytes) -> None:
        server.closing.wait()
        handler.close_connection = True

    server.behaviours += [OK, say_nothing]
    # Long enough for the first answer on a busy machine.
    aws = caller(server, timeout=1.0)
    aws.call(EVENTBRIDGE, "PutEvents", {})

    with pytest.raises(Unavailable) as raised:
        aws.call(EVENTBRIDGE, "PutEvents", {})

    assert raised.value.ambiguous
    assert len(server.received) == 2


def test_nobody_listening_is_unavailable_and_not_ambiguous() -> None:
    with aws_server() as gone:
        pass

    with pytest.raises(Unavailable) as raised:
        caller(gone).call(EVENTBRIDGE, "PutEvents", {})

    assert not raised.value.ambiguous


@pytest.mark.parametrize("missing", ["AWS_REGION", "AWS_ACCESS_KEY_ID"])
def test_environment_without_region_or_credentials_is_a_configuration_error(
    missing: str, server: AwsServer
) -> None:
    environment = {name: value for name, value in KEYS.items() if name != missing} | {
        "AWS_ENDPOINT_URL": server.url
    }

    with pytest.raises(ConfigurationError, match=missing):
        SignedCaller(environment).call(EVENTBRIDGE, "PutEvents", {})

    assert server.received == []


def certificate(folder: Path) -> Path:
    """A certificate for localhost that nobody vouches for, with its key, as a PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    issued = datetime.now(UTC) - timedelta(minutes=1)
    builder = x509.CertificateBuilder(
        name,
        name,
        key.public_key(),
        x509.random_serial_number(),
        issued,
        issued + timedelta(days=1),
    )
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    )
    signed = (
        builder.add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "localhost.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("trusted", [True, False])
def test_certificate_of_the_other_side_is_verified(
    trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    tls = SSLContext(PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))

    with aws_server(tls) as server:
        server.behaviours.append(OK)
        outcome: GridwixError | None = None
        try:
            caller(server).call(EVENTBRIDGE, "PutEvents", {})
        except Unavailable as error:
            outcome = error

    assert (outcome is None) is trusted
    assert len(server.received) == int(trusted)


def test_payload_is_compact_json(server: AwsServer) -> None:
    server.behaviours.append(OK)

    caller(server).call(EVENTBRIDGE, "PutEvents", {"Entries": [{"Detail": json.dumps({"a": 1})}]})

    assert server.received[0].body == b'{"Entries":[{"Detail":"{\\"a\\": 1}"}]}'
