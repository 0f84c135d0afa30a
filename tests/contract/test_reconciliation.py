"""The reconciler between both emulators: real clients, real pagination, real quotas."""

import time

import httpx

from benchmarks.emulator_pair import EmulatorPair, MemoryBudget, start_emulators
from benchmarks.reconcile import DRIFTED, measure
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.changed import ChangedRecordsClient
from gridwix.clients.wix.portal_changes import PortalChanges
from gridwix.mapping.cloud_events import to_change
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, CompanyId, WixItemId
from gridwix.models.portal.collection_ids import PORTAL_CHANGES
from gridwix.models.reconciliation import RunRequest, SweepPage
from gridwix.ports import Clock
from gridwix.publication.audiences import EVERYBODY
from gridwix.reconciler.sweep import CURSOR_NAME, KINDS, Sweep
from ops.collections import collection_definitions
from ops.emulator import Emulator
from tests.fakes.reconciliation import FakeContinuation
from tests.fakes.stores import FakeBus, FakeCursors, FakeHandovers


def changed_records(found: EmulatorPair) -> ChangedRecordsClient:
    credentials = {
        "consumerKey": found.grid_info["consumerKey"],
        "consumerSecret": found.grid_info["consumerSecret"],
    }
    auth = trading_grid_auth("apigrid", credentials, base_url=found.grid_url)
    return ChangedRecordsClient(new_client(), auth, base_url=found.grid_info["communityBaseUrl"])


def create(found: EmulatorPair, collection: CollectionId) -> None:
    definition = next(one for one in collection_definitions() if one["id"] == collection)
    httpx.post(
        f"{found.wix_url}/wix-data/v2/collections",
        json={"collection": definition},
        headers=found.wix_headers(),
    ).raise_for_status()


def sweep(found: EmulatorPair, cursors: FakeCursors, clock: Clock) -> set[str]:
    """Run a whole sweep and return the records that it put on the bus."""
    bus, queue = FakeBus(), FakeContinuation()
    freshness = PortalChanges(found.wix_client(MemoryBudget(180, 60, clock)))
    sweeper = Sweep(
        source=changed_records(found),
        sources=found.community(),
        bus=bus,
        handovers=FakeHandovers(),
        cursors=cursors,
        continuation=queue,
        freshness=freshness,
        company_id=CompanyId("GC00700011NR"),
        clock=clock,
        overlap=120,
    )
    queue.send(sweeper.first_page(RunRequest(mode="sweep"), run="sweep-1"))
    while queue.pages:
        page = queue.pages.pop()
        assert isinstance(page, SweepPage)
        sweeper.handle(page)
    return {change.record for change in bus.changes}


def test_full_run_repairs_exactly_what_has_drifted_with_few_calls() -> None:
    figures = measure(403, rows_per_page=200)

    report = figures.report
    assert (report.rows, report.drifted, report.missing, report.extra, report.unsettled) == (
        413,
        20,
        20,
        10,
        0,
    )
    assert (len(figures.spoilt), figures.touched, figures.wrong_rows) == (
        DRIFTED,
        figures.spoilt,
        0,
    )
    assert (report.repaired, report.removed, report.guard) == (DRIFTED, 10, None)
    assert figures.calls - figures.bulk_calls <= report.equal // 100
    assert (figures.bulk_calls, figures.refused_by_quota) == (2, 0)


def test_sweep_finds_every_record_that_the_feed_tells_of() -> None:
    with start_emulators(partners=20) as found:
        create(found, PORTAL_CHANGES)
        cursors, community = FakeCursors(), found.community()
        sweep(found, cursors, time.time)
        head = community.head()
        Emulator(found.grid_url).order("changes", {"count": 30, "seed": 7})
        told = {
            Change.model_validate(to_change(item, prefix="net.example.tg.", via="feed")).record
            for item in community.read_events(head, 200).items
        }

        swept = sweep(found, cursors, time.time)
        row = found.wix_client(MemoryBudget(180, 60, time.time)).get_item(
            PORTAL_CHANGES, WixItemId(EVERYBODY)
        )

    told = {record for record in told if record.partition("/")[0] in KINDS}
    assert told
    assert told <= swept
    assert cursors.read_cursor(CURSOR_NAME).revision == 2
    assert row is not None
    assert row.data["asOf"].isoformat() == cursors.read_cursor(CURSOR_NAME).cursor


def test_sweep_tells_the_site_which_areas_have_no_source_until_they_have_one() -> None:
    hidden = []
    with start_emulators(partners=3) as found:
        create(found, PORTAL_CHANGES)
        cursors, site = FakeCursors(), found.wix_client(MemoryBudget(180, 60, time.time))
        for absent in (["documents", "service-notices"], ["documents"], []):
            Emulator(found.grid_url).order("settings", {"withoutSource": absent})
            sweep(found, cursors, time.time)
            row = site.get_item(PORTAL_CHANGES, WixItemId(EVERYBODY))
            assert row is not None
            hidden.append(row.data["hidden"])

    assert hidden == [["notices", "documents"], ["documents"], []]
