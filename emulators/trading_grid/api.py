"""Emulated HTTP API for the records of a trading community, such as partners and cases.

OpenText publishes no such API. Its OpenAPI contract, the community gateway profile, was made for
this project. Routes: lists, single records, writes, the event feed and webhook endpoints.
"""

import base64
import binascii
import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.common.clock import rfc3339
from emulators.trading_grid.community import ENTITY_NAMES
from emulators.trading_grid.json_bodies import entity_response, etag, read_json
from emulators.trading_grid.library_api import LibraryApi
from emulators.trading_grid.problems import Problem, legacy_error, require_correlation_id
from emulators.trading_grid.store import Document
from emulators.trading_grid.tenant import Tenant

BASE = "/community/v1"
MAX_LIMIT = 200
DEFAULT_LIMIT = 100
MAX_PARTNER_IDS = 50
PATCHES = {"partners": "PartnerPatch", "cases": "CasePatch"}
RETENTION = timedelta(days=14)
"""Age up to which the event feed keeps events."""

type Handler = Callable[[Request], Awaitable[Response]]


class RestOfPath(Convertor[str]):
    """Route parameter for the rest of a path, with any characters.

    Starlette's own convertor ``path`` does not match a line break.
    """

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("rest", RestOfPath())


class CommunityApi:
    """Emulated HTTP routes under ``/community/v1``, as in the API's OpenAPI contract."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._community = tenant.community

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Handler]] = []
        for kind in ENTITY_NAMES:
            table += [
                ("GET", f"/{kind}", self._list_handler(kind)),
                ("GET", f"/{kind}/{{id}}", self._get_handler(kind)),
            ]
        for kind in ("partners", "cases"):
            table.append(("PATCH", f"/{kind}/{{id}}", self._patch_handler(kind)))
        for kind in (
            "partners",
            "compliance-checks",
            "cases",
            "enrollments",
            "collaboration-requests",
            "documents",
        ):
            table.append(("POST", f"/{kind}/{{id}}/transitions", self._transition_handler(kind)))
        table += [
            ("POST", "/enrollments/{id}/steps/{key}/transitions", self._move_step),
            ("POST", "/cases", self._create_case),
            ("PUT", "/cases/{id}/transaction-refs/{correlation:rest}", self._put_transaction),
            ("GET", "/cases/{id}/comments", self._list_comments),
            ("POST", "/cases/{id}/comments", self._add_comment),
            ("POST", "/collaboration-requests", self._create_request),
            ("GET", "/collaboration-requests/{id}/comments", self._list_request_comments),
            ("POST", "/collaboration-requests/{id}/comments", self._add_request_comment),
            ("GET", "/events", self._list_events),
            ("GET", "/capabilities", self._get_capabilities),
            ("GET", "/webhook-endpoints", self._list_endpoints),
            ("POST", "/webhook-endpoints", self._register_endpoint),
            ("GET", "/webhook-endpoints/{id}", self._get_endpoint),
            ("DELETE", "/webhook-endpoints/{id}", self._delete_endpoint),
            ("POST", "/webhook-endpoints/{id}/rotate-secret", self._rotate_secret),
            ("POST", "/webhook-endpoints/{id}/replay", self._replay_events),
            ("GET", "/webhook-endpoints/{id}/deliveries", self._list_deliveries),
        ]
        table += LibraryApi(self._tenant).route_table()
        return [
            Route(BASE + path, self._handle_errors(work), methods=[method])
            for method, path, work in table
        ]

    def _handle_errors(self, work: Handler) -> Handler:
        """Wrap a handler with authentication, idempotency keys, and error responses (RFC 9457).

        The response has the ``X-Request-ID`` of the request, or a new one.
        """

        async def handle(request: Request) -> Response:
            request_id = request.headers.get("x-request-id", "")[:100] or str(uuid.uuid4())
            try:
                answer = await self._authenticate(request, work)
            except Problem as problem:
                answer = problem.response(request_id, request.url.path.removeprefix(BASE))
            answer.headers["x-request-id"] = request_id
            return answer

        return handle

    async def _authenticate(self, request: Request, work: Handler) -> Response:
        if self._tenant.faults.take_match("expire_token"):
            self._tenant.auth.expire_tokens()
        if not self._tenant.auth.is_valid(request):
            raise Problem("unauthenticated", "The access token is missing or has expired.")
        if self._tenant.faults.take_match("legacy_error", path=request.url.path):
            return legacy_error(500, "Internal error", "TG-500")
        return await (
            self._replay_or_run(request, work) if request.method == "POST" else work(request)
        )

    async def _replay_or_run(self, request: Request, work: Handler) -> Response:
        """Run the handler, or replay the stored response to an ``Idempotency-Key``.

        Raises Problem if the key was used for a different request.
        """
        key = request.headers.get("idempotency-key")
        if key is None:
            return await work(request)
        if not 0 < len(key) <= 200:
            raise Problem(
                "validation",
                "Idempotency-Key is not valid.",
                errors=[{"pointer": "", "code": "invalid", "detail": "Idempotency-Key"}],
            )
        fingerprint = hashlib.sha256(
            f"{request.url.path}\n".encode() + await request.body()
        ).hexdigest()
        connection = self._tenant.store.connection
        row = connection.execute("SELECT * FROM idempotency WHERE key = ?", (key,)).fetchone()
        if row is not None:
            if row["request"] != fingerprint:
                raise Problem("idempotency-key-reused", "The key was used for another request.")
            headers = {**json.loads(row["headers"]), "idempotent-replayed": "true"}
            return Response(
                row["body"], row["status"], headers=headers, media_type="application/json"
            )
        answer = await work(request)
        # A replayed response must have the ETag of the first, which the caller needs for its next
        # write.
        kept = {name: value for name, value in answer.headers.items() if name == "etag"}
        values = (
            key,
            fingerprint,
            answer.status_code,
            bytes(answer.body).decode(),
            json.dumps(kept),
        )
        connection.execute("INSERT OR IGNORE INTO idempotency VALUES (?, ?, ?, ?, ?)", values)
        return answer

    async def _get_capabilities(self, _: Request) -> Response:
        absent = self._community.without_source
        return JSONResponse({"collections": [name for name in ENTITY_NAMES if name not in absent]})

    def _list_handler(self, kind: str) -> Handler:
        async def work(request: Request) -> Response:
            query = request.query_params
            partner_ids = tuple(query.getlist("partnerId"))
            if len(partner_ids) > MAX_PARTNER_IDS:
                raise Problem(
                    "validation", f"partnerId may be repeated {MAX_PARTNER_IDS} times.", errors=[]
                )
            statuses = tuple(status for status in query.get("status", "").split(",") if status)
            limit = _read_limit(query.get("limit"))
            since = _read_timestamp(query.get("updatedSince"))
            filters = {"kind": kind, "partners": partner_ids, "statuses": statuses, "since": since}
            after = _read_list_cursor(query["cursor"], filters) if "cursor" in query else ("", "")
            if self._tenant.faults.take_match("cursor_expired", path=request.url.path):
                raise Problem("cursor-expired", "The cursor is too old.")
            as_of = self._community.now()
            stale = self._tenant.faults.take_match("stale_read", path=request.url.path) is not None
            found = self._tenant.store.select(
                kind,
                partner_ids=partner_ids,
                statuses=statuses,
                since=since,
                after=after,
                limit=limit + 1,
                stale=stale,
            )
            page = found[:limit]
            following = _list_cursor(page[-1], filters) if len(found) > limit else None
            page = [self._expand_versions(request, kind, document) for document in page]
            return JSONResponse(
                {
                    "items": [self._apply_overrides(request, kind, document) for document in page],
                    "nextCursor": following,
                    "asOf": as_of,
                }
            )

        return work

    def _get_handler(self, kind: str) -> Handler:
        async def work(request: Request) -> Response:
            identifier = request.path_params["id"]
            stale = self._tenant.faults.take_match("stale_read", path=request.url.path) is not None
            document = self._tenant.store.get(kind, identifier, stale=stale) or self._community.get(
                kind, identifier
            )
            tag = etag(document)
            if request.headers.get("if-none-match") == tag:
                return Response(status_code=304, headers={"etag": tag})
            return JSONResponse(
                self._apply_overrides(
                    request, kind, self._expand_versions(request, kind, document)
                ),
                headers={"etag": tag},
            )

        return work

    def _expand_versions(self, request: Request, kind: str, document: Document) -> Document:
        """Return a record; a document gets its versions if the request has ``expand=versions``.

        Raises Problem if a request for documents has any other value of ``expand``.
        """
        wanted = request.query_params.get("expand") if kind == "documents" else None
        if wanted not in (None, "versions"):
            raise Problem(
                "validation",
                "expand can be versions.",
                errors=[{"pointer": "", "code": "enum", "detail": "expand"}],
            )
        return (
            document
            if wanted is None
            else {**document, "versions": self._tenant.library.versions(document["id"])}
        )

    def _patch_handler(self, kind: str) -> Handler:
        async def work(request: Request) -> Response:
            changes = await read_json(request, PATCHES[kind])
            self._require_match(request, kind)
            return entity_response(self._community.patch(kind, request.path_params["id"], changes))

        return work

    def _transition_handler(self, kind: str) -> Handler:
        async def work(request: Request) -> Response:
            wish = await read_json(request, "Transition")
            self._require_match(request, kind)
            return entity_response(
                self._community.transition(kind, request.path_params["id"], wish)
            )

        return work

    async def _move_step(self, request: Request) -> Response:
        wish = await read_json(request, "Transition")
        self._require_match(request, "enrollments")
        step = self._community.move_step(
            request.path_params["id"], request.path_params["key"], wish
        )
        return JSONResponse(step, headers={"etag": f'"v{step["enrollmentVersion"]}"'})

    async def _create_case(self, request: Request) -> Response:
        return entity_response(
            self._community.create_case(await read_json(request, "NewCase")), 201
        )

    async def _create_request(self, request: Request) -> Response:
        wish = await read_json(request, "NewCollaborationRequest")
        for attachment in wish.get("attachments", []):
            self._tenant.uploads.require_received(attachment["uploadId"])
        return entity_response(self._community.create_request(wish), 201)

    async def _put_transaction(self, request: Request) -> Response:
        correlation_id = request.path_params["correlation"]
        require_correlation_id(correlation_id)
        reference = await read_json(request, "TransactionRef")
        case_id = request.path_params["id"]
        return entity_response(self._community.put_transaction(case_id, correlation_id, reference))

    async def _list_comments(self, request: Request) -> Response:
        return JSONResponse(
            {
                "items": self._community.comments(request.path_params["id"]),
                "nextCursor": None,
                "asOf": self._community.now(),
            }
        )

    async def _add_comment(self, request: Request) -> Response:
        return JSONResponse(
            self._community.add_comment(
                request.path_params["id"], await read_json(request, "NewComment")
            ),
            201,
        )

    async def _list_request_comments(self, request: Request) -> Response:
        found = self._community.request_comments(request.path_params["id"])
        return JSONResponse({"items": found, "nextCursor": None, "asOf": self._community.now()})

    async def _add_request_comment(self, request: Request) -> Response:
        return JSONResponse(
            self._community.add_request_comment(
                request.path_params["id"], await read_json(request, "NewComment")
            ),
            201,
        )

    async def _list_events(self, request: Request) -> Response:
        query, store = request.query_params, self._tenant.store
        limit, cursor = _read_limit(query.get("limit")), query.get("cursor", "")
        types = tuple(kind for kind in query.get("types", "").split(",") if kind)
        if self._tenant.faults.take_match("cursor_expired", path=request.url.path):
            raise Problem("cursor-expired", "The events behind the cursor are no longer kept.")
        if cursor == "now":
            return JSONResponse(
                {"items": [], "nextCursor": _feed_cursor(store.last_event()), "hasMore": False}
            )
        kept_from = store.last_event_before((self._tenant.clock.now() - RETENTION).timestamp())
        after = kept_from if cursor == "" else _read_feed_cursor(cursor)
        # A reader that has missed events must resync; an empty page would hide the loss.
        if after < kept_from:
            raise Problem("cursor-expired", "The events behind the cursor are no longer kept.")
        found = store.events(after, limit + 1, types)
        page = found[:limit]
        more = len(found) > limit
        position = page[-1][0] if page else after
        items: list[Any] = [event for _, event in page]
        if items and self._tenant.faults.take_match("malformed_event", path=request.url.path):
            # Before the valid events: a reader must skip it and still advance its cursor.
            items.insert(0, {"id": "evt_malformed"})
        return JSONResponse({"items": items, "nextCursor": _feed_cursor(position), "hasMore": more})

    async def _list_endpoints(self, _: Request) -> Response:
        return JSONResponse(
            {
                "items": self._tenant.webhooks.list_endpoints(),
                "nextCursor": None,
                "asOf": self._community.now(),
            }
        )

    async def _register_endpoint(self, request: Request) -> Response:
        wish = await read_json(request, "NewWebhookEndpoint")
        return JSONResponse(
            self._tenant.webhooks.register_endpoint(wish["url"], wish.get("types")), 201
        )

    async def _get_endpoint(self, request: Request) -> Response:
        return JSONResponse(self._tenant.webhooks.get_endpoint(request.path_params["id"]))

    async def _delete_endpoint(self, request: Request) -> Response:
        self._tenant.webhooks.delete_endpoint(request.path_params["id"])
        return Response(status_code=204)

    async def _rotate_secret(self, request: Request) -> Response:
        return JSONResponse(self._tenant.webhooks.rotate_secret(request.path_params["id"]))

    async def _replay_events(self, request: Request) -> Response:
        wish = await read_json(request, "Replay")
        return JSONResponse(
            {
                "queued": self._tenant.webhooks.replay_events(
                    request.path_params["id"], _read_feed_cursor(wish["fromCursor"])
                )
            },
            202,
        )

    async def _list_deliveries(self, request: Request) -> Response:
        self._tenant.webhooks.get_endpoint(request.path_params["id"])
        found = self._tenant.webhooks.deliveries(
            request.path_params["id"], _read_limit(request.query_params.get("limit"))
        )
        return JSONResponse({"items": found, "nextCursor": None, "asOf": self._community.now()})

    def _require_match(self, request: Request, kind: str) -> None:
        """Check that ``If-Match`` names the current version of the record (optimistic locking).

        Raises Problem: precondition-required if the header is missing, version-conflict if it names
        another version.
        """
        current = self._community.get(kind, request.path_params["id"])
        wanted = request.headers.get("if-match")
        if wanted is None:
            raise Problem(
                "precondition-required", "If-Match is missing.", currentVersion=current["version"]
            )
        if wanted != etag(current) or self._tenant.faults.take_match(
            "version_race", path=request.url.path
        ):
            raise Problem(
                "version-conflict",
                "The record has changed since.",
                currentVersion=current["version"],
            )

    def _apply_overrides(self, request: Request, kind: str, document: Document) -> Any:
        """Return the record, or faulty content in its place if a test has asked for it.

        The faulty content is the record's value in ``overridden_records``, or the record with an
        unknown status (fault ``unknown_enum``).
        """
        if (name := f"{kind}/{document['id']}") in self._tenant.overridden_records:
            return self._tenant.overridden_records[name]
        return (
            {**document, "status": "quantum"}
            if self._tenant.faults.take_match("unknown_enum", path=request.url.path)
            else document
        )


def _read_limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_LIMIT):
        raise Problem(
            "validation",
            f"limit is 1 to {MAX_LIMIT}.",
            errors=[{"pointer": "limit", "code": "range", "detail": f"1 to {MAX_LIMIT}"}],
        )
    return int(text)


def _read_timestamp(text: str | None) -> str:
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
        return rfc3339(moment)
    except (ValueError, OverflowError):
        raise Problem(
            "validation",
            "updatedSince is not a time.",
            errors=[{"pointer": "updatedSince", "code": "format", "detail": "RFC 3339"}],
        ) from None


def _list_cursor(last: Document, filters: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(
        json.dumps([last["updatedAt"], last["id"], _filter_digest(filters)]).encode()
    ).decode()


def _read_list_cursor(cursor: str, filters: dict[str, Any]) -> tuple[str, str]:
    """Return the position ``(updatedAt, id)`` in the cursor of a list.

    Raises Problem for an invalid cursor, and for a cursor that belongs to other filters.
    """
    try:
        updated, identifier, digest = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        updated, identifier = str(updated), str(identifier)
    except (binascii.Error, ValueError, TypeError):
        raise Problem("cursor-invalid", "The cursor is not valid.") from None
    if digest != _filter_digest(filters):
        raise Problem("cursor-invalid", "The cursor belongs to other filters.")
    return updated, identifier


def _filter_digest(filters: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(filters).encode()).hexdigest()[:12]


def _feed_cursor(number: int) -> str:
    return base64.urlsafe_b64encode(f"feed:{number}".encode()).decode()


def _read_feed_cursor(cursor: str) -> int:
    try:
        kind, _, number = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        if kind != "feed" or not (number.isascii() and number.isdigit()):
            raise ValueError(cursor)
        return int(number[:18])
    except (binascii.Error, ValueError):
        raise Problem("cursor-invalid", "The cursor is not valid.") from None
