"""Rules of the conformance kit on authentication: no request is answered without a valid token."""

from ops.gateway.check.rules import Capability, Need, require_problem
from ops.gateway.check.session import Session

authentication = Capability("authentication", "Authentication")
PATHS = ("/partners", "/cases", "/documents", "/events", "/webhook-endpoints")


@authentication.rule("no_token", "A read without a token is refused with unauthenticated")
def check_no_token(session: Session) -> None:
    for path in PATHS:
        require_problem(session.gateway.get(path, authorization=None), "unauthenticated")


@authentication.rule("wrong_token", "A read with an unknown token is refused with unauthenticated")
def check_wrong_token(session: Session) -> None:
    for path in PATHS:
        found = session.gateway.get(path, authorization="Bearer gridwix-gateway-check")
        require_problem(found, "unauthenticated")


@authentication.rule(
    "write_without_token", "A write without a token is refused with unauthenticated", Need.WRITE
)
def check_write_without_token(session: Session) -> None:
    fields = session.records.case_fields("without a token")
    exchange = session.gateway.send("POST", "/cases", fields, authorization=None)
    if exchange.status == 201:
        session.records.note("cases", exchange)
    require_problem(exchange, "unauthenticated")
