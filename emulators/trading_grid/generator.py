"""Generates partners and changes of their records. The same seed gives the same result."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from emulators.trading_grid.community import Community
from emulators.trading_grid.problems import Problem
from emulators.trading_grid.state_machines import DONE, TRANSITIONS
from emulators.trading_grid.store import Document

FIRST = (
    "Alpine",
    "Amber",
    "Blue Heron",
    "Cedar",
    "Copper",
    "Delta",
    "Evergreen",
    "Falcon",
    "Granite",
    "Harvest",
    "Ironwood",
    "Juniper",
    "Lakeside",
    "Maple",
)
SECOND = (
    "Dairy",
    "Farms",
    "Foods",
    "Freight",
    "Home Goods",
    "Logistics",
    "Mills",
    "Packaging",
    "Paper",
    "Produce",
    "Textiles",
    "Tools",
    "Toys",
    "Trading",
)
RULES = (
    ("fa_within_24h", "997 within 24 hours of each 850", "edi"),
    ("asn_before_arrival", "856 ASN received before dock arrival", "edi"),
    ("sscc_matches_label", "SSCC on the 856 equals the GS1-128 label", "labeling"),
    ("price_matches_order", "810 prices equal the 850", "data_quality"),
    ("coi_on_file", "Certificate of insurance on file", "insurance"),
)
SUBJECTS = (
    ("asn_rejection", "856 rejected: HL structure is incomplete"),
    ("invoice_discrepancy", "810 price differs from the 850"),
    ("connectivity", "Mailbox has not been polled for a day"),
)


def gln(number: int) -> str:
    """Return a valid GLN (location number) for a generated partner: 12 digits and a check digit.

    GLNs of partners up to number 99,999 begin with ``0614142``; those of further partners follow.
    No GLN of the sample data is among them.
    """
    digits = f"{61_414_200_000 + number:012}"
    total = sum(int(digit) * (3 if position % 2 else 1) for position, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def add_partners(community: Community, program: Document, count: int, seed: int) -> None:
    """Add ``count`` generated partners in mixed states, without events.

    Each partner has an enrollment, two to five compliance checks and up to three cases.
    """
    chance = random.Random(seed)

    def due(days: int) -> str:
        return (community.clock.now() + timedelta(days=days)).date().isoformat()

    for number in range(1, count + 1):
        partner_id = f"GC08{number:010}"
        done = chance.randint(0, len(program["steps"]))
        community.seed_entity(
            "partners",
            {
                "id": partner_id,
                "partnerCompanyId": partner_id,
                "name": f"{chance.choice(FIRST)} {chance.choice(SECOND)} {number}",
                "legalName": None,
                "country": chance.choice(("US", "CA", "MX", "DE")),
                "tradingAddresses": [
                    {
                        "qualifier": "ZZ",
                        "id": f"PARTNER{number}",
                        "usage": "production",
                        "standard": "x12",
                        "van": "trading_grid",
                    }
                ],
                "identifiers": [{"scheme": "gln", "value": gln(number)}],
                "mailbox": "",
                "role": chance.choice(("supplier", "supplier", "carrier", "distributor")),
                "status": "active" if done == len(program["steps"]) else "onboarding",
                "transactionTypes": [],
                "contacts": [],
            },
        )
        community.enroll(partner_id, program, f"enr_{number:06}", done, due)
        for index, (rule, title, category) in enumerate(chance.sample(RULES, chance.randint(2, 5))):
            community.seed_entity(
                "compliance-checks",
                _compliance_check(
                    f"chk_{number:06}_{index}",
                    partner_id,
                    rule,
                    title,
                    category,
                    chance.choice(("passed", "passed", "failed", "pending")),
                ),
            )
        for index in range(chance.randint(0, 3)):
            category, subject = chance.choice(SUBJECTS)
            community.seed_entity(
                "cases",
                _case(
                    f"case_g{number:06}_{index}",
                    f"TG-2026-{100_000 + 4 * number + index}",
                    partner_id,
                    category,
                    subject,
                    chance,
                ),
            )


def play_generated(
    community: Community, count: int, seed: int, partner_ids: Sequence[str]
) -> Counter[str]:
    """Apply ``count`` random valid changes to records, and return their number by event type.

    ``partner_ids`` are the partners to change; empty means all. For many changes call it several
    times, so that the server can answer requests in between.
    """
    chance = random.Random(seed)
    chosen = list(partner_ids) or [
        partner["id"]
        for partner in community.store.select("partners")
        if not partner.get("deletedAt")
    ]
    played: Counter[str] = Counter()
    with community.store.transaction():
        while played.total() < count:
            move = chance.choice(
                (_move_check, _move_check, _move_case, _move_step, _rename_partner)
            )
            if (event := move(community, chance.choice(chosen), chance)) is not None:
                played[event] += 1
    return played


def _compliance_check(
    identifier: str, partner_id: str, rule: str, title: str, category: str, status: str
) -> Document:
    return {
        "id": identifier,
        "partnerId": partner_id,
        "enrollmentId": None,
        "ruleKey": rule,
        "title": title,
        "category": category,
        "status": status,
        "severity": "medium",
        "evaluatedAt": None,
        "dueOn": None,
        "validUntil": None,
        "findings": [],
        "requiredDocumentType": None,
        "caseId": None,
        "nextAction": f"Put right: {title}." if status == "failed" else None,
    }


def _case(
    identifier: str,
    number: str,
    partner_id: str,
    category: str,
    subject: str,
    chance: random.Random,
) -> Document:
    return {
        "id": identifier,
        "number": number,
        "partnerId": partner_id,
        "subject": subject,
        "description": "",
        "category": category,
        "priority": chance.choice(("low", "normal", "high")),
        "status": chance.choice(("open", "awaiting_partner", "awaiting_internal", "closed")),
        "assigneeTeam": {"key": "edi-support", "name": "EDI Support"},
        "assignee": "Robin Vega",
        "transactionRefs": [],
        "documentIds": [],
        "nextStep": "Correct the document and send it again.",
        "dueAt": None,
    }


def _move_check(community: Community, partner_id: str, chance: random.Random) -> str | None:
    return _move_status(
        community, "compliance-checks", partner_id, chance, avoid=frozenset({"waived"})
    )


def _move_case(community: Community, partner_id: str, chance: random.Random) -> str | None:
    if chance.random() < 0.2:
        category, subject = chance.choice(SUBJECTS)
        community.create_case({"partnerId": partner_id, "subject": subject, "category": category})
        return "case.created"
    return _move_status(community, "cases", partner_id, chance, avoid=frozenset())


def _move_status(
    community: Community, kind: str, partner_id: str, chance: random.Random, avoid: frozenset[str]
) -> str | None:
    found = community.store.select(kind, partner_ids=(partner_id,))
    if not found:
        return None
    entity = chance.choice(found)
    choices = sorted(TRANSITIONS[kind].get(entity["status"], frozenset()) - avoid)
    if not choices:
        return None
    community.transition(kind, entity["id"], {"to": chance.choice(choices), "reason": "generated"})
    return f"{'compliance' if kind == 'compliance-checks' else 'case'}.status_changed"


def _move_step(community: Community, partner_id: str, chance: random.Random) -> str | None:
    found = [
        e
        for e in community.store.select("enrollments", partner_ids=(partner_id,))
        if e["status"] == "in_progress"
    ]
    if not found:
        return None
    movable = [
        step
        for step in found[0]["steps"]
        if step["status"] not in DONE and step["status"] != "locked"
    ]
    if not movable:
        return None
    step = chance.choice(movable)
    to = chance.choice(sorted(TRANSITIONS["steps"][step["status"]] - {"waived"}))
    try:
        community.move_step(found[0]["id"], step["key"], {"to": to})
    except Problem:
        return None
    return "step.status_changed"


def _rename_partner(community: Community, partner_id: str, chance: random.Random) -> str | None:
    name = community.get("partners", partner_id)["name"].split(" · ")[0]
    community.patch("partners", partner_id, {"name": f"{name} · {chance.randint(2, 99)}"})
    return "partner.updated"
