"""Channels of targets for tests, what they deliver, and a server that answers as it is told."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.contents import S3Contents
from gridwix_gateway.targets.declarations import (
    FilesTarget,
    MailTarget,
)
from gridwix_gateway.targets.files.channel import FilesChannel
from gridwix_gateway.targets.mail.channel import MailChannel
from gridwix_gateway.targets.ports import (
    ContentReader,
    DeliveryContext,
)
from tests.fakes.gateway.targets import (
    KeptContents,
    declared_target,
)

EVENT: Document = {"id": "evt_000000000007", "time": "2026-03-12T14:02:11.480Z"}


def delivery_context(**variables: Any) -> DeliveryContext:
    """Return the context of an item, with changed variables and maybe another ``kind``."""
    identifier = "evt_000000000007-20260312140211480"
    known: Document = {
        "event": EVENT,
        "record": {"id": "req_1", "number": "CR-1"},
        "partner": {"id": "p1", "name": "Acme"},
        "reference": "",
        "delivery": {"id": identifier, "kind": "request"},
        "comment": None,
        "step": None,
        "version": None,
        "accepted": None,
        "attached": None,
    }
    return DeliveryContext(identifier, variables.pop("kind", "request"), known | variables)


@contextlib.contextmanager
def raw_server(*answers: bytes, drip: float = 0) -> Iterator[str]:
    """Serve one connection for each answer: bytes as they are, or one byte at a time for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        for answer in answers:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65_536)
                    if not drip:
                        connection.sendall(answer)
                        continue
                    connection.sendall(answer)
                    while not stop.wait(drip):
                        connection.sendall(b"x")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        listener.close()


def response(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return an HTTP response as it is sent."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


JSON = "Content-Type: application/json"

NOTHING_FOUND = response(b'{"result": []}', JSON)

MAIL: Document = {
    "target": "mail",
    "sender": "gateway@example.com",
    "to": ["desk@example.com", "second@example.com"],
    "messages": {
        "request": {
            "subject": "'New request ' + record.number",
            "lines": ["'Partner: ' + partner.name", "['a', null, 7]", "record.text"],
        }
    },
}


def mail_channel(client: Any, contents: ContentReader | None = None, **changes: Any) -> MailChannel:
    """Return a channel to a mailbox, with changed members of its declaration."""
    declaration = declared_target({**MAIL, **changes})
    assert isinstance(declaration, MailTarget)
    return MailChannel(declaration, client, contents or KeptContents())


def files_channel(client: Any, declaration: FilesTarget, bucket: str = "targets") -> FilesChannel:
    """Return a channel to a folder. Content is in the bucket ``content``."""
    contents = S3Contents(client, "content")
    return FilesChannel(declaration, client, bucket, content_bucket="content", contents=contents)
