"""HTTP client of a gateway for people of the hub, the company that runs the network.

It calls the routes of the community gateway profile (the gateway's OpenAPI contract), and the
routes for the hub's people (the desk).
"""

import contextlib
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from gridwix.clients.http_messages import path_segment
from gridwix.clients.trading_grid.auth import TOKEN_PATH, TradingGridAuth
from gridwix.errors import UpstreamError
from ops.errors import OpsError
from ops.gateway.desk.local_files import LocalFile
from ops.gateway.desk.texts import shown_text
from ops.gateway.desk.transfers import PLAIN, is_safe_url, receive_bytes, send_bytes
from ops.gateway.stacks import GATEWAY_URL

type Record = dict[str, Any]

CONSUMER_KEY = "GRIDWIX_DESK_CONSUMER_KEY"
CONSUMER_SECRET = "GRIDWIX_DESK_CONSUMER_SECRET"  # noqa: S105 - the name of a variable
PROFILE = "/community/v1"
DESK = "/desk/v1"

MAX_PAGES = 200
"""Maximum number of pages of a list that are read: 40,000 records."""

MAX_RESPONSE_BYTES = 32_000_000
MAX_PROBLEM_BYTES = 100_000

COLLECTIONS = (
    "collaboration-requests",
    "cases",
    "enrollments",
    "compliance-checks",
    "documents",
    "approvals",
    "service-notices",
    "partners",
)
"""Collections in which a record is searched by its id, the usual ones first."""


class DeskClient:
    """Reads and changes a gateway's records, for the hub's people.

    A change of a record fails if the record has changed since it was read (optimistic locking).

    Args:
        http: A client with the gateway's URL and credentials.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def find_record(self, identifier: str) -> tuple[str, Record]:
        """Find the record with an id in all collections; return its collection and the record.

        Raises:
            OpsError: No collection has a record with this id.
        """
        for collection in COLLECTIONS:
            record = self.get_record(collection, identifier)
            if record is not None:
                return collection, record
        raise OpsError(
            f"the gateway has no record {identifier}",
            "name its id, as `gridwix desk list` shows it",
        )

    def get_record(self, collection: str, identifier: str) -> Record | None:
        """Return a record by its collection and id, or None if it does not exist."""
        response = self._request("GET", f"{PROFILE}/{collection}/{path_segment(identifier)}")
        return None if response.status_code == 404 else _read_document(response)

    def list_records(
        self, collection: str, *, statuses: Sequence[str] = (), partners: Sequence[str] = ()
    ) -> Iterator[Record]:
        """Yield the records of a collection that are not deleted.

        Args:
            collection: The collection.
            statuses: Only records with these statuses; empty for all.
            partners: Only records of these partners; empty for all.
        """
        params: list[tuple[str, str]] = [("limit", "200")]
        if statuses:
            params.append(("status", ",".join(statuses)))
        params += [("partnerId", partner) for partner in partners]
        cursor: list[tuple[str, str]] = []
        for _ in range(MAX_PAGES):
            response = self._request("GET", f"{PROFILE}/{collection}", params=[*params, *cursor])
            page = _read_document(response)
            yield from (record for record in page["items"] if record.get("deletedAt") is None)
            if page["nextCursor"] is None:
                return
            cursor = [("cursor", page["nextCursor"])]
        raise OpsError(
            f"the list of {collection} does not end", "check the gateway: `gridwix gateway check`"
        )

    def list_parts(self, collection: str, identifier: str, part: str) -> Sequence[Record]:
        """Return the comments or versions of a record, oldest first.

        ``part`` is ``comments`` or ``versions``. Empty if the record has no such list.
        """
        path = f"{PROFILE}/{collection}/{path_segment(identifier)}/{part}"
        found: list[Record] = []
        cursor: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            response = self._request("GET", path, params=cursor)
            if response.status_code == 404:
                return found
            page = _read_document(response)
            found += page["items"]
            if page.get("nextCursor") is None:
                return found
            cursor = {"cursor": page["nextCursor"]}
        raise OpsError(
            f"the list of {part} does not end", "check the gateway: `gridwix gateway check`"
        )

    def move_record(
        self, collection: str, record: Record, fields: Record, step: str = ""
    ) -> Record:
        """Move a record, or a step of an enrollment, to another status.

        Args:
            collection: The record's collection.
            record: The record as it was read.
            fields: ``to``, the new status, and other fields of the schema ``Transition`` in the
                gateway's OpenAPI contract, such as ``reason``.
            step: Key of the step; empty for the record itself.

        Returns:
            The record or step after the move.
        """
        part = f"/steps/{path_segment(step)}" if step else ""
        path = f"{PROFILE}/{collection}/{path_segment(record['id'])}{part}/transitions"
        return self._write("POST", path, fields, record)

    def add_comment(self, collection: str, identifier: str, fields: Record) -> Record:
        """Comment on a case or a collaboration request, and return the comment.

        ``fields`` are those of the schema ``NewComment`` in the gateway's OpenAPI contract.
        """
        path = f"{PROFILE}/{collection}/{path_segment(identifier)}/comments"
        return self._write("POST", path, fields)

    def assign_record(self, collection: str, record: Record, fields: Record) -> Record:
        """Change a case, or assign a collaboration request; return the record after the change.

        For a case, ``fields`` are those of the schema ``CasePatch`` in the gateway's OpenAPI
        contract. For a request, they are ``teamKey``, ``partnerId``, ``priority``, ``dueAt`` and
        ``nextStep``, one at least.
        """
        base = PROFILE if collection == "cases" else DESK
        path = f"{base}/{collection}/{path_segment(record['id'])}"
        return self._write("PATCH", path, fields, record)

    def decide_approval(self, identifier: str, decision: str, comment: str) -> Record:
        """Decide an approval, as ``approved`` or ``rejected``, and return it."""
        fields = {"decision": decision, **({"comment": comment} if comment else {})}
        return self._write(
            "POST", f"{PROFILE}/approvals/{path_segment(identifier)}/decision", fields
        )

    def create_document(self, fields: Record) -> Record:
        """Create a document without a version, and return it.

        ``fields`` are those of the schema ``NewDocument`` in the gateway's OpenAPI contract.
        """
        return self._write("POST", f"{PROFILE}/documents", fields)

    def upload_file(self, file: LocalFile) -> str:
        """Announce a file to the gateway and send its bytes. Returns the upload's id.

        Raises:
            OpsError: The bytes are not accepted.
        """
        fields = {
            "fileName": file.path.name,
            "mediaType": file.media_type,
            "sizeBytes": file.size,
            "sha256": file.sha256,
            "purpose": "document_version",
        }
        upload = self._write("POST", f"{PROFILE}/uploads", fields)
        send_bytes(str(upload["putUrl"]), file)
        return str(upload["uploadId"])

    def add_version(self, identifier: str, fields: Record) -> Record:
        """Turn uploaded bytes into a version of a document, and return the version.

        ``identifier`` is the id of the document. ``fields`` are those of the schema
        ``NewDocumentVersion`` in the gateway's OpenAPI contract, with the id of the upload.
        """
        return self._write(
            "POST", f"{PROFILE}/documents/{path_segment(identifier)}/versions", fields
        )

    def request_approval(self, subject: str) -> Record:
        """Return the approval of a document version; request it if there is none.

        ``subject`` names the version as ``document/number``.
        """
        fields = {"subject": {"type": "document_version", "id": subject}}
        return self._write("POST", f"{PROFILE}/approvals", fields)

    @contextlib.contextmanager
    def open_content(self, identifier: str, version: Record) -> Iterator[Iterator[bytes]]:
        """Open the content of a document's version: yield its bytes, in pieces.

        The bytes are not verified.

        Raises:
            OpsError: The gateway does not give the bytes.
        """
        number = version["number"]
        path = f"{PROFILE}/documents/{path_segment(identifier)}/versions/{number}/content"
        with self._http.stream("GET", path, headers=PLAIN) as response:
            if response.status_code == 200:
                yield response.iter_bytes()
                return
            if response.status_code != 307:
                _read_document(httpx.Response(response.status_code, content=_start(response)))
                raise OpsError(
                    f"the gateway answers {response.status_code} without the bytes",
                    "check the gateway: `gridwix gateway check`",
                )
            location = response.headers.get("location", "")
        with receive_bytes(location) as pieces:
            yield pieces

    def publish_notice(self, fields: Record) -> Record:
        """Publish a service notice, and return it."""
        return self._write("POST", f"{DESK}/service-notices", fields)

    def update_notice(self, notice: Record, fields: Record) -> Record:
        """Add an update to a service notice, and return the notice."""
        path = f"{DESK}/service-notices/{path_segment(notice['id'])}/updates"
        return self._write("POST", path, fields, notice)

    def _write(self, method: str, path: str, fields: Record, base: Record | None = None) -> Record:
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        if base is not None:
            headers["If-Match"] = f'"v{base["version"]}"'
        return _read_document(self._request(method, path, json=fields, headers=headers))

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        with self._http.stream(method, path, **options) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_RESPONSE_BYTES:
                    raise OpsError(
                        "the gateway's answer is too large",
                        "ask for less, such as with --partner or --limit",
                    )
        return httpx.Response(
            response.status_code, headers=_plain(response.headers), content=bytes(body)
        )


@contextlib.contextmanager
def connect_desk(url: str, environment: Mapping[str, str] = os.environ) -> Iterator[DeskClient]:
    """Connect to a gateway for a ``with`` block, and yield the client.

    Args:
        url: The gateway's URL: the output ``GatewayUrl`` of its stack.
        environment: The environment variables, which have the credentials.

    Raises:
        OpsError: The URL is not usable, there is no gateway, or a credential is missing or wrong.
    """
    base = _checked_url(url)
    key, secret = (_variable(environment, name) for name in (CONSUMER_KEY, CONSUMER_SECRET))
    auth = TradingGridAuth(key, secret, base + TOKEN_PATH)
    timeout = httpx.Timeout(30.0, connect=5.0)
    with httpx.Client(base_url=base, auth=auth, timeout=timeout, trust_env=False) as http:
        try:
            yield DeskClient(http)
        except UpstreamError as error:
            # Only the token call raises it: other answers are problems.
            raise OpsError(*_token_fault(base, error)) from None
        except httpx.ConnectError as error:
            reason = f"{error}".strip() or type(error).__name__
            said = f"{httpx.URL(base).host} cannot be reached ({reason})"
            raise OpsError(said, GATEWAY_URL) from None


def _token_fault(base: str, error: UpstreamError) -> tuple[str, str]:
    """Return what is wrong, and the remedy, after a failed call for an access token.

    It tells from the status whether the gateway's address or the credentials are wrong.
    """
    if error.status == httpx.codes.UNAUTHORIZED:
        return (
            f"{base} does not take the consumer key of {CONSUMER_KEY} with its secret",
            f"set {CONSUMER_KEY} and {CONSUMER_SECRET} to those of a consumer of this gateway",
        )
    if error.status in (httpx.codes.OK, httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND):
        # API Gateway answers 403 to a path that it does not know.
        return f"{base} is no gateway, as it has no {TOKEN_PATH} that gives tokens", GATEWAY_URL
    return f"{base}: {error}", "run the command again in a minute"


def _variable(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise OpsError(
            f"the environment variable {name} is not set",
            "set it to that of a consumer of the gateway with the scope desk",
        )
    return value


def _checked_url(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise OpsError("the gateway's URL is not valid", GATEWAY_URL) from None
    if not is_safe_url(parsed):
        raise OpsError(f"{shown_text(url)} is no URL that begins with https://", GATEWAY_URL)
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise OpsError("the gateway's URL has a user, a query or a fragment", "leave them out")
    return url.rstrip("/").removesuffix(PROFILE)


def _start(response: httpx.Response) -> bytes:
    """Return the first bytes of the body of an error response, which says what is wrong."""
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_PROBLEM_BYTES:
            break
    return bytes(body[:MAX_PROBLEM_BYTES])


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """Return the headers of a response with a body that is decoded already.

    Those on the encoding and length of the body are left out.
    """
    return {
        name: value
        for name, value in headers.items()
        if name not in ("content-encoding", "content-length", "transfer-encoding")
    }


def _read_document(response: httpx.Response) -> Record:
    """Return the JSON object of a successful response.

    Raises OpsError for any other response. The message is the explanation in the response's body (a
    problem of RFC 9457), if there is one.
    """
    try:
        document = response.json()
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise OpsError(
            f"the gateway answers {response.status_code} without a JSON object",
            "check the gateway: `gridwix gateway check`",
        )
    if response.is_success:
        return document
    parts = [str(document.get("detail") or f"status {response.status_code}")]
    errors = document.get("errors")
    parts += [
        f"{error.get('pointer', '')}: {error.get('detail', '')}"
        for error in (errors if isinstance(errors, list) else ())
        if isinstance(error, dict)
    ]
    is_outdated = document.get("code") == "version-conflict"
    remedy = (
        "look at it again, and repeat the command"
        if is_outdated
        else "correct the command; `gridwix desk show` shows the record"
    )
    raise OpsError(shown_text(" ".join(parts)[:1_000]).rstrip("."), remedy)
