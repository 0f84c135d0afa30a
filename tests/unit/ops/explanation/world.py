"""A portal, a ledger and Trading Grid in memory, and an explainer over them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from gridwix.configuration.everything import Configuration
from gridwix.document_sync.transfers import PortalFile, Transfer
from gridwix.errors import GridwixError, RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.trading_grid.entities import Entity
from gridwix.partner_requests.submissions import HoldReason, Stage
from gridwix.publication.models import LedgerEntry, RowKey, Versions
from gridwix.runtime.configuration import configuration
from ops.commands.explain import defined_fields
from ops.explanation.projections import RowMaker, own_record
from ops.explanation.reading import FieldExplanation, RowExplainer, RowExplanation
from ops.explanation.reads import RowReads
from tests.factories import (
    BALTIC,
    PRAIRIE_GOLD,
    case,
    check,
    comment,
    document,
    enrollment,
    notice,
    partner,
    program,
    request,
    submission,
)
from tests.fakes.documents import PDF, FakeLibrary, FakeTransfers
from tests.fakes.intake import FakeInbox
from tests.fakes.trading_grid import FakeTradingGrid

TAX_FORM = "supplier-na.tax_form.en"
DESADV = {"editype": "856", "standard": "x12", "exception": "rejected", "poNumber": "4500012345"}

ENTITIES: tuple[Entity, ...] = (
    partner(),
    partner(BALTIC, country="LV"),
    case(
        "case_1",
        7,
        status="open",
        nextStep="Send the 856 again.",
        transactionRefs=[DESADV, {}],
        statusHistory=[
            {"status": "new", "at": "2026-03-12T10:00:00Z", "visibility": "public"},
        ],
    ),
    case("case_2", 2),
    case("case_3", partnerId=BALTIC),
    check(version=3),
    check("chk_2", version=4, status="passed"),
    enrollment(
        steps=[
            {"key": "tax_form", "status": "available", "owner": "partner"},
            {"key": "insurance", "status": "locked", "owner": "hub"},
        ],
    ),
    program(4),
    notice(),
    notice("ntc_2", 5, audience={"all": False, "regions": ["EU", "EMEA"]}),
    request(),
    request("req_2", 6, sourceSubmissionId="sub-2", status="waiting_for_partner"),
)

ROWS: tuple[tuple[str, str], ...] = (
    ("OpenIssues", "case_1"),
    ("OpenIssues", "case_3"),
    ("PartnerStatus", PRAIRIE_GOLD),
    ("PartnerStatus", BALTIC),
    ("ServiceNotices", "ntc_1"),
    ("ServiceNotices", "ntc_2"),
    ("OnboardingProgress", "enr_1"),
    ("OnboardingSteps", TAX_FORM),
    ("PartnerRequests", "sub-1"),
    ("PartnerRequests", "sub-2"),
    ("PartnerRequests", "held"),
    ("PartnerRequests", "invalid"),
    ("PartnerRequests", "waiting"),
    ("PartnerDocuments", "doc_1"),
    ("PartnerDocuments", "doc_2"),
    ("PartnerDocuments", "doc_3"),
)
"""Rows of every projected collection."""


@dataclass
class Portal:
    """The rows in Wix. ``failure``: Wix cannot be read."""

    rows: dict[RowKey, Any] = field(default_factory=dict)
    failure: GridwixError | None = None
    calls: int = 0

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        self.calls += 1
        if self.failure is not None:
            raise self.failure
        keys = [RowKey(collection, one) for one in ids]
        return {key.item_id: self.rows[key] for key in keys if key in self.rows}


@dataclass
class Ledger:
    entries: dict[RowKey, LedgerEntry] = field(default_factory=dict)

    def read_entries(self, keys: Collection[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        return {key: self.entries[key] for key in keys if key in self.entries}


class World:
    """Everything that ``ROWS`` are made of. Nothing is on the portal yet."""

    def __init__(self) -> None:
        self.portal, self.ledger, self.transfers = Portal(), Ledger(), FakeTransfers()
        self.grid, self.library, self.inbox = FakeTradingGrid(), FakeLibrary(), FakeInbox()
        self.grid.put(*ENTITIES)
        self.grid.said["case_1"] = [comment(author="partner")]
        self.grid.asked = {"req_2": [comment()]}
        for made in (
            submission("sub-1", member_id="member-1", partner_id=PRAIRIE_GOLD),
            submission("waiting", member_id="member-1"),
            submission(
                "held",
                member_id="member-1",
                stage=Stage.HELD,
                held_for=HoldReason.ATTACHMENTS,
                file_fault="damaged",
            ),
            submission(
                "invalid",
                member_id="member-1",
                stage=Stage.HELD,
                held_for=HoldReason.INVALID,
                values={"your_name": "Dana Whitfield"},
            ),
        ):
            self.inbox.accept(made)
        for item, name in (("sub-1", "req_1"), ("sub-2", "req_2")):
            # Only the ledger tells the request of a submission.
            key = row_key("PartnerRequests", item)
            versions = Versions(live={f"collaboration-requests/{name}": 1})
            self.ledger.entries[key] = LedgerEntry(key, 2, versions, "hash", "evt_1")
        self.library.put(document("doc_1", 3), PDF + b"one", PDF + b"two")
        self.library.put(
            document("doc_2", partnerId=PRAIRIE_GOLD, classification="restricted"), PDF + b"three"
        )
        self.library.put(
            document("doc_3", audience={"all": False, "regions": ["LATAM", "EU"]}), PDF + b"four"
        )
        self.library.partners = [partner(), partner(BALTIC, country="LV")]
        shown = PortalFile(version=2, sha256="ab", private=True, file_id="file-2")
        self.transfers.kept["doc_1"] = Transfer(document_id="doc_1", shown=shown, edition=8)
        self.transfers.kept["doc_3"] = Transfer(document_id="doc_3", fault="too_large", edition=2)

    def reads(self, key: RowKey) -> RowReads:
        grid = self.library if key.collection == "PartnerDocuments" else self.grid
        entry, shown = self.ledger.entries.get(key), self.portal.rows.get(key)
        return RowReads(
            grid,  # type: ignore[arg-type]  # two fakes stand in for one gateway
            self.transfers,
            self.inbox,
            own_record(key, entry, shown),
        )

    def maker(self, key: RowKey) -> RowMaker:
        return RowMaker(key, self.reads(key))

    def explain(self, collection: str, item: str) -> RowExplanation:
        key = row_key(collection, item)
        return RowExplainer(
            configuration=configuration(),
            ledger=self.ledger,
            wix=self.portal,
            reads=lambda _: self.reads(key),
            fields=defined_fields(),
        ).explain(key)

    def publish(self, collection: str, item: str, **edits: Any) -> RowKey:
        """Put a row on the portal as the product would, then edit it; None removes a field."""
        key = row_key(collection, item)
        row = self.expected(key, configuration())
        versions = self.versions(key)
        self.ledger.entries[key] = LedgerEntry(key, 2, versions, "hash", "evt_1")
        edited = {**row, **edits}
        self.portal.rows[key] = {
            "_owner": "site",
            **{name: value for name, value in edited.items() if value is not None},
        }
        return key

    def expected(self, key: RowKey, found: Configuration) -> Mapping[str, Any]:
        expected = self.maker(key).expected_row(found)
        assert expected is not None
        assert expected.item is not None
        return expected.item.data

    def versions(self, key: RowKey) -> Any:
        expected = self.maker(key).expected_row(configuration())
        assert expected is not None
        return expected.versions


def row_key(collection: str, item: str) -> RowKey:
    return RowKey(CollectionId(collection), WixItemId(item))


def fields_of(found: RowExplanation) -> Mapping[str, FieldExplanation]:
    return {one.name: one for one in found.fields}


def rules_of(found: RowExplanation, name: str) -> list[str]:
    return [f"{rule.file} {rule.key}" for rule in fields_of(found)[name].rules]


def records_of(found: RowExplanation, name: str) -> dict[str, int | None]:
    return {one.name: one.version for one in fields_of(found)[name].records}
