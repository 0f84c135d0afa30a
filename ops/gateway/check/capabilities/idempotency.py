"""Rules of the conformance kit on idempotency keys: a request with a key is executed once."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from ops.gateway.check.created_records import MARK, Change
from ops.gateway.check.exchanges import Exchange
from ops.gateway.check.rules import (
    Capability,
    Need,
    require,
    require_problem,
    require_status,
)
from ops.gateway.check.session import Session

idempotency = Capability("idempotency", "Idempotency keys")
AT_ONCE = 4


@idempotency.rule("replayed", "The same key and body give the same record again", Need.WRITE)
def check_replayed(session: Session) -> None:
    first, second = _replayed_case(session)
    require_status(second, 201)
    require(
        second.document["id"] == first.document["id"],
        f"the second request with a key creates {second.document['id']}, after"
        f" {first.document['id']}",
        first,
        second,
    )
    require(second.document == first.document, "the second response differs", first, second)


@idempotency.rule("etag", "A repeated response has the ETag of the first", Need.WRITE)
def check_etag(session: Session) -> None:
    first, second = _replayed_case(session)
    require(
        second.etag == first.etag, f"the ETag is {second.etag}, not {first.etag}", first, second
    )


@idempotency.rule(
    "reused", "The same key with another body is refused with idempotency-key-reused", Need.WRITE
)
def check_reused(session: Session) -> None:
    key = str(uuid.uuid4())
    session.records.create("cases", session.records.case_fields("first"), key)
    exchange = session.records.post("/cases", session.records.case_fields("second"), key=key)
    if exchange.status == 201:
        session.records.note("cases", exchange)
    require_problem(exchange, "idempotency-key-reused")


@idempotency.rule("kept", "A key is kept while others are used", Need.WRITE)
def check_kept(session: Session) -> None:
    key, fields = str(uuid.uuid4()), session.records.case_fields("kept")
    first = session.records.create("cases", fields, key)
    for _ in range(5):
        session.records.create_case()
    # The record has changed, and the response is still the first one.
    session.records.patch(first, {"priority": "normal"})
    again = session.records.post("/cases", fields, key=key)
    require_status(again, 201)
    session.records.note("cases", again)
    require(
        again.document == first.document and again.etag == first.exchange.etag,
        "the response is another one after other requests",
        first.exchange,
        again,
    )


@idempotency.rule(
    "at_once", "Requests with one key that arrive at once create one record", Need.WRITE
)
def check_at_once(session: Session) -> None:
    key, fields = str(uuid.uuid4()), session.records.case_fields("at once")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        exchanges = list(
            pool.map(lambda _: session.records.post("/cases", fields, key=key), range(AT_ONCE))
        )
    for exchange in exchanges:
        if exchange.status == 201:
            session.records.note("cases", exchange)
    # A gateway may refuse the others while the first one runs.
    created = {exchange.document["id"] for exchange in exchanges if exchange.status == 201}
    require(len(created) == 1, f"{AT_ONCE} requests create {len(created)} cases", *exchanges[-2:])
    filters = {"partnerId": session.records.partner_id, "status": "new"}
    since = {"updatedSince": next(e.document["createdAt"] for e in exchanges if e.status == 201)}
    listed = [
        record["id"]
        for record in session.read_list("/cases", {**filters, **since}).items
        if record["subject"] == fields["subject"]
    ]
    require(len(listed) <= 1, f"{AT_ONCE} requests create {len(listed)} cases", *exchanges[-2:])


@idempotency.rule("transition", "A repeated transition gives its first response", Need.WRITE)
def check_transition(session: Session) -> None:
    case, key = session.records.create_case(), str(uuid.uuid4())
    path, body = f"{case.path}/transitions", {"to": "open"}
    first = session.records.post(path, body, key=key, if_match=case.etag)
    require_status(first, 200)
    second = session.records.post(path, body, key=key, if_match=case.etag)
    require_status(second, 200)
    require(
        (second.document, second.etag) == (first.document, first.etag),
        "the second response differs",
        first,
        second,
    )


@idempotency.rule("comment", "A repeated comment is written once", Need.WRITE)
def check_comment(session: Session) -> None:
    case, key = session.records.create_case(), str(uuid.uuid4())
    fields = {"body": MARK, "visibility": "internal"}
    first, second = (
        session.records.post(f"{case.path}/comments", fields, key=key) for _ in range(2)
    )
    require_status(first, 201)
    listed = session.gateway.get(f"{case.path}/comments")
    require_status(listed, 200)
    count = len(listed.document["items"])
    require(count == 1, f"a comment that was sent twice is there {count} times", second, listed)


@idempotency.rule("request", "A repeated request of the portal creates one request", Need.WRITE)
def check_request(session: Session) -> None:
    key, fields = str(uuid.uuid4()), session.records.request_fields()
    first = session.records.create("collaboration-requests", fields, key)
    second = session.records.post("/collaboration-requests", fields, key=key)
    require_status(second, 201)
    again = session.records.note("collaboration-requests", second)
    require(again.id == first.id, f"{again.id} is created after {first.id}", first.exchange, second)


def _replayed_case(session: Session) -> tuple[Exchange, Exchange]:
    def make() -> tuple[Exchange, Exchange]:
        key, fields = str(uuid.uuid4()), session.records.case_fields("replayed")
        first: Change = session.records.create("cases", fields, key)
        second = session.records.post("/cases", fields, key=key)
        if second.status == 201:
            session.records.note("cases", second)
        return first.exchange, second

    return session.keep("a replayed case", make)
