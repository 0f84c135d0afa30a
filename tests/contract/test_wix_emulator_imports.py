"""Imports of files by URL into the Wix emulator's Media Manager."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, ClassVar

import pytest

from emulators.common import server
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from ops.waiting import STANDSTILL
from tests.contract.wix_media import (
    FAILED,
    FILES,
    MEDIA,
    READY,
    a_file,
    a_media_site,
    file_of,
    files,
    get,
    link,
    names,
    rule,
    wait_for_status,
)
from tests.contract.wix_site import Client, a_callback, code, decode_webhook, wait_until

CSV = b"sku,quantity\n"


class Source(BaseHTTPRequestHandler):
    """A server with files. It records its requests."""

    asked: ClassVar[list[tuple[str, str, dict[str, str]]]] = []
    held: ClassVar[Event] = Event()

    def do_GET(self) -> None:
        self.asked.append(
            (self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        )
        place = self.path.partition("?")[0]
        if place == "/held.csv" and sum(one[1] == place for one in self.asked) == 1:
            self.held.wait(STANDSTILL)
        if place == "/moved":
            self.send_response(302)
            self.send_header("location", "/orders.csv")
        elif place in ("/broken", "/presigned") and (place == "/broken" or self.command == "HEAD"):
            self.send_response(403)
        else:
            self.send_response(200)
            self.send_header("content-type", "text/csv; charset=utf-8")
        special = {"/moved": b"", "/broken": b"", "/empty.csv": b"", "/large.csv": b"x" * 1001}
        content = special.get(place, CSV)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET  # noqa: N815 - so the server looks for it

    def log_message(self, *_: object) -> None:
        """Suppress the access log."""


@pytest.fixture(scope="module")
def source() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Source) as sources:
        Thread(target=sources.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{sources.server_port}"
        sources.shutdown()


def imported(site: Client, url: str, **more: Any) -> dict[str, Any]:
    file: dict[str, Any] = site.ok("POST", f"{FILES}/import", {"url": url, **more})["file"]
    return file


def test_import_when_asked_then_the_file_is_pending_and_ready_once_it_was_fetched(
    source: str,
) -> None:
    site, callback = a_media_site(), a_callback()
    site.register_webhook(callback, READY, FAILED)
    wish = {
        "displayName": "Orders.csv",
        "private": True,
        "mimeType": "text/csv",
        "filePath": "/orders",
        "labels": ["a"],
    }
    external = {"origin": "gridwix", "externalIds": ["doc_1"]}

    pending = imported(site, f"{source}/orders.csv", **wish, externalInfo=external)
    ready = wait_for_status(site, pending["id"], "READY")
    (body,) = callback.wait_for(1)

    assert pending["operationStatus"] == "PENDING"
    assert (ready["displayName"], ready["sourceUrl"], ready["sizeInBytes"], ready["private"]) == (
        "Orders.csv",
        f"{source}/orders.csv",
        str(len(CSV)),
        True,
    )
    assert site.http.get(link(site, ready["id"])).content == CSV
    assert decode_webhook(body, site).event["actionEvent"]["body"] == {
        "file": ready,
        "externalInfo": external,
        "triggeredByUndelete": False,
    }


def test_import_when_it_has_parameters_and_headers_then_the_source_gets_them(source: str) -> None:
    site = a_media_site()

    file = imported(
        site,
        f"{source}/signed.csv?a=%2f+b",
        urlParams={"b": "c d", "n": 2},
        urlHeaders={"x-key": "secret"},
    )
    wait_for_status(site, file["id"], "READY")

    (asked,) = [one for one in Source.asked if one[1].startswith("/signed.csv")]
    assert (asked[0], asked[1], asked[2]["x-key"]) == (
        "GET",
        "/signed.csv?a=%2f+b&b=c%20d&n=2",
        "secret",
    )
    assert "urlHeaders" not in file_of(site, file["id"])


def test_import_when_nobody_says_of_which_type_it_is_then_the_server_is_asked(source: str) -> None:
    site = a_media_site()

    known, moved = imported(site, f"{source}/orders"), imported(site, f"{source}/moved")

    assert [wait_for_status(site, file["id"], "READY")["mediaType"] for file in (known, moved)] == [
        "DOCUMENT",
        "DOCUMENT",
    ]


def test_import_when_the_site_restarts_before_it_was_fetched_then_it_is_fetched_again(
    source: str, tmp_path: Path
) -> None:
    state = tmp_path / "site.sqlite"
    first = a_media_site(state=state)
    file = imported(first, f"{source}/held.csv")
    wait_until(lambda: any(one[1] == "/held.csv" for one in Source.asked))

    with server.thread(build_app(new_site(state=state))) as url:
        second = Client(url, first.info, first.http)
        ready = wait_for_status(second, file["id"], "READY")
        Source.held.set()

        assert get(second, ready["url"]).content == CSV


@pytest.mark.parametrize(
    ("path", "more", "expected"),
    [
        ("/broken", {"displayName": "a.csv"}, "DOWNLOAD_FAILED"),
        ("/presigned", {}, "UNSUPPORTED_FILE_FORMAT"),
        ("/orders", {"mediaType": "IMAGE"}, "MISMATCH_MIME_TYPE"),
        ("/empty.csv", {}, "ZERO_FILE_SIZE"),
        ("/large.csv", {}, "FILE_SIZE_OVER_LIMIT"),
    ],
)
def test_import_when_the_file_cannot_be_fetched_then_it_is_failed_and_an_event_says_why(
    source: str, tmp_path: Path, path: str, more: dict[str, str], expected: str
) -> None:
    site, callback = a_media_site(state=tmp_path / "site.sqlite", fileBytes=1000), a_callback()
    site.register_webhook(callback, READY, FAILED)

    file = imported(
        site, source + path, externalInfo={"origin": "gridwix", "externalIds": ["1"]}, **more
    )
    wait_for_status(site, file["id"], "FAILED")
    (body,) = callback.wait_for(1)

    failed = decode_webhook(body, site).event["actionEvent"]["body"]
    assert (failed["error"]["code"], failed["externalInfo"]["externalIds"]) == (expected, ["1"])
    assert list((tmp_path / "site.blobs").iterdir()) == []


def test_import_when_nobody_answers_at_the_url_then_the_file_is_failed() -> None:
    site = a_media_site()

    file = imported(site, "http://127.0.0.1:9/a.csv")

    assert wait_for_status(site, file["id"], "FAILED")["displayName"] == "a.csv"


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, "url"),
        ({"url": "ftp://127.0.0.1/a.csv"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "http://[broken"}, "url"),
        ({"url": "http:///a.csv"}, "url"),
        ({"url": "http://127.0.0.1/" + "a" * 8000}, "url"),
        ({"url": "http://127.0.0.1:9/a.csv", "mediaType": "PAPER"}, "UNSUPPORTED_MEDIA_TYPE"),
        ({"url": "http://127.0.0.1:9/a.csv", "mediaType": "IMAGE"}, "MISMATCH_MIME_TYPE"),
        ({"url": "http://127.0.0.1:9/a.csv", "mimeType": "csv"}, "UNSUPPORTED_FILE_FORMAT"),
        ({"url": "http://127.0.0.1:9/a.csv", "parentFolderId": "nowhere"}, "RESOURCE_NOT_FOUND"),
        ({"url": "http://127.0.0.1:9/a.csv", "urlHeaders": {"x": []}}, "urlHeaders"),
        ({"url": "http://127.0.0.1:9/a.csv", "urlHeaders": {"x": "a\r\nb: c"}}, "urlHeaders"),
        ({"url": "http://127.0.0.1:9/a.csv", "urlParams": "x"}, "urlParams"),
    ],
)
def test_import_when_the_request_breaks_a_rule_then_it_is_named_and_there_is_no_file(
    wish: dict[str, Any], expected: str
) -> None:
    site = a_media_site()

    answer = site.post(f"{FILES}/import", wish)

    assert answer.status_code == 400
    assert expected in (rule(answer), code(answer))
    assert files(site) == []


def test_import_when_the_storage_is_full_then_it_is_refused_at_once() -> None:
    site = a_media_site(storageBytes=10)
    a_file(site, bytes(10))

    assert (
        rule(site.post(f"{FILES}/import", {"url": "http://127.0.0.1:9/a.csv"}))
        == "SITE_QUOTA_EXCEEDED"
    )


def test_bulk_import_when_one_is_refused_then_the_others_are_fetched(source: str) -> None:
    site = a_media_site()
    requests = [
        {"url": f"{source}/1.csv"},
        {"url": "ftp://x/2.csv"},
        {"url": f"{source}/3.csv", "mimeType": "nothing"},
        {"url": f"{source}/4.csv"},
    ]

    answer = site.ok("POST", f"{MEDIA}/bulk/files/import-v2", {"importFileRequests": requests})
    bare = site.ok(
        "POST",
        f"{MEDIA}/bulk/files/import-v2",
        {"importFileRequests": requests[:1], "returnEntity": False},
    )

    results = [result["itemMetadata"] for result in answer["results"]]
    assert [(one["originalIndex"], one["success"]) for one in results] == [
        (0, True),
        (1, False),
        (2, False),
        (3, True),
    ]
    assert [one["error"]["code"] for one in results if not one["success"]] == [
        "INVALID_ARGUMENT",
        "UNSUPPORTED_FILE_FORMAT",
    ]
    assert answer["bulkActionMetadata"] == {
        "totalSuccesses": 2,
        "totalFailures": 2,
        "undetailedFailures": 0,
    }
    assert [result["item"]["displayName"] for result in answer["results"] if "item" in result] == [
        "1.csv",
        "4.csv",
    ]
    assert "item" not in bare["results"][0]
    for one in (results[0], results[3]):
        wait_for_status(site, one["id"], "READY")


def test_bulk_import_when_in_the_older_way_then_it_answers_the_files(source: str) -> None:
    site = a_media_site()

    answer = site.ok(
        "POST", f"{MEDIA}/bulk/files/import", {"importFileRequests": [{"url": f"{source}/1.csv"}]}
    )

    assert names(answer) == ["1.csv"]


@pytest.mark.parametrize(
    "requests", [[], [{"url": "http://x/a.csv"}] * 101, ["http://x/a.csv"], {}]
)
def test_bulk_import_when_there_are_none_or_too_many_then_it_is_refused(requests: Any) -> None:
    answer = a_media_site().post(f"{MEDIA}/bulk/files/import-v2", {"importFileRequests": requests})

    assert (answer.status_code, code(answer)) == (400, "importFileRequests")
