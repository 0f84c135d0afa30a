"""gridwix's own clients put, submit and read files of the gateway."""

import hashlib
import uuid
from collections.abc import Iterator

import httpx
import pytest

from gridwix.clients.files import FileClient
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.errors import FileRefused, Refused
from gridwix.models.files import FileFacts
from gridwix.models.trading_grid.documents import NewDocumentVersion
from tests.fakes.gateway.hubs import BASE, GatewayHub, serve_gateway
from tests.fakes.gateway.library_client import GUIDE, LibraryClient


class Gridwix:
    """gridwix's clients of a gateway. ``allowed`` decides whether its bucket may be reached."""

    def __init__(self, hub: GatewayHub, *, allowed: bool = True) -> None:
        host = httpx.URL(hub.url).netloc.decode()
        self.files = FileClient(
            exempt={host, host.replace("127.0.0.1", "localhost")} if allowed else set()
        )
        key, secret = hub.credentials
        credentials = {"consumerKey": key, "consumerSecret": secret}
        self.community = CommunityClient(
            new_client(),
            trading_grid_auth("apigrid", credentials, base_url=hub.url),
            base_url=hub.url + BASE,
            moved_content=self.files.stream,
        )

    def upload(self, content: bytes, sent: bytes | None = None) -> str:
        facts = FileFacts(hashlib.sha256(content).hexdigest(), len(content))
        target = self.community.announce_upload(
            "Guide.pdf", "application/pdf", facts, "document_version"
        )
        self.files.put(
            target.put_url, iter([content if sent is None else sent]), facts.size, "application/pdf"
        )
        return target.upload_id

    def submit(self, upload_id: str) -> int:
        version = NewDocumentVersion(upload_id=upload_id, change_note="", source="portal")
        added = self.community.add_version(GUIDE, version, str(uuid.uuid4()))
        assert added is not None
        return added.number

    def read(self, number: int) -> bytes:
        with self.community.content(GUIDE, number) as pieces:
            return b"".join(pieces)


@pytest.fixture
def hub() -> Iterator[GatewayHub]:
    with serve_gateway() as found:
        yield found


def test_file_is_put_submitted_approved_and_read(hub: GatewayHub) -> None:
    gridwix, desk = Gridwix(hub), LibraryClient(hub)

    number = gridwix.submit(gridwix.upload(b"%PDF second"))
    approval = desk.pending_approval()
    desk.post(f"approvals/{approval['id']}/decision", {"decision": "approved"})

    (document,) = [one for one in gridwix.community.documents().records if one.id == GUIDE]
    assert (number, document.current_version) == (2, 2)
    assert [one.status for one in gridwix.community.versions(document)] == ["approved", "approved"]
    assert gridwix.read(2) == b"%PDF second"


def test_file_that_is_too_large_for_one_response_is_read_from_the_bucket(hub: GatewayHub) -> None:
    content = bytes(range(256)) * (24 * 1024)
    gridwix = Gridwix(hub)

    number = gridwix.submit(gridwix.upload(content))

    assert gridwix.read(number) == content
    (headers,) = hub.parts.content.downloads
    assert "authorization" not in headers
    with pytest.raises(FileRefused):
        Gridwix(hub, allowed=False).read(number)


def test_bytes_that_were_changed_on_their_way_are_refused(hub: GatewayHub) -> None:
    gridwix = Gridwix(hub)
    upload_id = gridwix.upload(b"%PDF second", b"%PDF s3cond")

    with pytest.raises(Refused):
        gridwix.submit(upload_id)
