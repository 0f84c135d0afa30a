"""Uploads and faults of the Trading Grid emulator's library.

The profile's library is tested in ``tests/contract/gateway``.
"""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ops.emulator import Emulator
from tests.fakes.gateway.hubs import serve_emulator
from tests.fakes.gateway.library_client import GUIDE, LibraryClient


@pytest.fixture
def grid() -> Iterator[LibraryClient]:
    with serve_emulator() as hub:
        yield LibraryClient(hub)


@pytest.mark.parametrize(
    ("sent", "changes", "status"),
    [
        (b"other bytes", {}, 422),
        (b"short", {}, 422),
        (b"far too many of them", {}, 413),
        (b"the bytes!!", {"sha256": "0" * 64}, 422),
    ],
)
def test_bytes_that_were_not_announced_are_not_kept(
    grid: LibraryClient, sent: bytes, changes: dict[str, Any], status: int
) -> None:
    upload = grid.announce(b"the bytes!!", **changes)

    answer = httpx.put(upload["putUrl"], content=sent)

    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert (
        grid.post(f"documents/{GUIDE}/versions", {"uploadId": upload["uploadId"]}).status_code
        == 422
    )


def test_address_of_an_upload_is_good_for_an_hour_and_for_nobody_else(grid: LibraryClient) -> None:
    upload = grid.announce(b"bytes")
    forged = httpx.put(upload["putUrl"] + "x", content=b"bytes")
    Emulator(grid.url).order("clock", {"advance": 3601})

    late = httpx.put(upload["putUrl"], content=b"bytes")

    assert (forged.status_code, late.status_code, late.json()["detail"]) == (
        403,
        403,
        "The address has expired.",
    )


def test_content_that_changes_on_its_way_does_not_fit_its_digest(grid: LibraryClient) -> None:
    Emulator(grid.url).order("faults", {"kind": "corrupt_content"})

    answer = grid.content(f"documents/{GUIDE}/versions/1/content")

    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer.headers["content-digest"] != f"sha-256=:{digest}:"
