"""Faults of the soak test's model of a Wix site, as the functions' clients see them."""

import io
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from gridwix.clients.wix.media import PART, RESUMABLE_FROM
from gridwix.errors import Throttled, Unavailable
from gridwix.models.files import NewFile
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.wix import DataItem
from soak.kernel.edges import Fault, PlannedFaults
from soak.kernel.tasks import Killed, Scheduler, Task
from soak.wix.library import FileWish
from soak.wix.site import Wix
from soak.wix.store import Row
from tests.contract.soak_wix_worlds import START, Clients, a_model

ITEMS = [DataItem(WixItemId(f"p{number}"), {"number": number}) for number in range(4)]


def world(edge: str, *faults: Fault) -> tuple[Wix, Scheduler, Clients]:
    """A site whose first calls over an edge have these faults."""
    return a_model(PlannedFaults([(START, edge, fault) for fault in faults]))


def run(scheduler: Scheduler, job: Callable[[], Any]) -> Task:
    """Run a job to its end in a task, and everything that happens afterwards."""
    task = scheduler.spawn("worker", job)
    scheduler.run()
    return task


@pytest.mark.parametrize(
    ("fault", "error", "ambiguous", "written"),
    [
        (Fault.THROTTLED, Throttled, None, False),
        (Fault.SERVER_ERROR, Unavailable, True, False),
        (Fault.REQUEST_LOST, Unavailable, True, False),
        (Fault.ANSWER_LOST, Unavailable, True, True),
        (Fault.LATE, Unavailable, True, True),
        (Fault.RESET_BEFORE, Unavailable, True, False),
        (Fault.RESET_AFTER, Unavailable, True, True),
        (Fault.KILLED_AFTER, Killed, None, True),
        (Fault.KILLED_BEFORE, Killed, None, False),
        (Fault.SLOW, None, None, True),
    ],
)
def test_write_when_it_has_a_fault_then_the_client_knows_whether_it_may_have_arrived(
    fault: Fault, error: type[BaseException] | None, ambiguous: bool | None, written: bool
) -> None:
    model, scheduler, clients = world("wix", fault)

    task = run(scheduler, lambda: clients.data.bulk_save(PARTNER_STATUS, ITEMS))

    assert task.error is None if error is None else isinstance(task.error, error)
    assert getattr(task.error, "ambiguous", None) == ambiguous
    assert len(model.rows(PARTNER_STATUS)) == 4 * written
    assert len(model.calls) == written


def test_write_when_there_is_no_connection_then_it_is_sent_again() -> None:
    model, scheduler, clients = world("wix", Fault.NOT_CONNECTED)

    task = run(scheduler, lambda: clients.data.bulk_save(PARTNER_STATUS, ITEMS))

    assert task.error is None
    assert len(model.rows(PARTNER_STATUS)) == 4
    assert clients.budget.taken == 2


def test_late_write_when_the_row_has_changed_meanwhile_then_it_overwrites_it() -> None:
    model, scheduler, clients = world("wix", Fault.LATE)
    seen: list[tuple[Any, Any]] = []

    def note(_: str, __: str, old: Row | None, new: Row | None) -> None:
        seen.append((old and old["number"], new and new["number"]))

    model.on_write.append(note)

    def work() -> None:
        with pytest.raises(Unavailable):
            clients.data.bulk_save(PARTNER_STATUS, [DataItem(WixItemId("p0"), {"number": 1})])
        clients.data.bulk_save(PARTNER_STATUS, [DataItem(WixItemId("p0"), {"number": 2})])

    task = run(scheduler, work)

    assert task.error is None
    assert seen == [(None, 2), (2, 1)]


def test_bulk_call_when_it_is_carried_out_in_part_then_half_is_written_in_each_way() -> None:
    ways = set()
    for seed in range(30):
        model, scheduler, clients = world("wix", Fault.PARTIAL)
        model.collections._random.seed(seed)
        task = run(scheduler, partial(clients.data.bulk_save, PARTNER_STATUS, ITEMS))
        assert list(model.rows(PARTNER_STATUS)) == ["p0", "p1"]
        match task.error:
            case None:
                assert task.result.written == {"p0", "p1"}
                ways.add(task.result.refused[0].code)
            case Unavailable(ambiguous=True):
                ways.add("cut")
            case Throttled():
                ways.add("quota")
            case error:
                raise error
    assert ways == {"WDE0080", "cut", "quota"}


def test_read_when_the_replica_lags_then_it_returns_what_was_there_before() -> None:
    model, scheduler, clients = world("wix", *[Fault.STALE] * 4)
    model.collections.put(PARTNER_STATUS, "p0", {"number": 1})
    scheduler.run(START + model.collections.stale_lag)
    model.collections.put(PARTNER_STATUS, "p0", {"number": 2})
    model.collections.put(PARTNER_STATUS, "p1", {"number": 1})
    scheduler.run(scheduler.now + 5)

    def look() -> Any:
        page = clients.data.query_items(PARTNER_STATUS, consistent=False)
        item = clients.data.get_item(PARTNER_STATUS, WixItemId("p0"), consistent=False)
        # A read that must see all writes cannot have the fault.
        whole = clients.data.query_items(PARTNER_STATUS)
        stale = clients.data.count_items(PARTNER_STATUS, consistent=False)
        recent = clients.data.count_items(PARTNER_STATUS, consistent=False)
        assert item is not None
        return (
            [one.data["number"] for one in page.items],
            item.data["number"],
            [one.data["number"] for one in whole.items],
            stale,
            recent,
        )

    assert run(scheduler, look).result == ([1], 1, [2, 1], 1, 2)


def test_item_when_the_site_refuses_it_then_the_others_are_written() -> None:
    model, _, clients = world("wix")
    model.collections.refused_items[PARTNER_STATUS, "p2"] = "WDE0080"

    outcome = clients.data.bulk_save(PARTNER_STATUS, ITEMS)

    assert [(one.item_id, one.code) for one in outcome.refused] == [("p2", "WDE0080")]
    assert sorted(model.rows(PARTNER_STATUS)) == ["p0", "p1", "p3"]


def test_upload_when_a_part_arrives_by_half_then_the_client_sends_the_rest() -> None:
    model, scheduler, clients = world("media", Fault.SLOW, Fault.PARTIAL)
    content = bytes(range(256)) * (RESUMABLE_FROM // 256 + 10)
    pieces = [content[start : start + PART] for start in range(0, len(content), PART)]
    new = NewFile("a.pdf", "application/pdf", len(content), True, "label")

    task = run(scheduler, lambda: clients.media.upload(new, iter(pieces)))

    assert task.error is None
    assert [file.content for file in model.files.values()] == [content]


def test_upload_when_its_worker_was_killed_then_its_bytes_are_dropped_after_a_day() -> None:
    model, scheduler, clients = world("media", Fault.SLOW, Fault.KILLED_AFTER)
    content = bytes(RESUMABLE_FROM + 1)
    new = NewFile("a.pdf", "application/pdf", len(content), True, "label")
    task = run(scheduler, lambda: clients.media.upload(new, iter([content])))
    assert isinstance(task.error, Killed)
    assert len(model._media._parts) == 1

    scheduler.run(scheduler.now + 86_400)
    task = run(scheduler, lambda: clients.media.upload(new, iter([content])))

    assert task.error is None
    assert not model._media._parts
    assert [file.content for file in model.files.values()] == [content]


def test_download_when_it_breaks_off_then_the_client_knows() -> None:
    model, scheduler, clients = world("media", Fault.PARTIAL)
    file = model.library.add(FileWish("a.pdf", "application/pdf", private=True), b"%PDF 1234")
    scheduler.run()
    url = clients.media.download_url(file.id, 5)
    target = io.BytesIO()

    first = run(scheduler, lambda: clients.files.fetch(url, target, 100))
    second = run(scheduler, lambda: clients.files.fetch(url, io.BytesIO(), 100))

    assert isinstance(first.error, Unavailable)
    assert len(target.getvalue()) < 9
    assert second.result.size == 9


def test_file_when_it_is_private_then_its_own_address_does_not_show_it() -> None:
    model, scheduler, clients = world("media")
    addresses = {}
    for private in (True, False):
        file = model.library.add(FileWish("a.pdf", "application/pdf", private), b"%PDF")
        scheduler.run()
        addresses[private] = model.library.descriptor(file)["url"]

    target = io.BytesIO()
    clients.files.fetch(addresses[False], target, 100)

    assert target.getvalue() == b"%PDF"
    with pytest.raises(Exception, match="gone"):
        clients.files.fetch(addresses[True], io.BytesIO(), 100)
