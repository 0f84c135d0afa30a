"""Document sync between both emulators with the real clients.

Transfers and ledger are in memory.
"""

import base64
import hashlib
import io
import os
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.trading_grid import app as trading_grid_app
from emulators.trading_grid.tenant import new_tenant
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from gridwix.clients.files import FileClient
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.media import RESUMABLE_FROM, MediaClient
from gridwix.clients.wix.site import WixSite
from gridwix.document_sync.files import LATEST_ARRIVAL, DocumentFiles
from gridwix.document_sync.reconciled import ReconciledPartnerDocuments
from gridwix.document_sync.service import DocumentReport, DocumentSync
from gridwix.errors import RecordFault
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import CompanyId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from gridwix.models.trading_grid.transitions import Transition
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.publisher import Publisher
from gridwix.publication.reconciled import ExpectedRow
from gridwix.publication.resync import ResyncRequester, resync_change
from gridwix.runtime.configuration import configuration
from ops.collections import collection_definitions, ensure_collection
from ops.emulator import Emulator
from ops.waiting import wait_for
from tests.factories import HUB, change
from tests.fakes.documents import FakeTransfers
from tests.fakes.ledger import MemoryLedger
from tests.fakes.refreshes import audience_refreshes
from tests.fakes.stores import FakeBus, FakeRefusedItems
from tests.fakes.wire import CountingBudget

AGREEMENT, GUIDE, TAX_FORM, MANUAL = "doc_ag_101", "doc_rg_2026", "doc_w8_055120", "doc_ig_856"
HUB_ID = CompanyId(HUB)


class World:
    """Both emulators, and the sync between them.

    ``passed`` is the number of seconds by which the sync's clock is ahead of the emulators'.
    """

    passed = 0.0

    def __init__(self, grid_url: str, wix_url: str, http: httpx.Client) -> None:
        self.grid_url, self.wix_url = grid_url, wix_url
        grid, wix = (Emulator(url).info() for url in (grid_url, wix_url))
        auth = trading_grid_auth(
            "apigrid",
            {name: grid[name] for name in ("consumerKey", "consumerSecret")},
            base_url=grid_url,
        )
        self.community = CommunityClient(
            http, auth, base_url=grid["communityBaseUrl"], sleep=lambda _: None
        )
        self.budget = CountingBudget()
        access = wix_auth({"apiKey": wix["apiKey"]}, wix["siteId"], base_url=wix_url)
        self.items = WixClient(http, access, self.budget, base_url=wix_url)
        self.files = FileClient(exempt={url.removeprefix("http://") for url in (grid_url, wix_url)})
        self.site_calls = WixSite(http, access, self.budget, base_url=wix_url)
        self.media = MediaClient(self.site_calls, self.files)
        self.transfers, self.ledger, self.refused = (
            FakeTransfers(),
            MemoryLedger(),
            FakeRefusedItems(),
        )
        publisher = Publisher(
            collections=self.items,
            ledger=self.ledger,
            refused_items=self.refused,
            function="test",
            clock=self.now,
            hold=90,
        )
        files = DocumentFiles(
            source=self.community,
            media=self.media,
            transfers=self.transfers,
            rows=self.items,
            rules=configuration().documents,
            clock=self.now,
            hold=330,
        )
        self.sync = DocumentSync(
            source=self.community,
            partners=HubPartners(self.community, self.now),
            files=files,
            ledger=self.ledger,
            publisher=publisher,
            refreshes=audience_refreshes(self.now),
            refused_items=self.refused,
            configuration=configuration(),
            clock=self.now,
        )

    def now(self) -> float:
        return time.time() + self.passed

    def grid(self, path: str, order: Mapping[str, Any]) -> dict[str, Any]:
        return Emulator(self.grid_url).order(path, order)

    def site(self, path: str, order: Mapping[str, Any]) -> None:
        Emulator(self.wix_url).order(path, order)

    def add_version(self, document_id: str, content: bytes, name: str = "Guide.pdf") -> None:
        self.grid(
            f"library/{document_id}/versions",
            {"fileName": name, "content": base64.b64encode(content).decode()},
        )

    def publish(self, *document_ids: str) -> DocumentReport:
        changes = [
            change(
                f"evt-{one}-{time.time_ns()}",
                type="document.version_added",
                subject=f"documents/{one}",
                version=None,
            )
            for one in document_ids
        ]
        return self.sync.publish(changes)

    def resync_document(self, document_id: str) -> DocumentReport:
        """Publish a resync of this single document."""
        requested = resync_change(
            f"documents/{document_id}",
            None,
            event_id=f"renew-{document_id}-{time.time_ns()}",
            at=self.now(),
            company_id=HUB_ID,
        )
        return self.sync.publish([requested])

    def call_media_manager(self, path: str, **body: Any) -> None:
        """Call the Media Manager as an editor of the site does."""
        self.site_calls.call("by hand", "POST", f"/site-media/v1/{path}", body=body)

    def finish_transfers(self) -> None:
        """Resume transfers until none can be continued."""

        def is_finished() -> bool:
            if self._are_due():
                self.sync.resume_transfers()
            return not self._are_due()

        wait_for(is_finished, "the files to arrive")

    def _are_due(self) -> bool:
        found = self.transfers.read_transfers(self.transfers.unfinished_ids())
        return any(transfer.is_due(self.now()) for transfer in found.values())

    def row(self, document_id: str) -> dict[str, Any] | None:
        item = self.items.get_item(PARTNER_DOCUMENTS, WixItemId(item_id(document_id)))
        return None if item is None else dict(item.data)

    def opened(self, document_id: str) -> bytes:
        row = self.row(document_id)
        assert row is not None
        target = io.BytesIO()
        self.files.fetch(self.media.download_url(row["fileId"], 10), target, 100_000_000)
        return target.getvalue()

    def kept(self) -> list[str]:
        return [file["id"] for file in Emulator(self.wix_url).read("media/files")["files"]]

    def wix_requests(self) -> list[str]:
        entries = Emulator(self.wix_url).read("journal")["entries"]
        return [
            f"{entry['method']} {entry['path']}"
            for entry in entries
            if not entry["path"].startswith("/__emulator")
        ]


@pytest.fixture
def world() -> Iterator[World]:
    with (
        thread(trading_grid_app.build_app(new_tenant(partners=3))) as grid_url,
        thread(build_app(new_site(replica_lag=0.0))) as wix_url,
        new_client() as http,
    ):
        built = World(grid_url, wix_url, http)
        ensure_collection(
            built.items,
            next(
                definition
                for definition in collection_definitions()
                if definition["id"] == PARTNER_DOCUMENTS
            ),
        )
        yield built


def test_every_document_of_the_sample_world_reaches_the_portal_as_it_may(world: World) -> None:
    world.publish(AGREEMENT, GUIDE, TAX_FORM, MANUAL)
    world.finish_transfers()

    rows = {one: world.row(one) or {} for one in (AGREEMENT, GUIDE, TAX_FORM, MANUAL)}
    assert {
        one: (row["private"], row["restricted"], bool(row["fileId"])) for one, row in rows.items()
    } == {
        AGREEMENT: (True, False, True),
        GUIDE: (True, False, True),
        TAX_FORM: (True, True, False),
        MANUAL: (False, False, True),
    }
    assert world.opened(AGREEMENT).startswith(b"%PDF")
    assert len(world.kept()) == 3
    assert not [entry for entry in world.wix_requests() if "W-8" in entry]


def test_approved_agreement_takes_the_place_of_the_former(world: World) -> None:
    world.publish(AGREEMENT)
    world.finish_transfers()
    former = world.kept()
    newer = b"%PDF-1.7 signed by both"

    world.add_version(AGREEMENT, newer, "Agreement 李.pdf")
    world.publish(AGREEMENT)
    world.finish_transfers()

    row = world.row(AGREEMENT)
    assert row is not None
    assert (row["version"], row["fileName"], [one["version"] for one in row["history"]]) == (
        2,
        "Agreement 李.pdf",
        [1],
    )
    assert (world.opened(AGREEMENT), set(former) & set(world.kept())) == (newer, set())


def test_withdrawal_ends_every_link(world: World) -> None:
    world.publish(AGREEMENT)
    world.finish_transfers()
    row = world.row(AGREEMENT)
    assert row is not None
    link = world.media.download_url(row["fileId"], 10)
    record = world.community.record(f"documents/{AGREEMENT}")
    assert record is not None

    world.community.move(
        f"documents/{AGREEMENT}",
        Transition(to="withdrawn"),
        version=record.version,
        key="7e2cbbd0-0000-4000-8000-000000000001",
    )
    world.publish(AGREEMENT)

    assert (world.row(AGREEMENT), world.kept()) == (None, [])
    assert httpx.get(link).status_code in (403, 404)


def test_corrupt_bytes_leave_the_former_version_and_make_no_file(world: World) -> None:
    world.publish(AGREEMENT)
    world.finish_transfers()
    former = world.kept()
    world.add_version(AGREEMENT, b"%PDF-1.7 newer")
    world.grid("faults", {"kind": "corrupt_content"})

    report = world.publish(AGREEMENT)

    row = world.row(AGREEMENT)
    assert row is not None
    assert (row["version"], report.faults, world.kept()) == (1, {"changed": 1}, former)
    assert "damaged" in row["problem"]

    world.publish(AGREEMENT)
    world.finish_transfers()
    assert world.opened(AGREEMENT) == b"%PDF-1.7 newer"


@pytest.mark.parametrize(
    ("fault", "ends"),
    [
        ({"kind": "upload_url_expired"}, 2),
        ({"kind": "media_refuse"}, 2),
        ({"kind": "drop", "path": "/_media/upload/*"}, 2),
        ({"kind": "drop_after", "path": "/_media/upload/*"}, 2),
        ({"kind": "drop_after", "path": "/wix-data/v2/bulk/*"}, 2),
        ({"kind": "status", "status": 429, "path": "/site-media/*"}, 2),
        ({"kind": "drop_after", "path": "/site-media/v1/bulk/files/delete"}, 2),
        ({"kind": "media_failed"}, 1),
        ({"kind": "media_refuse", "options": {"rule": "FILE_SIZE_OVER_LIMIT"}}, 1),
    ],
)
def test_whatever_wix_does_leaves_one_current_file(
    world: World, fault: dict[str, Any], ends: int
) -> None:
    world.publish(AGREEMENT)
    world.finish_transfers()
    world.add_version(AGREEMENT, b"%PDF-1.7 newer")
    world.site("faults", fault)

    world.publish(AGREEMENT)
    row = world.row(AGREEMENT)
    assert row is not None
    assert row["fileId"] in world.kept()
    world.ledger.lapse()
    if ends == 2:
        world.publish(AGREEMENT)
    # Until then nobody copies again: the media library may still take what was sent.
    world.passed += LATEST_ARRIVAL
    world.finish_transfers()

    row = world.row(AGREEMENT)
    assert row is not None
    assert (row["version"], world.kept()) == (ends, [row["fileId"]])
    assert bool(row["problem"]) is (ends == 1)


def test_large_file_goes_over_in_parts(world: World) -> None:
    content = b"%PDF-1.7 " + os.urandom(RESUMABLE_FROM + 1_000_000)
    world.add_version(GUIDE, content)

    world.publish(GUIDE)
    world.finish_transfers()

    assert hashlib.sha256(world.opened(GUIDE)).digest() == hashlib.sha256(content).digest()
    assert any(entry.startswith("PATCH /_media/resumable") for entry in world.wix_requests())


def test_replay_of_the_whole_history_calls_wix_for_nothing(world: World) -> None:
    world.add_version(AGREEMENT, b"%PDF-1.7 newer")
    world.publish(AGREEMENT, GUIDE, TAX_FORM, MANUAL)
    world.finish_transfers()
    before = len(world.wix_requests())

    for _ in range(2):
        world.publish(AGREEMENT, GUIDE, TAX_FORM, MANUAL)
    world.sync.publish(
        [
            change(
                "all", type="hub.resync_requested", subject="hub/all", version=None, partnerId=None
            )
        ]
    )

    rows = [entry for entry in world.wix_requests()[before:] if "hub" not in entry]
    assert not [entry for entry in rows if "/site-media/" in entry or "/_media/" in entry]
    assert len([entry for entry in rows if "bulk/items" in entry]) <= 1


@pytest.mark.parametrize("permanent", [False, True])
def test_file_that_was_removed_in_the_media_manager_is_found_lost_and_copied_anew_once(
    world: World, permanent: bool
) -> None:
    world.publish(AGREEMENT, GUIDE)
    world.finish_transfers()
    files = ReconciledPartnerDocuments(
        source=world.community,
        partners=HubPartners(world.community, time.time),
        transfers=world.transfers,
        files=world.media,
        configuration=configuration(),
        resyncs=ResyncRequester(FakeBus(), company_id=HUB_ID, clock=time.time),
    )
    lost, other = (str((world.row(one) or {})["fileId"]) for one in (AGREEMENT, GUIDE))
    found = files.expected_rows([AGREEMENT, GUIDE, TAX_FORM])
    world.call_media_manager("bulk/files/delete", fileIds=[lost], permanent=permanent)

    after = files.expected_rows([AGREEMENT, GUIDE, TAX_FORM])
    reports = [world.resync_document(one) for one in (AGREEMENT, GUIDE, AGREEMENT)]
    world.finish_transfers()

    assert [_lost(answer) for answer in found.values()] == [False, False, False]
    assert {key for key, answer in after.items() if _lost(answer)} == {AGREEMENT}
    assert [report.copied for report in reports] == [1, 0, 0]
    assert world.opened(AGREEMENT).startswith(b"%PDF")
    assert sorted(world.kept()) == sorted([str((world.row(AGREEMENT) or {})["fileId"]), other])
    assert not any(_lost(answer) for answer in files.expected_rows([AGREEMENT, GUIDE]).values())


def _lost(answer: ExpectedRow | RecordFault) -> bool:
    assert isinstance(answer, ExpectedRow)
    return answer.file_lost
