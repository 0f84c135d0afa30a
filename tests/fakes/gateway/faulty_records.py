"""Planted faults of lists, reads, writes and documents.

Each function returns a new fault, with a state of its own.
"""

import asyncio
import base64
import hashlib
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from emulators.common.clock import rfc3339
from tests.fakes.gateway.faulty import (
    Answer,
    Document,
    Fault,
    Forward,
    Request,
    json_answer,
    problem_answer,
)
from tests.fakes.gateway.faulty_tools import match, read_request

LISTS = match("GET", "/*")
CASE = match("GET", "/cases/*")
LATER = timedelta(days=1)


def is_collection(request: Request) -> bool:
    """Return whether a request reads a list of records."""
    others = ("/events", "/webhook-endpoints", "/capabilities")
    return LISTS(request) and request.path not in others


def authenticate_everybody() -> Fault:
    """Use a token that was valid before for requests with another one, or none."""
    valid: list[str] = []

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if answer.status != 401:
            valid[:] = [request.headers["authorization"]]
            return answer
        return await forward(request.with_header("authorization", valid[0])) if valid else answer

    return fault


def repeat_last_of_page() -> Fault:
    """Begin each page with the last record of the page before."""
    last: dict[str, Document] = {}

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if not is_collection(request) or answer.status != 200 or not answer.document["items"]:
            return answer
        page = answer.document
        before = last.get(request.path) if request.value("cursor") else None
        last[request.path] = page["items"][-1]
        return (
            answer
            if before is None
            else answer.with_document({**page, "items": [before, *page["items"]]})
        )

    return fault


def skip_first_of_page() -> Fault:
    """Leave out the first record of each page but the first."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if not is_collection(request) or answer.status != 200 or not request.value("cursor"):
            return answer
        page = answer.document
        return answer.with_document({**page, "items": page["items"][1:]})

    return fault


def page_by_offset() -> Fault:
    """Page with offsets, as gateways on SQL do: a record that moves shifts the others."""

    async def fault(request: Request, forward: Forward) -> Answer:
        limit, cursor = request.value("limit"), request.value("cursor")
        if not is_collection(request) or limit is None or limit == "200":
            return await forward(request)
        answer = await forward(request.with_query(limit="200", cursor=None))
        if answer.status != 200:
            return answer
        offset, page = int(cursor or 0), answer.document
        end = offset + int(limit)
        following = str(end) if len(page["items"]) > end else None
        return answer.with_document(
            {**page, "items": page["items"][offset:end], "nextCursor": following}
        )

    return fault


def accept_any_cursor() -> Fault:
    """Ignore the filters of a request whose cursor has others."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if answer.status == 400 and request.value("cursor") and is_collection(request):
            kept = tuple((key, value) for key, value in request.query if key in ("cursor", "limit"))
            return await forward(replace(request, query=kept))
        return answer

    return fault


def begin_again_for_bad_cursor() -> Fault:
    """Answer the first page for a text that is no cursor."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if answer.status == 400 and LISTS(request):
            return await forward(request.with_query(cursor=None))
        return answer

    return fault


def shift_updated_since(shift: timedelta) -> Fault:
    """Move the time of ``updatedSince``."""

    async def fault(request: Request, forward: Forward) -> Answer:
        since = request.value("updatedSince")
        if since is None or not since.startswith("20"):
            return await forward(request)
        moved = rfc3339(datetime.fromisoformat(since) + shift)
        return await forward(request.with_query(updatedSince=moved))

    return fault


def shorten_filter(name: str) -> Fault:
    """Use the first of several values of a filter."""

    async def fault(request: Request, forward: Forward) -> Answer:
        first = request.value(name)
        if first is None or not is_collection(request):
            return await forward(request)
        return await forward(request.with_query(**{name: first.partition(",")[0]}))

    return fault


def answer_not_modified() -> Fault:
    """Answer 304 to each conditional request, whether the record has changed or not."""

    async def fault(request: Request, forward: Forward) -> Answer:
        asked = request.headers.get("if-none-match")
        if asked is None or asked == '"v0"':
            return await forward(request)
        return Answer(304, {"etag": asked}, b"")

    return fault


def read_older_version() -> Fault:
    """Read a case as it was before the last write, each second time."""
    before: dict[str, Answer] = {}
    latest: dict[str, Answer] = {}
    reads: dict[str, int] = {}

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if answer.status not in (200, 201) or request.parts[0] != "cases" or not answer.is_json:
            return answer
        identifier = answer.document.get("id", "")
        if CASE(request):
            reads[identifier] = reads.get(identifier, 0) + 1
            return before.get(identifier, answer) if reads[identifier] % 2 == 0 else answer
        if identifier in latest:
            before[identifier] = latest[identifier]
        latest[identifier] = replace(answer, status=200)
        return answer

    return fault


def keep_first_etag() -> Fault:
    """Read a case with the ETag of its first read."""
    first: dict[str, str] = {}

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if not CASE(request) or "etag" not in answer.headers:
            return answer
        return answer.with_header("etag", first.setdefault(request.path, answer.headers["etag"]))

    return fault


def patch_twice() -> Fault:
    """Make two versions of one change."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if request.method != "PATCH" or answer.status != 200:
            return answer
        return await forward(request.with_header("if-match", answer.headers["etag"]))

    return fault


def patch_new_case() -> Fault:
    """Change a case before its creation is answered."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if (request.method, request.path) != ("POST", "/cases") or answer.status != 201:
            return answer
        path = f"/cases/{answer.document['id']}"
        headers = {**request.headers, "if-match": answer.headers["etag"]}
        patch = Request("PATCH", path, (), headers, b'{"priority": "low"}')
        return replace(await forward(patch), status=201)

    return fault


def write_without_precondition(refused: int) -> Fault:
    """Repeat a write that was refused for its ``If-Match`` with the present version."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if answer.status != refused:
            return answer
        current = f'"v{answer.document["currentVersion"]}"'
        again = request.with_header("if-match", current)
        return await forward(again.with_header("idempotency-key", str(uuid.uuid4())))

    return fault


def write_and_refuse() -> Fault:
    """Refuse a stale write, and make it all the same."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if answer.status == 412 and request.method == "PATCH":
            current = f'"v{answer.document["currentVersion"]}"'
            await forward(request.with_header("if-match", current))
        return answer

    return fault


def answer_by_key_alone() -> Fault:
    """Answer a known idempotency key whatever the body is."""
    known: dict[str, Answer] = {}

    async def fault(request: Request, forward: Forward) -> Answer:
        key = request.headers.get("idempotency-key", "")
        if key in known:
            return known[key]
        answer = await forward(request)
        if key:
            known[key] = answer
        return answer

    return fault


def forget_keys(kept: int) -> Fault:
    """Forget an idempotency key after some others."""
    keys: list[str] = []

    async def fault(request: Request, forward: Forward) -> Answer:
        key = request.headers.get("idempotency-key", "")
        forgotten = key in keys and key not in keys[-kept:]
        if key and key not in keys:
            keys.append(key)
        new = str(uuid.uuid4()) if forgotten else key
        return await forward(request.with_header("idempotency-key", new) if key else request)

    return fault


def create_twice_at_once() -> Fault:
    """Create a record for each of two requests of one key that are there at once."""
    waiting: dict[str, asyncio.Event] = {}

    async def fault(request: Request, forward: Forward) -> Answer:
        key = request.headers.get("idempotency-key", "")
        if (request.method, request.path) != ("POST", "/cases") or b"at once" not in request.body:
            return await forward(request)
        other = waiting.get(key)
        if other is not None:
            other.set()
            return await forward(request.with_header("idempotency-key", str(uuid.uuid4())))
        waiting[key] = asyncio.Event()
        await waiting[key].wait()
        return await forward(request)

    return fault


def replay_without_etag() -> Fault:
    """Leave the ETag out of a repeated response."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        return (
            answer.with_header("etag", None) if "idempotent-replayed" in answer.headers else answer
        )

    return fault


def refuse_transition(collection: str, to: str) -> Fault:
    """Refuse a transition that the profile has."""

    async def fault(request: Request, forward: Forward) -> Answer:
        moves = match("POST", f"/{collection}/*/transitions")(request)
        if moves and request.document["to"] == to:
            return problem_answer(409, "invalid-transition")
        return await forward(request)

    return fault


def give_reason() -> Fault:
    """Take a transition without the reason that it needs."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if answer.status != 422 or request.parts[-1] != "transitions":
            return answer
        reasoned = request.with_document({**request.document, "reason": "-"})
        return await forward(reasoned.with_header("idempotency-key", str(uuid.uuid4())))

    return fault


def hide_unlocked_steps() -> Fault:
    """Leave steps locked, whatever is completed."""
    locked: dict[str, set[str]] = {}

    async def fault(request: Request, forward: Forward) -> Answer:
        if request.parts[-1] == "transitions" and request.document["to"] == "available":
            return problem_answer(409, "invalid-transition")
        answer = await forward(request)
        if not match("GET", "/enrollments/*")(request) or answer.status != 200:
            return answer
        enrollment = answer.document
        ever = locked.setdefault(enrollment["id"], set())
        ever |= {step["key"] for step in enrollment["steps"] if step["status"] == "locked"}
        steps = [
            {**step, "status": "locked"} if step["key"] in ever else step
            for step in enrollment["steps"]
        ]
        return answer.with_document({**enrollment, "steps": steps})

    return fault


def begin_locked_steps() -> Fault:
    """Begin a step that waits on others."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if answer.status != 409 or request.parts[0] != "enrollments":
            return answer
        read = await forward(read_request(request))
        step = next(one for one in read.document["steps"] if one["key"] == request.parts[3])
        moved = {**step, "status": request.document["to"], "enrollmentVersion": 99}
        return json_answer(200, moved)

    return fault


def put_reference_twice() -> Fault:
    """Write a reference although it is there already."""

    async def fault(request: Request, forward: Forward) -> Answer:
        if request.method == "PUT" and "transaction-refs" in request.parts:
            other = {**request.document, "message": str(uuid.uuid4())}
            await forward(request.with_document(other))
        return await forward(request)

    return fault


def add_reference_again() -> Fault:
    """Add a reference beside the one of the same id."""

    async def fault(request: Request, forward: Forward) -> Answer:
        before = None
        if "transaction-refs" in request.parts:
            before = (await forward(read_request(request))).document["transactionRefs"]
        answer = await forward(request)
        if not before or answer.status != 200 or before == answer.document["transactionRefs"]:
            return answer
        both = [*before, *answer.document["transactionRefs"]]
        return answer.with_document({**answer.document, "transactionRefs": both})

    return fault


def take_any_bytes() -> Fault:
    """Take bytes that were not announced, and make a version of them."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if request.method == "PUT" and not request.inside and answer.status in (413, 422):
            return json_answer(200, {})
        if match("POST", "/documents/*/versions")(request) and answer.status == 422:
            version = {
                "number": 1,
                "fileName": "a",
                "mediaType": "text/plain",
                "sizeBytes": 1,
                "sha256": "0",
                "source": "portal",
                "status": "in_review",
            }
            return json_answer(201, version)
        return answer

    return fault


def refuse_bytes() -> Fault:
    """Ask for credentials at the upload URL."""

    async def fault(request: Request, forward: Forward) -> Answer:
        if request.method == "PUT" and not request.inside:
            return problem_answer(401, "unauthenticated")
        return await forward(request)

    return fault


def digest_of(content: bytes) -> str:
    """Return the Content-Digest of bytes."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def shift_ranges() -> Fault:
    """Answer a range with the bytes one before."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if answer.status != 206:
            return answer
        return replace(answer, body=b"?" + answer.body[:-1])

    return fault


def ignore_unknown_ranges() -> Fault:
    """Answer the whole content for a range that does not exist."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        return await forward(request.with_header("range", None)) if answer.status == 416 else answer

    return fault


def keep_content_elsewhere(location: str = "http://{host}/elsewhere{path}") -> Fault:
    """Answer a request for a complete content with a redirect, as the profile permits.

    The other address refuses the access token. ``location`` is where the redirect leads.
    """
    tokens: list[str] = []

    async def fault(request: Request, forward: Forward) -> Answer:
        if not request.inside and request.parts[0] == "elsewhere":
            if "authorization" in request.headers:
                return problem_answer(400, "malformed")
            path = request.path.removeprefix("/elsewhere")
            inner = replace(request, path=path, inside=True)
            answer = await forward(inner.with_header("authorization", tokens[-1]))
            return answer.with_header("content-digest", None)
        answer = await forward(request)
        content = match("GET", "/documents/*/versions/*/content")(request)
        if not content or answer.status != 200:
            return answer
        tokens.append(request.headers["authorization"])
        address = location.format(host=request.headers["host"], path=request.path)
        digest = answer.headers["content-digest"]
        return Answer(307, {"location": address, "content-digest": digest}, b"")

    return fault


def version_same_bytes() -> Fault:
    """Answer the bytes of the current version with a new one."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if not match("POST", "/documents/*/versions")(request) or answer.status != 200:
            return answer
        number = answer.document["number"] + 1
        return replace(answer.with_document({**answer.document, "number": number}), status=201)

    return fault
