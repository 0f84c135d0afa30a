"""One record stops no other, in what makes no rows: messages, cases, the feed, the search of
transactions, and what comes from the portal.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix.case_opener.service import CaseOpener
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.lens import LensClient
from gridwix.errors import RecordFault, Refused, Unavailable
from gridwix.mapping.references import reference
from gridwix.models.cursors import FeedCursor
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.events import HUB_RESYNC_REQUESTED, Change
from gridwix.models.ids import CollectionId, CompanyId, PartnerId, WixItemId
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.wix import Refusal
from gridwix.partner_messenger.unlocking import StepUnlocker
from gridwix.partner_requests.submissions import HoldReason, Stage
from gridwix.publication.resync import ResyncRequester
from gridwix.reconciler.fault_recheck import MAX_PER_RUN, FaultRecheck
from gridwix.runtime.configuration import configuration
from gridwix.trading_grid_feed.service import CURSOR_NAME, FeedReader
from gridwix.transaction_monitor.service import TransactionMonitor
from tests.examples import examples
from tests.factories import HUB, NOW, case, change, check, cloud_event, enrollment, notice, partner
from tests.fakes.any_json import any_json, spoilt
from tests.fakes.community_wire import CommunityGateway, json_answer
from tests.fakes.messaging import Stage as MessengerStage
from tests.fakes.messaging import campaigns
from tests.fakes.stores import FakeBus, FakeCursors, FakeHandovers, FakeRefusedItems
from tests.fakes.trading_grid import FakeTradingGrid
from tests.fakes.transactions import FakeCaseDesk, FakeDirectory, FakeKnownExceptions
from tests.fakes.wire import ManualClock, Sleeper, Wire, open_auth
from tests.unit.form_intake.intake_bench import VALUES, Bench

COMPANY = CompanyId(HUB)
PARTNERS = ("GC1", "GC2", "GC3")
ANYTHING = settings(deadline=None, max_examples=examples(10))


def wire_form(entity: Entity) -> dict[str, Any]:
    return entity.model_dump(mode="json", by_alias=True, exclude_none=True)


def gateway(records: Sequence[Entity], odd: dict[str, Any]) -> CommunityGateway:
    lists: dict[str, list[dict[str, Any]]] = {}
    for entity in records:
        lists.setdefault(entity.COLLECTION, []).append(wire_form(entity))
    return CommunityGateway(lists=lists, spoilt=odd)


def community(wire: Wire) -> CommunityClient:
    clock = ManualClock()
    return CommunityClient(
        wire.client(),
        open_auth(),
        base_url="https://gateway.example/community/v1",
        clock=clock,
        sleep=Sleeper(clock),
    )


# The messenger


MESSAGED: Sequence[Entity] = (
    *(partner(one, name=f"Partner {one}", country="US") for one in PARTNERS),
    *(check(f"chk_{one}", partnerId=one, status="passed") for one in PARTNERS),
    notice("ntc_1", audience={"all": True}),
)


@given(data=st.data())
@ANYTHING
def test_whatever_stands_in_the_place_of_a_record_all_other_partners_are_told(
    data: st.DataObject,
) -> None:
    name = data.draw(st.sampled_from([entity.record for entity in MESSAGED]))
    original = wire_form(next(entity for entity in MESSAGED if entity.record == name))
    odd = data.draw(spoilt(original, fixed=frozenset({"id", "partnerId"})))
    outage = {
        "trigger": {"events": ["notice.published"], "when": {}},
        "texts": {"en": {"title": "{{ record.title }}", "body": "<p>{{ record.title }}</p>"}},
    }
    stage = MessengerStage(campaigns(review={}, outage=outage))
    stage.source = community(Wire(handler=gateway(MESSAGED, {name: odd})))  # type: ignore[assignment]
    told = {"status": {"before": "failed", "after": "passed"}}
    changes = [
        change(f"evt_{one}", subject=f"compliance-checks/chk_{one}", partnerId=one, **told)
        for one in PARTNERS
    ]
    changes.append(
        change("evt_n", type="notice.published", subject="service-notices/ntc_1", partnerId=None)
    )

    report = stage.run(*changes)

    owner = original.get("partnerId") or original["id"]
    wanted = {("review", one) for one in PARTNERS if one != owner}
    wanted |= (
        {("outage", one) for one in PARTNERS if one != owner}
        if not name.startswith("service-notices/")
        else set()
    )
    assert {(row["campaign"], row["partnerId"]) for row in stage.rows} >= wanted
    assert set(report.failures) <= {f"evt_{owner}", "evt_n"}


def test_partner_that_cannot_be_read_is_told_when_it_can_and_nobody_else_is_told_twice() -> None:
    outage = {
        "trigger": {"events": ["notice.published"], "when": {}},
        "texts": {"en": {"title": "{{ record.title }}", "body": "<p>{{ record.title }}</p>"}},
    }
    stage = MessengerStage(campaigns(outage=outage))
    stage.source.put(notice("ntc_1", audience={"all": True}))
    published = change(
        "evt_n", type="notice.published", subject="service-notices/ntc_1", partnerId=None
    )
    (first, *_), everybody = (
        stage.source.every_partner().records,
        len(stage.source.every_partner().records),
    )
    stage.source.faults[first.record] = "name string_type"

    broken = stage.run(published)
    stage.source.faults.clear()
    mended = stage.run(published)

    assert (list(broken.failures), broken.planned) == (["evt_n"], everybody - 1)
    assert (mended.failures, mended.planned) == ({}, 1)
    assert sorted(row["partnerId"] for row in stage.rows) == sorted(
        one.partner_id for one in stage.source.every_partner().records
    )


def test_digest_waits_for_an_entry_that_cannot_be_read_and_then_goes_without_it() -> None:
    texts = {"en": {"title": "{{ record.title }}", "body": "<p>{{ record.title }}</p>"}}
    stage = MessengerStage(
        campaigns(
            review={"channels": ["email"], "digest": True, "max_age_hours": 72, "texts": texts}
        )
    )
    stage.source.put(check("chk_2", status="passed", title="Second"))
    stage.run(
        change("evt_1", status={"after": "passed"}),
        change("evt_2", subject="compliance-checks/chk_2", status={"after": "passed"}),
    )
    stage.source.faults["compliance-checks/chk_2"] = "title string_type"

    for _ in range(12):
        stage.run_after(hours=6)

    (mail,) = stage.mails.mails
    assert "856 ASN received" in mail.text.body
    assert "Second" not in mail.text.body
    assert stage.state_counts("email")["failed:record_fault"] == 1


def test_step_of_an_enrollment_that_can_be_read_is_unlocked_beside_one_that_cannot() -> None:
    steps = [
        {"key": "profile", "status": "completed"},
        {"key": "contract", "status": "locked", "waitsOn": ["profile"]},
    ]
    records = [enrollment(f"enr_{one}", partnerId=one, steps=steps) for one in PARTNERS]
    wire = Wire(
        handler=lambda request: (
            httpx.Response(200, json={}) if request.method == "POST" else site(request)
        )
    )
    site = gateway(
        records, {"enrollments/enr_GC2": {**wire_form(records[1]), "percentComplete": "most"}}
    )
    wishes = [
        change(
            f"evt_{one}",
            type="partner.resync_requested",
            subject=f"partners/{one}",
            partnerId=one,
            version=None,
            via="resync",
        )
        for one in PARTNERS
    ]

    report = StepUnlocker(community(wire)).unlock_steps(wishes)

    moved = [request.url.path for request in wire.requests if request.method == "POST"]
    assert {path.split("/")[4] for path in moved} == {"enr_GC1", "enr_GC3"}
    assert {
        event: str(error)
        for event, error in report.failures.items()
        if isinstance(error, RecordFault)
    } == {"evt_GC2": "enrollments/enr_GC2 is malformed: percentComplete int_parsing"}


# Transactions


def lens_item(process: str, **fields: Any) -> dict[str, Any]:
    return {
        "transactionid": f"TG-{process}",
        "correlationid": process,
        "transactionlevel": "Document",
        "editype": "856",
        "status": "F",
        "statusdate": NOW.isoformat(),
        "senderaddress": f"ZZ:{process}",
        "receiveraddress": "ZZ:HUB",
        **fields,
    }


class LensSite:
    """Lens on the wire.

    ``spoilt`` is what is said in the place of a process's entry, which is still found by its
    process.
    """

    def __init__(self, spoilt: dict[str, Any]) -> None:
        self.items = {process: spoilt.get(process, lens_item(process)) for process in PARTNERS}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = json.loads(request.content)["query"]
        found = [
            item
            for process, item in self.items.items()
            if "ofProcesses" not in query or f'"{process}"' in query
        ]
        body = {
            "count": len(found),
            "total": len(found),
            "offset": 0,
            "scrollid": None,
            "transactions": found if "offset: 0" in query or "scroll" in query else [],
        }
        return json_answer({"data": {"getTransactions": body}})


def lens(odd: dict[str, Any]) -> LensClient:
    clock = ManualClock()
    return LensClient(
        Wire(handler=LensSite(odd)).client(),
        open_auth(),
        base_url="https://gateway.example",
        clock=clock,
        sleep=Sleeper(clock),
    )


@given(data=st.data())
@ANYTHING
def test_whatever_stands_in_the_place_of_an_entry_the_exceptions_of_all_others_are_raised(
    data: st.DataObject,
) -> None:
    process = data.draw(st.sampled_from(PARTNERS))
    odd = data.draw(spoilt(lens_item(process), fixed=frozenset({"transactionid", "correlationid"})))
    bus = FakeBus()
    monitor = TransactionMonitor(
        search=lens({process: odd}),
        known=FakeKnownExceptions(),
        bus=bus,
        cursors=FakeCursors(),
        rules=configuration().case_rules,
        company_id=COMPANY,
        clock=NOW.timestamp,
        overlap=timedelta(minutes=15),
        late=timedelta(hours=24),
    )

    monitor.announce_exceptions(NO_DEADLINE)

    assert {change.record for change in bus.changes} >= {
        f"transactions/{one}" for one in PARTNERS if one != process
    }


@given(data=st.data())
@ANYTHING
def test_whatever_stands_in_the_place_of_an_entry_or_a_case_the_cases_of_all_others_are_opened(
    data: st.DataObject,
) -> None:
    process = data.draw(st.sampled_from(PARTNERS))
    odd = data.draw(spoilt(lens_item(process), fixed=frozenset({"transactionid", "correlationid"})))
    desk = FakeCaseDesk()
    opener = CaseOpener(
        lens({process: odd}),
        FakeDirectory({f"ZZ:{one}": one for one in PARTNERS}),
        desk,
        configuration(),
    )
    events = [
        change(
            f"evt_{one}",
            type="transaction.exception",
            subject=f"transactions/{one}",
            partnerId=None,
            version=None,
        )
        for one in PARTNERS
    ]

    report = opener.handle(events)

    assert {case.partner_id for case in desk.stored.values()} >= set(PARTNERS) - {process}
    assert set(report.failures) <= {f"evt_{process}"}


def test_case_that_cannot_be_read_keeps_its_partner_from_a_second_case_and_nobody_else() -> None:
    class Desk(FakeCaseDesk):
        def cases(self, partner_ids: Any) -> Any:
            return replace(
                super().cases(partner_ids),
                faults=[RecordFault("cases/case_9", "number missing", owner="GC2")],
            )

    desk = Desk()
    opener = CaseOpener(
        lens({}), FakeDirectory({f"ZZ:{one}": one for one in PARTNERS}), desk, configuration()
    )
    events = [
        change(
            f"evt_{one}",
            type="transaction.exception",
            subject=f"transactions/{one}",
            partnerId=None,
            version=None,
        )
        for one in PARTNERS
    ]

    report = opener.handle(events)

    assert {case.partner_id for case in desk.stored.values()} == {"GC1", "GC3"}
    assert {event: error.code for event, error in report.failures.items()} == {
        "evt_GC2": "record_fault"
    }


# The feed


def feed_of(events: list[Any]) -> tuple[FeedReader, FakeBus, FakeCursors]:
    bus, cursors = FakeBus(), FakeCursors({CURSOR_NAME: FeedCursor(cursor="0", revision=1)})
    source = community(Wire(handler=CommunityGateway(events=events)))
    return (
        FeedReader(
            feed=source,
            source=source,
            bus=bus,
            handovers=FakeHandovers(),
            cursors=cursors,
            company_id=COMPANY,
            type_prefix="net.example.tg.",
            clock=NOW.timestamp,
        ),
        bus,
        cursors,
    )


@given(odd=any_json() | spoilt(cloud_event()), place=st.integers(0, 3))
@ANYTHING
def test_whatever_stands_in_the_place_of_an_event_all_others_are_on_the_bus_and_the_feed_goes_on(
    odd: Any, place: int
) -> None:
    events: list[Any] = [cloud_event(id=f"evt_{number}") for number in range(3)]
    events.insert(place, odd)
    reader, bus, cursors = feed_of(events)

    report = reader.read_feed(NO_DEADLINE)

    assert [
        change.event_id
        for change in bus.changes
        if change.event_id.startswith("evt_") and len(change.event_id) == 5
    ] == ["evt_0", "evt_1", "evt_2"]
    assert cursors.read_cursor(CURSOR_NAME).cursor == "4"
    assert len(report.record_faults) == report.invalid.total()


def test_event_that_breaks_the_bus_contract_is_named_and_its_neighbours_are_on_the_bus() -> None:
    # Without its prefix there is nothing left of the type.
    reader, bus, _ = feed_of(
        [
            cloud_event(id="evt_0"),
            cloud_event(id="evt_1", type="net.example.tg."),
            cloud_event(id="evt_2"),
        ]
    )

    report = reader.read_feed(NO_DEADLINE)

    assert [change.event_id for change in bus.changes] == ["evt_0", "evt_2"]
    assert [(fault.record, fault.reason) for fault in report.record_faults] == [
        ("events/evt_1", "type string_too_short")
    ]


def test_partner_whose_id_no_event_can_name_keeps_nobody_else_from_being_published_anew() -> None:
    bus, cursors = FakeBus(), FakeCursors()
    lists: dict[str, list[dict[str, Any]]] = {
        "partners": [{"id": "GC1"}, {"id": "x" * 400}, {"id": 7}, {"id": "GC3"}]
    }
    source = community(Wire(handler=CommunityGateway(lists=lists)))

    report = FeedReader(
        feed=source,
        source=source,
        bus=bus,
        handovers=FakeHandovers(),
        cursors=cursors,
        company_id=COMPANY,
        type_prefix="net.example.tg.",
        clock=NOW.timestamp,
    ).read_feed(NO_DEADLINE)

    assert [change.partner_id for change in bus.changes if change.type != HUB_RESYNC_REQUESTED] == [
        "GC1",
        "GC3",
    ]
    assert [fault.record for fault in report.record_faults] == ["partners/?"]


# What comes from the portal


@given(data=st.data())
@ANYTHING
def test_whatever_a_submission_holds_all_others_are_delivered(data: st.DataObject) -> None:
    bench = Bench()
    odd = data.draw(
        spoilt(
            {
                **VALUES,
                "attachments": [
                    {
                        "fileId": "abc.pdf",
                        "url": "https://files.example/a.pdf",
                        "displayName": "a.pdf",
                        "fileSize": 9,
                    }
                ],
            }
        )
    )
    bench.accept("sub-1", member="member-2")
    bench.accept("sub-2", values=odd if isinstance(odd, dict) else {"question": odd})
    bench.accept("sub-3")

    report = bench.intake.deliver_submissions(["sub-1", "sub-2", "sub-3"])

    assert {"sub-1", "sub-3"} <= set(report.delivered)
    assert ("sub-2" in report.delivered) != ("sub-2" in report.held)


def test_submission_whose_file_has_an_odd_size_is_held_and_the_others_are_delivered() -> None:
    bench = Bench()
    odd = [
        {
            "fileId": "abc.pdf",
            "url": "https://files.example/a.pdf",
            "displayName": "a.pdf",
            "fileSize": "²",
        }
    ]
    bench.accept("sub-1", member="member-2")
    bench.accept("sub-2", values={**VALUES, "attachments": odd})
    bench.accept("sub-3")

    report = bench.intake.deliver_submissions()

    assert (set(report.delivered), report.held) == (
        {"sub-1", "sub-3"},
        {"sub-2": HoldReason.INVALID},
    )


def test_submission_whose_mapping_fails_is_held_with_a_name_for_the_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise KeyError("comment")

    bench = Bench()
    bench.accept("sub-1", member="member-2")
    bench.accept("sub-2")
    monkeypatch.setattr("gridwix.form_intake.new_requests.select_route", fails)

    broken = bench.intake.deliver_submissions()
    monkeypatch.undo()
    bench.inbox.release_submission("sub-1")
    bench.inbox.release_submission("sub-2")
    mended = bench.intake.deliver_submissions()

    assert broken.held == dict.fromkeys(["sub-1", "sub-2"], HoldReason.FAILED)
    assert {
        fault.record: fault.reason.partition(" ")[0] for fault in broken.record_faults
    } == dict.fromkeys(["submissions/sub-1", "submissions/sub-2"], "KeyError")
    assert set(mended.delivered) == {"sub-1", "sub-2"}


def test_submission_waits_for_an_answer_that_cannot_be_read_and_is_held_after_four_hours() -> None:
    bench = Bench()
    calls = bench.desk.create_request

    def malformed(order: Any, key: str) -> Any:
        if order.source_submission_id == "sub-2":
            raise RecordFault("partners/gln", "name string_type")
        return calls(order, key)

    bench.desk.create_request = malformed  # type: ignore[method-assign]
    for identifier in ("sub-1", "sub-2", "sub-3"):
        bench.accept(identifier)

    early = bench.intake.deliver_submissions(["sub-2"])
    shown = bench.row("sub-2")
    bench.now += timedelta(hours=5)
    late = bench.intake.deliver_submissions()

    assert (set(early.delivered), list(early.failures)) == ({"sub-1", "sub-3"}, ["sub-2"])
    assert (shown["reference"], shown.get("number")) == (reference("sub-2"), None)
    assert bench.inbox.submissions["sub-2"].stage is Stage.HELD
    assert late.held == {"sub-2": HoldReason.UNREADABLE}

    bench.inbox.release_submission("sub-2", bench.now)
    again = bench.intake.deliver_submissions()

    assert (list(again.failures), again.held) == (["sub-2"], {})


# What was at fault and is mended


class FaultStore(FakeRefusedItems):
    """Implements ``FaultStore``."""

    def faults(self) -> list[Any]:
        return [key for key, refusal in self.items.items() if refusal.code == "record_fault"]

    def name(self, *records: str) -> None:
        parts = (record.partition("/") for record in records)
        self.add(
            [
                Refusal(CollectionId(one), WixItemId(two), "record_fault", "name string_type")
                for one, _, two in parts
            ],
            function="test",
            at=0.0,
        )


def recheck(*records: str) -> tuple[FaultRecheck, FakeTradingGrid, FaultStore, FakeBus]:
    grid, store, bus = FakeTradingGrid(), FaultStore(), FakeBus()
    store.name(*records)
    return (
        FaultRecheck(grid, store, ResyncRequester(bus, company_id=COMPANY, clock=NOW.timestamp)),
        grid,
        store,
        bus,
    )


def test_record_that_can_be_read_again_is_forgotten_and_asked_for_and_another_stays() -> None:
    again, grid, store, bus = recheck(
        "partners/GC1", "cases/case_1", "cases/?", "transactions/c-1", "service-notices/ntc_1"
    )
    grid.put(partner("GC1"), case(), notice())
    grid.faults["cases/case_1"] = "number missing"

    report = again.recheck_records("sweep-1")

    assert (sorted(report.mended), report.standing, report.stopped) == (
        ["partners/GC1", "service-notices/ntc_1"],
        1,
        None,
    )
    assert {key.collection + "/" + key.item_id for key in store.items} == {
        "cases/case_1",
        "cases/?",
        "transactions/c-1",
    }
    assert {(change.record, change.partner_id) for change in bus.changes} == {
        ("partners/GC1", PartnerId("GC1")),
        ("service-notices/ntc_1", None),
    }


def test_records_that_never_heal_keep_no_other_from_its_turn() -> None:
    never = [f"cases/case_{number}" for number in range(3 * MAX_PER_RUN)]
    again, grid, _, _ = recheck(*never, "partners/GC1")
    grid.put(partner("GC1"), *(case(record.partition("/")[2]) for record in never))
    grid.faults |= dict.fromkeys(never, "number missing")

    runs = [again.recheck_records(f"sweep-{number}") for number in range(30)]

    assert [report.standing + len(report.mended) for report in runs] == [MAX_PER_RUN] * 30
    assert [record for report in runs for record in report.mended] == ["partners/GC1"]


@pytest.mark.parametrize(
    "fault",
    [Refused(system="trading_grid", status=400), ValueError("an id in a path must not be '..'")],
)
def test_record_that_cannot_even_be_asked_for_keeps_no_other_from_its_turn(
    fault: Exception,
) -> None:
    again, grid, store, _ = recheck("cases/case_1", "partners/GC1")
    grid.put(partner("GC1"))
    record = grid.record

    def picky(name: str) -> Entity | None:
        if name == "cases/case_1":
            raise fault
        return record(name)

    grid.record = picky  # type: ignore[method-assign, assignment]
    report = again.recheck_records("sweep-1")

    assert (report.mended, report.standing, report.stopped) == (["partners/GC1"], 1, None)
    assert {key.item_id for key in store.items} == {"case_1"}


def test_record_that_is_gone_is_forgotten_and_not_asked_for() -> None:
    again, _, store, bus = recheck("cases/case_1")

    assert again.recheck_records("sweep-1").mended == ["cases/case_1"]
    assert (store.items, bus.changes) == ({}, [])


def test_record_is_not_forgotten_when_it_could_not_be_asked_for() -> None:
    again, grid, store, bus = recheck("partners/GC1")
    grid.put(partner("GC1"))
    bus.fails = 1

    report = again.recheck_records("sweep-1")

    assert isinstance(report.stopped, Unavailable)
    assert len(store.items) == 1


def test_changes_of_a_record_are_events_of_the_bus() -> None:
    again, grid, _, bus = recheck("cases/case_1")
    grid.put(case(partnerId="GC2"))

    again.recheck_records("sweep-1")

    (wish,) = bus.changes
    assert Change.model_validate_json(wish.model_dump_json(by_alias=True)) == wish
    assert (wish.is_record_resync, wish.partner_id) == (True, "GC2")
