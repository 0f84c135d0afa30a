"""The bytes of documents at each kind of target, against stand-ins of HTTP, SES and S3."""

import base64
import contextlib
import hashlib
import json
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import botocore.session
import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.contents import S3Contents, verified_pieces
from gridwix_gateway.targets.declarations import (
    FilesTarget,
)
from gridwix_gateway.targets.files.channel import FilesChannel
from gridwix_gateway.targets.ports import (
    ContentFault,
    ContentReader,
    Delivered,
    DeliveryContext,
    DeliveryResult,
    DocumentContent,
    Postponed,
    Rejected,
)
from gridwix_gateway.targets.rest.authenticators import (
    FixedHeader,
)
from gridwix_gateway.targets.rest.bounded_http import BoundedHttp, new_http_client
from gridwix_gateway.targets.rest.channel import RestChannel
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
    Fuse,
    KeptContents,
    TargetWorld,
    Tickets,
    declared_target,
    rest_channel,
    rest_target,
    sending_target,
)
from tests.fakes.interleaving import Killed

# REST


def document_context(content: bytes, stored: KeptContents, **changes: Any) -> DeliveryContext:
    sha256 = hashlib.sha256(content).hexdigest()
    facts = {"fileName": "W-9.pdf", "mediaType": "application/pdf", **changes}
    version = {"number": 2, "sizeBytes": len(content), "sha256": sha256, **facts}
    stored.objects[f"content/{sha256}/1"] = content
    context = delivery_context(
        kind="document",
        version=version,
        record={
            "id": "doc_1",
            "title": "Tax form",
            "number": "",
            "text": "",
            "classification": changes.get("classification", "partner"),
        },
    )
    return replace(
        context,
        content=DocumentContent(
            f"content/{sha256}/1", len(content), sha256, facts["mediaType"], facts["fileName"]
        ),
    )


class PiecesTransport(httpx.BaseTransport):
    """Takes the body of a request piece by piece, as a connection does."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.largest = 0
        self.headers = httpx.Headers()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"result": [{"id": "t1"}]})
        assert isinstance(request.stream, httpx.SyncByteStream)
        for piece in request.stream:
            self.digest.update(piece)
            self.largest = max(self.largest, len(piece))
        self.headers = request.headers
        return httpx.Response(200, json={})


class LongContents(ContentReader):
    """A document of so many mebibytes, which is nowhere in memory as a whole."""

    def __init__(self, mebibytes: int) -> None:
        self._mebibytes = mebibytes
        digest = hashlib.sha256()
        for piece in self._pieces():
            digest.update(piece)
        self.content = DocumentContent(
            "content/1", mebibytes << 20, digest.hexdigest(), "application/pdf", "long.pdf"
        )

    def check(self, content: DocumentContent) -> None:
        assert content is self.content

    def read_pieces(self, content: DocumentContent) -> Iterator[bytes]:
        return verified_pieces(self._pieces(), content)

    def _pieces(self) -> Iterator[bytes]:
        for number in range(self._mebibytes * 4):
            yield number.to_bytes(4) * 65_536


def test_large_document_is_sent_with_its_length_and_little_memory() -> None:
    contents, transport = LongContents(64), PiecesTransport()
    deliveries = rest_target().model_dump(mode="json")["deliveries"]
    deliveries["document"]["content"]["max_bytes"] = 100_000_000
    deliveries["document"]["content"]["lookup"] = None
    deliveries["document"]["content"]["send"]["idempotency_header"] = "Idempotency-Key"
    http = BoundedHttp(new_http_client(transport))
    authenticator = FixedHeader(lambda: ("Authorization", "Bearer token"))
    channel = RestChannel(rest_target(deliveries=deliveries), authenticator, http, contents)
    context = document_context(b"small", KeptContents())
    context = replace(context, content=contents.content)

    tracemalloc.start()
    try:
        result = channel.deliver(context)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert result == Delivered()
    assert transport.digest.hexdigest() == contents.content.sha256
    assert transport.headers["content-length"] == str(64 << 20)
    assert "transfer-encoding" not in transport.headers
    assert peak < 4_000_000


def document_server(*answers: bytes) -> contextlib.AbstractContextManager[str]:
    """Serve the answers of a document's delivery up to its last request."""
    found = response(b'{"result": [{"id": "t1"}]}', JSON)
    return raw_server(found, NOTHING_FOUND, *answers)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (response(b"{}", JSON, status="413 Too Large"), Rejected("document-too-large")),
        (response(b"{}", JSON, status="415 Unsupported"), Rejected("refused")),
        (response(b"{}", JSON, status="403 Forbidden"), Postponed("refused")),
        (response(b"{}", JSON, status="503 Busy"), Postponed("server-error")),
        (response(b"<h1>Log in</h1>", "Content-Type: text/html"), Postponed("unreadable-answer")),
        (b"", Postponed("connection-lost")),
        (response(b"", status="204 No Content"), Delivered()),
        (response(b"[]", JSON, status="201 Created"), Delivered()),
    ],
)
def test_answer_to_the_bytes_decides_about_the_delivery(
    answer: bytes, expected: DeliveryResult
) -> None:
    contents = KeptContents()
    context = document_context(b"%PDF W-9", contents)
    authenticator = FixedHeader(lambda: ("Authorization", "Bearer token"))
    with document_server(answer) as url:
        http = BoundedHttp(new_http_client(), 5.0)
        channel = RestChannel(rest_target(base_url=url), authenticator, http, contents)
        result = channel.deliver(context)

    assert result == expected


def test_target_that_does_not_take_the_bytes_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridwix_gateway.targets.rest.content.UPLOAD_SECONDS", 0.5)
    contents = KeptContents()
    context = document_context(b"x" * 1_000_000, contents)
    authenticator = FixedHeader(lambda: ("Authorization", "Bearer token"))
    with raw_server(response(b'{"result": [{"id": "t1"}]}', JSON)) as url:
        http = BoundedHttp(new_http_client(), 5.0)
        declared = rest_target(base_url=url).model_dump(mode="json")["deliveries"]
        declared["document"]["content"]["lookup"] = None
        declared["document"]["content"]["send"]["idempotency_header"] = "Idempotency-Key"
        declaration = rest_target(base_url=url, deliveries=declared)
        channel = RestChannel(declaration, authenticator, http, contents)
        # The listener's queue takes the connection, and nobody reads from it.
        result = channel.deliver(context)

    assert result == Postponed("timed-out")


def test_bytes_that_break_off_or_are_others_are_never_sent_as_a_whole() -> None:
    contents, tickets = KeptContents(), Tickets()
    context = document_context(b"x" * 5_000, contents)
    channel = rest_channel(tickets, contents=contents)
    contents.faults = [ContentFault("content-unreadable", is_lost=False)]

    broken = channel.deliver(context)
    assert context.content is not None
    contents.objects[context.content.blob] = b"y" * 5_000
    others = channel.deliver(context)

    assert (broken, others) == (Postponed("content-unreadable"), Rejected("content-damaged"))
    assert (len(tickets.tickets), tickets.files) == (1, [])


def test_keys_of_the_facts_and_of_the_bytes_differ_and_stay() -> None:
    contents, seen = KeptContents(), list[tuple[str, str]]()

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.path, request.headers["Idempotency-Key"]))
        return httpx.Response(200, json={"id": "t1"})

    send = {"path": "'/a'", "body": {}, "idempotency_header": "Idempotency-Key"}
    content = {"path": "'/b/' + entry.id", "format": "raw", "idempotency_header": "Idempotency-Key"}
    declaration = rest_target(deliveries={"document": {"send": send, "content": {"send": content}}})
    http = BoundedHttp(new_http_client(httpx.MockTransport(answer)))
    authenticator = FixedHeader(lambda: ("Authorization", "Bearer token"))
    channel = RestChannel(declaration, authenticator, http, contents)
    context = document_context(b"%PDF", contents)

    first, second = channel.deliver(context), channel.deliver(context)

    assert first == second == Delivered()
    assert [path for path, _ in seen] == ["/api/a", "/api/b/t1"] * 2
    assert seen[:2] == seen[2:]
    assert seen[0][1] != seen[1][1]


def test_document_can_be_one_form_with_its_facts_as_fields() -> None:
    contents, bodies = KeptContents(), list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request)
        return httpx.Response(200, json={})

    send = {
        "path": "'/upload'",
        "format": "multipart",
        "field": "data",
        "fields": {"title": "record.title", "number": "version.number"},
        "idempotency_header": "Idempotency-Key",
    }
    declaration = rest_target(deliveries={"document": {"content": {"send": send}}})
    http = BoundedHttp(new_http_client(httpx.MockTransport(answer)))
    authenticator = FixedHeader(lambda: ("Authorization", "Bearer token"))
    channel = RestChannel(declaration, authenticator, http, contents)

    delivered = channel.deliver(document_context(b"%PDF", contents))
    restricted = channel.deliver(document_context(b"%PDF", contents, classification="restricted"))

    (request,) = bodies
    boundary = request.headers["Content-Type"].partition("boundary=")[2]
    assert request.content.decode().split(f"--{boundary}") == [
        "",
        '\r\nContent-Disposition: form-data; name="title"\r\n'
        "Content-Type: text/plain; charset=utf-8\r\n\r\nTax form\r\n",
        '\r\nContent-Disposition: form-data; name="number"\r\n'
        "Content-Type: text/plain; charset=utf-8\r\n\r\n2\r\n",
        '\r\nContent-Disposition: form-data; name="data"; filename="W-9.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n%PDF\r\n",
        "--\r\n",
    ]
    assert (delivered, restricted) == (Delivered(), Rejected("document-restricted"))


@pytest.mark.parametrize(
    "content",
    [
        {"send": {"format": "multipart", "file_name": "reference + version.fileName"}},
        {"lookup": {"path": "'/a'", "found": "answer.id == reference"}, "send": {"format": "raw"}},
    ],
    ids=["file name", "found"],
)
def test_document_without_the_reference_that_a_request_uses_is_not_sent(content: Document) -> None:
    """Else the file is sent under a wrong name, and a lookup finds something else."""
    requests, contents = list[httpx.Request](), KeptContents()

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={})

    send = {"path": "'/upload'", "idempotency_header": "Idempotency-Key", **content["send"]}
    declaration = rest_target(deliveries={"document": {"content": {**content, "send": send}}})
    http = BoundedHttp(new_http_client(httpx.MockTransport(answer)))
    authenticator = FixedHeader(lambda: ("Authorization", "Bearer token"))
    channel = RestChannel(declaration, authenticator, http, contents)

    assert channel.deliver(document_context(b"%PDF", contents)) == Rejected("no-reference")
    assert requests == []


# Mail


DOCUMENT_MAIL: Document = {
    "messages": {
        "document": {
            "subject": "'Document: ' + record.title",
            "lines": ["attached ? 'It is attached' : 'It is not attached'", "record.text"],
        }
    }
}


def sent_message(client: Any) -> list[Document]:
    """Return the list that gets the messages as SES receives them: moto drops attachments."""
    found: list[Document] = []

    def keep(request: Any, **_: Any) -> None:
        found.append(json.loads(request.body)["Content"]["Simple"])

    client.meta.events.register("before-send.sesv2.SendEmail", keep)
    client.create_email_identity(EmailIdentity="gateway@example.com")
    return found


def test_document_is_attached_byte_by_byte(aws: botocore.session.Session) -> None:
    client: Any = aws.create_client("sesv2")
    sent, contents = sent_message(client), KeptContents()
    content = bytes(range(256)) * 20
    context = document_context(content, contents, fileName="../W-9\r\nBcc: a@b.pdf")

    result = mail_channel(client, contents, **DOCUMENT_MAIL).deliver(context)

    (message,) = sent
    (attachment,) = message["Attachments"]
    assert result == Delivered()
    assert base64.b64decode(attachment.pop("RawContent")) == content
    assert attachment == {
        "FileName": "W-9Bcc_ a@b.pdf",
        "ContentType": "application/pdf",
        "ContentDisposition": "ATTACHMENT",
        "ContentTransferEncoding": "BASE64",
    }
    assert message["Body"]["Text"]["Data"].splitlines() == [
        "It is attached",
        "",
        "",
        f"Attached: 5,120 bytes, SHA-256 {hashlib.sha256(content).hexdigest()}",
        "",
        "Delivery evt_000000000007-20260312140211480",
    ]


@pytest.mark.parametrize(
    ("bound", "changes", "said"),
    [
        (9, {}, "it has more than 9 bytes"),
        (10, {"fileName": "W-9.pdf.ExE"}, "Amazon SES refuses files of its kind"),
        (10, {"classification": "restricted"}, "it is restricted"),
    ],
)
def test_document_that_is_not_attached_can_be_fetched_as_the_mail_says(
    aws: botocore.session.Session, bound: int, changes: Document, said: str
) -> None:
    client: Any = aws.create_client("sesv2")
    sent, contents = sent_message(client), KeptContents()
    context = document_context(b"0123456789", contents, **changes)
    context.variables["record"]["text"] = "y" * 99_999
    channel = mail_channel(client, contents, **DOCUMENT_MAIL, max_attachment_bytes=bound)

    result = channel.deliver(context)

    (message,) = sent
    lines = message["Body"]["Text"]["Data"].splitlines()
    assert (result, contents.reads) == (Delivered(), 0)
    assert "Attachments" not in message
    assert lines[0] == "It is not attached"
    assert lines[-4:] == [
        f"Not attached, since {said}. The gateway keeps it (10 bytes):",
        "gridwix desk fetch doc_1 --version 2",
        "",
        "Delivery evt_000000000007-20260312140211480",
    ]


def test_mail_about_a_document_that_cannot_be_read_is_not_sent(
    aws: botocore.session.Session,
) -> None:
    client: Any = aws.create_client("sesv2")
    sent, contents = sent_message(client), KeptContents()
    context = document_context(b"0123456789", contents)
    contents.faults = [ContentFault("content-unreadable", is_lost=False)]
    channel = mail_channel(client, contents, **DOCUMENT_MAIL)

    assert channel.deliver(context) == Postponed("content-unreadable")
    assert channel.deliver(context) == Delivered()
    assert len(sent) == 1


# Files


FILES: Document = {"target": "files", "prefix": "erp/", "delivers": ["document"]}

COPY = "erp/2026-03-12/evt_000000000007-20260312140211480-document-content.pdf"


def document_files(aws: botocore.session.Session) -> tuple[Any, FilesChannel]:
    """Return S3 with a bucket of content and one of a target, and its channel."""
    client: Any = aws.create_client("s3")
    for bucket in ("targets", "content"):
        client.create_bucket(Bucket=bucket)
    declaration = declared_target(FILES)
    assert isinstance(declaration, FilesTarget)
    return client, files_channel(client, declaration)


def stored_document(client: Any, content: bytes, **changes: Any) -> DeliveryContext:
    context = document_context(content, KeptContents(), **changes)
    assert context.content is not None
    client.put_object(
        Bucket="content", Key=context.content.blob, Body=content, Tagging="scan=clean"
    )
    return context


def test_bytes_of_a_document_are_copied_before_the_file_that_names_them(
    aws: botocore.session.Session,
) -> None:
    client, channel = document_files(aws)
    context = stored_document(client, b"%PDF W-9", fileName="Ünterlage/W-9.PDF")
    order: list[str] = []
    for operation in ("CopyObject", "PutObject"):
        client.meta.events.register(
            f"provide-client-params.s3.{operation}",
            lambda params, model, **_: order.append(f"{model.name} {params['IfNoneMatch']}"),
        )

    first, second = channel.deliver(context), channel.deliver(context)

    copy = client.get_object(Bucket="targets", Key=COPY)
    name = COPY.replace("-content.pdf", ".json")
    facts = json.loads(client.get_object(Bucket="targets", Key=name)["Body"].read())
    tags = client.get_object_tagging(Bucket="targets", Key=COPY)["TagSet"]
    assert first == second
    assert isinstance(first, Delivered)
    assert order == ["CopyObject *", "PutObject *"] * 2
    assert copy["Body"].read() == b"%PDF W-9"
    assert copy["ContentType"] == "application/pdf"
    assert copy["ContentDisposition"].endswith("''%C3%9Cnterlage%2FW-9.PDF")
    assert copy["Metadata"] == {
        "sha256": facts["version"]["sha256"],
        "delivery": "evt_000000000007-20260312140211480",
    }
    assert (facts["content"], facts["attached"], tags) == (COPY, True, [])


def test_longest_name_fits_into_what_s3_keeps_of_an_object(aws: botocore.session.Session) -> None:
    """S3 refuses more than 2 KB, which would stop the target: any partner can choose a name.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html.
    """
    client, channel = document_files(aws)
    longest = {"fileName": "😀" * 251 + ".PDF", "mediaType": f"{'a' * 100}/{'b' * 99}"}
    context = stored_document(client, b"%PDF W-9", **longest)

    assert isinstance(channel.deliver(context), Delivered)

    copy = client.head_object(Bucket="targets", Key=COPY)
    assert copy["ContentDisposition"].endswith("%F0%9F%98%80.pdf")
    assert len(copy["ContentDisposition"]) + len(copy["ContentType"]) < 1_800
    facts = client.get_object(Bucket="targets", Key=COPY.replace("-content.pdf", ".json"))
    assert json.loads(facts["Body"].read())["version"]["fileName"] == longest["fileName"]


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_worker_that_is_killed_at_any_call_leaves_each_file_once(
    aws: botocore.session.Session, is_done: bool
) -> None:
    client, channel = document_files(aws)
    call, calls = 0, Counter[str]()
    while True:
        call += 1
        for one in client.list_objects_v2(Bucket="targets").get("Contents", []):
            client.delete_object(Bucket="targets", Key=one["Key"])
        world = TargetWorld()
        world.run(sending_target(declared_target(FILES), channel, "erp"))
        version = world.send_document(b"%PDF W-9")
        client.put_object(Bucket="content", Key=f"content/{version['sha256']}", Body=b"%PDF W-9")
        fuse = Fuse(call, is_done=is_done)
        killed = files_channel(fuse.wrap(client), channel._target)
        with contextlib.suppress(Killed):
            world.run(sending_target(declared_target(FILES), killed, "erp"), fuse=fuse)
        names = [one["Key"] for one in client.list_objects_v2(Bucket="targets").get("Contents", [])]
        calls["copied only"] += len(names) == 1
        # The file that names the bytes never comes first.
        assert [name for name in names if name.endswith(".json")] == names[1:]
        if not fuse.is_blown:
            break

        world.advance(hours=1)
        world.run_until_idle(sending_target(declared_target(FILES), channel, "erp"))

        names = [one["Key"] for one in client.list_objects_v2(Bucket="targets")["Contents"]]
        content, facts = (
            client.get_object(Bucket="targets", Key=name)["Body"].read() for name in names
        )
        assert (content, json.loads(facts)["content"]) == (b"%PDF W-9", names[0])
        assert not world.letters.messages
    assert call > 15
    assert calls["copied only"]


def test_restricted_document_is_a_file_without_its_bytes(aws: botocore.session.Session) -> None:
    client, channel = document_files(aws)

    channel.deliver(stored_document(client, b"%PDF W-9", classification="restricted"))

    (listed,) = client.list_objects_v2(Bucket="targets")["Contents"]
    facts = json.loads(client.get_object(Bucket="targets", Key=listed["Key"])["Body"].read())
    assert listed["Key"].endswith("-document.json")
    assert (facts["attached"], "content" in facts) == (False, False)


TOO_LARGE: Any = {
    "Error": {"Code": "MetadataTooLarge", "Message": ""},
    "ResponseMetadata": {"HTTPStatusCode": 400},
}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            ClientError({"Error": {"Code": "PreconditionFailed", "Message": ""}}, "CopyObject"),
            None,
        ),
        (
            ClientError(
                {"Error": {"Code": "ConditionalRequestConflict", "Message": ""}}, "CopyObject"
            ),
            Postponed("refused"),
        ),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "CopyObject"),
            Postponed("refused", is_general=True),
        ),
        # One file that S3 cannot take stops no other.
        (ClientError(TOO_LARGE, "CopyObject"), Postponed("refused")),
        (
            ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "CopyObject"),
            Postponed("refused"),
        ),
        (ReadTimeoutError(endpoint_url="s3"), Postponed("timed-out")),
        (EndpointConnectionError(endpoint_url="s3"), Postponed("unreachable", is_general=True)),
    ],
)
def test_copy_that_fails_writes_no_file_unless_the_bytes_are_there(
    aws: botocore.session.Session,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    expected: DeliveryResult | None,
) -> None:
    client, channel = document_files(aws)
    context = stored_document(client, b"%PDF W-9")

    def fail(**_: Any) -> None:
        raise error

    monkeypatch.setattr(client, "copy_object", fail)

    result = channel.deliver(context)

    written = client.list_objects_v2(Bucket="targets").get("Contents", [])
    assert isinstance(result, Delivered) if expected is None else result == expected
    assert len(written) == (expected is None)


def test_other_bytes_without_a_digest_of_s3_are_not_copied(aws: botocore.session.Session) -> None:
    client, channel = document_files(aws)
    context = stored_document(client, b"%PDF W-9")
    assert context.content is not None
    client.put_object(Bucket="content", Key=context.content.blob, Body=b"%PDF W-8")

    first, redriven = channel.deliver(context), channel.deliver(context)

    assert first == redriven == Rejected("content-damaged")
    assert "Contents" not in client.list_objects_v2(Bucket="targets")


def test_bytes_that_change_while_they_are_copied_are_named_by_no_file(
    aws: botocore.session.Session,
) -> None:
    client, channel = document_files(aws)
    context = stored_document(client, b"%PDF W-9")
    assert context.content is not None
    key = context.content.blob

    def change(**_: Any) -> None:
        client.put_object(Bucket="content", Key=key, Body=b"%PDF W-8", ChecksumAlgorithm="SHA256")

    client.meta.events.register("before-call.s3.CopyObject", change)

    result = channel.deliver(context)

    written = [one["Key"] for one in client.list_objects_v2(Bucket="targets")["Contents"]]
    assert result == Rejected("content-damaged")
    assert written == [COPY]


def test_other_bytes_that_s3_knows_the_digest_of_are_not_copied(
    aws: botocore.session.Session,
) -> None:
    client, channel = document_files(aws)
    context = stored_document(client, b"%PDF W-9")
    assert context.content is not None
    key = context.content.blob
    for content in (b"%PDF W-8", b"%PDF W-9"):
        client.put_object(Bucket="content", Key=key, Body=content, ChecksumAlgorithm="SHA256")
        result = channel.deliver(context)
        written = client.list_objects_v2(Bucket="targets").get("Contents", [])

        assert isinstance(result, Delivered) == (content == b"%PDF W-9")
        assert len(written) == (2 if content == b"%PDF W-9" else 0)


def test_bytes_in_the_bucket_are_read_or_named_by_their_fault(
    aws: botocore.session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = document_files(aws)
    context = stored_document(client, b"x" * 600_000)
    content, contents = context.content, S3Contents(client, "content")
    assert content is not None

    pieces = list(contents.read_pieces(content))

    assert (b"".join(pieces), max(map(len, pieces))) == (b"x" * 600_000, 262_144)
    contents.check(content)
    shorter, gone = replace(content, size=9), replace(content, blob="content/gone")
    for wrong, reason in ((shorter, "content-damaged"), (gone, "content-missing")):
        for call in (contents.check, lambda one: list(contents.read_pieces(one))):
            with pytest.raises(ContentFault) as fault:
                call(wrong)
            assert (fault.value.reason, fault.value.is_lost) == (reason, True)

    def deny(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadObject")

    monkeypatch.setattr(client, "head_object", deny)
    with pytest.raises(ContentFault) as fault:
        contents.check(content)
    assert fault.value.result == Postponed("content-unreadable")
