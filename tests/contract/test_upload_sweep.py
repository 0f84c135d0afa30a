"""Uploads that were not handed in leave the Wix emulator's Media Manager, and no others do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from gridwix.clients.aws.items import encode_item
from gridwix.clients.files import FileClient
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.media import MediaClient
from gridwix.clients.wix.site import WixSite
from gridwix.models.reconciliation import RunRequest
from gridwix.partner_requests.awaited_file_table import DynamoDBAwaitedFiles
from gridwix.reconciler.upload_sweep import UploadReport, UploadSweep
from ops.budgets import UnlimitedBudget
from ops.emulator import Emulator
from tests.fakes.aws import OneAtATime, as_client, create_table, dynamodb
from tests.fakes.reconciliation import FakeContinuation

DAY = 86_400
UPLOAD = {"mimeType": "application/pdf", "fileName": "a.pdf", "private": True}
FOLDER = "/gridwix-uploads"


class World:
    """A site with uploads, and an inbox."""

    def __init__(self, url: str, tables: OneAtATime) -> None:
        self.tables = tables
        self.table = create_table(tables, "id", index=("waiting", "waiting", "receivedAt"))
        self.emulator = Emulator(url)
        info = self.emulator.info()
        auth = wix_auth({"apiKey": info["apiKey"]}, info["siteId"], base_url=url)
        self.site = WixSite(httpx.Client(), auth, UnlimitedBudget(), base_url=url)
        self.media = MediaClient(self.site, FileClient())
        self.emulator.order("media", {"readySeconds": 0})

    def upload(self, *labels: str, folder: str = FOLDER) -> str:
        """Upload a file as a member's browser does. Returns its id."""
        wish = {**UPLOAD, "labels": list(labels or ["gridwix-0f"]), "filePath": folder}
        path = "/site-media/v1/files/generate-upload-url"
        place = self.site.call("by hand", "POST", path, body=wish)["uploadUrl"]
        answer = httpx.put(place, params={"filename": "a.pdf"}, content=b"%PDF-1.7")
        return str(answer.json()["file"]["id"])

    def submit(self, file_id: str, waiting: str) -> None:
        item: Any = {
            "id": f"of-{file_id}",
            "waiting": waiting,
            "receivedAt": "2026",
            "values": f'{{"file": [{{"fileId": "{file_id}"}}]}}',
        }
        self.tables.put_item(TableName=self.table, Item=encode_item(item))

    def advance(self, days: float) -> None:
        self.emulator.order("clock", {"advance": days * DAY})

    def sweep(self, *, dry_run: bool = False) -> UploadReport:
        service = UploadSweep(
            uploads=self.media,
            awaited=DynamoDBAwaitedFiles(as_client(self.tables), self.table),
            continuation=FakeContinuation(),
            days=7,
            clock=lambda: datetime.fromisoformat(self.emulator.read("clock")["now"]).timestamp(),
        )
        request = RunRequest(mode="uploads", dry_run=dry_run)
        return service.handle(service.first_page(request, run="uploads-1"))

    def there(self) -> set[str]:
        return {file["id"] for file in self.emulator.read("media/files")["files"]}


@pytest.fixture
def world() -> Iterator[World]:
    with thread(build_app(new_site())) as url, dynamodb() as tables:
        yield World(url, tables)


def test_only_old_uploads_that_no_submission_waits_for_are_removed(world: World) -> None:
    # Without any upload there is no folder.
    assert world.sweep() == UploadReport()
    orphans = {world.upload() for _ in range(3)}
    waiting = [world.upload() for _ in range(3)]
    for file, stage in zip(waiting, ("open", "held", "row"), strict=True):
        world.submit(file, stage)
    foreign, document = world.upload("somebody's"), world.upload(folder="/gridwix")
    world.advance(6.9)
    young = world.upload()
    assert world.sweep() == UploadReport()
    world.advance(0.2)

    dry = world.sweep(dry_run=True)
    assert (set(dry.orphans), dry.removed) == (orphans, 0)
    assert orphans <= world.there()
    report = world.sweep()

    assert (report.removed, report.refused, report.awaited, report.foreign) == (3, 0, 3, 1)
    assert world.there() == {*waiting, foreign, document, young}
    # However old it is.
    world.advance(400)
    assert world.sweep().orphans == (young,)
    assert set(waiting) <= world.there()


def test_submission_that_arrives_while_the_files_are_listed_keeps_its_file(world: World) -> None:
    file, other = world.upload(), world.upload()
    world.advance(8)

    def arrive(call: str) -> None:
        # The list is read: the inbox is about to be.
        world.tables.before_call = lambda _: None
        world.submit(file, "open")

    world.tables.before_call = arrive

    assert world.sweep().orphans == (other,)
    assert world.there() == {file}
