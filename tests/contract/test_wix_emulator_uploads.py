"""Uploads by upload URL to the Wix emulator's Media Manager."""

import contextlib
import functools
import http.client
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.contract.wix_media import (
    FILES,
    FOLDERS,
    MEDIA,
    PDF,
    a_file,
    a_media_site,
    a_resumable,
    create_resumable,
    files,
    put,
    rule,
    upload_url,
    wait_for_status,
)
from tests.contract.wix_site import code, wait_until


def test_upload_when_put_then_the_name_in_the_url_wins_and_the_bytes_come_back() -> None:
    site = a_media_site()

    answer = put(
        site,
        upload_url(site, sizeInBytes=str(len(PDF))),
        PDF,
        content_type="application/pdf",
        filename="Guía & more.pdf",
    )
    file = wait_for_status(site, answer.json()["file"]["id"], "READY")

    assert file["displayName"] == "Guía & more.pdf"
    assert site.http.get(file["url"]).content == PDF


def test_upload_when_the_same_bytes_come_twice_then_there_are_two_files_of_one_hash() -> None:
    site = a_media_site()
    url = upload_url(site)

    first, second = (put(site, url).json()["file"] for _ in range(2))

    assert first["id"] != second["id"]
    assert first["hash"] == second["hash"] != a_file(site, b"other bytes")["hash"]


def test_upload_when_it_names_a_path_then_its_folders_are_made_once_below_the_parent() -> None:
    site = a_media_site()
    parent = site.ok("POST", FOLDERS, {"displayName": "Partners"})["folder"]["id"]

    first, second, other = (
        a_file(site, parentFolderId=parent, filePath=path)
        for path in ("/guides/2026", "guides/2026/", "/guides")
    )

    assert first["parentFolderId"] == second["parentFolderId"]
    inner = site.ok("GET", f"{FOLDERS}/{first['parentFolderId']}")["folder"]
    outer = site.ok("GET", f"{FOLDERS}/{inner['parentFolderId']}")["folder"]
    assert (inner["displayName"], outer["displayName"], outer["parentFolderId"]) == (
        "2026",
        "guides",
        parent,
    )
    assert other["parentFolderId"] == outer["id"]


def test_upload_when_its_folder_is_deleted_meanwhile_then_the_file_is_in_the_root() -> None:
    site = a_media_site()
    folder = site.ok("POST", FOLDERS, {"displayName": "A"})["folder"]["id"]
    url = upload_url(site, parentFolderId=folder)
    site.ok("POST", f"{MEDIA}/bulk/folders/delete", {"folderIds": [folder], "permanent": True})

    assert put(site, url).json()["file"]["parentFolderId"] == "media-root"


def test_upload_url_when_a_day_has_passed_then_it_takes_nothing() -> None:
    site = a_media_site()
    url = upload_url(site)

    site.advance(86_399)
    good = put(site, url).status_code
    site.advance(1)
    late = put(site, url)

    assert (good, late.status_code, code(late)) == (200, 403, "PERMISSION_DENIED")
    assert len(files(site)) == 1


@pytest.mark.parametrize("resumable", [False, True])
def test_upload_url_when_a_fault_has_it_expire_then_it_takes_nothing_once(resumable: bool) -> None:
    site = a_media_site()
    site.fault("upload_url_expired", "/_media/*")
    url, token, _ = a_resumable(site) if resumable else (upload_url(site), "", "")

    refused, good = (
        create_resumable(site, url, token).status_code if resumable else put(site, url).status_code
        for _ in range(2)
    )

    assert (refused, good) == (403, 201 if resumable else 200)


def test_upload_url_when_the_token_is_another_or_of_the_other_kind_then_it_is_403() -> None:
    site = a_media_site()
    url, _, token = upload_url(site).rpartition("/")
    resumable, resumable_token, _ = a_resumable(site)

    answers = [
        put(site, f"{url}/x"),
        put(site, f"{url}/{resumable_token}"),
        put(site, f"{resumable}/{token}"),
        create_resumable(site, resumable, token),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert files(site) == []


@pytest.mark.parametrize("operation", ["generate-upload-url", "generate-resumable-upload-url"])
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"mimeType": None}, "mimeType"),
        ({"mimeType": 7}, "mimeType"),
        ({"mimeType": "pdf"}, "UNSUPPORTED_FILE_FORMAT"),
        ({"mimeType": "text/html\r\nx: y"}, "UNSUPPORTED_FILE_FORMAT"),
        ({"mimeType": "image/png"}, "MISMATCH_MIME_TYPE"),
        ({"sizeInBytes": "0"}, "ZERO_FILE_SIZE"),
        ({"sizeInBytes": "1001"}, "FILE_SIZE_OVER_LIMIT"),
        ({"sizeInBytes": "501"}, "SITE_QUOTA_EXCEEDED"),
        ({"sizeInBytes": "-1"}, "sizeInBytes"),
        ({"sizeInBytes": "1e3"}, "sizeInBytes"),
        ({"sizeInBytes": True}, "sizeInBytes"),
        ({"fileName": "x" * 1001}, "fileName"),
        ({"fileName": {}}, "fileName"),
        ({"parentFolderId": "nowhere"}, "RESOURCE_NOT_FOUND"),
        ({"filePath": "/a//b"}, "filePath"),
        ({"filePath": "/a/../b"}, "filePath"),
        ({"filePath": "/" + "a" * 100}, "filePath"),
        ({"private": "maybe"}, "private"),
        ({"labels": "one"}, "labels"),
        ({"labels": ["x" * 201]}, "labels"),
        ({"labels": ["x"] * 501}, "labels"),
        ({"externalInfo": {"externalIds": ["x"] * 31}}, "externalInfo.externalIds"),
        ({"externalInfo": "x"}, "externalInfo"),
        ({"externalInfo": {"origin": 1}}, "origin"),
    ],
)
def test_upload_url_when_what_is_wished_breaks_a_rule_then_it_is_named_and_there_is_no_url(
    operation: str, change: dict[str, Any], expected: str
) -> None:
    site = a_media_site(fileBytes=1000, storageBytes=500)

    answer = site.post(
        f"{FILES}/{operation}", {"mimeType": "application/pdf", "fileName": "Guide.pdf", **change}
    )

    assert answer.status_code == 400
    assert expected in (rule(answer), code(answer))
    assert site.ok("GET", FOLDERS)["folders"] == []


def test_upload_url_when_the_protocol_is_not_tus_then_it_is_refused() -> None:
    answer = a_media_site().post(
        f"{FILES}/generate-resumable-upload-url", {"mimeType": "text/csv", "uploadProtocol": "FTP"}
    )

    assert (answer.status_code, code(answer)) == (400, "uploadProtocol")


@pytest.mark.parametrize(
    ("content", "content_type", "name", "expected"),
    [
        (b"", None, "", "ZERO_FILE_SIZE"),
        (b"x" * 1001, None, "", "FILE_SIZE_OVER_LIMIT"),
        (PDF, "image/png", "", "MISMATCH_MIME_TYPE"),
        (PDF, None, "photo.png", "MISMATCH_MIME_TYPE"),
    ],
)
def test_upload_when_the_bytes_break_a_rule_then_it_is_named_and_nothing_is_kept(
    tmp_path: Path, content: bytes, content_type: str | None, name: str, expected: str
) -> None:
    site = a_media_site(state=tmp_path / "site.sqlite", fileBytes=1000)

    answer = put(
        site,
        upload_url(site),
        content,
        content_type=content_type,
        **({"filename": name} if name else {}),
    )

    assert rule(answer) == expected
    assert files(site) == []
    assert list((tmp_path / "site.blobs").iterdir()) == []


def test_upload_when_it_has_no_name_then_it_is_refused() -> None:
    site = a_media_site()
    url = upload_url(site, fileName=None)

    refused, good = put(site, url), put(site, url, filename="a.pdf")

    assert (refused.status_code, code(refused), good.status_code) == (400, "filename", 200)


@pytest.mark.parametrize(
    ("announced", "content_type", "name", "expected"),
    [
        ("application/octet-stream", None, "a.pdf", "DOCUMENT"),
        ("application/pdf", "application/octet-stream", "a.png", "IMAGE"),
        ("application/pdf", "application/octet-stream", "a.unheard", "DOCUMENT"),
    ],
)
def test_upload_when_it_comes_as_octets_then_its_name_tells_its_type(
    announced: str, content_type: str | None, name: str, expected: str
) -> None:
    site = a_media_site()

    file = put(
        site, upload_url(site, mimeType=announced), content_type=content_type, filename=name
    ).json()["file"]

    assert file["mediaType"] == expected


def test_upload_when_the_storage_is_full_then_there_is_no_room_until_a_final_deletion() -> None:
    site = a_media_site(storageBytes=150)
    first, url = a_file(site, bytes(100)), upload_url(site)

    refused = put(site, url, bytes(51))
    site.ok("POST", f"{MEDIA}/bulk/files/delete", {"fileIds": [first["id"]]})
    in_trash = put(site, url, bytes(51))
    site.ok("POST", f"{MEDIA}/bulk/files/delete", {"fileIds": [first["id"]], "permanent": True})

    assert (rule(refused), rule(in_trash)) == ("SITE_QUOTA_EXCEEDED", "SITE_QUOTA_EXCEEDED")
    assert put(site, url, bytes(51)).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "SITE_QUOTA_EXCEEDED",
        "FILE_SIZE_OVER_LIMIT",
        "MISMATCH_MIME_TYPE",
        "UNSUPPORTED_FILE_FORMAT",
    ],
)
def test_upload_when_a_fault_refuses_it_then_the_rule_is_named_once_by_each_endpoint(
    wanted: str,
) -> None:
    site = a_media_site()
    calls: dict[str, Callable[[], httpx.Response]] = {
        f"{FILES}/generate-upload-url": lambda: site.post(
            f"{FILES}/generate-upload-url", {"mimeType": "application/pdf"}
        ),
        f"{FILES}/generate-resumable-upload-url": lambda: site.post(
            f"{FILES}/generate-resumable-upload-url", {"mimeType": "application/pdf"}
        ),
        f"{FILES}/import": lambda: site.post(
            f"{FILES}/import", {"url": "http://127.0.0.1:9/a.pdf"}
        ),
        "/_media/upload/*": functools.partial(put, site, upload_url(site)),
    }

    for path, call in calls.items():
        site.fault("media_refuse", path, options={"rule": wanted})

        assert rule(call()) == wanted, path
        assert call().status_code == 200, path


def test_upload_when_a_refused_one_is_large_then_its_sender_still_reads_the_answer() -> None:
    site = a_media_site()
    url = upload_url(site)
    site.control("POST", "media", {"fileBytes": 10})

    address = urlsplit(url)
    with contextlib.closing(
        http.client.HTTPConnection(str(address.hostname), address.port)
    ) as connection:
        connection.request("PUT", address.path, bytes(20_000_000))
        answer = connection.getresponse()
        body = answer.read()

    assert answer.status == 400
    assert b"FILE_SIZE_OVER_LIMIT" in body


def test_upload_when_its_sender_goes_away_then_nothing_is_kept(tmp_path: Path) -> None:
    site = a_media_site(state=tmp_path / "site.sqlite")
    address = urlsplit(upload_url(site))

    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(
            f"PUT {address.path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n".encode()
            + bytes(100)
        )
        wait_until(lambda: list((tmp_path / "site.blobs").iterdir()))
    wait_until(lambda: not list((tmp_path / "site.blobs").iterdir()))

    assert files(site) == []


def test_upload_when_large_then_the_journal_keeps_only_the_beginning_of_its_body() -> None:
    site = a_media_site()
    size = 6_000_000

    file = put(site, upload_url(site), iter([b"x" * 1_000_000] * 6)).json()["file"]

    (entry,) = [
        entry for entry in site.control("GET", "journal")["entries"] if entry["method"] == "PUT"
    ]
    assert (entry["request_bytes"], len(entry["body"])) == (size, 5_000_000)
    assert file["sizeInBytes"] == str(size)
