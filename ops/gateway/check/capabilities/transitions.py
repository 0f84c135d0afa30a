"""Rules of the conformance kit on status transitions.

A transition that the community gateway profile (the gateway's OpenAPI contract) defines has to
succeed, and any other has to be refused.
"""

from collections.abc import Sequence

from ops.gateway.check.created_records import Change
from ops.gateway.check.exchanges import Document
from ops.gateway.check.rules import Capability, Need, Skipped, require, require_problem
from ops.gateway.check.session import Session

transitions = Capability("transitions", "Transitions")
UNKNOWN_STATUS = "gateway_check"
CYCLES = {"pending": ("failed", "pending"), "failed": ("pending", "failed")}
"""Moves of a compliance check that end in the status in which they began, by that status."""


@transitions.rule("case", "A case makes every transition of the profile", Need.WRITE)
def check_case(session: Session) -> None:
    case = session.records.create_case()
    for to in ("open", "awaiting_partner", "open", "awaiting_internal", "open", "resolved"):
        case = session.records.move(case, to)
    case = session.records.move(case, "open", reason="gridwix gateway check")
    for to in ("resolved", "closed"):
        case = session.records.move(case, to)


@transitions.rule("case_cancelled", "A case goes from new and from open to `cancelled`", Need.WRITE)
def check_case_cancelled(session: Session) -> None:
    session.records.move(session.records.create_case(), "cancelled")
    session.records.move(session.records.move(session.records.create_case(), "open"), "cancelled")


@transitions.rule(
    "case_refused", "A case refuses other transitions with invalid-transition", Need.WRITE
)
def check_case_refused(session: Session) -> None:
    case = session.records.create_case()
    _require_refused(session, case, ("closed", "resolved", "awaiting_partner"))
    case = session.records.move(case, "open")
    _require_refused(session, case, ("closed", "new"))
    case = session.records.move(case, "cancelled")
    _require_refused(session, case, ("open", "new", "closed"))


@transitions.rule(
    "case_reason", "A resolved case opens again with a reason only, else validation", Need.WRITE
)
def check_case_reason(session: Session) -> None:
    case = session.records.create_case()
    for to in ("open", "resolved"):
        case = session.records.move(case, to)
    require_problem(session.records.try_move(case, "open"), "validation")


@transitions.rule("request", "A request makes the transitions of the profile", Need.WRITE)
def check_request(session: Session) -> None:
    request = _triaged_request(session)
    for to in ("in_progress", "waiting_on_partner", "in_progress", "completed"):
        request = session.records.move(request, to)


@transitions.rule(
    "request_ended", "A triaged request can be rejected, or be a duplicate", Need.WRITE
)
def check_request_ended(session: Session) -> None:
    session.records.move(_triaged_request(session), "rejected")
    session.records.move(_triaged_request(session), "duplicate")


@transitions.rule(
    "request_refused", "A request refuses other transitions with invalid-transition", Need.WRITE
)
def check_request_refused(session: Session) -> None:
    request = _triaged_request(session)
    _require_refused(session, request, ("completed", "received", "waiting_on_partner"))
    request = session.records.move(request, "rejected")
    _require_refused(session, request, ("in_progress", "triaged"))


@transitions.rule("partner", "An active partner can be suspended, and be active again", Need.WRITE)
def check_partner(session: Session) -> None:
    partner = session.records.read("partners", session.records.partner_id)
    if partner.document["status"] != "active":
        raise Skipped(f"the partner is {partner.document['status']}, and not active")
    session.records.restore_later(partner)
    suspended = session.records.move(partner, "suspended", reason="gridwix gateway check")
    session.records.move(suspended, "active", reason="gridwix gateway check")


@transitions.rule("partner_refused", "A partner refuses a status that there is not", Need.WRITE)
def check_partner_refused(session: Session) -> None:
    partner = session.records.read("partners", session.records.partner_id)
    session.records.restore_later(partner)
    exchange = session.records.try_move(partner, UNKNOWN_STATUS)
    require_problem(exchange, "invalid-transition", "validation")


@transitions.rule(
    "enrollment", "An enrollment in progress can be put on hold, and be resumed", Need.WRITE
)
def check_enrollment(session: Session) -> None:
    found = _record_of_partner(session, "enrollments", ("in_progress",))
    held = session.records.move(found, "on_hold", reason="gridwix gateway check")
    session.records.move(held, "in_progress", reason="gridwix gateway check")


@transitions.rule(
    "enrollment_refused",
    "An enrollment refuses other transitions with invalid-transition",
    Need.WRITE,
)
def check_enrollment_refused(session: Session) -> None:
    found = _record_of_partner(session, "enrollments", ("in_progress", "on_hold", "completed"))
    _require_refused(session, found, ("invited",))


@transitions.rule(
    "compliance_check", "A compliance check goes from pending to failed and back", Need.WRITE
)
def check_compliance_check(session: Session) -> None:
    found = _record_of_partner(session, "compliance-checks", tuple(CYCLES))
    for to in CYCLES[found.document["status"]]:
        found = session.records.move(found, to)


@transitions.rule(
    "compliance_check_refused",
    "A compliance check refuses other transitions with invalid-transition",
    Need.WRITE,
)
def check_compliance_check_refused(session: Session) -> None:
    found = _record_of_partner(
        session, "compliance-checks", ("pending", "failed", "passed", "expired")
    )
    _require_refused(session, found, ("not_started",))


@transitions.rule("history", "The history of a case has each status, oldest first", Need.WRITE)
def check_history(session: Session) -> None:
    case = session.records.create_case()
    for to in ("open", "awaiting_internal"):
        case = session.records.move(case, to)
    history = case.document.get("statusHistory")
    if history is None:
        raise Skipped("the gateway keeps no history of cases, which is optional")
    found = [change["status"] for change in history]
    require(found == ["new", "open", "awaiting_internal"], f"the history is {found}", case.exchange)


def _triaged_request(session: Session) -> Change:
    request = session.records.create_request()
    # A gateway may triage by itself what has a partner.
    if request.document["status"] == "received":
        request = session.records.move(request, "triaged")
    return request


def _require_refused(session: Session, record: Change, statuses: Sequence[str]) -> None:
    for to in statuses:
        exchange = session.records.try_move(record, to, reason="gridwix gateway check")
        require_problem(exchange, "invalid-transition")


def _record_of_partner(session: Session, collection: str, statuses: tuple[str, ...]) -> Change:
    """Read a record of the test partner in one of the statuses; return it with the exchange.

    The exchange is the request with its response. Rules change the record, so its status is
    restored at the end of the run. Raises Skipped if no record of the partner is in such a status.
    """
    partner_id = session.records.partner_id
    listing = session.read_list(f"/{collection}", {"partnerId": partner_id})
    fitting: list[Document] = [
        record
        for record in listing.items
        if record["status"] in statuses and not record.get("deletedAt")
    ]
    if not fitting:
        raise Skipped(f"{partner_id} has no record in {collection} that is {' or '.join(statuses)}")
    found = session.records.read(collection, str(fitting[0]["id"]))
    session.records.restore_later(found)
    return found
