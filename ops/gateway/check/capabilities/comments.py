"""Rules of the conformance kit on comments on cases and requests."""

from ops.gateway.check.created_records import MARK, Change
from ops.gateway.check.exchanges import Exchange
from ops.gateway.check.rules import (
    Capability,
    Need,
    Skipped,
    require,
    require_problem,
    require_status,
)
from ops.gateway.check.session import Session

comments = Capability("comments", "Comments")
COLLECTIONS = ("cases", "collaboration-requests")


@comments.collection_rule(
    "listed", "Comments are listed oldest first, as they were written", COLLECTIONS, Need.WRITE
)
def check_listed(session: Session, collection: str) -> None:
    record = _record(session, collection)
    written = [_write(session, record, f"{MARK} {number}") for number in (1, 2)]
    for exchange in written:
        require_status(exchange, 201)
        require(
            exchange.document["visibility"] == "internal",
            f"the visibility is {exchange.document['visibility']}, not internal",
            exchange,
        )
    listed = session.gateway.get(f"{record.path}/comments")
    require_status(listed, 200)
    wanted = [exchange.document["id"] for exchange in written]
    found = [one["id"] for one in listed.document["items"] if one["id"] in wanted]
    require(found == wanted, f"the list has {found}, written were {wanted}", listed)
    bodies = [one["body"] for one in listed.document["items"] if one["id"] in wanted]
    require(bodies == [f"{MARK} 1", f"{MARK} 2"], "a comment has another text", listed)


@comments.rule("version", "A comment on a request raises its version", Need.WRITE)
def check_version(session: Session) -> None:
    record = _record(session, "collaboration-requests")
    require_status(_write(session, record, MARK), 201)
    after = session.records.read(record.collection, record.id)
    require(
        after.version == record.version + 1,
        f"a comment takes the version from {record.version} to {after.version}",
        after.exchange,
    )


@comments.rule(
    "ended",
    "A partner's comment on a request that is rejected is an invalid-transition",
    Need.WRITE,
)
def check_ended(session: Session) -> None:
    record = _record(session, "collaboration-requests")
    if record.document["status"] == "received":
        record = session.records.move(record, "triaged")
    record = session.records.move(record, "rejected")
    fields = {"body": MARK, "authorKind": "partner", "visibility": "internal", "source": "portal"}
    require_problem(session.records.post(f"{record.path}/comments", fields), "invalid-transition")


@comments.rule("empty", "A comment without text is refused with validation", Need.WRITE)
def check_empty(session: Session) -> None:
    record = session.records.create_case()
    require_problem(_write(session, record, ""), "validation")


def _record(session: Session, collection: str) -> Change:
    """Create a case or request to comment on, and return it.

    Raises Skipped if the gateway has no comments on requests, which are optional.
    """
    if collection == "cases":
        return session.records.create_case()
    record = session.records.create_request()
    if session.gateway.get(f"{record.path}/comments").status == 404:
        raise Skipped("the gateway has no comments on requests, which are optional")
    return record


def _write(session: Session, record: Change, text: str) -> Exchange:
    fields = {"body": text, "visibility": "internal", "authorKind": "internal"}
    return session.records.post(f"{record.path}/comments", fields)
