"""Rules of the conformance kit on ``GET /capabilities``, the list of collections with a source.

A source is a system or file from which the gateway gets a collection's records. A client shows the
collections with a source and hides the others. The operation is optional: if a gateway does not
have it, a client shows all collections.
"""

from gridwix.clients.http_messages import path_segment
from ops.gateway.check.bounded_http import GatewayFault
from ops.gateway.check.capabilities.library import draft_document
from ops.gateway.check.created_records import Change
from ops.gateway.check.exchanges import Exchange
from ops.gateway.check.profile import CAPABILITIES_PATH, COLLECTIONS, NO_SUCH_OPERATION
from ops.gateway.check.rules import (
    Broken,
    Capability,
    Need,
    Skipped,
    described,
    require,
    require_status,
)
from ops.gateway.check.session import Session

sources = Capability("capabilities", "Collections with a source")
MAX_NAMES = 50
"""Maximum number of collections to list. The profile has nine."""

CREATED = ("cases", "collaboration-requests", "documents")


@sources.rule(
    "answered", "`GET /capabilities` gives 200, or 404, 405 or 501 from a gateway without it"
)
def check_answered(session: Session) -> None:
    require_status(_read(session), 200, *NO_SUCH_OPERATION)


@sources.rule("form", "The collections are a list of names, each once")
def check_form(session: Session) -> None:
    _names(session)


@sources.rule("served", "A collection with a source has its list")
def check_served(session: Session) -> None:
    unserved = []
    for name in sorted(_names(session))[:MAX_NAMES]:
        exchange = session.gateway.get(f"/{path_segment(name)}", {"limit": 1})
        if exchange.status != 200:
            unserved.append((f"{name[:60]!r} answers {described(exchange)}", exchange))
    require(
        not unserved,
        "lists of collections with a source: " + ", ".join(text for text, _ in unserved),
        *[exchange for _, exchange in unserved[:3]],
    )


@sources.collection_rule("complete", "A collection with records has a source", COLLECTIONS)
def check_complete(session: Session, collection: str) -> None:
    if collection in _names(session):
        return
    try:
        listing = session.list_records(collection)
    except Broken as broken:
        raise Skipped(f"{broken.text}: see lists") from None
    records = [record for record in listing.items if not record.get("deletedAt")]
    if not records:
        return
    # The list may be younger than the answer that the run has kept.
    names, exchange = _read_names(session)
    require(
        collection in names,
        f"{collection} has records, such as {records[0]['id']}, and no source",
        *listing.pages[:1],
        exchange,
    )


@sources.collection_rule(
    "created", "A collection in which a record was created has a source", CREATED, Need.WRITE
)
def check_created(session: Session, collection: str) -> None:
    _names(session)
    created = _create(session, collection)
    found = session.wait_until(lambda: collection in _read_names(session)[0])
    last = () if session.gateway.last is None else (session.gateway.last,)
    require(found, f"{created.path[1:]} was created, and {collection} has no source", *last)


def _create(session: Session, collection: str) -> Change:
    if collection == "documents":
        return draft_document(session)
    if collection == "cases":
        return session.records.create_case()
    return session.records.create_request()


def _read(session: Session) -> Exchange:
    return session.gateway.get(CAPABILITIES_PATH)


def _names(session: Session) -> frozenset[str]:
    """Return the names of the collections for which the gateway has a source of records.

    They are read at the first call in a run of the conformance kit, and kept for later calls.

    Raises:
        Broken: There is no usable response, or it is no list of different names.
        Skipped: The gateway does not have the operation, or answers with another status than 200.
    """
    return session.keep("capabilities", lambda: _read_names(session)[0])


def _read_names(session: Session) -> tuple[frozenset[str], Exchange]:
    """Read the names of the collections for which the gateway has a source of records.

    Returns:
        The names, and the request with its response.

    Raises:
        Broken: There is no usable response, or it is no list of different names.
        Skipped: The gateway does not have the operation, or answers with another status than 200.
    """
    try:
        exchange = _read(session)
    except GatewayFault as fault:
        raise Broken(fault.fault) from None
    if exchange.status in NO_SUCH_OPERATION:
        raise Skipped("the gateway does not tell, so each collection counts as one with a source")
    if exchange.status != 200:
        raise Skipped(f"{CAPABILITIES_PATH} answers {described(exchange)}")
    document = exchange.document
    names = document.get("collections") if isinstance(document, dict) else None
    texts = [name for name in names if isinstance(name, str)] if isinstance(names, list) else None
    require(texts is not None and texts == names, "collections is no list of names", exchange)
    assert texts is not None
    repeated = sorted({name for name in texts if texts.count(name) > 1})
    require(not repeated, f"{', '.join(repeated)[:200]} is named more than once", exchange)
    return frozenset(texts), exchange
