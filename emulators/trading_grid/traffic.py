"""Generated business documents between the hub and its partners, as Lens shows them.

The same seed gives the same documents. Each order comes with all documents of its cycle: 850, 997,
855, 856 and 810 in X12; ORDERS, CONTRL, DESADV and INVOIC in EDIFACT. Lens has two entries for each
document, one for the document and one for its file, with the same correlation id. Some documents
fail. A history has the orders of some weeks.
"""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.common.clock import rfc3339
from emulators.trading_grid.community import Community
from emulators.trading_grid.lens import Lens
from emulators.trading_grid.store import Document

HUB_ADDRESS = "ZZ:NORTHWIND"
HUB_NAME = "Northwind Retail Group"
CYCLES = {
    "x12": ("850", "997", "855", "856", "810"),
    "edifact": ("ORDERS", "CONTRL", "DESADV", "INVOIC"),
}
FROM_HUB = frozenset({"850", "ORDERS"})
ACKNOWLEDGMENTS = frozenset({"997", "CONTRL"})
SHIP_NOTICES = frozenset({"856", "DESADV"})
INVOICES = frozenset({"810", "INVOIC"})
ENVELOPES = {"x12": "ISA", "edifact": "UNB"}
VERSIONS = {"x12": "004010", "edifact": "D96A"}

FAULTS = (
    "delivery_failed",
    "validation_error",
    "acknowledgment_rejected",
    "acknowledgment_overdue",
    "processing_error",
)
"""Faults that a generated transaction can have."""

HISTORY_DAYS = 30
FAULTLESS = timedelta(days=3)
"""Age up to which documents of a history have no fault, so that a monitor of new exceptions in Lens
that looks back for a day finds none.
"""
CYCLE_HOURS = (0.0, 0.2, 4.0, 26.0, 50.0)
"""Hours from an order to each document of its cycle; EDIFACT uses one document less."""
WEEKDAY_ORDERS, WEEKEND_ORDERS = (1, 4), (0, 1)
"""Minimum and maximum number of orders a day in a history."""

TEXTS = {
    "delivery_failed": ("DLV-0431", "AS2 endpoint of the receiver answered 503"),
    "validation_error": ("SSCC_MISMATCH", "HL pack 2: MAN02 006141410000042173 not on manifest"),
    "processing_error": ("MAP-0102", "Map ended with code 12"),
}


@dataclass(frozen=True, slots=True)
class SentDocument:
    """One transmitted business document. ``fault`` is the kind of its fault, or None."""

    correlation_id: str
    transaction_id: str
    partner_id: str
    document_type: str
    fault: str | None

    def to_json(self) -> Document:
        return {
            "correlationId": self.correlation_id,
            "transactionId": self.transaction_id,
            "partnerId": self.partner_id,
            "documentType": self.document_type,
            "fault": self.fault,
        }


class Traffic:
    """Generates business documents, and adds them to the tenant's Lens, the transaction search."""

    def __init__(self, lens: Lens, community: Community) -> None:
        self._lens = lens
        self._community = community

    def play_orders(
        self,
        orders: int,
        seed: int,
        *,
        partner_ids: Sequence[str] = (),
        fault_share: float = 0.05,
        late_share: float = 0.0,
    ) -> list[SentDocument]:
        """Generate ``orders`` orders, each with all documents from the order to the invoice.

        ``fault_share`` of the documents fail. ``late_share`` of the documents appear in the search
        a few seconds late.
        """
        chance, partners = random.Random(seed), self._partners(partner_ids)
        sent: list[SentDocument] = []
        with self._community.store.transaction():
            for _ in range(orders):
                partner = chance.choice(partners)
                standard = partner["tradingAddresses"][0]["standard"]
                order = str(chance.randint(4_500_000_000, 4_599_999_999))
                for document_type in CYCLES[standard]:
                    fault = (
                        chance.choice(_possible_faults(document_type))
                        if chance.random() < fault_share
                        else None
                    )
                    late = chance.uniform(1, 4) if chance.random() < late_share else 0.0
                    sent.append(
                        self.send_document(partner, document_type, order, fault, chance, late)
                    )
        return sent

    def play_history(
        self, seed: int, *, days: int = HISTORY_DAYS, partner_ids: Sequence[str] = ()
    ) -> list[SentDocument]:
        """Generate the orders of the last ``days`` days, each with its documents up to now.

        A few percent of the documents that are older than ``FAULTLESS`` fail. The newest documents
        still wait for their acknowledgment.
        """
        chance, now = random.Random(seed), self._community.clock.now()
        sent: list[SentDocument] = []
        with self._community.store.transaction():
            for partner in self._partners(partner_ids):
                documents = CYCLES[partner["tradingAddresses"][0]["standard"]]
                for back in range(days, -1, -1):
                    day = (now - timedelta(days=back)).replace(hour=0, minute=0, second=0)
                    for _ in range(
                        chance.randint(*(WEEKDAY_ORDERS if day.weekday() < 5 else WEEKEND_ORDERS))
                    ):
                        order = str(chance.randint(4_500_000_000, 4_599_999_999))
                        begin = day + timedelta(hours=chance.uniform(7, 17))
                        for document_type, hours in zip(documents, CYCLE_HOURS, strict=False):
                            at = begin + timedelta(hours=hours * chance.uniform(0.7, 1.3))
                            if not now - timedelta(days=days) <= at < now:
                                continue
                            fails = now - at > FAULTLESS and chance.random() < 0.04
                            fault = (
                                chance.choice(_possible_faults(document_type)) if fails else None
                            )
                            sent.append(
                                self.send_document(
                                    partner, document_type, order, fault, chance, at=at
                                )
                            )
        return sent

    def _partners(self, partner_ids: Sequence[str]) -> list[Document]:
        """Return the partners with these ids, or all partners if there are no ids.

        Deleted partners and partners without a trading address are left out.
        """
        partners = [
            self._community.get("partners", one) for one in partner_ids
        ] or self._community.store.select("partners")
        return [
            partner
            for partner in partners
            if partner.get("tradingAddresses") and not partner.get("deletedAt")
        ]

    def send_document(
        self,
        partner: Document,
        document_type: str,
        order: str,
        fault: str | None,
        chance: random.Random,
        late: float = 0.0,
        at: datetime | None = None,
    ) -> SentDocument:
        """Add one document and its file to Lens, and return the document.

        ``late`` is the number of seconds after which the search finds the document. ``at`` is the
        time at which the document was sent, None for now. With ``at``, the document is acknowledged
        up to eight hours later, or still waits for its acknowledgment.
        """
        address = partner["tradingAddresses"][0]
        standard = address["standard"]
        of_partner, of_hub = (
            (f"{address['qualifier']}:{address['id']}", partner["name"]),
            (HUB_ADDRESS, HUB_NAME),
        )
        sender, receiver = (
            (of_hub, of_partner) if document_type in FROM_HUB else (of_partner, of_hub)
        )
        correlation_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        transaction_id = f"TG16-PROD-{uuid.UUID(int=chance.getrandbits(128), version=4)}"
        common: Document = {
            "correlationid": correlation_id,
            "editype": document_type,
            "envelopetype": ENVELOPES[standard],
            "standardversion": VERSIONS[standard],
            "senderaddress": sender[0],
            "sendername": sender[1],
            "receiveraddress": receiver[0],
            "receivername": receiver[1],
            "type": "EDI",
        }
        keys = [{"key": "purchase order number", "value": order}]
        if document_type in SHIP_NOTICES:
            keys.append(
                {
                    "key": "shipment identification",
                    "value": f"SHP-{chance.randint(1, 9_999_999):07}",
                }
            )
        if document_type in INVOICES:
            keys.append({"key": "invoice number", "value": f"INV-{chance.randint(1, 99_999)}"})
        file: Document = {
            **common,
            "transactionid": f"{transaction_id}-F",
            "transactionlevel": "File",
            "editype": None,
            "status": "C",
        }
        document: Document = {
            **common,
            "transactionid": transaction_id,
            "transactionlevel": "Document",
            "status": "S",
            "contentkeys": keys,
        }
        document["fastatus"] = "N" if document_type in ACKNOWLEDGMENTS else chance.choice("AAAC")
        _apply_fault(file, document, fault)
        if at is not None:
            _date(file, document, at, self._community.clock.now(), chance)
        self._lens.put_entry(file, shown_after=late)
        self._lens.put_entry(document, shown_after=late)
        return SentDocument(correlation_id, transaction_id, partner["id"], document_type, fault)

    def routes(self) -> list[Route]:
        """Return the control routes that generate traffic.

        ``POST /__emulator/traffic`` generates new orders. ``POST /__emulator/traffic/history``
        generates the orders of the last weeks. ``POST /__emulator/documents`` sends one document of
        a partner.
        """

        async def handle_play(request: Request) -> Response:
            wish = await request.json()
            sent = self.play_orders(
                int(wish.get("orders", 1)),
                int(wish.get("seed", 1)),
                partner_ids=wish.get("partnerIds", ()),
                fault_share=float(wish.get("faultShare", 0.05)),
                late_share=float(wish.get("lateShare", 0)),
            )
            return JSONResponse(
                {"documents": len(sent), "faulty": [one.to_json() for one in sent if one.fault]}
            )

        async def handle_history(request: Request) -> Response:
            wish = await request.json()
            sent = self.play_history(
                int(wish.get("seed", 1)),
                days=int(wish.get("days", HISTORY_DAYS)),
                partner_ids=wish.get("partnerIds", ()),
            )
            return JSONResponse(
                {"documents": len(sent), "faulty": [one.to_json() for one in sent if one.fault]}
            )

        async def handle_send(request: Request) -> Response:
            wish = await request.json()
            partner = self._community.get("partners", wish["partnerId"])
            chance = random.Random(wish.get("seed"))
            order = wish.get("order") or str(chance.randint(4_500_000_000, 4_599_999_999))
            return JSONResponse(
                self.send_document(
                    partner,
                    wish["documentType"],
                    order,
                    wish.get("fault"),
                    chance,
                    float(wish.get("shownAfter", 0)),
                ).to_json()
            )

        return [
            Route("/__emulator/traffic", handle_play, methods=["POST"]),
            Route("/__emulator/traffic/history", handle_history, methods=["POST"]),
            Route("/__emulator/documents", handle_send, methods=["POST"]),
        ]


def _possible_faults(document_type: str) -> Sequence[str]:
    """Return the kinds of fault that a document of this type can have.

    An acknowledgment is not itself acknowledged, so it has no faults of acknowledgment.
    """
    return (
        tuple(fault for fault in FAULTS if not fault.startswith("acknowledgment"))
        if document_type in ACKNOWLEDGMENTS
        else FAULTS
    )


def _apply_fault(file: Document, document: Document, fault: str | None) -> None:
    """Change the two Lens entries of a business document in place, so that they show a fault.

    ``document`` is the entry of the document itself, ``file`` the one of the file that carries it.
    The fault's status is set in ``document``; its error code and message, if any, in ``file``. If
    ``fault`` is None, nothing is changed.
    """
    match fault:
        case "delivery_failed":
            document["status"] = "F"
        case "validation_error":
            document["status"] = "V"
        case "acknowledgment_rejected":
            document["fastatus"] = "R"
        case "acknowledgment_overdue":
            document["fastatus"] = "T"
    if fault in TEXTS:
        file["errorcode"], file["externalerrormessage"] = TEXTS[fault]


def _date(
    file: Document, document: Document, at: datetime, now: datetime, chance: random.Random
) -> None:
    """Set the times of a document and its file to the past, in place.

    If the document's acknowledgment would come after ``now``, the document still waits for it.
    """
    processed = at + timedelta(minutes=chance.uniform(0.5, 5))
    acknowledged = processed + timedelta(hours=chance.uniform(0.2, 8))
    for entry in (file, document):
        entry["arrivaltime"] = rfc3339(at)
        entry["statusdate"] = rfc3339(min(processed, now))
    if document["fastatus"] != "N" and acknowledged > now:
        document["fastatus"], acknowledged = "W", min(processed, now)
    document["fastatusdate"] = rfc3339(acknowledged)
