"""Document sync: a file is copied once, the row switches to it when it is ready, then the old one
is deleted.
"""

from collections.abc import Callable
from itertools import batched
from pathlib import Path
from typing import Any

import pytest

from gridwix.document_sync.files import LATEST_ARRIVAL
from gridwix.document_sync.service import DocumentReport
from gridwix.errors import BudgetExhausted, RecordFault, RowHeld, SourceBehind, Unavailable
from gridwix.mapping.wix_items import item_id
from gridwix.models.events import (
    AUDIENCES,
    AUDIENCES_CHANGED,
    HUB_RESYNC_REQUESTED,
    RESYNC_REQUESTED,
)
from gridwix.models.files import FileState
from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.documents import Approval
from gridwix.publication.models import RowKey
from gridwix.publication.publisher import Verdict
from tests.factories import BALTIC, HUB, NOW, PRAIRIE_GOLD, change, document, partner
from tests.fakes.documents import PDF
from tests.fakes.portal import lost_answer
from tests.unit.document_sync.documents_bench import HOLD, Bench, change_of

ONE, TWO, THREE = PDF + b"one", PDF + b"two", PDF + b"three"
KEY = RowKey(PARTNER_DOCUMENTS, item_id("doc_1"))


def with_a_second_version(bench: Bench, **fields: Any) -> Any:
    bench.publish(bench.library.put(document(**fields), ONE))
    bench.library.add("doc_1", TWO)
    return bench.library.change("doc_1", current_version=2)


def test_published_document_can_be_opened_on_the_portal() -> None:
    bench = Bench()

    report = bench.publish(bench.library.put(document(), ONE))

    assert (report.count(Verdict.WRITTEN), report.copied, bench.shown()) == (1, 1, ONE)
    row = bench.row()
    assert (
        row["title"],
        row["fileName"],
        row["version"],
        row["private"],
        row["forEverybody"],
        row["problem"],
    ) == (
        "2026 Routing Guide",
        "Guide 2026.pdf",
        1,
        True,
        True,
        "",
    )
    assert bench.is_tidy()


def test_new_version_takes_the_place_of_the_old_one_which_stays_in_the_history() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)

    report = bench.publish(newer)

    assert (bench.shown(), report.removed) == (TWO, 1)
    assert [former["version"] for former in bench.row()["history"]] == [1]
    assert bench.is_tidy()


def test_row_stays_with_the_old_file_until_the_new_one_is_usable() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.media.slow = True

    report = bench.publish(newer)

    assert report.failure(change_of(newer)) is None
    assert (bench.shown(), bench.row()["version"], len(bench.media.kept)) == (ONE, 1, 2)

    bench.media.finish()
    bench.sync.resume_transfers()

    assert (bench.shown(), bench.row()["version"]) == (TWO, 2)
    assert bench.is_tidy()


def test_file_that_is_not_usable_yet_is_not_sent_again() -> None:
    bench = Bench()
    bench.media.slow = True
    published = bench.library.put(document(), ONE)

    for _ in range(3):
        bench.publish(published)
        bench.sync.resume_transfers()

    assert bench.media.uploads == 1


def test_whole_history_once_more_changes_nothing() -> None:
    bench = Bench()
    first = bench.library.put(document(), ONE)
    bench.publish(first)
    bench.library.add("doc_1", TWO)
    second = bench.library.change("doc_1", current_version=2)
    bench.publish(second)
    uploads, calls, writes = bench.media.uploads, bench.media.calls, len(bench.portal.writes)

    for replayed in (first, second, second, first):
        bench.publish(replayed)
    bench.sync.publish(
        [change("all", type=HUB_RESYNC_REQUESTED, subject="hub/all", version=None, partnerId=None)]
    )

    assert (bench.media.uploads, bench.media.calls, len(bench.portal.writes)) == (
        uploads,
        calls,
        writes,
    )


def test_resync_of_the_hub_when_it_comes_then_it_is_of_the_shared_library_alone() -> None:
    bench = Bench()
    bench.library.put(document("doc_1"), ONE)
    bench.library.put(document("doc_2", partnerId=PRAIRIE_GOLD), TWO)

    report = bench.sync.publish(
        [change("all", type=HUB_RESYNC_REQUESTED, subject="hub/all", version=None, partnerId=None)]
    )

    assert [key.item_id for key in report.verdicts] == ["doc_1"]


def test_same_bytes_as_another_version_are_the_same_file() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))
    bench.library.add("doc_1", ONE, fileName="Renamed.pdf")

    bench.publish(bench.library.change("doc_1", current_version=2))

    assert (bench.media.uploads, bench.row()["version"], bench.row()["fileName"]) == (
        1,
        2,
        "Renamed.pdf",
    )
    assert bench.is_tidy()


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "withdrawn"},
        {"status": "superseded"},
        {"deleted_at": NOW},
    ],
)
def test_document_that_is_withdrawn_is_gone_and_so_is_its_file(fields: dict[str, Any]) -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))

    bench.publish(bench.library.change("doc_1", **fields))

    assert (bench.portal.rows, bench.media.kept) == ({}, {})


def test_expired_document_is_still_listed_without_a_file() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))

    bench.publish(bench.library.change("doc_1", status="expired"))

    assert (bench.row()["statusLabel"], bench.row()["fileId"], bench.media.kept) == (
        "Expired",
        "",
        {},
    )


@pytest.mark.parametrize("classification", ["restricted", "top-secret"])
def test_restricted_document_shows_its_status_and_its_bytes_are_never_asked_for(
    classification: str,
) -> None:
    bench = Bench()

    bench.publish(
        bench.library.put(
            document(classification=classification, partnerId=PRAIRIE_GOLD, category="tax_form"),
            ONE,
        )
    )

    row = bench.row()
    assert (
        row["restricted"],
        row["statusLabel"],
        row["version"],
        row["fileId"],
        row["fileName"],
    ) == (True, "Current", 1, "", "")
    assert (bench.library.reads, bench.media.kept) == (0, {})


def test_document_that_becomes_restricted_takes_its_file_back() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))

    bench.publish(bench.library.change("doc_1", classification="restricted"))

    assert (bench.row()["restricted"], bench.row()["fileId"], bench.media.kept) == (True, "", {})


@pytest.mark.parametrize(
    ("fields", "everybody", "partners", "private"),
    [
        ({}, True, [], True),
        ({"classification": "public"}, True, [], False),
        ({"classification": "public", "audience": {"regions": ["EU"]}}, False, [BALTIC], True),
        ({"audience": {"roles": ["supplier"]}}, False, [BALTIC, PRAIRIE_GOLD], True),
        ({"partnerId": BALTIC}, False, [BALTIC], True),
        ({"partnerId": BALTIC, "classification": "public"}, False, [BALTIC], True),
    ],
)
def test_row_says_who_may_see_it_and_only_what_everybody_may_is_public(
    fields: dict[str, Any], everybody: bool, partners: list[str], private: bool
) -> None:
    bench = Bench()

    bench.publish(bench.library.put(document(**fields), ONE))

    row = bench.row()
    assert (row["forEverybody"], list(row["partnerIds"]), row["private"]) == (
        everybody,
        partners,
        private,
    )
    assert bench.media.kept[row["fileId"]][2].private is private


def test_file_that_may_no_longer_be_public_is_brought_over_anew() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(classification="public"), ONE))

    bench.publish(bench.library.change("doc_1", audience=Audience(regions=("EU",))))

    assert (bench.row()["private"], bench.media.uploads) == (True, 2)
    assert bench.is_tidy()


@pytest.mark.parametrize(
    ("fields", "row"),
    [
        ({}, (True, "", 1, True)),
        ({"classification": "public"}, (True, "", 1, True)),
        ({"classification": "restricted"}, (True, "", 1, False)),
        ({"partner_id": PRAIRIE_GOLD}, (False, PRAIRIE_GOLD, 1, True)),
        ({"status": "withdrawn"}, None),
        ({"deleted_at": NOW}, None),
    ],
)
def test_document_for_some_partners_that_comes_to_be_for_all_has_its_next_row(
    fields: dict[str, Any], row: tuple[object, ...] | None
) -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(audience={"regions": ["EU"]}), ONE))

    changed = bench.library.change("doc_1", audience=Audience(all=True), **fields)
    bench.settle(changed)

    if row is None:
        assert not bench.portal.rows
    else:
        found = bench.row()
        shown = found["forEverybody"], found["partnerId"], found["version"], bool(found["fileId"])
        assert shown == row
    assert bench.is_tidy()
    for_some = bench.library.change("doc_1", audience=Audience(regions=("EU",)), partner_id=None)
    bench.settle(for_some)
    assert row is None or list(bench.row()["partnerIds"]) == [BALTIC]


@pytest.mark.parametrize(
    "fields",
    [
        {"classification": "partner"},
        {"partner_id": PRAIRIE_GOLD},
        {"audience": Audience(regions=("EU",))},
    ],
)
@pytest.mark.parametrize("trouble", ["infected", "slow", "refused row"])
def test_public_file_of_a_document_that_is_not_public_any_more_is_deleted_whatever_comes_next(
    fields: dict[str, Any], trouble: str
) -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(classification="public"), ONE))
    public = bench.row()["fileId"]
    match trouble:
        case "infected":
            (version,) = bench.library.versions(bench.library.change("doc_1"))
            bench.library.shelf["doc_1"] = [version.model_copy(update={"scan": "infected"})]
        case "slow":
            bench.media.slow = True
        case _:
            bench.portal.refuse = lambda _: True

    bench.publish(bench.library.change("doc_1", **fields))

    assert public not in bench.media.kept


@pytest.mark.parametrize(
    ("owner", "shown"), [(None, False), (PRAIRIE_GOLD, True)], ids=["shared", "of a partner"]
)
def test_document_in_its_first_review_is_shown_to_its_own_partner_alone(
    owner: str | None, shown: bool
) -> None:
    bench = Bench()

    bench.publish(bench.library.put(document(status="in_review", partnerId=owner), ONE))

    assert bool(bench.portal.rows) is shown


def test_partner_that_comes_to_an_audience_sees_what_is_for_it() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(audience={"regions": ["EU"]}), ONE))
    moved = bench.library.partners[0].model_copy(
        update={"country": "DE", "version": 2, "updated_at": NOW.replace(year=2027)}
    )
    bench.library.partners[0] = moved

    bench.sync.publish([change("moved", type="partner.updated", subject=moved.record, version=2)])

    assert set(bench.row()["partnerIds"]) == {BALTIC}

    (refresh,) = bench.refresh_queue.take()
    report = bench.sync.publish([refresh])

    assert set(bench.row()["partnerIds"]) == {BALTIC, PRAIRIE_GOLD}
    assert report.failure(refresh) is None


def test_refresh_in_the_batch_of_a_change_that_is_published_resolves_the_audience_again() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(audience={"regions": ["EU"]}), ONE))
    known = change("known", type="document.updated", subject="documents/doc_1", version=1)
    moved = bench.library.partners[0].model_copy(
        update={"country": "DE", "version": 2, "updated_at": NOW.replace(year=2027)}
    )
    bench.library.partners[0] = moved
    bench.sync.publish([change("moved", type="partner.updated", subject=moved.record, version=2)])
    (refresh,) = bench.refresh_queue.take()

    bench.sync.publish([known, refresh])

    assert set(bench.row()["partnerIds"]) == {BALTIC, PRAIRIE_GOLD}


def test_partners_that_change_in_many_batches_cost_one_refresh_and_no_listing() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(audience={"regions": ["EU"]}), ONE))
    calls = bench.library.calls
    moves = [
        change(f"evt_{number}", type="partner.status_changed", subject=f"partners/GC{number}")
        for number in range(40)
    ]

    reports = [bench.sync.publish(batch) for batch in batched(moves, 10, strict=True)]

    assert not any(DocumentReport.total(reports).failure(move) for move in moves)
    assert (bench.library.calls, len(bench.refresh_queue.sent)) == (calls, 1)


def test_partner_that_changes_in_the_batch_of_a_refresh_is_part_of_it() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(audience={"regions": ["EU"]}), ONE))
    bench.sync.publish([change("evt_1", type="partner.created", subject="partners/GC1")])
    (refresh,) = bench.refresh_queue.take()

    bench.sync.publish([refresh, change("evt_2", type="partner.created", subject="partners/GC2")])

    assert (bench.refresh_queue.sent, bench.refresh_states.state.pending) == ([], "")


def test_file_that_is_awaited_for_an_audience_costs_no_listing_of_the_partners() -> None:
    bench = Bench()
    newer = with_a_second_version(bench, audience={"regions": ["EU"]})
    bench.media.slow = True
    bench.publish(newer)
    called: list[str] = []
    bench.library.before = called.append

    report = bench.sync.resume_transfers()

    assert (bench.shown(), bench.row()["version"]) == (ONE, 1)
    assert report.verdicts == {KEY: Verdict.UNCHANGED}
    assert "partner_page" not in called

    bench.media.finish()
    bench.sync.resume_transfers()

    assert (bench.shown(), bench.row()["version"]) == (TWO, 2)
    assert bench.row()["partnerIds"] == [BALTIC]
    assert called.count("partner_page") == 1
    assert bench.is_tidy()


def test_document_that_changes_while_its_file_is_awaited_has_its_audience_resolved() -> None:
    bench = Bench()
    newer = with_a_second_version(bench, audience={"regions": ["EU"]})
    bench.media.slow = True
    bench.publish(newer)
    moved = bench.library.change("doc_1", audience=Audience(regions=("NA",)))

    bench.sync.resume_transfers()
    bench.publish(moved)

    assert bench.row()["partnerIds"] == [PRAIRIE_GOLD]


def test_refresh_while_a_file_is_awaited_resolves_the_audience_again() -> None:
    bench = Bench()
    newer = with_a_second_version(bench, audience={"regions": ["EU"]})
    bench.media.slow = True
    bench.publish(newer)
    bench.library.partners = [
        partner(country="DE", version=2, updatedAt=NOW.replace(year=2027)),
        bench.library.partners[1],
    ]

    bench.sync.publish(
        [change("refresh", type=AUDIENCES_CHANGED, subject=AUDIENCES, partnerId=None, version=None)]
    )

    assert bench.row()["partnerIds"] == [BALTIC, PRAIRIE_GOLD]


def test_refresh_is_for_the_documents_that_have_an_audience() -> None:
    bench = Bench()
    bench.library.put(document(audience={"regions": ["EU"]}), ONE)
    bench.library.put(document("doc_2", audience={"all": True}), ONE)
    bench.library.put(document("doc_3", partnerId=PRAIRIE_GOLD), ONE)

    report = bench.sync.publish(
        [change("refresh", type=AUDIENCES_CHANGED, subject=AUDIENCES, partnerId=None, version=None)]
    )

    assert [key.item_id for key in report.verdicts] == ["doc_1"]


def test_resync_of_a_partner_publishes_its_documents() -> None:
    bench = Bench()
    bench.library.put(document(partnerId=PRAIRIE_GOLD), ONE)
    bench.library.put(document("doc_2", partnerId=BALTIC), ONE)

    bench.sync.publish(
        [change("again", type=RESYNC_REQUESTED, subject=f"partners/{PRAIRIE_GOLD}", version=None)]
    )

    assert [key[1] for key in bench.portal.rows] == ["doc_1"]


@pytest.mark.parametrize("what", ["documents_of", "document_pages"])
def test_publish_when_a_list_cannot_be_read_fails_the_change_that_asks_for_it_alone(
    what: str,
) -> None:
    bench = Bench()
    named = bench.library.put(document(), ONE)

    def unavailable(*_: object) -> Any:
        raise Unavailable(system="trading_grid", status=503)

    setattr(bench.library, what, unavailable)
    wanted = (
        change("again", type=RESYNC_REQUESTED, subject=f"partners/{PRAIRIE_GOLD}", version=None)
        if what == "documents_of"
        else change("all", type=HUB_RESYNC_REQUESTED, subject="hub/all", version=None)
    )

    report = bench.sync.publish([wanted, change_of(named)])

    assert report.failure(change_of(named)) is None
    assert isinstance(report.failure(wanted), Unavailable)
    assert bench.shown() == ONE


@pytest.mark.parametrize(
    ("content", "fields", "fault"),
    [
        (TWO, {"sha256": "0" * 64}, "changed"),
        (TWO, {"sizeBytes": len(TWO) - 1}, "changed"),
        (TWO, {"sizeBytes": len(TWO) + 1}, "changed"),
        (TWO, {"scan": "infected"}, "infected"),
        (b"MZ\x90\x00" + b"\x00" * 60, {}, "wrong_type"),
        (TWO, {"fileName": "Guide.exe"}, "wrong_type"),
        (TWO, {"fileName": "Guide.xlsx"}, "wrong_type"),
        (b"", {}, "empty"),
        (b"", {"sizeBytes": 10}, "changed"),
        (TWO, {"sizeBytes": 300_000_000}, "too_large"),
    ],
)
def test_version_that_cannot_be_taken_over_leaves_the_old_one_and_says_why(
    content: bytes, fields: dict[str, Any], fault: str
) -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))
    bench.library.add("doc_1", content, **fields)
    newer = bench.library.change("doc_1", current_version=2)

    report = bench.publish(newer)

    assert (bench.shown(), bench.row()["version"]) == (ONE, 1)
    assert bench.row()["problem"]
    assert (report.faults, bench.refused.items[KEY].code) == ({fault: 1}, fault)
    assert (report.failure(change_of(newer)), bench.is_tidy()) == (None, True)


def test_fault_is_forgotten_with_the_next_good_version() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))
    bench.library.add("doc_1", TWO, scan="infected")
    bench.publish(bench.library.change("doc_1", current_version=2))
    bench.library.add("doc_1", THREE)

    bench.publish(bench.library.change("doc_1", current_version=3))

    assert (bench.shown(), bench.row()["problem"], bench.refused.items) == (THREE, "", {})


def test_file_that_the_portal_can_do_nothing_with_leaves_the_old_one() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.media.slow = True
    bench.publish(newer)

    bench.media.finish(FileState.FAILED)
    report = bench.sync.resume_transfers()

    assert (bench.shown(), report.faults) == (ONE, {"failed": 1})
    assert bench.row()["problem"]
    assert bench.is_tidy()


def test_source_that_breaks_off_leaves_no_part_behind_and_is_tried_again() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.library.break_after = 8

    report = bench.publish(newer)

    assert isinstance(report.failure(change_of(newer)), Unavailable)
    assert (bench.shown(), bench.is_tidy()) == (ONE, True)

    bench.library.break_after = None
    bench.publish(newer)

    assert (bench.shown(), bench.is_tidy()) == (TWO, True)


def test_upload_without_an_answer_is_found_again_and_not_repeated() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.media.lose = 1

    report = bench.publish(newer)
    assert isinstance(report.failure(change_of(newer)), Unavailable)

    bench.now += LATEST_ARRIVAL
    bench.publish(newer)

    assert (bench.shown(), bench.media.uploads, bench.is_tidy()) == (TWO, 2, True)


def test_upload_that_arrives_after_its_time_out_is_found_and_not_left_over() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.media.lose, bench.media.late = 1, True
    bench.publish(newer)

    bench.now += LATEST_ARRIVAL / 2
    report = bench.publish(newer)
    bench.media.land()
    bench.now += LATEST_ARRIVAL
    bench.publish(newer)

    assert isinstance(report.failure(change_of(newer)), RowHeld)
    assert (bench.shown(), bench.media.uploads, bench.is_tidy()) == (TWO, 2, True)


@pytest.mark.parametrize("ahead", [LATEST_ARRIVAL, 300.0])
def test_upload_that_a_worker_with_a_fast_clock_has_not_found_is_not_left_over(
    ahead: float,
) -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.media.lose, bench.media.late = 1, True
    bench.publish(newer)

    bench.worker(ahead).publish([change_of(newer)])
    assert (bench.shown(), bench.media.uploads) == (TWO, 3)
    bench.media.land()
    bench.settle()

    assert (bench.shown(), bench.media.uploads, bench.is_tidy()) == (TWO, 3, True)


def test_worker_that_has_lost_its_lease_to_a_fast_clock_leaves_no_file() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    other = bench.worker(ahead=HOLD)
    steps: list[str] = []

    def overtake(what: str) -> None:
        if what == "before upload" and not steps:
            steps.append(what)
            other.publish([change_of(newer)])

    bench.media.effect = overtake
    report = bench.publish(newer)
    assert isinstance(report.failure(change_of(newer)), RowHeld)
    bench.settle()

    assert (bench.shown(), bench.media.uploads, bench.is_tidy()) == (TWO, 3, True)


def test_second_search_costs_no_call_until_it_is_due() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.media.lose = 1
    bench.publish(newer)
    bench.now += LATEST_ARRIVAL
    bench.publish(newer)
    calls = (bench.media.calls, bench.library.calls)

    bench.now += HOLD
    bench.sync.resume_transfers()
    assert (bench.media.calls, bench.library.calls) == calls
    bench.settle()

    assert bench.media.calls == calls[0] + 1
    assert not bench.transfers.unfinished_ids()


def test_row_that_wix_refuses_is_tried_again_by_a_change_and_not_by_the_schedule() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.portal.refuse = lambda _: True
    bench.publish(newer)
    calls = (bench.portal.calls, bench.media.calls, bench.library.calls)

    bench.settle()
    assert (bench.portal.calls, bench.media.calls, bench.library.calls) == calls
    assert not bench.transfers.unfinished_ids()
    bench.portal.refuse = lambda _: False
    bench.publish(bench.library.change("doc_1", title="Shorter"))

    assert (bench.shown(), bench.is_tidy()) == (TWO, True)


def test_former_file_that_cannot_be_deleted_when_wix_takes_the_row_is_deleted_by_the_retry(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.portal.refuse = lambda _: True
    bench.publish(newer)
    bench.portal.refuse = lambda _: False
    shorter = bench.library.change("doc_1", title="Shorter")

    def fail(*_: object) -> None:
        raise BudgetExhausted

    with monkeypatch.context() as broken:
        broken.setattr(bench.media, "remove", fail)
        report = bench.publish(shorter)
    assert report.failure(change_of(shorter)) is not None
    bench.publish(shorter)

    assert (bench.shown(), bench.is_tidy()) == (TWO, True)


@pytest.mark.parametrize("fields", [{"classification": "restricted"}, {"status": "expired"}])
def test_file_that_nobody_may_open_any_more_is_deleted_although_wix_refuses_the_row(
    fields: dict[str, Any],
) -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))
    bench.portal.refuse = lambda _: True

    bench.settle(bench.library.change("doc_1", **fields))

    assert not bench.media.kept
    assert not bench.transfers.unfinished_ids()
    bench.portal.refuse = lambda _: False
    bench.settle(bench.library.change("doc_1", title="Shorter"))
    assert (bench.row()["fileId"], bench.is_tidy()) == ("", True)


def test_shown_file_stays_while_wix_refuses_the_row_and_the_next_version_is_not_listed_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))
    bench.portal.refuse = lambda _: True
    bench.library.add("doc_1", TWO)
    newer = bench.library.change("doc_1", current_version=2)

    with monkeypatch.context() as lagging:
        versions = bench.library.versions
        lagging.setattr(bench.library, "versions", lambda document: versions(document)[:1])
        bench.publish(newer)
    bench.settle(newer)

    assert bench.shown() == ONE


def test_second_version_of_a_refused_row_is_tried_again() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.portal.refuse = lambda _: True
    bench.publish(newer)

    bench.portal.refuse = lambda _: False
    bench.publish(add_a_version(bench))

    assert (bench.shown(), bench.is_tidy()) == (THREE, True)


def with_a_file_between(bench: Bench) -> Any:
    """A second version that Wix refuses as a row; the change to the third, which it refuses, too.

    The row still shows the first.
    """
    newer = with_a_second_version(bench)
    bench.portal.refuse = lambda _: True
    bench.publish(newer)
    return add_a_version(bench)


def contents(bench: Bench) -> set[bytes]:
    return {bench.media.content(file_id) for file_id in bench.media.kept}


def test_files_between_the_shown_and_the_wanted_one_are_deleted_while_wix_refuses_the_row() -> None:
    bench = Bench()

    report = bench.publish(with_a_file_between(bench))

    assert (bench.shown(), contents(bench), report.removed) == (ONE, {ONE, THREE}, 1)
    assert not bench.transfers.unfinished_ids()
    bench.portal.refuse = lambda _: False
    bench.publish(bench.library.change("doc_1", title="Shorter"))
    assert (bench.shown(), bench.is_tidy()) == (THREE, True)


def test_first_file_of_a_row_that_wix_never_took_is_deleted_after_a_second_version() -> None:
    bench = Bench()
    bench.portal.refuse = lambda _: True
    bench.publish(bench.library.put(document(), ONE))
    bench.library.add("doc_1", TWO)

    bench.publish(bench.library.change("doc_1", current_version=2))

    assert (bench.shown(), contents(bench)) == (None, {TWO})


def test_file_that_a_lost_write_has_put_on_the_row_stays_when_wix_refuses_the_next() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.portal.troubles.append(lost_answer(lands="now"))
    bench.publish(newer)
    bench.now += HOLD
    bench.portal.refuse = lambda _: True

    bench.publish(newer)
    bench.publish(add_a_version(bench))

    assert (bench.shown(), contents(bench)) == (TWO, {TWO, THREE})


@pytest.mark.parametrize("fails", ["remove", "items"])
def test_file_between_that_cannot_be_deleted_at_once_is_deleted_by_the_schedule(
    fails: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench()
    newest = with_a_file_between(bench)

    def fail(*_: object) -> None:
        raise Unavailable(system="wix")

    with monkeypatch.context() as broken:
        broken.setattr(bench.media if fails == "remove" else bench.portal, fails, fail)
        report = bench.publish(newest)
    assert (report.removed, len(bench.media.kept)) == (0, 3)
    bench.settle()

    assert (bench.shown(), contents(bench)) == (ONE, {ONE, THREE})
    assert not bench.transfers.unfinished_ids()


def test_upload_that_arrives_after_its_row_was_refused_is_deleted_by_the_schedule() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.portal.refuse = lambda _: True
    bench.media.lose, bench.media.late = 1, True
    bench.publish(newer)
    # Copied again before the first upload arrives.
    bench.now += HOLD + LATEST_ARRIVAL
    bench.publish(newer)
    bench.media.land()
    assert len(bench.media.kept) == 3

    bench.settle()

    assert (bench.shown(), sorted(map(bench.media.content, bench.media.kept))) == (ONE, [ONE, TWO])
    assert not bench.transfers.unfinished_ids()


def test_file_that_is_not_wanted_any_more_before_its_row_was_tried_is_deleted() -> None:
    bench = Bench()
    newest = with_a_file_between(bench)
    bench.media.slow = True
    bench.publish(newest)

    bench.publish(go_back_to_the_second(bench))
    bench.settle()

    assert (bench.shown(), contents(bench)) == (ONE, {ONE, TWO})
    assert not bench.transfers.unfinished_ids()


def test_refused_row_that_nothing_has_changed_is_not_read_again() -> None:
    bench = Bench()
    newest = with_a_file_between(bench)
    bench.publish(newest)
    calls, revision = bench.media.calls, bench.transfers.kept["doc_1"].revision

    bench.publish(newest, type=AUDIENCES_CHANGED)

    assert (bench.media.calls, bench.transfers.kept["doc_1"].revision) == (calls, revision)


def test_no_file_of_a_refused_row_is_deleted_if_the_row_cannot_be_read() -> None:
    bench = Bench()
    newest = with_a_file_between(bench)
    bench.portal.items = lambda *_: {item_id("doc_1"): RecordFault("row", "x")}  # type: ignore[method-assign]

    bench.publish(newest)

    assert contents(bench) == {ONE, TWO, THREE}


def leave_alone(bench: Bench) -> Any:
    return bench.library.entities["documents/doc_1"]


def add_a_version(bench: Bench) -> Any:
    bench.library.add("doc_1", THREE)
    return bench.library.change("doc_1", current_version=3)


def go_back_to_the_second(bench: Bench) -> Any:
    return bench.library.change("doc_1", current_version=2)


def go_back_to_the_first(bench: Bench) -> Any:
    return bench.library.change("doc_1", current_version=1)


def restrict(bench: Bench) -> Any:
    return bench.library.change("doc_1", classification="restricted")


def withdraw(bench: Bench) -> Any:
    return bench.library.change("doc_1", status="withdrawn")


def delete(bench: Bench) -> Any:
    return bench.library.change("doc_1", deleted_at=NOW)


@pytest.mark.parametrize(
    ("meanwhile", "end"),
    [
        (leave_alone, TWO),
        (add_a_version, THREE),
        (go_back_to_the_first, ONE),
        (restrict, None),
        (withdraw, None),
        (delete, None),
    ],
)
@pytest.mark.parametrize("has_a_file", [False, True])
def test_upload_that_arrives_after_its_document_has_changed_is_not_left_over(
    meanwhile: Callable[[Bench], Any], end: bytes | None, has_a_file: bool
) -> None:
    bench = Bench()
    if has_a_file:
        newer = with_a_second_version(bench)
    else:
        bench.library.put(document(), ONE)
        bench.library.add("doc_1", TWO)
        newer = bench.library.change("doc_1", current_version=2)
    bench.media.lose, bench.media.late = 1, True
    bench.publish(newer)

    changed = meanwhile(bench)
    bench.publish(changed)
    bench.now += LATEST_ARRIVAL / 2
    bench.publish(changed)
    bench.media.land()
    bench.settle(changed)

    assert (bench.shown(), bench.is_tidy()) == (end, True)


def test_file_that_has_to_go_is_not_taken_for_the_one_that_is_looked_for() -> None:
    bench = Bench()
    bench.media.lose = 1
    bench.publish(bench.library.put(document(), ONE))
    bench.now += LATEST_ARRIVAL
    withdrawn = bench.library.change("doc_1", status="withdrawn")
    bench.media.effect = lambda what: (
        (_ for _ in ()).throw(KeyboardInterrupt) if what == "before remove" else None
    )
    with pytest.raises(KeyboardInterrupt):
        bench.publish(withdrawn)
    bench.media.effect, bench.media.lose = (lambda _: None), 1
    bench.publish(bench.library.change("doc_1", status="published"))

    bench.settle(bench.library.change("doc_1"))

    assert (bench.shown(), bench.is_tidy()) == (ONE, True)


def test_document_that_somebody_copies_is_waited_for_and_not_copied_twice() -> None:
    bench = Bench()
    published = bench.library.put(document(), ONE)
    seen: list[object] = []

    def meanwhile(what: str) -> None:
        if what == "before upload" and not seen:
            seen.append(
                bench.worker().publish([change_of(published)]).failure(change_of(published))
            )

    bench.media.effect = meanwhile
    bench.publish(published)

    assert isinstance(seen[0], RowHeld)
    assert (bench.media.uploads, bench.shown(), bench.is_tidy()) == (1, ONE, True)


def test_version_that_was_announced_but_cannot_be_read_yet_is_waited_for() -> None:
    bench = Bench()
    published = bench.library.put(document(), ONE)

    report = bench.publish(published.model_copy(update={"version": 2}))

    assert isinstance(report.reasons[KEY], SourceBehind)
    assert bench.portal.rows == {}


def test_older_document_that_is_read_while_a_file_is_arriving_does_not_discard_it() -> None:
    bench = Bench()
    # With an audience, so that the row is not written again while its file is awaited.
    draft = bench.library.put(document(status="draft", audience={"regions": ["EU"]}))
    bench.library.add("doc_1", ONE)
    published = bench.library.change("doc_1", status="published", current_version=1)
    bench.media.slow = True
    bench.publish(published)
    bench.media.finish()

    bench.library.entities[draft.record] = draft
    behind = bench.sync.resume_transfers()
    bench.library.entities[draft.record] = published
    bench.sync.resume_transfers()

    assert (bench.shown(), bench.media.uploads, bench.is_tidy()) == (ONE, 1, True)
    assert isinstance(behind.reasons[KEY], SourceBehind)


def test_older_document_that_is_read_for_a_resync_does_not_bring_its_file_back() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.publish(newer)
    bench.library.entities[newer.record] = newer.model_copy(
        update={"version": newer.version - 1, "current_version": 1}
    )

    report = resync_document(bench)

    assert (bench.shown(), bench.media.uploads, bench.is_tidy()) == (TWO, 2, True)
    assert isinstance(report.reasons[KEY], SourceBehind)


def test_newer_version_that_comes_while_a_file_is_arriving_discards_it() -> None:
    bench = Bench()
    newer = with_a_second_version(bench)
    bench.media.slow = True
    bench.publish(newer)
    bench.library.add("doc_1", THREE)
    bench.media.slow = False

    bench.publish(bench.library.change("doc_1", current_version=3))

    assert (bench.shown(), bench.is_tidy()) == (THREE, True)


def test_withdrawal_while_a_file_is_on_its_way_leaves_nothing() -> None:
    bench = Bench()
    bench.media.slow = True
    bench.publish(bench.library.put(document(), ONE))

    bench.publish(bench.library.change("doc_1", status="withdrawn"))

    assert (bench.portal.rows, bench.media.kept) == ({}, {})


def test_own_upload_waits_for_the_decision_and_its_comment_comes_back() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(partnerId=PRAIRIE_GOLD), ONE))
    sent = bench.library.add("doc_1", TWO, source="portal", status="in_review", baseVersion=1)

    bench.publish(bench.library.change("doc_1"))

    assert (bench.shown(), bench.row()["review"]["statusLabel"], bench.row()["conflict"]) == (
        ONE,
        "In review",
        False,
    )

    bench.library.shelf["doc_1"][1] = sent.model_copy(
        update={"status": "rejected", "comment": "Page 2 is missing."}
    )
    bench.publish(bench.library.change("doc_1"))

    review = bench.row()["review"]
    assert (review["statusLabel"], review["comment"], bench.shown()) == (
        "Not accepted",
        "Page 2 is missing.",
        ONE,
    )


def test_both_sides_changed_it_so_neither_is_published_until_somebody_decides() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(partnerId=PRAIRIE_GOLD), ONE))
    bench.library.add("doc_1", TWO)
    sent = bench.library.add("doc_1", THREE, source="portal", status="in_review", baseVersion=1)

    bench.publish(bench.library.change("doc_1", current_version=2))

    assert (bench.shown(), bench.row()["version"], bench.row()["conflict"]) == (ONE, 1, True)
    assert "both changed" in bench.row()["problem"]

    bench.library.shelf["doc_1"][2] = sent.model_copy(update={"status": "approved"})
    bench.publish(bench.library.change("doc_1", current_version=3))

    assert (bench.shown(), bench.row()["conflict"], bench.row()["problem"], bench.is_tidy()) == (
        THREE,
        False,
        "",
        True,
    )


def test_conflict_that_is_decided_for_the_hub_publishes_its_version() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(partnerId=PRAIRIE_GOLD), ONE))
    bench.library.add("doc_1", TWO)
    sent = bench.library.add("doc_1", THREE, source="portal", status="in_review", baseVersion=1)
    bench.publish(bench.library.change("doc_1", current_version=2))

    bench.library.shelf["doc_1"][2] = sent.model_copy(update={"status": "rejected"})
    bench.publish(bench.library.change("doc_1"))

    assert (bench.shown(), bench.row()["conflict"]) == (TWO, False)


def test_decision_is_looked_at_by_its_approval() -> None:
    bench = Bench()
    bench.library.put(document(partnerId=PRAIRIE_GOLD), ONE)
    common = {"id": "apr_1", "companyId": HUB, "version": 1, "createdAt": NOW, "updatedAt": NOW}
    approval = Approval.model_validate(
        {**common, "subject": {"type": "document_version", "id": "doc_1/1"}, "status": "approved"}
    )
    bench.library.entities[approval.record] = approval

    bench.sync.publish([change(type="approval.decided", subject=approval.record)])

    assert bench.shown() == ONE


def test_names_keep_their_script_and_lose_what_is_dangerous() -> None:
    bench = Bench()
    bench.library.put(document(), ONE, fileName="../../Größe 李\u202e.pdf")

    bench.publish(bench.library.change("doc_1"))

    assert bench.row()["fileName"] == "Größe 李.pdf"


def test_documents_of_a_batch_are_done_although_one_of_them_fails() -> None:
    bench = Bench()
    documents = [
        bench.library.put(document(f"doc_{number}"), PDF + bytes([65 + number]))
        for number in range(1, 6)
    ]
    bench.library.entities.pop("documents/doc_3")

    report = bench.publish(*documents)

    assert isinstance(report.failure(change_of(documents[2])), SourceBehind)
    assert sorted(key[1] for key in bench.portal.rows) == ["doc_1", "doc_2", "doc_4", "doc_5"]
    assert sum(report.count(verdict) for verdict in Verdict) == 5


def test_partner_id_of_a_row_is_its_owners() -> None:
    bench = Bench()

    bench.publish(bench.library.put(document(partnerId=PRAIRIE_GOLD), ONE))

    assert bench.row()["partnerId"] == PartnerId(PRAIRIE_GOLD)


def resync_document(bench: Bench, **fields: Any) -> Any:
    """Publish a resync of this single document."""
    return bench.publish(document(), **{"type": HUB_RESYNC_REQUESTED, "version": None, **fields})


@pytest.mark.parametrize("for_good", [False, True])
def test_lost_file_is_copied_anew_when_its_document_is_read_anew(for_good: bool) -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))
    former = bench.row()["fileId"]
    bench.media.throw_away(former, for_good=for_good)

    report = resync_document(bench)

    assert (report.copied, bench.shown(), bench.row()["version"], bench.row()["problem"]) == (
        1,
        ONE,
        1,
        "",
    )
    assert (former != bench.row()["fileId"], bench.is_tidy()) == (True, True)
    assert (resync_document(bench).copied, bench.media.uploads) == (0, 2)


@pytest.mark.parametrize("owner", [None, PRAIRIE_GOLD])
def test_file_that_is_there_is_asked_for_once_and_not_sent_again(owner: str | None) -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(partnerId=owner), ONE))
    calls = bench.media.calls

    report = resync_document(
        bench, partnerId=owner, type=HUB_RESYNC_REQUESTED if owner is None else RESYNC_REQUESTED
    )

    assert (report.copied, bench.media.calls - calls, bench.media.uploads) == (0, 1, 1)


def test_change_or_a_resync_of_everything_asks_for_no_file() -> None:
    bench = Bench()
    published = bench.library.put(document(), ONE)
    bench.publish(published)
    calls = bench.media.calls

    bench.publish(published)
    bench.publish(bench.library.change("doc_1", title="2027 Routing Guide"))
    resync_document(bench, subject="hub/all")

    assert bench.media.calls == calls


def test_lost_file_that_takes_a_while_leaves_a_row_without_a_file_until_it_is_there() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))
    bench.media.throw_away(bench.row()["fileId"], for_good=True)
    bench.media.slow = True

    resync_document(bench)
    meanwhile = bench.shown()
    bench.media.finish()
    bench.sync.resume_transfers()

    assert (meanwhile, bench.shown(), bench.media.uploads, bench.is_tidy()) == (None, ONE, 2, True)


def test_lost_file_of_a_document_that_is_withdrawn_is_not_copied() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))
    bench.media.throw_away(bench.row()["fileId"], for_good=True)
    bench.library.change("doc_1", status="withdrawn")

    resync_document(bench)

    assert (bench.portal.rows, bench.media.uploads, bench.is_tidy()) == ({}, 1, True)


def test_lost_file_is_looked_for_although_a_change_that_is_known_comes_with_it() -> None:
    bench = Bench()
    published = bench.library.put(document(), ONE)
    bench.publish(published)
    bench.media.throw_away(bench.row()["fileId"], for_good=True)

    bench.sync.publish(
        [
            change_of(published),
            change_of(published, "renewed", type=HUB_RESYNC_REQUESTED, version=None),
        ]
    )

    assert (bench.shown(), bench.media.uploads) == (ONE, 2)


def test_two_workers_that_find_the_same_file_lost_copy_it_once() -> None:
    bench = Bench()
    bench.publish(bench.library.put(document(), ONE))
    bench.media.throw_away(bench.row()["fileId"])
    other = bench.worker()
    seen: list[Any] = []

    def second(step: str) -> None:
        if step == "before upload" and not seen:
            seen.append(
                other.publish(
                    [change_of(document(), "other", type=HUB_RESYNC_REQUESTED, version=None)]
                )
            )

    bench.media.effect = second

    first = resync_document(bench)

    assert (
        first.copied,
        [(report.copied, list(map(type, report.reasons.values()))) for report in seen],
    ) == (1, [(0, [RowHeld])])
    assert (bench.media.uploads, bench.shown(), bench.is_tidy()) == (2, ONE, True)


SAMPLES = Path(__file__).parents[2] / "samples" / "files"


@pytest.mark.parametrize(
    ("sample", "name", "fault"),
    [
        ("office-flags.xlsx", "Prices.xlsx", ""),
        ("libreoffice-workbook-inside.doc", "Guide.doc", ""),
        ("office-flags.docx", "Prices.xlsx", "wrong_type"),
        ("html--pandas.xls", "Prices.xls", "web_page"),
        ("xlsxwriter.xlsm", "Prices.xlsx", "macros"),
        ("protected--msoffcrypto.xlsx", "Prices.xlsx", "protected"),
        ("private-key--openssl.pem", "as2.pem", "private_key"),
    ],
)
def test_kind_that_stands_anywhere_in_a_file_is_found_before_the_file_is_complete(
    sample: str, name: str, fault: str
) -> None:
    content = (SAMPLES / sample).read_bytes()
    bench = Bench()

    report = bench.publish(bench.library.put(document(), content, fileName=name))

    assert report.faults == ({fault: 1} if fault else {})
    assert [kept for _, kept, _, _ in bench.media.kept.values()] == ([] if fault else [content])
    assert bool(bench.row().get("problem")) == bool(fault)
