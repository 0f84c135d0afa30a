"""The full comparison of every collection: what has drifted is published anew by the collection's
own publisher, and nothing else.
"""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridwix.document_sync.files import DocumentFiles
from gridwix.document_sync.reconciled import ReconciledPartnerDocuments
from gridwix.document_sync.service import DocumentSync
from gridwix.form_intake.submission_rows import SubmissionRows
from gridwix.mapping.wix_items import item_id
from gridwix.models.events import EVERYTHING, Change
from gridwix.models.ids import CollectionId, CompanyId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import (
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    OPEN_ISSUES,
    PARTNER_DOCUMENTS,
    PARTNER_REQUESTS,
    PARTNER_STATUS,
    SERVICE_NOTICES,
)
from gridwix.models.reconciliation import FullPage, RunRequest
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.wix import DataItem
from gridwix.notice_publisher.reconciled import ReconciledOpenIssues, ReconciledServiceNotices
from gridwix.notice_publisher.service import NoticePublisher
from gridwix.onboarding_sync.co_owned_rows import CoOwnedRows
from gridwix.onboarding_sync.reconciled import (
    ReconciledOnboardingProgress,
    ReconciledOnboardingSteps,
)
from gridwix.onboarding_sync.service import OnboardingSync
from gridwix.partner_requests.submissions import HoldReason, Outcome, Stage
from gridwix.publication.drift import DeleteGuard
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.merge import AGREED, CONFLICTS, Owner
from gridwix.publication.publisher import Publisher
from gridwix.publication.reconciled import ReconciledCollection
from gridwix.publication.resync import ResyncRequester, resync_change
from gridwix.reconciler.removal import ROWS_PER_MESSAGE
from gridwix.reconciler.service import Reconciler
from gridwix.request_publisher.reconciled import ReconciledPartnerRequests
from gridwix.request_publisher.service import RequestPublisher
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.reconciled import ReconciledPartnerStatus
from gridwix.status_publisher.service import PartnerStatusPublisher
from tests.examples import examples
from tests.factories import (
    BALTIC,
    HUB,
    NOW,
    PRAIRIE_GOLD,
    case,
    comment,
    document,
    enrollment,
    notice,
    partner,
    program,
    request,
    submission,
)
from tests.fakes.documents import PDF, FakeLibrary, FakeMedia, FakeTransfers
from tests.fakes.intake import FakeInbox
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal
from tests.fakes.reconciliation import FakeContinuation, FakeDocuments, FakeRows
from tests.fakes.refreshes import audience_refreshes
from tests.fakes.stores import FakeBus, FakeRefusedItems
from tests.fakes.trading_grid import FakeTradingGrid
from tests.unit.document_sync.documents_bench import change_of

COMPANY = CompanyId(HUB)
ANYTHING_GOES = DeleteGuard(share=1.0, allowed=100)
OWNERS = {
    field: Owner(master) for field, master in configuration().ownership.onboarding_steps.items()
}
TAX_FORM, INSURANCE, CONTRACT = (
    f"supplier-na.{step}.en" for step in ("tax_form", "insurance", "contract")
)

RECORDS: Sequence[Entity] = (
    partner(),
    partner(BALTIC, country="LV"),
    case("case_1"),
    case("case_2", partnerId=BALTIC, status="closed"),
    case("case_3", partnerId=BALTIC),
    notice("ntc_1"),
    notice("ntc_2", status="resolved"),
    notice("ntc_3", audience={"all": False, "partnerIds": [BALTIC]}),
    enrollment("enr_1"),
    enrollment("enr_2", partnerId=BALTIC),
    program(steps=("tax_form", "insurance", "contract")),
    request("req_1", sourceSubmissionId="sub-1", number="CR-1"),
    request("req_2", sourceSubmissionId="sub-2", number="CR-2", status="completed", partnerId=None),
    request("req_3", sourceSubmissionId=None),
)

ROWS: Sequence[tuple[CollectionId, str, str]] = (
    (OPEN_ISSUES, "case_1", "subject"),
    (OPEN_ISSUES, "case_2", "statusLabel"),
    (OPEN_ISSUES, "case_3", "comments"),
    (SERVICE_NOTICES, "ntc_1", "title"),
    (SERVICE_NOTICES, "ntc_2", "active"),
    (SERVICE_NOTICES, "ntc_3", "partnerIds"),
    (ONBOARDING_PROGRESS, "enr_1", "percentComplete"),
    (ONBOARDING_PROGRESS, "enr_2", "steps"),
    (ONBOARDING_STEPS, TAX_FORM, "title"),
    (ONBOARDING_STEPS, INSURANCE, "retired"),
    (ONBOARDING_STEPS, CONTRACT, "position"),
    (PARTNER_REQUESTS, "sub-1", "statusLabel"),
    (PARTNER_REQUESTS, "sub-2", "number"),
    (PARTNER_DOCUMENTS, "doc_1", "title"),
    (PARTNER_DOCUMENTS, "doc_2", "fileId"),
    (PARTNER_DOCUMENTS, "doc_3", "restricted"),
)
"""Every row of the collections of records, and a field of it that gridwix publishes."""


class World:
    """Everything is on the portal; a reconciler of all collections, and the ordinary publishers
    behind the bus.
    """

    def __init__(self, *records: Entity, guard: DeleteGuard = ANYTHING_GOES) -> None:
        self.grid, self.portal, self.ledger, self.bus = (
            FakeTradingGrid(),
            FakePortal(),
            MemoryLedger(),
            FakeBus(),
        )
        self.documents, self.queue, self.rows = (
            FakeDocuments(),
            FakeContinuation(),
            FakeRows(self.portal),
        )
        self.now, self.runs = NOW.timestamp(), 0
        shared = CoOwnedRows(self.portal, {ONBOARDING_STEPS: OWNERS})
        self.status = PartnerStatusPublisher(
            self.grid, self.ledger, self._publisher(), configuration()
        )
        self.notices = NoticePublisher(
            source=self.grid,
            partners=HubPartners(self.grid, time.time),
            ledger=self.ledger,
            publisher=self._publisher(),
            refreshes=audience_refreshes(),
            configuration=configuration(),
        )
        steps = Publisher(
            collections=shared,
            ledger=self.ledger,
            refused_items=FakeRefusedItems(),
            function="test",
            clock=lambda: self.now,
            hold=90,
        )
        self.onboarding = OnboardingSync(
            source=self.grid,
            portal=self.portal,
            configuration=configuration(),
            shared=shared,
            steps=steps,
            progress=self._publisher(),
        )
        self.inbox = FakeInbox()
        self.request_rows = SubmissionRows(self._publisher(), configuration())
        self.requests = RequestPublisher(self.grid, self.inbox, self.request_rows, configuration())
        for identifier in ("sub-1", "sub-2"):
            self.inbox.accept(submission(identifier, member_id="member-1", stage=Stage.DELIVERED))
        self.library, self.transfers = FakeLibrary(), FakeTransfers()
        self.library.put(document("doc_1"), PDF + b"one", PDF + b"two")
        self.library.put(document("doc_2", partnerId=PRAIRIE_GOLD), PDF + b"three")
        self.library.put(
            document("doc_3", partnerId=PRAIRIE_GOLD, classification="restricted"), PDF + b"four"
        )
        self.library.put(document("doc_4", status="withdrawn"), PDF + b"five")
        self.media = FakeMedia()
        files = DocumentFiles(
            source=self.library,
            media=self.media,
            transfers=self.transfers,
            rows=self.portal,
            rules=configuration().documents,
            clock=lambda: self.now,
            hold=90,
        )
        clock, refused = (lambda: self.now), FakeRefusedItems()
        self.documents_sync = DocumentSync(
            source=self.library,
            partners=HubPartners(self.library, time.time),
            files=files,
            ledger=self.ledger,
            publisher=self._publisher(),
            refreshes=audience_refreshes(),
            refused_items=refused,
            configuration=configuration(),
            clock=clock,
            at_once=1,
        )
        self.reconciler = self._reconciler(guard)
        self.grid.put(*(records or RECORDS))
        self.grid.said["case_1"] = [comment()]
        partners = [
            PartnerId(name.removeprefix("partners/"))
            for name in self.grid.past
            if name.startswith("partners/")
        ]
        requests = [name for name in self.grid.past if name.startswith("collaboration-requests/")]
        wishes = {f"partners/{identifier}": identifier for identifier in partners} | dict.fromkeys(
            [EVERYTHING, *requests]
        )
        self.publish(
            [
                resync_change(record, owner, event_id=record, at=self.now, company_id=COMPANY)
                for record, owner in wishes.items()
            ]
        )
        self.portal.writes.clear()

    def _publisher(self) -> Publisher:
        return Publisher(
            collections=self.portal,
            ledger=self.ledger,
            refused_items=FakeRefusedItems(),
            function="test",
            clock=lambda: self.now,
            hold=90,
        )

    def _reconciler(self, guard: DeleteGuard) -> Reconciler:
        desk = ResyncRequester(self.bus, company_id=COMPANY, clock=lambda: self.now)
        collections: list[ReconciledCollection] = [
            ReconciledPartnerStatus(self.grid, configuration(), desk),
            ReconciledOpenIssues(self.grid, configuration(), desk),
            ReconciledServiceNotices(
                self.grid, HubPartners(self.grid, time.time), configuration(), desk
            ),
            ReconciledOnboardingSteps(self.grid, configuration(), OWNERS, desk),
            ReconciledOnboardingProgress(self.grid, configuration(), desk),
            ReconciledPartnerRequests(self.grid, self.inbox, configuration(), desk),
            ReconciledPartnerDocuments(
                source=self.library,
                partners=HubPartners(self.library, time.time),
                transfers=self.transfers,
                files=self.media,
                configuration=configuration(),
                resyncs=desk,
            ),
        ]
        return Reconciler(
            collections=collections,
            rows=self.rows,
            ledger=self.ledger,
            publisher=self._publisher(),
            documents=self.documents,
            continuation=self.queue,
            guard=guard,
            clock=lambda: self.now,
            rows_per_page=2,
        )

    def publish(self, changes: Sequence[Change]) -> None:
        """The bus hands every change to every publisher."""
        partners = [change for change in changes if change.partner_id is not None]
        publishers = (self.notices, self.onboarding, self.requests, self.documents_sync)
        for report in (
            self.status.publish(partners),
            *(publisher.publish(changes) for publisher in publishers),
        ):
            assert report.reasons == {}

    def run(self, **wish: Any) -> dict[CollectionId, dict[str, Any]]:
        """A whole run and the publications that it asks for; the drift reports."""
        self.runs += 1
        request = RunRequest.model_validate({"mode": "full", **wish})
        self.queue.pages.append(
            self.reconciler.first_page(
                request, run=f"full-{self.runs}", begun=datetime.fromtimestamp(self.now, UTC)
            )
        )
        while self.queue.pages:
            page = self.queue.pages.pop(0)
            assert isinstance(page, FullPage)
            self.reconciler.handle(page)
        self.publish(list(self.bus.changes))
        self.bus.changes.clear()
        prefix = f"reports/2026-03-12/full-{self.runs}-"
        return {
            CollectionId(name.removeprefix(prefix)[:-5]): json.loads(text)
            for name, text in self.documents.texts.items()
            if name.startswith(prefix)
        }

    def row(self, collection: CollectionId, identifier: str) -> dict[str, Any]:
        return dict(self.portal.rows[collection, WixItemId(identifier)].data)

    def drop(self, collection: CollectionId, identifier: str) -> None:
        del self.portal.rows[collection, WixItemId(identifier)]

    def written(self) -> set[tuple[CollectionId, str]]:
        return {(collection, str(identifier)) for (collection, identifier), _ in self.portal.writes}


def found(report: dict[str, Any]) -> dict[str, int]:
    return {
        name: report[name]
        for name in ("drifted", "missing", "extra", "unsettled", "lost", "removed", "kept")
        if report[name]
    }


def test_run_over_a_portal_that_is_right_finds_every_row_equal_and_writes_nothing() -> None:
    world = World()

    reports = world.run()

    wanted = {
        PARTNER_STATUS: 2,
        OPEN_ISSUES: 3,
        SERVICE_NOTICES: 3,
        ONBOARDING_STEPS: 3,
        ONBOARDING_PROGRESS: 2,
        PARTNER_REQUESTS: 2,
        PARTNER_DOCUMENTS: 4,
    }
    assert {name: (report["rows"], report["equal"]) for name, report in reports.items()} == {
        name: (rows, rows) for name, rows in wanted.items()
    }
    assert world.portal.writes == []


@pytest.mark.parametrize(("collection", "identifier", "field"), ROWS)
def test_row_that_was_edited_or_lost_is_published_anew_and_no_other_is(
    collection: CollectionId, identifier: str, field: str
) -> None:
    world = World()
    right = dict(world.portal.rows)

    world.portal.edit(collection, identifier, **{field: "Edited by hand"})
    edited = world.run()
    after_edit = {
        row: {name: value for name, value in item.data.items() if name != CONFLICTS}
        for row, item in world.portal.rows.items()
    }
    world.drop(collection, identifier)
    lost = world.run()

    assert found(edited[collection]) == {"drifted": 1}
    assert found(lost[collection]) == {"missing": 1}
    assert after_edit == {row: dict(item.data) for row, item in right.items()}
    assert world.portal.rows == right
    assert world.written() == {(collection, identifier)}


DRIFT = st.sampled_from(["right", "edited", "lost"])


@settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drift=st.lists(DRIFT, min_size=len(ROWS), max_size=len(ROWS)),
    strays=st.sets(st.sampled_from([OPEN_ISSUES, SERVICE_NOTICES, ONBOARDING_PROGRESS])),
)
def test_any_drift_of_any_collections_is_repaired_exactly(
    drift: list[str], strays: set[CollectionId]
) -> None:
    world = World()
    right = dict(world.portal.rows)
    for (collection, identifier, field), kind in zip(ROWS, drift, strict=True):
        if kind == "edited":
            world.portal.edit(collection, identifier, **{field: "Edited by hand"})
        elif kind == "lost":
            world.drop(collection, identifier)
    for collection in strays:
        world.portal.rows[collection, WixItemId("stray")] = DataItem(
            WixItemId("stray"), {"title": "made in the CMS"}
        )
    wrong = {
        (collection, identifier)
        for (collection, identifier, _), kind in zip(ROWS, drift, strict=True)
        if kind != "right"
    }

    world.run()
    again = world.run()

    shown = {
        row: {name: value for name, value in item.data.items() if name != CONFLICTS}
        for row, item in world.portal.rows.items()
    }
    assert shown == {row: dict(item.data) for row, item in right.items()}
    assert world.written() == wrong | {(collection, "stray") for collection in strays}
    assert all(found(report) == {} for report in again.values())


def test_change_of_which_nobody_told_is_published() -> None:
    world = World()
    world.grid.put(
        case("case_3", 2, partnerId=BALTIC, status="closed"),
        notice("ntc_1", 2, status="resolved"),
        enrollment("enr_1", 2, percentComplete=80),
    )
    world.grid.put(program(2, ("tax_form:W-8BEN-E", "insurance", "contract")))

    world.run()

    assert world.row(OPEN_ISSUES, "case_3")["open"] is False
    assert world.row(SERVICE_NOTICES, "ntc_1")["active"] is False
    assert world.row(ONBOARDING_PROGRESS, "enr_1")["percentComplete"] == 80
    assert world.row(ONBOARDING_STEPS, TAX_FORM)["title"] == "W-8BEN-E"


def test_notice_that_nobody_closed_is_named_in_the_report_although_its_row_is_right() -> None:
    world = World()
    window = {"scheduledFor": "2025-10-05T03:00:00Z", "scheduledUntil": "2025-10-05T05:00:00Z"}
    world.grid.put(
        notice("ntc_1", 2, kind="maintenance", status="scheduled", **window),
        notice("ntc_2", 2, kind="maintenance", status="completed", **window),
    )
    world.run()

    report = world.run()[SERVICE_NOTICES]

    assert (report["drifted"], report["ids"]["unclosed"]) == (0, ["ntc_1"])
    assert {report["equal"]} == {report["rows"]}


def test_comment_of_which_nobody_told_is_published() -> None:
    world = World()
    world.grid.put(case("case_1", 2))
    world.grid.said["case_1"].append(comment("cmt_2", "Thank you, that helps."))

    assert found(world.run()[OPEN_ISSUES]) == {"drifted": 1}
    assert [one["text"] for one in world.row(OPEN_ISSUES, "case_1")["comments"]][
        -1
    ] == "Thank you, that helps."


def test_partner_that_moves_out_of_a_region_no_longer_gets_the_notices_for_it() -> None:
    region = next(iter(configuration().audiences.regions))
    country = next(iter(configuration().audiences.regions[region]))
    world = World(
        partner(country=country), notice("ntc_1", audience={"all": False, "regions": [region]})
    )
    assert world.row(SERVICE_NOTICES, "ntc_1")["partnerIds"] == [PRAIRIE_GOLD]
    world.grid.put(partner(PRAIRIE_GOLD, 2, country="ZZ", updatedAt="2026-03-13T00:00:00Z"))

    assert found(world.run()[SERVICE_NOTICES]) == {"drifted": 1}

    assert world.row(SERVICE_NOTICES, "ntc_1")["partnerIds"] == []


@pytest.mark.parametrize(
    ("collection", "tombstone", "identifier"),
    [
        (OPEN_ISSUES, case("case_1", 2, deletedAt=NOW), "case_1"),
        (SERVICE_NOTICES, notice("ntc_1", 2, deletedAt=NOW), "ntc_1"),
        (ONBOARDING_PROGRESS, enrollment("enr_1", 2, deletedAt=NOW), "enr_1"),
        (PARTNER_REQUESTS, request("req_1", 2, sourceSubmissionId="sub-1", deletedAt=NOW), "sub-1"),
    ],
)
def test_row_of_a_deleted_record_goes(
    collection: CollectionId, tombstone: Entity, identifier: str
) -> None:
    world = World()
    world.grid.put(tombstone)

    report = world.run(collection=collection)[collection]

    assert found(report) == {"extra": 1, "removed": 1}
    assert (collection, identifier) not in world.portal.rows


@pytest.mark.parametrize(
    ("collection", "records"),
    [
        (OPEN_ISSUES, [case(f"case_{number}") for number in range(20)]),
        (SERVICE_NOTICES, [notice(f"ntc_{number}") for number in range(20)]),
        (ONBOARDING_PROGRESS, [enrollment(f"enr_{number}") for number in range(20)]),
        (ONBOARDING_STEPS, [program(steps=[f"step_{number}" for number in range(20)])]),
        (
            PARTNER_REQUESTS,
            [request(f"req_{number}", sourceSubmissionId=f"sub-{number}") for number in range(20)],
        ),
    ],
)
def test_answer_with_far_fewer_records_removes_nothing_and_trips_the_guard(
    collection: CollectionId, records: list[Entity]
) -> None:
    world = World(partner(), *records, guard=DeleteGuard(share=0.2, allowed=2))
    world.run()
    before = {identifier for name, identifier in world.portal.rows if name == collection}
    if collection == ONBOARDING_STEPS:
        world.grid.put(program(2, steps=[f"step_{number}" for number in range(8)]))
    else:
        for record in records[:12]:
            world.grid.forget(record.record)

    report = world.run(collection=collection)[collection]

    assert (report["guard"], report["removed"]) == ("shrunk", 0)
    assert {identifier for name, identifier in world.portal.rows if name == collection} == before


@pytest.mark.parametrize(
    ("collection", "record", "identifier"),
    [
        (PARTNER_STATUS, f"partners/{PRAIRIE_GOLD}", PRAIRIE_GOLD),
        (PARTNER_STATUS, "cases/case_1", PRAIRIE_GOLD),
        (OPEN_ISSUES, "cases/case_1", "case_1"),
        (SERVICE_NOTICES, "service-notices/ntc_1", "ntc_1"),
        (ONBOARDING_PROGRESS, "enrollments/enr_1", "enr_1"),
        (ONBOARDING_STEPS, "onboarding-programs/prg_1", TAX_FORM),
        (PARTNER_REQUESTS, "collaboration-requests/req_1", "sub-1"),
        (PARTNER_DOCUMENTS, "documents/doc_1", "doc_1"),
    ],
)
def test_row_of_a_record_that_cannot_be_read_stays_as_it_is_and_the_others_are_repaired(
    collection: CollectionId, record: str, identifier: str
) -> None:
    world = World()
    right = dict(world.portal.rows)
    other = (
        next((name, row) for name, row in right if name == collection and row != identifier)
        if collection != ONBOARDING_STEPS
        else None
    )
    world.grid.faults[record] = world.library.faults[record] = "version int_parsing"
    world.portal.edit(collection, identifier, edited="by hand")
    if other is not None:
        world.portal.rows.pop(other)

    world.run(collection=collection)

    assert world.portal.rows.keys() == right.keys()
    assert world.row(collection, identifier) == {
        **right[collection, WixItemId(identifier)].data,
        "edited": "by hand",
    }
    assert world.written() == ({other} if other else set())


def test_row_of_what_trading_grid_does_not_have_yet_or_never_as_a_request_is_left_alone() -> None:
    world = World()
    waiting = submission("sub-3", member_id="member-1")
    comment_sent = submission(
        "sub-4",
        member_id="member-1",
        form="issue-comment",
        stage=Stage.DELIVERED,
        outcome=Outcome("cases/case_1", "TG-1"),
    )
    answer_sent = submission(
        "sub-6",
        member_id="member-1",
        form="request-answer",
        stage=Stage.DELIVERED,
        outcome=Outcome("collaboration-requests/req_1", "CR-1"),
    )
    foreign = submission(
        "sub-5",
        member_id="member-1",
        form="issue-comment",
        stage=Stage.HELD,
        held_for=HoldReason.NOT_THEIRS,
    )
    world.request_rows.publish_submissions([waiting, comment_sent, answer_sent, foreign], {})
    before = dict(world.portal.rows)

    report = world.run()[PARTNER_REQUESTS]

    assert found(report) == {}
    assert world.portal.rows == before


def test_row_of_a_request_that_trading_grid_has_never_heard_of_goes() -> None:
    world = World()
    stray = WixItemId("sub-9")
    world.portal.rows[PARTNER_REQUESTS, stray] = DataItem(
        stray, {"record": "collaboration-requests/req_9", "title": "?"}
    )

    assert found(world.run()[PARTNER_REQUESTS]) == {"extra": 1, "removed": 1}


def test_what_people_wrote_into_a_shared_row_is_no_drift() -> None:
    world = World()
    world.portal.edit(
        ONBOARDING_STEPS,
        TAX_FORM,
        copy="<p>Ours.</p>",
        image="wix:image://1",
        instructions="<p>Our own words.</p>",
    )
    own = WixItemId("added-by-hand")
    world.portal.rows[ONBOARDING_STEPS, own] = DataItem(
        own, {"title": "Come and see us", "programKey": "supplier-na"}
    )

    report = world.run()[ONBOARDING_STEPS]

    assert found(report) == {}
    assert world.portal.writes == []


def test_edit_of_trading_grids_own_field_is_taken_back_and_listed() -> None:
    world = World()
    world.portal.edit(
        ONBOARDING_STEPS, TAX_FORM, title="Paperwork", instructions="<p>Our own words.</p>"
    )

    world.run()

    row = world.row(ONBOARDING_STEPS, TAX_FORM)
    assert (row["title"], row["instructions"]) == ("Tax Form", "<p>Our own words.</p>")
    assert [one["field"] for one in row[CONFLICTS]] == ["title"]


def test_step_that_a_program_has_no_longer_is_retired_and_stays_and_is_no_drift_from_then_on() -> (
    None
):
    world = World()
    world.portal.edit(ONBOARDING_STEPS, CONTRACT, copy="<p>Ours.</p>")
    world.grid.put(program(2, steps=("tax_form", "insurance")))

    first, second = world.run()[ONBOARDING_STEPS], world.run()[ONBOARDING_STEPS]

    assert found(first) == {"drifted": 3}
    assert found(second) == {}
    assert (
        world.row(ONBOARDING_STEPS, CONTRACT)["retired"],
        world.row(ONBOARDING_STEPS, CONTRACT)["copy"],
    ) == (True, "<p>Ours.</p>")
    assert AGREED in world.row(ONBOARDING_STEPS, CONTRACT)


def test_retired_step_that_somebody_brings_back_by_hand_is_retired_again() -> None:
    world = World()
    world.grid.put(program(2, steps=("tax_form", "insurance")))
    world.run()
    world.portal.edit(ONBOARDING_STEPS, CONTRACT, retired=False)

    assert found(world.run()[ONBOARDING_STEPS]) == {"drifted": 1}
    assert world.row(ONBOARDING_STEPS, CONTRACT)["retired"] is True


def test_wish_for_one_record_leaves_the_others_of_its_partner_alone() -> None:
    world = World()
    for identifier in ("case_1", "case_2"):
        world.drop(OPEN_ISSUES, identifier)

    world.publish(
        [
            resync_change(
                "cases/case_1",
                PartnerId(PRAIRIE_GOLD),
                event_id="e1",
                at=world.now,
                company_id=COMPANY,
            )
        ]
    )
    world.publish(
        [
            resync_change(
                "service-notices/ntc_1", None, event_id="e2", at=world.now, company_id=COMPANY
            )
        ]
    )

    assert world.portal.writes == []


def file_of(world: World, identifier: str) -> str:
    return str(world.row(PARTNER_DOCUMENTS, identifier)["fileId"])


@pytest.mark.parametrize("for_good", [False, True])
def test_file_that_somebody_has_thrown_away_is_copied_anew_once_and_no_other_is(
    for_good: bool,
) -> None:
    world = World()
    lost, other, uploads = file_of(world, "doc_1"), file_of(world, "doc_2"), world.media.uploads
    world.media.throw_away(lost, for_good=for_good)

    first, second = world.run()[PARTNER_DOCUMENTS], world.run()[PARTNER_DOCUMENTS]

    assert (found(first), first["repaired"], first["ids"]["lost"]) == ({"lost": 1}, 1, ["doc_1"])
    assert (found(second), world.media.uploads - uploads) == ({}, 1)
    assert world.media.content(file_of(world, "doc_1")) == PDF + b"two"
    assert sorted(world.media.kept) == sorted([file_of(world, "doc_1"), other])
    assert world.written() == {(PARTNER_DOCUMENTS, "doc_1")}


def test_files_that_are_there_cost_one_call_a_page_and_nothing_is_asked_of_rows_without_any() -> (
    None
):
    world = World()
    calls = world.media.calls

    world.run()

    # Pages of two rows: doc_1 and doc_2, then doc_3, whose file stays in Trading Grid.
    assert world.media.calls - calls == 1


def test_dry_run_names_a_lost_file_and_copies_nothing() -> None:
    world = World()
    world.media.throw_away(file_of(world, "doc_1"))
    uploads = world.media.uploads

    report = world.run(dryRun=True)[PARTNER_DOCUMENTS]

    assert (found(report), report["repaired"], world.media.uploads, world.portal.writes) == (
        {"lost": 1},
        0,
        uploads,
        [],
    )


def test_row_that_was_left_without_its_file_gets_it_and_one_that_awaits_it_is_let_be() -> None:
    world = World()
    world.media.slow = True
    left_out, awaiting, infected = [
        world.library.put(document(identifier), PDF + identifier.encode(), scan=scan)
        for identifier, scan in (("doc_5", "clean"), ("doc_6", "clean"), ("doc_7", "infected"))
    ]
    world.publish([change_of(one) for one in (left_out, awaiting, infected)])
    transfer = world.transfers.kept["doc_5"].discard_arrival()
    world.media.remove(transfer.leaving)
    world.transfers.kept["doc_5"] = transfer.settle()
    world.media.slow = False

    first, second = world.run()[PARTNER_DOCUMENTS], world.run()[PARTNER_DOCUMENTS]

    assert (found(first), first["ids"]["lost"]) == ({"lost": 1}, ["doc_5"])
    assert (found(second), file_of(world, "doc_6")) == ({}, "")
    assert world.media.content(file_of(world, "doc_5")) == PDF + b"doc_5"


def test_deleted_document_whose_event_was_lost_loses_its_row_and_its_file() -> None:
    world = World()
    world.library.change("doc_1", deleted_at=NOW)

    first, second = world.run()[PARTNER_DOCUMENTS], world.run()[PARTNER_DOCUMENTS]

    assert (found(first), found(second)) == ({"extra": 1, "kept": 1}, {})
    assert (PARTNER_DOCUMENTS, "doc_1") not in world.portal.rows
    assert list(world.media.kept) == [file_of(world, "doc_2")]


@pytest.mark.parametrize("fields", [{"deleted_at": NOW}, {"status": "withdrawn"}])
def test_row_that_somebody_has_restored_after_its_document_had_gone_is_removed(
    fields: dict[str, Any],
) -> None:
    world = World()
    key = (PARTNER_DOCUMENTS, item_id("doc_1"))
    row = world.portal.rows[key]
    world.publish([change_of(world.library.change("doc_1", **fields))])
    world.portal.rows[key] = row

    world.run()

    assert key not in world.portal.rows


def test_deleted_document_of_which_the_ledger_knows_nothing_loses_its_row_and_its_file() -> None:
    world = World()
    world.ledger._entries.clear()
    world.library.change("doc_1", deleted_at=NOW)

    world.run()

    assert (PARTNER_DOCUMENTS, "doc_1") not in world.portal.rows
    assert list(world.media.kept) == [file_of(world, "doc_2")]


def test_row_that_has_drifted_and_whose_file_is_lost_gets_both_back_at_once() -> None:
    world = World()
    world.media.throw_away(file_of(world, "doc_1"), for_good=True)
    world.portal.edit(PARTNER_DOCUMENTS, "doc_1", title="Edited by hand")

    first, second = world.run()[PARTNER_DOCUMENTS], world.run()[PARTNER_DOCUMENTS]

    assert (found(first), found(second)) == ({"drifted": 1}, {})
    assert world.media.content(file_of(world, "doc_1")) == PDF + b"two"


def test_loss_of_very_many_files_copies_none_until_somebody_says_that_it_is_so() -> None:
    world = World(guard=DeleteGuard(share=0.2, allowed=2))
    for number in range(10, 20):
        world.publish(
            [change_of(world.library.put(document(f"doc_{number}"), PDF + b"%d" % number))]
        )
    world.portal.writes.clear()
    for number in range(10, 16):
        world.media.throw_away(file_of(world, f"doc_{number}"), for_good=number % 2 == 0)
    uploads = world.media.uploads

    guarded = world.run(collection=PARTNER_DOCUMENTS)[PARTNER_DOCUMENTS]
    untouched = (world.media.uploads - uploads, world.portal.writes.copy())
    accepted = world.run(collection=PARTNER_DOCUMENTS, acceptShrink=True)[PARTNER_DOCUMENTS]
    again = world.run(collection=PARTNER_DOCUMENTS)[PARTNER_DOCUMENTS]

    assert (guarded["guard"], guarded["lost"], guarded["repaired"], untouched) == (
        "files_lost",
        6,
        0,
        (0, []),
    )
    assert (accepted["guard"], accepted["lost"], accepted["repaired"]) == (None, 6, 6)
    assert (found(again), again["guard"], world.media.uploads - uploads) == ({}, None, 6)


def test_more_lost_files_than_one_page_takes_are_all_copied_anew() -> None:
    world = World(guard=DeleteGuard(share=1.0, allowed=1000))
    documents = [
        world.library.put(document(f"doc_{number}"), PDF + b"%d" % number)
        for number in range(100, 100 + ROWS_PER_MESSAGE + 20)
    ]
    world.publish([change_of(one) for one in documents])
    for one in documents:
        world.media.throw_away(file_of(world, one.id))

    report, again = (
        world.run(collection=PARTNER_DOCUMENTS)[PARTNER_DOCUMENTS],
        world.run(collection=PARTNER_DOCUMENTS)[PARTNER_DOCUMENTS],
    )

    assert (report["lost"], report["repaired"], found(again)) == (
        len(documents),
        len(documents),
        {},
    )
