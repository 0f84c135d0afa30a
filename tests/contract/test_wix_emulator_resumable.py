"""Resumable uploads by the tus protocol to the Wix emulator's Media Manager."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.contract.wix_media import (
    PDF,
    READY,
    TUS,
    a_media_site,
    a_resumable,
    create_resumable,
    files,
    link,
    put,
    rule,
    upload_metadata,
    wait_for_status,
)
from tests.contract.wix_site import Client, a_callback, code, wait_until

PIECE = {**TUS, "content-type": "application/offset+octet-stream"}


def piece(site: Client, place: str, offset: int, content: bytes) -> httpx.Response:
    return site.http.patch(place, headers={**PIECE, "upload-offset": str(offset)}, content=content)


def test_resumable_upload_when_interrupted_then_it_goes_on_there_and_becomes_one_file() -> None:
    site, callback = a_media_site(), a_callback()
    site.register_webhook(callback, READY)
    url, token, headers = a_resumable(site, private=True, filePath="/guides")

    created = site.http.post(url, headers={**headers, "upload-length": str(len(PDF))})
    place = created.headers["location"]
    first = piece(site, place, 0, PDF[:5])
    where = site.http.head(place, headers=TUS)
    early = put(site, f"{url}/{token}", b"", filename="Final.pdf")
    second = piece(site, place, 5, PDF[5:])
    done = put(site, f"{url}/{token}", b"", filename="Final.pdf")
    file = wait_for_status(site, done.json()["file"]["id"], "READY")

    assert (created.status_code, first.status_code, first.headers["upload-offset"]) == (
        201,
        204,
        "5",
    )
    assert (where.status_code, where.headers["upload-offset"], where.headers["upload-length"]) == (
        200,
        "5",
        str(len(PDF)),
    )
    assert where.headers["cache-control"] == "no-store"
    assert (early.status_code, code(early)) == (400, "uploadToken")
    assert (second.status_code, second.headers["upload-offset"]) == (204, str(len(PDF)))
    assert (file["displayName"], file["private"], file["sizeInBytes"]) == (
        "Final.pdf",
        True,
        str(len(PDF)),
    )
    assert site.http.get(link(site, file["id"])).content == PDF
    assert len(callback.wait_for(1)) == 1
    assert put(site, f"{url}/{token}", b"").status_code == 403
    assert site.http.head(place, headers=TUS).status_code == 404


def test_resumable_upload_when_its_sender_goes_away_then_what_came_is_kept() -> None:
    site = a_media_site()
    url, token, _ = a_resumable(site)
    place = create_resumable(site, url, token).headers["location"]
    address = urlsplit(place)

    with socket.create_connection((address.hostname, address.port)) as connection:
        head = (
            f"PATCH {address.path} HTTP/1.1\r\n"
            "host: x\r\n"
            "tus-resumable: 1.0.0\r\n"
            "upload-offset: 0\r\n"
            "content-type: application/offset+octet-stream\r\n"
        )
        connection.sendall(f"{head}content-length: {len(PDF)}\r\n\r\n".encode() + PDF[:7])
        wait_until(lambda: site.http.head(place, headers=TUS).headers["upload-offset"] == "7")
        meanwhile = piece(site, place, 7, PDF[7:])
    wait_until(lambda: piece(site, place, 7, PDF[7:]).status_code == 204)
    file = put(site, f"{url}/{token}", b"").json()["file"]

    assert meanwhile.status_code == 423
    assert file["sizeInBytes"] == str(len(PDF))


def test_resumable_upload_when_the_bytes_do_not_fit_then_tus_says_why() -> None:
    site = a_media_site()
    url, token, _ = a_resumable(site)
    place = create_resumable(site, url, token, 10).headers["location"]

    too_far = piece(site, place, 3, b"x")
    too_much = piece(site, place, 0, b"x" * 11)
    no_type = site.http.patch(place, headers={**TUS, "upload-offset": "0"}, content=b"x")
    no_offset = site.http.patch(place, headers=PIECE, content=b"x")
    nowhere = piece(site, f"{url}/missing", 0, b"x")

    assert [answer.status_code for answer in (too_far, too_much, no_type, no_offset, nowhere)] == [
        409,
        413,
        415,
        400,
        404,
    ]


def test_resumable_upload_when_its_token_expires_meanwhile_then_no_more_bytes_are_taken() -> None:
    site = a_media_site()
    url, token, _ = a_resumable(site)
    place = create_resumable(site, url, token).headers["location"]
    piece(site, place, 0, PDF[:5])

    site.advance(86_400)
    more, done = piece(site, place, 5, PDF[5:]), put(site, f"{url}/{token}", b"")

    assert (more.status_code, done.status_code) == (403, 403)
    assert files(site) == []


def test_resumable_upload_when_it_cannot_be_created_then_the_answer_says_why() -> None:
    site = a_media_site()
    site.control("POST", "media", {"fileBytes": 1000, "storageBytes": 500})
    url, _, headers = a_resumable(site)

    def create(**changes: str) -> httpx.Response:
        return site.http.post(url, headers={**headers, "upload-length": "10", **changes})

    old, no_length, too_large = (
        create(**{"tus-resumable": "0.2.2"}),
        create(**{"upload-length": "many"}),
        create(**{"upload-length": "1001"}),
    )
    no_token, rubbish = (
        create(**{"upload-metadata": upload_metadata(filename="a")}),
        create(**{"upload-metadata": "token ###"}),
    )
    no_room, nothing = create(**{"upload-length": "501"}), create(**{"upload-length": "0"})

    assert (old.status_code, old.headers["tus-version"]) == (412, "1.0.0")
    assert [answer.status_code for answer in (no_length, too_large, no_token, rubbish)] == [
        400,
        413,
        403,
        400,
    ]
    assert (rule(no_room), rule(nothing)) == ("SITE_QUOTA_EXCEEDED", "ZERO_FILE_SIZE")
    assert site.http.head(f"{url}/x").status_code == 412


def test_resumable_upload_when_asked_what_it_can_then_it_says_so() -> None:
    site = a_media_site()
    url, _, _ = a_resumable(site)

    answer = site.http.options(url)

    able = [answer.headers[name] for name in ("tus-version", "tus-extension", "tus-max-size")]
    assert (answer.status_code, able) == (204, ["1.0.0", "creation", str(1024**3)])


def test_resumable_upload_when_created_anew_then_the_first_is_gone(tmp_path: Path) -> None:
    site = a_media_site(state=tmp_path / "site.sqlite")
    url, token, _ = a_resumable(site)
    first = create_resumable(site, url, token).headers["location"]
    piece(site, first, 0, b"abc")

    second = create_resumable(site, url, token).headers["location"]

    assert site.http.head(first, headers=TUS).status_code == 404
    assert site.http.head(second, headers=TUS).headers["upload-offset"] == "0"
    assert len(list((tmp_path / "site.blobs").iterdir())) == 1
