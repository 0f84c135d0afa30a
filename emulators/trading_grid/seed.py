"""The emulator's sample world: a fictional hub with three partners.

Identifiers have valid check digits. Dates are relative to the day on which the data is stored.
"""

from collections.abc import Callable
from datetime import timedelta

from emulators.common.clock import rfc3339
from emulators.trading_grid.community import Community
from emulators.trading_grid.store import Document

HUB = "GC00700011NR"
HUB_NAME = "Northwind Retail Group"
PRAIRIE_GOLD = "GC070000000101"
BALTIC = "GC055120098871"
HARBOR_PINE = "GC060998120045"

STEPS = (
    ("company_profile", "Company profile and EDI contacts", "setup", "partner", (), "form", (), 5),
    (
        "tax_form",
        "Tax form: W-9 (US) or W-8BEN-E (non-US entity)",
        "compliance",
        "partner",
        ("company_profile",),
        "document",
        ("w9", "w8ben_e"),
        10,
    ),
    (
        "insurance",
        "Certificate of insurance, USD 2M general liability",
        "compliance",
        "partner",
        ("company_profile",),
        "document",
        ("coi",),
        15,
    ),
    (
        "edi_setup",
        "Mailbox, ISA/UNB address and 997/CONTRL exchange",
        "connectivity",
        "joint",
        ("company_profile",),
        "check",
        (),
        15,
    ),
    (
        "edi_testing",
        "Test 850 > 855 > 856 > 810 round trip",
        "testing",
        "joint",
        ("edi_setup", "tax_form"),
        "test",
        (),
        30,
    ),
    (
        "label_cert",
        "GS1-128 label certification (SSCC-18)",
        "testing",
        "partner",
        ("edi_setup",),
        "document",
        ("label_sample",),
        30,
    ),
    (
        "go_live",
        "Go-live approval",
        "go_live",
        "hub",
        ("edi_testing", "label_cert", "insurance"),
        "approval",
        (),
        40,
    ),
)

FORMS = {"edi_setup": "edi-setup"}
"""Key of the form with the questions of a step, by step."""


def seed_sample_world(community: Community) -> Document:
    """Store the sample world, a fictional hub with three partners.

    Returns the onboarding program of the hub.
    """
    program = community.seed_entity("onboarding-programs", _program())
    for partner in _partners():
        community.seed_entity("partners", partner)

    def due(days: int) -> str:
        return (community.clock.now() + timedelta(days=days)).date().isoformat()

    prairie = community.enroll(PRAIRIE_GOLD, program, "enr_01J9PG", 4, due)
    pilot = (community.clock.now() + timedelta(days=8)).strftime("%-d %b")
    steps = [
        {**step, "note": f"Send pilot 810 invoice by {pilot}", "dueOn": due(8)}
        if step["key"] == "edi_testing"
        else step
        for step in prairie["steps"]
    ]
    community.seed_entity("enrollments", {**prairie, "steps": steps, "version": 14})
    community.enroll(BALTIC, program, "enr_01J9QK", 1, due)
    community.enroll(HARBOR_PINE, program, "enr_01J9HP", 7, due)
    for check in _checks(due):
        community.seed_entity("compliance-checks", check)
    for case in _cases(community):
        community.seed_entity("cases", case)
    for case_id, comment in _comments():
        community.seed_comment(case_id, comment)
    for notice in _notices(community):
        community.seed_entity("service-notices", notice)
    return program


def _program() -> Document:
    names = (
        "key",
        "title",
        "phase",
        "owner",
        "waitsOn",
        "kind",
        "requiredDocumentTypes",
        "dueInDays",
    )
    steps = [
        {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in zip(names, step, strict=True)
        }
        for step in STEPS
    ]
    return {
        "id": "prg_supplier_na",
        "key": "supplier-na",
        "name": "North America Supplier Onboarding",
        "version": 6,
        "status": "published",
        "audience": {"roles": ["supplier", "carrier"], "regions": ["NA"]},
        "instructionsHtml": (
            "<p>Welcome. Work through the steps in any order that is open to you.</p>"
        ),
        "steps": [
            {**step, "formKey": FORMS.get(str(step["key"])), "locale": ["en"]} for step in steps
        ],
    }


def _partners() -> list[Document]:
    def address(qualifier: str, identifier: str, standard: str) -> Document:
        return {
            "qualifier": qualifier,
            "id": identifier,
            "usage": "production",
            "standard": standard,
            "van": "trading_grid",
        }

    def types(standard: str, codes: tuple[str, ...], state: str) -> list[Document]:
        inbound = {"850", "ORDERS"}
        return [
            {
                "code": code,
                "standard": standard,
                "direction": "outbound" if code in inbound else "inbound",
                "state": state,
            }
            for code in codes
        ]

    x12, edifact = ("850", "855", "856", "810", "997"), ("ORDERS", "DESADV", "INVOIC")
    common: Document = {"mailbox": "", "legalName": None, "contacts": []}
    return [
        {
            **common,
            "id": PRAIRIE_GOLD,
            "partnerCompanyId": PRAIRIE_GOLD,
            "name": "Prairie Gold Foods",
            "country": "US",
            "role": "supplier",
            "status": "onboarding",
            "tradingAddresses": [address("ZZ", "PRAIRIEGOLD", "x12")],
            "identifiers": [{"scheme": "gln", "value": "0614141000524"}],
            "transactionTypes": types("x12", x12, "testing"),
            "contacts": [
                {
                    "id": "ct_1",
                    "role": "ap",
                    "name": "Dana Whitfield",
                    "email": "ap@prairiegold.example",
                }
            ],
        },
        {
            **common,
            "id": BALTIC,
            "partnerCompanyId": BALTIC,
            "name": "Baltic Home Textiles OÜ",
            "country": "EE",
            "role": "supplier",
            "status": "onboarding",
            "tradingAddresses": [address("14", "9506000100012", "edifact")],
            "identifiers": [{"scheme": "gln", "value": "9506000100012"}],
            "transactionTypes": types("edifact", edifact, "setup"),
        },
        {
            **common,
            "id": HARBOR_PINE,
            "partnerCompanyId": HARBOR_PINE,
            "name": "Harbor & Pine Freight",
            "country": "US",
            "role": "carrier",
            "status": "active",
            "tradingAddresses": [address("02", "HPFT", "x12")],
            "identifiers": [{"scheme": "scac", "value": "HPFT"}],
            "transactionTypes": types("x12", ("204", "990", "214"), "live"),
        },
    ]


def _checks(on: Callable[[int], str]) -> list[Document]:
    common: Document = {
        "severity": "high",
        "findings": [],
        "evaluatedAt": None,
        "validUntil": None,
        "dueOn": None,
        "requiredDocumentType": None,
        "caseId": None,
    }
    return [
        {
            **common,
            "id": "chk_asn_timing_pgf",
            "partnerId": PRAIRIE_GOLD,
            "enrollmentId": "enr_01J9PG",
            "ruleKey": "asn_before_arrival",
            "title": "856 ASN received before dock arrival",
            "category": "edi",
            "status": "failed",
            "version": 5,
            "dueOn": on(3),
            "findings": [
                {
                    "code": "ASN_LATE",
                    "message": "856 arrived 40 minutes after the truck",
                    "location": "BSN",
                    "sample": "SHP-0093288",
                }
            ],
            "caseId": "case_01J9ZT",
            "nextAction": (
                "Send the 856 before the truck reaches the dock, then ask for a new evaluation."
            ),
        },
        {
            **common,
            "id": "chk_997_pgf",
            "partnerId": PRAIRIE_GOLD,
            "enrollmentId": "enr_01J9PG",
            "ruleKey": "fa_within_24h",
            "title": "997 within 24 hours of each 850",
            "category": "edi",
            "status": "passed",
            "nextAction": "No action needed.",
        },
        {
            **common,
            "id": "chk_w8_baltic",
            "partnerId": BALTIC,
            "enrollmentId": "enr_01J9QK",
            "ruleKey": "tax_form_on_file",
            "title": "W-8BEN-E on file",
            "category": "tax",
            "status": "pending",
            "requiredDocumentType": "w8ben_e",
            "nextAction": "The tax team is reviewing your form.",
        },
        {
            **common,
            "id": "chk_insurance_hpf",
            "partnerId": HARBOR_PINE,
            "enrollmentId": "enr_01J9HP",
            "ruleKey": "cargo_insurance",
            "title": "Cargo insurance, USD 100,000",
            "category": "insurance",
            "status": "passed",
            "validUntil": on(120),
            "nextAction": "No action needed.",
        },
    ]


def _cases(community: Community) -> list[Document]:
    at = (community.clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT17:00:00.000Z")
    common: Document = {
        "description": "",
        "transactionRefs": [],
        "documentIds": [],
        "assignee": "Robin Vega",
        "dueAt": at,
    }

    def change(status: str, hours: float, visibility: str = "public") -> Document:
        moment = rfc3339(community.clock.now() - timedelta(hours=hours))
        return {"status": status, "at": moment, "visibility": visibility}

    return [
        {
            **common,
            "id": "case_01J9ZT",
            "number": "TG-2026-004688",
            "partnerId": PRAIRIE_GOLD,
            "subject": "856 sent after the truck had arrived",
            "category": "asn_rejection",
            "priority": "normal",
            "status": "awaiting_internal",
            "assigneeTeam": {"key": "edi-support", "name": "EDI Support"},
            "nextStep": "EDI Support is checking the new 856.",
            "nextStepOwner": "hub",
            "statusHistory": [
                change("new", 50),
                change("open", 49),
                change("awaiting_internal", 26),
            ],
        },
        {
            **common,
            "id": "case_01JA3B",
            "number": "TG-2026-004711",
            "partnerId": BALTIC,
            "subject": "DESADV rejected for order 4500187734: SSCC does not match the carton label",
            "category": "asn_rejection",
            "priority": "high",
            "status": "awaiting_partner",
            "assigneeTeam": {"key": "edi-support", "name": "EDI Support"},
            "nextStep": (
                "Correct the SSCC of 3 cartons and send the DESADV again"
                " before the dock appointment."
            ),
            "nextStepOwner": "partner",
            "statusHistory": [
                change("new", 30),
                change("open", 29),
                change("awaiting_internal", 28, "internal"),
                change("open", 27, "internal"),
                change("awaiting_partner", 26),
            ],
        },
    ]


def _notices(community: Community) -> list[Document]:
    def at(hours: float) -> str:
        return rfc3339(community.clock.now() + timedelta(hours=hours))

    return [
        {
            "id": "ntc_0098",
            "kind": "incident",
            "version": 4,
            "title": "Delayed delivery of 810 and INVOIC to EU mailboxes",
            "impact": "major",
            "status": "monitoring",
            "startsAt": at(-6),
            "endsAt": None,
            "scheduledFor": None,
            "scheduledUntil": at(2),
            "audience": {"regions": ["EU"]},
            "affectedComponents": [
                {"key": "mailbox-delivery-eu", "name": "Mailbox delivery (EU)", "state": "degraded"}
            ],
            "affectedTransactionTypes": [
                {"code": "810", "standard": "x12", "direction": "inbound"},
                {"code": "INVOIC", "standard": "edifact", "direction": "inbound"},
            ],
            "workaround": "Do not resend. Queued invoices deliver in order.",
            "supersedesId": None,
            "updates": [
                {
                    "id": "u3",
                    "at": at(-3),
                    "status": "monitoring",
                    "bodyHtml": "<p>Backlog cleared to 12 minutes.</p>",
                },
                {
                    "id": "u2",
                    "at": at(-5),
                    "status": "identified",
                    "bodyHtml": "<p>A delivery node was removed from rotation.</p>",
                },
            ],
        },
        {
            "id": "ntc_0099",
            "kind": "maintenance",
            "title": "Maintenance of the AS2 gateway",
            "impact": "minor",
            "status": "scheduled",
            "startsAt": at(0),
            "endsAt": None,
            "scheduledFor": at(96),
            "scheduledUntil": at(100),
            "audience": {"all": True},
            "affectedComponents": [{"key": "as2", "name": "AS2 gateway", "state": "operational"}],
            "affectedTransactionTypes": [],
            "workaround": None,
            "supersedesId": None,
            "updates": [
                {
                    "id": "u1",
                    "at": at(0),
                    "status": "scheduled",
                    "bodyHtml": (
                        "<p>Documents that arrive meanwhile are queued and keep their order.</p>"
                    ),
                }
            ],
        },
    ]


def _comments() -> list[tuple[str, Document]]:
    return [
        (
            "case_01JA3B",
            {
                "body": "Please send a photo of one carton label.",
                "authorKind": "internal",
                "authorName": "Robin Vega",
            },
        ),
        (
            "case_01JA3B",
            {
                "body": "Second rejection this month: consider a chargeback.",
                "authorKind": "internal",
                "authorName": "Robin Vega",
                "visibility": "internal",
            },
        ),
        (
            "case_01JA3B",
            {
                "body": "The photo is attached to the mail of this morning.",
                "authorKind": "partner",
                "authorName": "Katrin Tamm",
                "source": "portal",
            },
        ),
    ]
