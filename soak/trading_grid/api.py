"""The routes of the community gateway profile."""

import hashlib
from collections import deque
from collections.abc import Callable, Mapping

from emulators.trading_grid.problems import Problem, require_correlation_id
from soak.trading_grid.community import Community, Made
from soak.trading_grid.desk import Desk
from soak.trading_grid.library import Library
from soak.trading_grid.reading import Reading
from soak.trading_grid.records import Document, compact_json
from soak.trading_grid.replies import Call, Reply, json_reply, record_reply
from soak.trading_grid.schemas import check_schema

KEY_SECONDS = 86_400.0
"""Seconds for which an idempotency key is kept: a day, the profile's minimum."""

_COMMENTED = ("cases", "collaboration-requests")

type Handler = Callable[[Call, tuple[str, ...]], Reply]


class CommunityApi:
    """The routes below ``/community/v1``, by method, collection and number of segments.

    ``keys_kept`` is the number of seconds for which an idempotency key is kept.
    """

    def __init__(
        self, community: Community, desk: Desk, library: Library, reading: Reading
    ) -> None:
        self._community = community
        self._desk = desk
        self._library = library
        self._reading = reading
        self.keys_kept = KEY_SECONDS
        self._answers: dict[str, tuple[bytes, Reply]] = {}
        self._answered: deque[tuple[float, str]] = deque()
        self._routes: Mapping[tuple[str, str, int], Handler] = {
            ("POST", "cases", 1): self._create_case,
            ("POST", "collaboration-requests", 1): self._create_request,
            ("POST", "uploads", 1): self._announce_upload,
            ("POST", "documents", 3): self._post_of_document,
            ("PUT", "cases", 4): self._put_transaction,
            ("POST", "enrollments", 5): self._move_step,
            ("POST", "enrollments", 3): self._post_of_record,
            ("POST", "cases", 3): self._post_of_record,
            ("POST", "collaboration-requests", 3): self._post_of_record,
            ("POST", "partners", 3): self._post_of_record,
            ("POST", "compliance-checks", 3): self._post_of_record,
        }

    def handle(self, call: Call, parts: tuple[str, ...], *, stale: bool) -> Reply:
        """Return the reply to a call of the profile.

        Args:
            call: The request.
            parts: The segments of its path below the profile's base.
            stale: A read is answered by a lagging replica.

        Raises:
            Problem: The call is refused.
        """
        if call.method == "GET":
            return self._reading.handle(call, parts, stale=stale)
        handler = self._routes.get((call.method, parts[0], len(parts)))
        if handler is None:
            raise Problem("not-found", "There is no such operation.")
        return self._replay_or_run(call, parts, handler)

    def _replay_or_run(self, call: Call, parts: tuple[str, ...], handler: Handler) -> Reply:
        """Replay the stored reply of an ``Idempotency-Key``, or run the handler.

        Raises Problem if the key was used for a different request.
        """
        key = call.headers.get("idempotency-key")
        if key is None or call.method != "POST":
            return handler(call, parts)
        now = self._community.clock()
        while self._answered and self._answered[0][0] <= now - self.keys_kept:
            del self._answers[self._answered.popleft()[1]]
        fingerprint = hashlib.sha256(call.path.encode() + b"\n" + call.body).digest()
        known = self._answers.get(key)
        if known is not None:
            if known[0] != fingerprint:
                raise Problem("idempotency-key-reused", "The key was used for another request.")
            reply = known[1]
            return reply._replace(headers={**reply.headers, "idempotent-replayed": "true"})
        reply = handler(call, parts)
        self._answers[key] = fingerprint, reply
        self._answered.append((now, key))
        return reply

    def _create_case(self, call: Call, parts: tuple[str, ...]) -> Reply:
        del parts
        wish = _checked(call, "NewCase")
        return self._created(call, "case", "cases", wish, self._desk.create_case(wish))

    def _create_request(self, call: Call, parts: tuple[str, ...]) -> Reply:
        wish = _checked(call, "NewCollaborationRequest")
        for attachment in wish.get("attachments", ()):
            self._library.require_received(attachment["uploadId"])
        return self._created(call, "request", parts[0], wish, self._desk.create_request(wish))

    def _created(
        self, call: Call, kind: str, collection: str, wish: Document, document: Document
    ) -> Reply:
        self._note(call, kind, f"{collection}/{document['id']}", document, wish)
        return record_reply(compact_json(document), document["version"], 201)

    def _announce_upload(self, call: Call, parts: tuple[str, ...]) -> Reply:
        del parts
        wish = _checked(call, "NewUpload")
        return json_reply(self._library.announce(wish, call.base_url), 201)

    def _put_transaction(self, call: Call, parts: tuple[str, ...]) -> Reply:
        _, identifier, _, correlation_id = parts
        require_correlation_id(correlation_id)
        wish = _checked(call, "TransactionRef")
        case = self._desk.put_transaction(identifier, correlation_id, wish)
        self._note(call, "transaction-ref", f"cases/{identifier}", case, wish)
        return record_reply(compact_json(case), case["version"])

    def _post_of_record(self, call: Call, parts: tuple[str, ...]) -> Reply:
        collection, identifier, action = parts
        if action == "transitions":
            return self._transition(call, collection, identifier)
        if action == "comments" and collection in _COMMENTED:
            if collection != "cases" and not self._reading.requests_take_comments:
                raise Problem("not-found", "There is no such operation.")
            wish = _checked(call, "NewComment")
            comment, record, _ = self._desk.add_comment(collection, identifier, wish)
            name = f"{collection}/{identifier}"
            self._note(call, "comment", name, comment, wish, version=record["version"])
            return json_reply(comment, 201)
        raise Problem("not-found", "There is no such operation.")

    def _post_of_document(self, call: Call, parts: tuple[str, ...]) -> Reply:
        collection, identifier, action = parts
        if action != "versions":
            return self._post_of_record(call, parts)
        wish = _checked(call, "NewDocumentVersion")
        version, fresh = self._library.submit(identifier, wish)
        if fresh:
            record = self._community.find(collection, identifier)
            name = f"{collection}/{identifier}"
            self._note(call, "version", name, version, wish, version=record.version)
        return json_reply(version, 201 if fresh else 200)

    def _transition(self, call: Call, collection: str, identifier: str) -> Reply:
        wish = _checked(call, "Transition")
        self._require_match(call, collection, identifier)
        record, _ = self._desk.transition(collection, identifier, wish)
        self._note(call, "transition", f"{collection}/{identifier}", record, wish)
        return record_reply(compact_json(record), record["version"])

    def _move_step(self, call: Call, parts: tuple[str, ...]) -> Reply:
        collection, identifier, _, key, _ = parts
        wish = _checked(call, "Transition")
        self._require_match(call, collection, identifier)
        step, _ = self._desk.move_step(identifier, key, wish)
        version = step["enrollmentVersion"]
        name = f"{collection}/{identifier}"
        self._note(call, "step", name, step, wish, version=version)
        return record_reply(compact_json(step), version)

    def _require_match(self, call: Call, collection: str, identifier: str) -> None:
        """Check ``If-Match`` (optimistic locking), so that a write cannot overwrite another's
        change.
        """
        version = self._community.find(collection, identifier).version
        wanted = call.headers.get("if-match")
        if wanted is None:
            raise Problem("precondition-required", "If-Match is missing.", currentVersion=version)
        if wanted != f'"v{version}"':
            text = "The record has changed since."
            raise Problem("version-conflict", text, currentVersion=version)

    def _note(
        self,
        call: Call,
        kind: str,
        record: str,
        document: Document,
        wish: Document,
        *,
        version: int | None = None,
    ) -> None:
        at, key = self._community.clock(), call.headers.get("idempotency-key")
        reached = document["version"] if version is None else version
        self._community.note(Made(at, kind, record, reached, document, wish, key))


def _checked(call: Call, schema: str) -> Document:
    body = call.json_object()
    check_schema(schema, body)
    found: Document = body
    return found
