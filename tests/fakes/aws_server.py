"""An HTTP server in front of moto, for clients that are not boto3."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Event, Thread
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.fakes.aws import REGION

SERVICES = {
    "secretsmanager": "secretsmanager",
    "AWSEvents": "events",
    "DynamoDB_20120810": "dynamodb",
}

type Behaviour = Callable[[BaseHTTPRequestHandler, str, bytes], None]


@dataclass(frozen=True, slots=True)
class Received:
    """One received request. ``connection`` numbers the connections."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def payload(self) -> Any:
        return json.loads(self.body)


class AwsServer:
    """Serves moto's AWS, or injected responses.

    ``behaviours`` apply to the next requests, one each; without any, moto answers (inside
    ``mock_aws``).
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.received: list[Received] = []
        self.behaviours: deque[Behaviour] = deque()
        self.connections = 0
        self.closing = Event()


def answer(status: int, body: bytes, **headers: str) -> Behaviour:
    """Respond with this."""

    def behave(handler: BaseHTTPRequestHandler, target: str, request: bytes) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def hang_up(handler: BaseHTTPRequestHandler, target: str, request: bytes) -> None:
    """Close the connection without a response."""
    handler.close_connection = True


def carry_out_and_hang_up(handler: BaseHTTPRequestHandler, target: str, request: bytes) -> None:
    """Process the request, then close the connection without a response."""
    _carried_out(target, request)
    handler.close_connection = True


def carry_out(handler: BaseHTTPRequestHandler, target: str, request: bytes) -> None:
    """Process the request."""
    status, members = _carried_out(target, request)
    answer(status, json.dumps(members, default=lambda moment: moment.timestamp()).encode())(
        handler, target, request
    )


def _carried_out(target: str, request: bytes) -> tuple[int, dict[str, Any]]:
    prefix, _, operation = target.partition(".")
    client: Any = boto3.client(SERVICES[prefix], region_name=REGION)  # type: ignore[call-overload]
    try:
        members = client._make_api_call(operation, json.loads(request))
    except ClientError as error:
        details = {name: value for name, value in error.response.items() if name == "Item"}
        return 400, {
            "__type": f"com.amazonaws.{prefix}#{error.response['Error']['Code']}",
            "message": "no",
            **details,
        }
    return 200, {name: value for name, value in members.items() if name != "ResponseMetadata"}


@contextmanager
def aws_server(tls: SSLContext | None = None) -> Iterator[AwsServer]:
    """A server on a free port of this machine, for the duration of the context."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        connection_number = 0

        def setup(self) -> None:
            super().setup()
            server.connections += 1
            self.connection_number = server.connections

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.received.append(
                Received(self.command, self.path, headers, body, self.connection_number)
            )
            behave = server.behaviours.popleft() if server.behaviours else carry_out
            behave(self, self.headers["X-Amz-Target"], body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    listener.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
    if tls:
        listener.socket = tls.wrap_socket(listener.socket, server_side=True)
    server = AwsServer(f"{'https' if tls else 'http'}://localhost:{listener.server_port}")
    thread = Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        listener.shutdown()
        listener.server_close()
        thread.join()
