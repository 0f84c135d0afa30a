"""Rules of the conformance kit on a case's references to transactions."""

from ops.gateway.check.created_records import Change
from ops.gateway.check.exchanges import Document, Exchange
from ops.gateway.check.rules import Capability, Need, require, require_problem, require_status
from ops.gateway.check.session import Session

references = Capability("references", "Transaction references")
REFERENCE = {"editype": "856", "standard": "x12", "direction": "inbound"}
CORRELATION_ID = "gateway-check-1"


@references.rule("added", "A reference is added under its correlation id", Need.WRITE)
def check_added(session: Session) -> None:
    case = session.records.create_case()
    exchange = _put(session, case, REFERENCE)
    require_status(exchange, 200)
    found = [one for one in exchange.document["transactionRefs"] if _is_ours(one)]
    require(len(found) == 1, f"the case has {len(found)} references of that id", exchange)
    require(
        all(found[0].get(name) == value for name, value in REFERENCE.items()),
        "the reference is not the one that was put",
        exchange,
    )
    require(exchange.document["version"] == 2, "a new reference is no change", exchange)


@references.rule("idempotent", "An identical reference does not raise the version", Need.WRITE)
def check_idempotent(session: Session) -> None:
    case = session.records.create_case()
    first = _put(session, case, REFERENCE)
    second = _put(session, case, REFERENCE)
    for exchange in (first, second):
        require_status(exchange, 200)
    require(
        second.document["version"] == first.document["version"] and second.etag == first.etag,
        f"the same reference takes the version from {first.document['version']} to"
        f" {second.document['version']}",
        first,
        second,
    )


@references.rule("replaced", "Another reference of the same id replaces the first", Need.WRITE)
def check_replaced(session: Session) -> None:
    case = session.records.create_case()
    _put(session, case, REFERENCE)
    exchange = _put(session, case, {**REFERENCE, "editype": "810"})
    require_status(exchange, 200)
    found = [one.get("editype") for one in exchange.document["transactionRefs"] if _is_ours(one)]
    require(found == ["810"], f"the references of that id have the types {found}", exchange)


@references.rule(
    "ended", "A case that is `cancelled` refuses references with invalid-transition", Need.WRITE
)
def check_ended(session: Session) -> None:
    case = session.records.move(session.records.create_case(), "cancelled")
    require_problem(_put(session, case, REFERENCE), "invalid-transition")


def _put(session: Session, case: Change, reference: Document) -> Exchange:
    return session.gateway.send("PUT", f"{case.path}/transaction-refs/{CORRELATION_ID}", reference)


def _is_ours(reference: Document) -> bool:
    return reference.get("correlationId") == CORRELATION_ID
