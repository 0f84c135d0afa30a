"""Makes new records, as Trading Grid has them before their first change. Texts begin with the
token.
"""

from collections.abc import Sequence

from soak.inputs import token
from soak.traffic.population import COUNTRIES, ROLES, gln, partner_id, record_id
from soak.traffic.ports import Document
from soak.traffic.scene import Scene

PROGRAMS = 3

STEPS: Sequence[tuple[str, str, str, str, tuple[str, ...], str, tuple[str, ...], int]] = (
    ("company_profile", "Company profile", "setup", "partner", (), "form", (), 5),
    ("tax_form", "Tax form", "compliance", "partner", ("company_profile",), "document", ("w9",), 9),
    ("insurance", "Insurance", "compliance", "partner", ("company_profile",), "document", (), 15),
    ("edi_setup", "EDI setup", "connectivity", "joint", ("company_profile",), "check", (), 15),
    ("edi_testing", "EDI tests", "testing", "joint", ("edi_setup", "tax_form"), "test", (), 30),
    ("label_cert", "Labels", "testing", "partner", ("edi_setup",), "document", (), 30),
    ("go_live", "Go-live", "go_live", "hub", ("edi_testing", "label_cert"), "approval", (), 40),
)
"""Steps of an onboarding program: key, title, phase, owner, what it waits for, kind, document
types, days until it is due.
"""

RULES = (
    ("fa_within_24h", "997 within 24 hours of each 850", "edi"),
    ("asn_before_arrival", "856 received before dock arrival", "edi"),
    ("sscc_matches_label", "SSCC equals the label", "labeling"),
    ("price_matches_order", "810 prices equal the 850", "data_quality"),
    ("coi_on_file", "Certificate of insurance on file", "insurance"),
)

CATEGORIES = ("asn_rejection", "invoice_discrepancy", "po_mismatch", "connectivity", "other")

DOCUMENTS = (
    ("routing", "routing_guide", "partner"),
    ("guide", "implementation_guide", "public"),
    ("label", "label_spec", "partner"),
    ("agreement", "agreement", "partner"),
    ("w9", "tax_form", "restricted"),
    ("bank", "other", "restricted"),
    ("coi", "insurance", "partner"),
)
"""Type, category and classification of documents. Tax and bank forms never leave Trading Grid."""


def new_partner(number: int, status: str) -> Document:
    """Return a new partner.

    Args:
        number: Its number.
        status: Its status.
    """
    return {
        "id": partner_id(number),
        "partnerCompanyId": partner_id(number),
        "name": f"{token(number, 'p', number, 1)} Cedar Foods",
        "legalName": None,
        "country": COUNTRIES[number % len(COUNTRIES)],
        "role": ROLES[number % len(ROLES)],
        "status": status,
        "mailbox": "",
        "tradingAddresses": [
            {
                "qualifier": "ZZ",
                "id": f"SOAK{number}",
                "usage": "production",
                "standard": "x12",
                "van": "trading_grid",
            }
        ],
        "identifiers": [{"scheme": "gln", "value": gln(number)}],
        "transactionTypes": [
            {"code": "850", "standard": "x12", "direction": "outbound", "state": "live"}
        ],
        "contacts": [],
    }


def new_program(number: int) -> Document:
    """Return a new onboarding program. Only the first one has a step with a form of its own."""
    mark = token(0, "g", number, 1)
    return {
        "id": record_id("g", 0, number),
        "key": f"soak-{number}",
        "name": f"{mark} Onboarding",
        "status": "published",
        "audience": {"all": True},
        "instructionsHtml": f"<p>{mark} Welcome.</p>",
        "steps": [
            {
                "key": key,
                "title": f"{mark} {title}",
                "phase": phase,
                "owner": owner,
                "kind": kind,
                "waitsOn": list(waits_on),
                "requiredDocumentTypes": list(types),
                "formKey": "edi-setup" if number == 1 and key == "edi_setup" else None,
                "dueInDays": days,
                "locale": ["en"],
            }
            for key, title, phase, owner, waits_on, kind, types, days in STEPS
        ],
    }


def new_enrollment(scene: Scene, partner: int, number: int) -> Document:
    """Return a new enrollment: a partner's run through a program, at its first step.

    Args:
        scene: The world.
        partner: The partner's number.
        number: The number of the partner's enrollment.
    """
    mark = token(partner, "e", number, 1)
    return {
        "id": record_id("e", partner, number),
        "partnerId": partner_id(partner),
        "programId": record_id("g", 0, 1 + partner % PROGRAMS),
        "programVersion": 1,
        "status": "in_progress",
        "percentComplete": 0,
        "currentStepKeys": ["company_profile"],
        "targetGoLive": scene.day(40),
        "steps": [
            {
                "key": key,
                "status": "locked" if waits_on else "available",
                "title": f"{mark} {title}",
                "phase": phase,
                "owner": owner,
                "kind": kind,
                "waitsOn": list(waits_on),
                "requiredDocumentTypes": list(types),
                "dueOn": scene.day(days),
                "evidence": [],
                "note": None,
            }
            for key, title, phase, owner, waits_on, kind, types, days in STEPS
        ],
    }


def new_check(scene: Scene, partner: int, number: int) -> Document:
    """Return a new compliance check, which is not evaluated yet.

    Args:
        scene: The world.
        partner: The partner's number.
        number: The number of the partner's check.
    """
    rule, title, category = RULES[number % len(RULES)]
    return {
        "id": record_id("k", partner, number),
        "partnerId": partner_id(partner),
        "enrollmentId": None,
        "ruleKey": rule,
        "title": f"{token(partner, 'k', number, 1)} {title}",
        "category": category,
        "status": "not_started",
        "severity": "medium",
        "evaluatedAt": None,
        "dueOn": scene.day(10),
        "validUntil": None,
        "findings": [{"text": scene.internal_mark(partner)}],
        "requiredDocumentType": None,
        "caseId": None,
        "nextAction": None,
    }


def new_case(scene: Scene, partner: int, number: int) -> Document:
    """Return a case that was just opened. Internal texts of the hub have tokens of their own.

    Args:
        scene: The world.
        partner: The partner's number.
        number: The number of the partner's case.
    """
    mark = token(partner, "c", number, 1)
    return {
        "id": record_id("c", partner, number),
        "number": f"TG-{partner}-{number}",
        "partnerId": partner_id(partner),
        "subject": f"{mark} 856 rejected",
        "description": f"{scene.internal_mark(partner)} {scene.words()}",
        "category": scene.pick(CATEGORIES),
        "priority": scene.pick(("low", "normal", "high")),
        "status": "new",
        "assigneeTeam": {"key": "edi-support", "name": "EDI Support"},
        "assignee": "Robin Vega",
        "nextStep": f"{mark} Correct the document and send it again.",
        "nextStepOwner": None,
        "dueAt": scene.day(3) + "T12:00:00.000Z",
        "routedBy": None,
        "transactionRefs": [],
        "documentIds": [],
        "statusHistory": [{"status": "new", "at": scene.now_text(), "visibility": "public"}],
    }


def new_document(scene: Scene, partner: int, number: int) -> Document:
    """Return a document without a version. Of those of the library, some are for some partners
    only.

    Args:
        scene: The world.
        partner: The number of its partner; 0 for the shared library.
        number: Its number.
    """
    kind, category, classification = DOCUMENTS[
        (number + partner) % (len(DOCUMENTS) if partner else 3)
    ]
    return {
        "id": record_id("d", partner, number),
        "partnerId": partner_id(partner) if partner else None,
        "type": kind,
        "title": f"{token(partner, 'd', number, 1)} {kind}",
        "category": category,
        "classification": classification,
        "status": "draft",
        "currentVersion": 0,
        "audience": {"all": True} if partner else new_audience(scene),
        "locale": ["en"],
        "effectiveFrom": None,
        "expiresOn": scene.day(200),
        "tags": [],
    }


def new_notice(scene: Scene, number: int) -> Document:
    """Return a notice that is published now: to all, to roles, to regions, or to some partners.

    Args:
        scene: The world.
        number: Its number.
    """
    mark = token(0, "n", number, 1)
    kind, status = scene.pick(
        (("incident", "investigating"), ("maintenance", "scheduled"), ("advisory", "published"))
    )
    audience = new_audience(scene)
    # Each partner of a major notice gets messages, so one to all is rare in a large world.
    many = "partnerIds" not in audience
    major = scene.chance(min(0.4, 40 / scene.shape.partners) if many else 0.4)
    return {
        "id": record_id("n", 0, number),
        "kind": kind,
        "title": f"{mark} {kind}",
        "impact": scene.pick(("major", "critical")) if major else scene.pick(("none", "minor")),
        "status": status,
        "startsAt": scene.now_text(),
        "endsAt": None,
        "scheduledFor": None,
        "scheduledUntil": scene.day(1) + "T06:00:00.000Z",
        "audience": audience,
        "affectedComponents": [{"key": "as2", "name": f"{mark} AS2", "state": "degraded"}],
        "affectedTransactionTypes": [{"code": "856", "standard": "x12", "direction": "inbound"}],
        "updates": [
            {
                "id": "u1",
                "at": scene.now_text(),
                "status": status,
                "bodyHtml": f"<p>{mark} {scene.words()}</p>",
            }
        ],
        "workaround": None,
        "supersedesId": None,
    }


def new_audience(scene: Scene) -> Document:
    """Return a random audience: all, roles, regions, or up to five partners."""
    chance = scene.random.random()
    if chance < 0.2:
        return {"all": True}
    if chance < 0.35:
        return {"roles": [scene.pick(("supplier", "carrier", "distributor"))]}
    if chance < 0.5:
        return {"regions": [scene.pick(("NA", "EU", "EMEA"))]}
    chosen = {scene.population.any_partner() for _ in range(1 + int(scene.random.random() * 5))}
    return {"partnerIds": [partner_id(number) for number in sorted(chosen)]}
