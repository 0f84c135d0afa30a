"""A model of Trading Grid with any number of partners, made up from their numbers: it stores
nothing.

It lists records in another order than that of their ids, as a gateway does that lists by the time
of the last change.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
import orjson

from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import community_auth
from gridwix.clients.trading_grid.community import CommunityClient

ROOT = "/community/v1"
PAGE = 200
STRIDE = 7919
"""Distance between the numbers of two successive records of a list. It is a prime, so that each
number occurs once.
"""

CASES, CHECKS = 2, 2
"""Number of cases and of compliance checks of a partner. Each partner also has one enrollment and
one document.
"""

CARRIER_EVERY = 20
"""One in this number of partners is a carrier, for whom there is a notice and a document."""

NOTICES, SHARED_DOCUMENTS = 3, 10

_ENTITY = {
    "companyId": "GC00700011NR",
    "version": 3,
    "createdAt": "2026-01-02T09:00:00Z",
    "updatedAt": "2026-11-02T09:00:00Z",
}
_OPEN = "awaiting_partner"


def partner_id(number: int) -> str:
    """Return the id of the partner with a number."""
    return f"GC{number:010}"


def number_of(identifier: str) -> int:
    """Return the number in an id of any kind."""
    return int(identifier[-10:])


def partner_record(number: int) -> dict[str, Any]:
    """Return the record of a partner by its number."""
    return {
        **_ENTITY,
        "id": partner_id(number),
        "name": f"Partner {number} Foods",
        "country": ("DE", "US", "LV")[number % 3],
        "role": "supplier" if number % CARRIER_EVERY else "carrier",
        "status": "active",
        "transactionTypes": [
            {"code": code, "standard": "x12", "direction": "inbound", "state": "live"}
            for code in ("850", "856", "810")
        ],
    }


def enrollment_record(number: int) -> dict[str, Any]:
    """Return the enrollment of a partner by the partner's number."""
    return {
        **_ENTITY,
        "id": f"enr_{number:010}",
        "partnerId": partner_id(number),
        "programId": "prg_supplier_na",
        "programVersion": 6,
        "status": "in_progress",
        "percentComplete": number % 101,
        "currentStepKeys": ["insurance"],
        "steps": [
            {
                "key": key,
                "status": "available",
                "title": key.title(),
                "kind": "form",
                "owner": "partner",
            }
            for key in ("tax_form", "insurance", "contract", "edi_testing")
        ],
    }


def check_record(number: int) -> dict[str, Any]:
    """Return a compliance check by its number."""
    return {
        **_ENTITY,
        "id": f"chk_{number:010}",
        "partnerId": partner_id(number // CHECKS),
        "ruleKey": "asn_before_arrival",
        "title": "856 ASN received before dock arrival",
        "category": "edi",
        "status": "failed" if number % 2 else "passed",
    }


def case_record(number: int) -> dict[str, Any]:
    """Return a case by its number. The first one of each partner is open."""
    return {
        **_ENTITY,
        "id": f"case_{number:010}",
        "partnerId": partner_id(number // CASES),
        "number": f"TG-2026-{number:06}",
        "subject": "856 rejected",
        "category": "asn_rejection",
        "priority": "high",
        "status": "closed" if number % CASES else _OPEN,
    }


def document_record(number: int, partners: int) -> dict[str, Any]:
    """Return a document by its number: one for each partner, and those of the shared library after
    them.
    """
    shared = number >= partners
    return {
        **_ENTITY,
        "id": f"doc_{number:010}",
        "partnerId": None if shared else partner_id(number),
        "type": "tax_form",
        "title": "Tax form 2026",
        "category": "tax_form",
        # Its bytes stay in Trading Grid, so no file is copied here.
        "classification": "restricted",
        "status": "published",
        "currentVersion": 1,
        "audience": {"all": False, "roles": ["carrier"]} if number == partners else {"all": True},
        "versions": [],
    }


def notice_record(number: int) -> dict[str, Any]:
    """Return a notice by its number. The second one is for carriers, the others are for all
    partners.
    """
    return {
        **_ENTITY,
        "id": f"ntc_{number:010}",
        "kind": "incident",
        "title": "Delayed delivery of 810",
        "impact": "major",
        "status": "monitoring",
        "startsAt": "2026-11-02T09:00:00Z",
        "audience": {"all": False, "roles": ["carrier"]} if number == 1 else {"all": True},
        "updates": [],
    }


class Grid:
    """Answers the requests of gridwix's client of Trading Grid. ``calls`` counts them by
    collection.
    """

    def __init__(self, partners: int) -> None:
        self.partners = partners
        self.calls: Counter[str] = Counter()
        self._sizes = {
            "partners": partners,
            "enrollments": partners,
            "compliance-checks": partners * CHECKS,
            "cases": partners * CASES,
            "documents": partners + SHARED_DOCUMENTS,
            "service-notices": NOTICES,
            "onboarding-programs": 0,
        }
        self._per_partner = {"compliance-checks": CHECKS, "cases": CASES}

    def record(self, collection: str, number: int) -> dict[str, Any]:
        """Return a record of a collection by its number."""
        match collection:
            case "partners":
                return partner_record(number)
            case "enrollments":
                return enrollment_record(number)
            case "compliance-checks":
                return check_record(number)
            case "cases":
                return case_record(number)
            case "documents":
                return document_record(number, self.partners)
            case _:
                return notice_record(number)

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request to Trading Grid."""
        segments = request.url.path.removeprefix(f"{ROOT}/").split("/")
        collection, params = segments[0], request.url.params
        self.calls["/".join([collection, *segments[2:]])] += 1
        if collection == "events":
            return _answer({"items": [], "nextCursor": "head", "hasMore": False})
        if len(segments) > 2:
            return _answer({"items": [], "nextCursor": None})
        if len(segments) == 2:
            return _answer(self.record(collection, number_of(segments[1])))
        owners = params.get_list("partnerId")
        records = self._of_partners(collection, owners) if owners else None
        if "updatedSince" in params:
            # Nothing has changed since the first list.
            records = []
        start, limit = int(params.get("cursor", "0")), int(params["limit"])
        if records is None:
            total = self._sizes[collection]
            numbers = range(start, min(start + limit, total))
            page = [self.record(collection, self._shuffled(one, total)) for one in numbers]
        else:
            if status := params.get("status"):
                records = [one for one in records if one["status"] in status.split(",")]
            total, page = len(records), records[start : start + limit]
        following = str(start + limit) if start + limit < total else None
        as_of = "2026-11-03T08:00:00.000Z"
        return _answer({"items": page, "nextCursor": following, "asOf": as_of})

    def client(self) -> CommunityClient:
        """Return the functions' own client, connected to this model of Trading Grid."""
        return CommunityClient(
            new_client(transport=httpx.MockTransport(self.respond)),
            community_auth(
                "static-bearer",
                {"token": "t"},
                base_url="https://grid.example",
                community_url=f"https://grid.example{ROOT}",
            ),
            base_url=f"https://grid.example{ROOT}",
        )

    def _of_partners(self, collection: str, owners: Sequence[str]) -> list[dict[str, Any]]:
        each = self._per_partner.get(collection, 1)
        return [
            self.record(collection, number_of(owner) * each + one)
            for owner in owners
            for one in range(each)
        ]

    @staticmethod
    def _shuffled(position: int, total: int) -> int:
        return position * STRIDE % total if total % STRIDE else position


def _answer(body: Mapping[str, Any]) -> httpx.Response:
    return httpx.Response(
        200, content=orjson.dumps(body), headers={"Content-Type": "application/json"}
    )


def partner_numbers(partners: int, batch: int) -> Iterator[range]:
    """Yield the numbers of all partners in batches."""
    return (range(start, min(start + batch, partners)) for start in range(0, partners, batch))
