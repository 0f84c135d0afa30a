"""One record stops no other: whatever JSON says in its place, all others end as if it were not
there. For every consumer of Trading Grid's records.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.clients.trading_grid.changed import ChangedRecordsClient
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.document_sync.files import DocumentFiles
from gridwix.document_sync.reconciled import ReconciledPartnerDocuments
from gridwix.document_sync.service import DocumentSync
from gridwix.errors import RecordFault
from gridwix.models.events import EVERYTHING, Change
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.models.portal.collection_ids import (
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    OPEN_ISSUES,
    PARTNER_DOCUMENTS,
    PARTNER_REQUESTS,
    PARTNER_STATUS,
    SERVICE_NOTICES,
)
from gridwix.models.reconciliation import RunRequest
from gridwix.models.trading_grid.entities import Entity
from gridwix.notice_publisher.reconciled import ReconciledOpenIssues, ReconciledServiceNotices
from gridwix.notice_publisher.service import NoticePublisher
from gridwix.onboarding_sync.co_owned_rows import CoOwnedRows
from gridwix.onboarding_sync.reconciled import (
    ReconciledOnboardingProgress,
    ReconciledOnboardingSteps,
)
from gridwix.onboarding_sync.service import OnboardingSync
from gridwix.partner_requests.rows import RequestRows
from gridwix.partner_requests.submissions import Stage
from gridwix.publication.changes import ChangeReport
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.merge import Owner
from gridwix.publication.models import RowKey
from gridwix.publication.publisher import Publisher
from gridwix.publication.reconciled import ExpectedRow, ReconciledCollection
from gridwix.publication.resync import ResyncRequester, resync_change
from gridwix.reconciler.sweep import Sweep
from gridwix.request_publisher.reconciled import ReconciledPartnerRequests
from gridwix.request_publisher.service import RequestPublisher
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.reconciled import ReconciledPartnerStatus
from gridwix.status_publisher.service import PartnerStatusPublisher
from tests.examples import examples
from tests.factories import (
    HUB,
    NOW,
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
from tests.fakes.any_json import spoilt
from tests.fakes.community_wire import CommunityGateway
from tests.fakes.documents import FakeMedia, FakeTransfers
from tests.fakes.intake import FakeInbox
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal
from tests.fakes.reconciliation import FakeContinuation, FakeSources
from tests.fakes.refreshes import audience_refreshes
from tests.fakes.stores import FakeBus, FakeCursors, FakeHandovers, FakeRefusedItems
from tests.fakes.wire import ManualClock, Sleeper, Wire, open_auth

COMPANY = CompanyId(HUB)
OWNERS = {
    name: Owner(master) for name, master in configuration().ownership.onboarding_steps.items()
}
PARTNERS = ("GC1", "GC2", "GC3")
SOME = {"all": False, "partnerIds": ["GC1", "GC3"]}

APPROVED = {
    "number": 1,
    "fileName": "a.pdf",
    "mediaType": "application/pdf",
    "sizeBytes": 9,
    "sha256": "ab" * 32,
    "source": "trading_grid",
    "status": "approved",
}
SHELVED: dict[str, Any] = {
    "classification": "restricted",
    "currentVersion": 1,
    "versions": [{**APPROVED, "scan": "clean"}],
}
"""A document whose bytes stay where they are: what is looked at here are rows."""

RECORDS: Sequence[Entity] = (
    *(partner(one, name=f"Partner {one}", country="US") for one in PARTNERS),
    *(
        enrollment(
            f"enr_{one}",
            partnerId=one,
            steps=[{"key": "tax_form", "status": "available", "title": "Tax form"}],
        )
        for one in PARTNERS
    ),
    *(check(f"chk_{one}", partnerId=one, dueOn="2026-04-01") for one in PARTNERS),
    *(case(f"case_{one}", partnerId=one, number=f"TG-{one}", dueAt=NOW) for one in PARTNERS),
    program(key="supplier-na", locales=("en",)),
    program(key="carrier-na").model_copy(update={"id": "prg_2"}),
    notice("ntc_1"),
    notice("ntc_2", audience=SOME),
    document("doc_GC1", partnerId="GC1", **SHELVED),
    document("doc_all", audience={"all": True}, **SHELVED),
    document("doc_some", audience=SOME, **SHELVED),
    *(
        request(f"req_{one}", partnerId=one, sourceSubmissionId=f"sub-{one}", number=f"CR-{one}")
        for one in PARTNERS
    ),
)


def wire_form(entity: Entity) -> dict[str, Any]:
    return entity.model_dump(mode="json", by_alias=True, exclude_none=True)


COMMENTS = {
    f"cases/case_{one}/comments": [comment(f"cmt_{one}").model_dump(mode="json", by_alias=True)]
    for one in PARTNERS
}
IDS_AND_OWNERS = frozenset({"id", "partnerId", "sourceSubmissionId", "key"})
"""Members that would make a record another one: which it is, and whose."""


@dataclass
class World:
    """Trading Grid on the wire, without the record ``absent``, or with something else in its place;
    and a portal in memory.
    """

    spoilt: dict[str, Any] = field(default_factory=dict)
    absent: str = ""

    def __post_init__(self) -> None:
        self.gateway = CommunityGateway(spoilt=self.spoilt)
        for entity in RECORDS:
            if entity.record != self.absent:
                self.gateway.lists.setdefault(entity.COLLECTION, []).append(wire_form(entity))
        for name, comments in COMMENTS.items():
            self.gateway.lists[name] = [
                one for one in comments if f"{name}/{one['id']}" != self.absent
            ]
        self.noted: list[RecordFault] = []
        clock = ManualClock()
        options: dict[str, Any] = {
            "base_url": "https://gateway.example/community/v1",
            "clock": clock,
            "sleep": Sleeper(clock),
            "note": self.noted.append,
        }
        wire = Wire(handler=self.gateway)
        self.source = CommunityClient(wire.client(), open_auth(), **options)
        self.changed = ChangedRecordsClient(wire.client(), open_auth(), **options)
        self.portal, self.ledger, self.refused = FakePortal(), MemoryLedger(), FakeRefusedItems()
        self.inbox, self.transfers, self.media = FakeInbox(), FakeTransfers(), FakeMedia()
        for one in PARTNERS:
            self.inbox.accept(submission(f"sub-{one}", member_id="member-1", stage=Stage.DELIVERED))

    def publisher(self) -> Publisher:
        return Publisher(
            collections=self.portal,
            ledger=self.ledger,
            refused_items=self.refused,
            function="test",
            clock=lambda: 0.0,
            hold=90,
        )

    @property
    def rows(self) -> dict[RowKey, Any]:
        return {RowKey(*key): item.data for key, item in self.portal.rows.items()}


def everything(world: World) -> list[Change]:
    """The wish to have everything read anew, and one change of every record by its name."""
    wishes: dict[str, PartnerId | None] = {f"partners/{one}": PartnerId(one) for one in PARTNERS}
    wishes |= {
        entity.record: getattr(entity, "partner_id", None)
        for entity in RECORDS
        if entity.record != world.absent
    }
    return [
        resync_change(record, owner, event_id=record, at=NOW.timestamp(), company_id=COMPANY)
        for record, owner in {**wishes, EVERYTHING: None}.items()
    ]


def publish_status(world: World, changes: Sequence[Change]) -> ChangeReport:
    return PartnerStatusPublisher(
        world.source, world.ledger, world.publisher(), configuration()
    ).publish([c for c in changes if c.record.startswith("partners/")])


def publish_notices(world: World, changes: Sequence[Change]) -> ChangeReport:
    return NoticePublisher(
        source=world.source,
        partners=HubPartners(world.source, time.time),
        ledger=world.ledger,
        publisher=world.publisher(),
        refreshes=audience_refreshes(),
        configuration=configuration(),
    ).publish(changes)


def sync_onboarding(world: World, changes: Sequence[Change]) -> ChangeReport:
    shared = CoOwnedRows(world.portal, {ONBOARDING_STEPS: OWNERS})
    steps = Publisher(
        collections=shared,
        ledger=world.ledger,
        refused_items=world.refused,
        function="test",
        clock=lambda: 0.0,
        hold=90,
    )
    return OnboardingSync(
        source=world.source,
        portal=world.portal,
        configuration=configuration(),
        shared=shared,
        steps=steps,
        progress=world.publisher(),
    ).publish(changes)


def publish_requests(world: World, changes: Sequence[Change]) -> ChangeReport:
    return RequestPublisher(
        world.source, world.inbox, RequestRows(world.publisher(), configuration()), configuration()
    ).publish(changes)


def sync_documents(world: World, changes: Sequence[Change]) -> ChangeReport:
    files = DocumentFiles(
        source=world.source,
        media=world.media,
        transfers=world.transfers,
        rows=world.portal,
        rules=configuration().documents,
        clock=lambda: 0.0,
        hold=90,
    )
    sync = DocumentSync(
        source=world.source,
        partners=HubPartners(world.source, time.time),
        files=files,
        ledger=world.ledger,
        publisher=world.publisher(),
        refreshes=audience_refreshes(),
        refused_items=world.refused,
        configuration=configuration(),
        clock=lambda: 0.0,
        at_once=1,
    )
    return sync.publish(
        [
            change
            for change in changes
            if change.record.startswith(("documents/", "partners/", "hub/"))
        ]
    )


CONSUMERS: Mapping[str, Callable[[World, Sequence[Change]], ChangeReport]] = {
    "status_publisher": publish_status,
    "notice_publisher": publish_notices,
    "onboarding_sync": sync_onboarding,
    "request_publisher": publish_requests,
    "document_sync": sync_documents,
}

NAMES = [entity.record for entity in RECORDS] + [
    f"{name}/{one['id']}" for name, comments in COMMENTS.items() for one in comments
]


def record_of(name: str) -> dict[str, Any]:
    found = {f"{path}/{one['id']}": one for path, comments in COMMENTS.items() for one in comments}
    return found.get(name) or wire_form(next(entity for entity in RECORDS if entity.record == name))


def rows_of(name: str) -> Callable[[RowKey, Any], bool]:
    """Return the test for rows that are made from a record, and may differ with it."""
    collection, identifier, *rest = name.split("/")
    owner = identifier if collection == "partners" else record_of(name).get("partnerId")

    def concerns(key: RowKey, data: Any) -> bool:
        match key.collection:
            case _ if key.collection == PARTNER_STATUS:
                return key.item_id == owner and collection in (
                    "partners",
                    "enrollments",
                    "compliance-checks",
                    "cases",
                )
            case _ if key.collection == ONBOARDING_STEPS:
                return (
                    collection == "onboarding-programs"
                    and data["programKey"] == record_of(name)["key"]
                )
            case _ if key.collection == PARTNER_REQUESTS:
                return (
                    collection == "collaboration-requests"
                    and key.item_id == f"sub-{identifier.removeprefix('req_')}"
                )
            case _ if key.collection in (
                OPEN_ISSUES,
                ONBOARDING_PROGRESS,
                SERVICE_NOTICES,
                PARTNER_DOCUMENTS,
            ):
                return key.item_id == identifier and not (rest and key.collection != OPEN_ISSUES)
        return False

    return concerns


def is_restricted(data: Any) -> bool:
    return bool(data.get("partnerIds"))


@pytest.mark.parametrize("consumer", CONSUMERS)
@given(data=st.data())
@settings(deadline=None, max_examples=examples(10))
def test_whatever_stands_in_the_place_of_a_record_all_others_end_as_if_it_were_not_there(
    consumer: str, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(NAMES))
    odd = data.draw(spoilt(record_of(name), fixed=IDS_AND_OWNERS))
    good, without = World(spoilt={name: odd}), World(absent=name)

    report = CONSUMERS[consumer](good, everything(good))
    CONSUMERS[consumer](without, everything(without))

    concerns = rows_of(name)
    # A partner that can be read all the same is in audiences; one that is absent is not.
    audience_differs = name.startswith("partners/") and not good.noted
    compared = {
        RowKey(*key): (good.rows.get(key), without.rows.get(key))
        for key in good.rows | without.rows
        if not concerns(key, good.rows.get(key) or without.rows.get(key))
        and not (audience_differs and is_restricted(good.rows.get(key) or without.rows.get(key)))
    }
    assert compared
    assert {key: pair for key, pair in compared.items() if pair[0] != pair[1]} == {}
    # Whatever is deferred has a reason, and no reason holds a value.
    assert all(str(reason) for reason in report.reasons.values())


@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("name", [entity.record for entity in RECORDS])
def test_a_record_that_is_null_is_named_and_defers_what_is_made_from_it(
    consumer: str, name: str
) -> None:
    world = World(spoilt={name: None})

    report = CONSUMERS[consumer](world, everything(world))

    asked = {fault.record for fault in world.noted}
    collection = name.partition("/")[0]
    if any(fault.record.startswith(f"{collection}/") for fault in world.noted):
        assert asked == {f"{collection}/?"}
        touched = [
            key
            for key in report.reasons
            if rows_of(name)(key, {"programKey": record_of(name).get("key")})
        ] or report.record_faults
        assert touched or collection == "partners"


def collections_of(world: World) -> list[ReconciledCollection]:
    desk = ResyncRequester(FakeBus(), company_id=COMPANY, clock=lambda: 0.0)
    return [
        ReconciledPartnerStatus(world.source, configuration(), desk),
        ReconciledOpenIssues(world.source, configuration(), desk),
        ReconciledServiceNotices(
            world.source, HubPartners(world.source, time.time), configuration(), desk
        ),
        ReconciledOnboardingSteps(world.source, configuration(), OWNERS, desk),
        ReconciledOnboardingProgress(world.source, configuration(), desk),
        ReconciledPartnerRequests(world.source, world.inbox, configuration(), desk),
        ReconciledPartnerDocuments(
            source=world.source,
            partners=HubPartners(world.source, time.time),
            transfers=world.transfers,
            files=world.media,
            configuration=configuration(),
            resyncs=desk,
        ),
    ]


def expected_of(world: World) -> dict[RowKey, Any]:
    """Return the content that the reconciler expects of every row that it lists."""
    found: dict[RowKey, Any] = {}
    for collection in collections_of(world):
        keys: list[str] = []
        page: str | None = None
        while True:
            listed, page = collection.list_keys(page)
            keys += listed
            if page is None:
                break
        for key, answer in collection.expected_rows(keys).items():
            if isinstance(answer, ExpectedRow) and answer.item is not None:
                found[RowKey(collection.name, collection.item_id(key))] = answer.item.data
    return found


@given(data=st.data())
@settings(deadline=None, max_examples=examples(13))
def test_whatever_stands_in_place_of_a_record_the_reconciler_expects_all_others_as_if_it_were_gone(
    data: st.DataObject,
) -> None:
    name = data.draw(st.sampled_from(NAMES))
    good, without = (
        World(spoilt={name: data.draw(spoilt(record_of(name), fixed=IDS_AND_OWNERS))}),
        World(absent=name),
    )

    found, wanted = expected_of(good), expected_of(without)

    concerns, audience_differs = rows_of(name), name.startswith("partners/") and not good.noted
    others = {
        key
        for key in wanted
        if not concerns(key, wanted[key]) and not (audience_differs and is_restricted(wanted[key]))
    }
    assert others
    assert {key: found.get(key) for key in others} == {key: wanted[key] for key in others}


@given(data=st.data())
@settings(deadline=None, max_examples=examples(13))
def test_whatever_stands_in_the_place_of_a_record_the_sweep_announces_all_others(
    data: st.DataObject,
) -> None:
    name = data.draw(st.sampled_from([entity.record for entity in RECORDS]))
    world = World(spoilt={name: data.draw(spoilt(record_of(name)))})
    bus = FakeBus()
    sweep = Sweep(
        source=world.changed,
        sources=FakeSources(),
        bus=bus,
        handovers=FakeHandovers(),
        cursors=FakeCursors(),
        continuation=FakeContinuation(),
        freshness=FakeFreshness(),
        company_id=COMPANY,
        clock=NOW.timestamp,
        overlap=120,
    )

    sweep.handle(sweep.first_page(RunRequest(mode="sweep"), run="sweep-1"))

    announced = {change.record for change in bus.changes}
    assert announced >= {entity.record for entity in RECORDS} - {name}


class FakeFreshness:
    """Implements ``Freshness``."""

    def tell(self, as_of: object, hidden: object) -> None:
        """Nothing listens."""
