"""Rules of the conformance kit on problems (RFC 9457), the bodies of error responses.

A problem says what is wrong, for people and for programs.
"""

import uuid

from ops.gateway.check.exchanges import Exchange
from ops.gateway.check.profile import COLLECTIONS
from ops.gateway.check.rules import Capability, Need, require_problem
from ops.gateway.check.session import Session

problems = Capability("problems", "Problems")
problems.observed_rule("media_type", "Every error has the media type application/problem+json")
problems.observed_rule(
    "schema", "Every problem has its members: code, detail, requestId and others"
)
problems.observed_rule("status", "Every problem has the HTTP status of its code")


@problems.collection_rule("not_found", "A record that is not there is not-found", COLLECTIONS)
def check_not_found(session: Session, collection: str) -> None:
    exchange = session.gateway.get(f"/{collection}/gateway-check-{uuid.uuid4()}")
    require_problem(exchange, "not-found")


@problems.collection_rule(
    "limit_refused",
    "A limit below 1 or above 200 is refused with validation",
    (*COLLECTIONS, "events"),
)
def check_limit_refused(session: Session, collection: str) -> None:
    for limit in ("0", "201", "ten"):
        require_problem(session.gateway.get(f"/{collection}", {"limit": limit}), "validation")


@problems.rule("malformed", "A body that is not JSON is refused with malformed", Need.WRITE)
def check_malformed(session: Session) -> None:
    require_problem(_post_case(session, b'{"partnerId": ', "application/json"), "malformed")


@problems.rule(
    "unsupported_media_type", "A body of another media type is refused with media-type", Need.WRITE
)
def check_unsupported_media_type(session: Session) -> None:
    require_problem(
        _post_case(session, b"partnerId=1", "application/x-www-form-urlencoded"), "media-type"
    )


@problems.rule(
    "unknown_member",
    "A member that the profile does not have is refused with validation",
    Need.WRITE,
)
def check_unknown_member(session: Session) -> None:
    fields = {**session.records.case_fields("unknown member"), "gatewayCheck": True}
    require_problem(_note(session, session.records.post("/cases", fields)), "validation")


@problems.rule(
    "missing_member", "A body without a required member is refused with validation", Need.WRITE
)
def check_missing_member(session: Session) -> None:
    fields = session.records.case_fields("missing member")
    del fields["category"]
    require_problem(_note(session, session.records.post("/cases", fields)), "validation")


@problems.rule(
    "unknown_partner", "A case of an unknown partner is refused with validation", Need.WRITE
)
def check_unknown_partner(session: Session) -> None:
    fields = session.records.case_fields("unknown partner")
    fields["partnerId"] = f"gateway-check-{uuid.uuid4()}"
    require_problem(
        _note(session, session.records.post("/cases", fields)), "validation", "not-found"
    )


def _post_case(session: Session, body: bytes, media_type: str) -> Exchange:
    # Asks for the permission to write before it does.
    _ = session.records
    headers = {"content-type": media_type, "idempotency-key": str(uuid.uuid4())}
    return _note(session, session.gateway.send("POST", "/cases", body, headers=headers))


def _note(session: Session, exchange: Exchange) -> Exchange:
    """Return the exchange of a faulty request, which the gateway should have refused.

    If the gateway has created a case instead, the case is noted, so that it is closed at the end of
    the run.
    """
    if exchange.status == 201:
        session.records.note("cases", exchange)
    return exchange
