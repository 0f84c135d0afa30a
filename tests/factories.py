"""Factories of records and changes, with defaults for all fields that a test does not set."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from gridwix.mapping.texts import Texts
from gridwix.models.events import Change
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.models.transactions import LensEntry
from gridwix.partner_requests.submissions import Submission
from gridwix.runtime.configuration import configuration

NOW = datetime(2026, 3, 12, 14, 5, 31, tzinfo=UTC)
HUB = "GC00700011NR"
PRAIRIE_GOLD = "GC070000000101"
BALTIC = "GC055120098871"


def texts() -> Texts:
    """The texts of the shipped configuration."""
    return Texts(configuration())


def _entity(identifier: str, version: int, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": identifier,
        "companyId": HUB,
        "version": version,
        "createdAt": NOW,
        "updatedAt": NOW,
        **fields,
    }


def partner(identifier: str = PRAIRIE_GOLD, version: int = 1, **fields: Any) -> Partner:
    return Partner.model_validate(
        _entity(
            identifier,
            version,
            {"name": "Prairie Gold Foods", "role": "supplier", "status": "active", **fields},
        )
    )


def enrollment(identifier: str = "enr_1", version: int = 1, **fields: Any) -> Enrollment:
    defaults = {
        "partnerId": PRAIRIE_GOLD,
        "programId": "prg_supplier_na",
        "programVersion": 6,
        "status": "in_progress",
        "percentComplete": 57,
    }
    return Enrollment.model_validate(_entity(identifier, version, {**defaults, **fields}))


def check(
    identifier: str = "chk_asn_timing_pgf", version: int = 1, **fields: Any
) -> ComplianceCheck:
    defaults = {
        "partnerId": PRAIRIE_GOLD,
        "ruleKey": "asn_before_arrival",
        "title": "856 ASN received before dock arrival",
        "category": "edi",
        "status": "failed",
    }
    return ComplianceCheck.model_validate(_entity(identifier, version, {**defaults, **fields}))


def case(identifier: str = "case_1", version: int = 1, **fields: Any) -> Case:
    defaults = {
        "partnerId": PRAIRIE_GOLD,
        "number": "TG-2026-004711",
        "subject": "856 rejected",
        "category": "asn_rejection",
        "priority": "high",
        "status": "awaiting_partner",
    }
    return Case.model_validate(_entity(identifier, version, {**defaults, **fields}))


def program(
    version: int = 1,
    steps: Sequence[str] = ("tax_form", "insurance"),
    locales: Sequence[str] = (),
    **fields: Any,
) -> OnboardingProgram:
    """Return a program; ``steps`` are keys, or keys with a title after a colon."""
    common = {
        "phase": "compliance",
        "owner": "partner",
        "kind": "document",
        "dueInDays": 10,
        "locale": list(locales),
    }
    made = [
        {"key": key, "title": title or key.replace("_", " ").title(), **common}
        for key, _, title in (step.partition(":") for step in steps)
    ]
    defaults = {
        "key": "supplier-na",
        "name": "Supplier onboarding",
        "status": "published",
        "instructionsHtml": "<p>Welcome.</p>",
        "steps": made,
    }
    return OnboardingProgram.model_validate(_entity("prg_1", version, {**defaults, **fields}))


def comment(
    identifier: str = "cmt_1",
    body: str = "Please send a photo of one label.",
    visibility: str = "public",
    author: str = "internal",
    **more: Any,
) -> Comment:
    fields = {
        "id": identifier,
        "author": {"kind": author, "name": "Robin Vega"},
        "visibility": visibility,
        "body": body,
        "createdAt": NOW,
        **more,
    }
    return Comment.model_validate(fields)


def notice(identifier: str = "ntc_1", version: int = 1, **fields: Any) -> ServiceNotice:
    defaults = {
        "kind": "incident",
        "title": "Delayed delivery of 810 and INVOIC to EU mailboxes",
        "impact": "major",
        "status": "monitoring",
        "startsAt": NOW,
        "audience": {"all": True},
        "updates": [
            {
                "id": "u1",
                "at": NOW,
                "status": "monitoring",
                "bodyHtml": "<p>Backlog cleared to 12 minutes.</p>",
            }
        ],
    }
    return ServiceNotice.model_validate(_entity(identifier, version, {**defaults, **fields}))


def document(identifier: str = "doc_1", version: int = 1, **fields: Any) -> Document:
    """Return a guide of the shared library for all partners, unless a test says otherwise."""
    defaults = {
        "type": "routing_guide",
        "title": "2026 Routing Guide",
        "category": "routing_guide",
        "classification": "partner",
        "status": "published",
        "currentVersion": 0,
        "audience": {"all": True},
    }
    return Document.model_validate(_entity(identifier, version, {**defaults, **fields}))


def request(identifier: str = "req_1", version: int = 1, **fields: Any) -> CollaborationRequest:
    defaults = {
        "number": "CR-2026-01877",
        "type": "invoice_clarification",
        "formKey": "invoice-question",
        "partnerId": PRAIRIE_GOLD,
        "status": "triaged",
        "routing": {"teamKey": "ap-disputes", "ruleKey": "invoice", "reason": "first match"},
        "sourceSubmissionId": "sub-1",
    }
    return CollaborationRequest.model_validate(_entity(identifier, version, {**defaults, **fields}))


def submission(identifier: str = "sub-1", **fields: Any) -> Submission:
    """Return a question about an invoice, unless a test says otherwise."""
    values = {
        "invoice_number": "INV-88213",
        "question": "Which price will you pay?",
        "your_name": "Dana Whitfield",
        "email": "ap@prairiegold.example",
    }
    return Submission(
        **{
            "id": identifier,
            "form": "invoice-question",
            "received_at": NOW,
            "submitted_at": NOW,
            "values": values,
            **fields,
        }
    )


def change(event_id: str = "evt_1", **fields: Any) -> Change:
    defaults: dict[str, Any] = {
        "type": "compliance.status_changed",
        "subject": "compliance-checks/chk_asn_timing_pgf",
        "occurredAt": NOW,
        "companyId": HUB,
        "partnerId": PRAIRIE_GOLD,
        "version": 1,
        "via": "feed",
    }
    return Change.model_validate({"eventId": event_id, **defaults, **fields})


def cloud_event(**attributes: Any) -> dict[str, Any]:
    """Return the sample event of a resolved compliance check in Trading Grid's format.

    None removes an attribute.
    """
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": "evt_01JA2M7Q5X",
        "source": f"/tg/companies/{HUB}",
        "type": "net.example.tg.compliance.status_changed",
        "subject": "compliance-checks/chk_asn_timing_pgf",
        "time": "2026-03-12T14:05:31.220Z",
        "datacontenttype": "application/json",
        "sequence": "0000000007",
        "companyid": HUB,
        "partnerid": PRAIRIE_GOLD,
        "data": {
            "entity": "complianceCheck",
            "version": 7,
            "changed": ["status", "validUntil", "nextAction"],
            "before": {"status": "failed"},
            "after": {
                "id": "chk_asn_timing_pgf",
                "status": "passed",
                "assignee": "Dana Whitfield",
                "nextAction": "No action needed.",
            },
        },
    }
    event.update(attributes)
    return {name: value for name, value in event.items() if value is not None}


def entry(identifier: str = "TG-1", correlation: str | None = "c-1", **fields: Any) -> LensEntry:
    """Return a search entry: a delivered 856 of Prairie Gold, unless a test says otherwise."""
    defaults: dict[str, Any] = {
        "transactionid": identifier,
        "correlationid": correlation,
        "transactionlevel": "Document",
        "editype": "856",
        "envelopetype": "ISA",
        "status": "S",
        "statusdate": NOW,
        "fastatus": "A",
        "senderaddress": "ZZ:PRAIRIEGOLD",
        "receiveraddress": "ZZ:NORTHWIND",
        "contentkeys": [{"key": "purchase order number", "value": "4500187734"}],
    }
    return LensEntry.model_validate({**defaults, **fields})
