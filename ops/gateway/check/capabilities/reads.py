"""Rules of the conformance kit on reads of one record: ETags, and conditional requests."""

from ops.gateway.check.profile import COLLECTIONS
from ops.gateway.check.rules import Capability, Need, Skipped, require, require_status
from ops.gateway.check.session import Session

reads = Capability("reads", "Single reads")


@reads.collection_rule("etag", 'The ETag of a record is `"v{version}"`', COLLECTIONS)
def check_etag(session: Session, collection: str) -> None:
    exchange = session.read_record(collection, session.sample(collection))
    require_status(exchange, 200)
    wanted = f'"v{exchange.document["version"]}"'
    require(exchange.etag == wanted, f"the ETag is {exchange.etag}, not {wanted}", exchange)


@reads.collection_rule(
    "same_as_list", "A record is the same as in the list at that version", COLLECTIONS
)
def check_same_as_list(session: Session, collection: str) -> None:
    page = session.gateway.get(f"/{collection}", {"limit": 3})
    require_status(page, 200)
    compared = 0
    for listed in page.document["items"]:
        exchange = session.read_record(collection, listed)
        require_status(exchange, 200)
        if exchange.document["version"] == listed["version"]:
            compared += 1
            differing = sorted(
                name
                for name in listed.keys() | exchange.document.keys()
                if listed.get(name) != exchange.document.get(name)
            )
            require(
                not differing, f"{listed['id']} differs in {', '.join(differing)}", page, exchange
            )
    if compared == 0:
        raise Skipped(f"{collection} is empty, or each of its records has changed meanwhile")


@reads.collection_rule("not_modified", "If-None-Match with the present ETag gives 304", COLLECTIONS)
def check_not_modified(session: Session, collection: str) -> None:
    record = session.sample(collection)
    for _ in range(2):
        current = session.read_record(collection, record)
        require_status(current, 200)
        exchange = session.gateway.get(
            current.target, headers={"if-none-match": current.etag or ""}
        )
        if exchange.status == 304:
            require(not exchange.body, "a 304 has a body", exchange)
            return
        # Once more: the record can have changed in between.
    require_status(exchange, 304)


@reads.collection_rule("modified", "If-None-Match with another ETag gives the record", COLLECTIONS)
def check_modified(session: Session, collection: str) -> None:
    record = session.sample(collection)
    exchange = session.gateway.get(
        session.read_record(collection, record).target, headers={"if-none-match": '"v0"'}
    )
    require_status(exchange, 200)


@reads.rule(
    "modified_after_change",
    "If-None-Match with the ETag from before a change gives the changed record",
    Need.WRITE,
)
def check_modified_after_change(session: Session) -> None:
    case = session.records.create_case()
    changed = session.records.patch(case, {"priority": "normal"})
    exchange = session.gateway.get(changed.path, headers={"if-none-match": case.etag})
    require_status(exchange, 200)
    require(
        exchange.document["version"] >= changed.version,
        f"the record is at version {exchange.document['version']}, after the change to"
        f" {changed.version}",
        exchange,
    )
