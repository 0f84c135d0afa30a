"""Files in the Wix emulator's Media Manager: descriptors, queries, changes, and their page."""

from pathlib import Path
from typing import Any

import pytest

from emulators.common import server
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from tests.contract.wix_media import (
    FAILED,
    FILES,
    FOLDERS,
    MEDIA,
    PDF,
    READY,
    a_file,
    a_media_site,
    file_of,
    get,
    names,
    rule,
    wait_for_status,
)
from tests.contract.wix_site import Client, a_callback, a_site, code, decode_webhook

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def test_file_when_its_bytes_are_there_then_it_is_pending_and_then_ready() -> None:
    site = a_media_site(readySeconds=0.2)

    pending = a_file(site, wait=False, private=True, labels=["guide"])
    ready = wait_for_status(site, pending["id"], "READY")

    assert pending["operationStatus"] == "PENDING"
    assert "media" not in pending
    assert ready["displayName"] == "Guide.pdf"
    assert ready["id"].endswith(".pdf")
    assert (ready["sizeInBytes"], ready["mediaType"], ready["private"], ready["labels"]) == (
        str(len(PDF)),
        "DOCUMENT",
        True,
        ["guide"],
    )
    assert (ready["parentFolderId"], ready["state"], ready["siteId"]) == (
        "media-root",
        "OK",
        site.info["siteId"],
    )
    assert len(ready["hash"]) == 32
    assert ready["media"] == {
        "document": {
            "id": ready["id"],
            "url": ready["url"],
            "filename": "Guide.pdf",
            "sizeInBytes": str(len(PDF)),
        }
    }
    assert not any(name.startswith("_") for name in ready)


@pytest.mark.parametrize(
    ("name", "mime", "kind", "ending"),
    [
        ("a.png", "image/png", "IMAGE", "~mv2.png"),
        ("a.svg", "image/svg+xml", "VECTOR", ".svg"),
        ("a.mp3", "audio/mpeg", "AUDIO", ".mp3"),
        ("a.csv", "text/csv", "DOCUMENT", ".csv"),
        (
            "a.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "DOCUMENT",
            ".xlsx",
        ),
        ("850.edi", "application/edi-x12", "DOCUMENT", ".edi"),
        ("a.zip", "application/zip", "ARCHIVE", ".zip"),
        ("a.glb", "model/gltf-binary", "MODEL3D", ".glb"),
        ("a.bin", "application/octet-stream", "OTHER", ".bin"),
        ("no extension", "application/pdf", "DOCUMENT", ".pdf"),
    ],
)
def test_file_when_of_a_type_then_its_media_type_and_its_id_say_so(
    name: str, mime: str, kind: str, ending: str
) -> None:
    site = a_media_site()

    file = a_file(site, mimeType=mime, fileName=name)

    assert file["mediaType"] == kind
    assert file["id"].endswith(ending)
    assert list(file["media"]) == ([] if kind == "OTHER" else [kind.lower()])


def test_file_when_ready_then_a_signed_action_event_says_so_with_the_external_info() -> None:
    site, callback = a_media_site(), a_callback()
    site.register_webhook(callback, READY, FAILED)
    external = {"origin": "gridwix", "externalIds": ["doc_1", "2"]}

    file = a_file(site, externalInfo=external)
    (body,) = callback.wait_for(1)

    one = decode_webhook(body, site)
    assert one.envelope["eventType"] == READY
    assert one.identity["identityType"] == "WIX_USER"
    event = one.event
    assert (event["entityFqdn"], event["slug"], event["entityId"]) == (
        "wix.media.site_media.v1.file_descriptor",
        "file_ready",
        file["id"],
    )
    assert event["actionEvent"]["body"] == {
        "file": file,
        "externalInfo": external,
        "triggeredByUndelete": False,
    }


def test_file_when_its_processing_fails_then_it_is_failed_and_an_event_says_why() -> None:
    site, callback = a_media_site(), a_callback()
    site.register_webhook(callback, READY, FAILED)
    site.fault("media_failed", "*.pdf", options={"code": "CORRUPT", "description": "It is damaged"})

    file = a_file(site, wait=False, externalInfo={"origin": "gridwix", "externalIds": ["doc_1"]})
    failed = wait_for_status(site, file["id"], "FAILED")
    (body,) = callback.wait_for(1)

    one = decode_webhook(body, site)
    assert (one.envelope["eventType"], one.event["slug"], one.event["entityId"]) == (
        FAILED,
        "file_failed",
        file["id"],
    )
    error = {"code": "CORRUPT", "description": "It is damaged", "data": None}
    assert one.event["actionEvent"]["body"] == {
        "externalInfo": {"origin": "gridwix", "externalIds": ["doc_1"]},
        "error": error,
    }
    assert get(site, failed["url"]).status_code == 404
    assert a_file(site)["operationStatus"] == "READY"


def test_file_when_a_fault_slows_its_processing_then_only_that_one_waits() -> None:
    site = a_media_site()
    site.fault("media_slow", "slow.pdf", seconds=0.1)
    site.fault("media_slow", "slower.pdf", seconds=3600)

    slow, slower, fast = (
        a_file(site, wait=False, fileName="slow.pdf"),
        a_file(site, wait=False, fileName="slower.pdf"),
        a_file(site, fileName="fast.pdf"),
    )

    assert fast["operationStatus"] == "READY"
    assert slow["operationStatus"] == "PENDING"
    wait_for_status(site, slow["id"], "READY")
    assert file_of(site, slower["id"])["operationStatus"] == "PENDING"


def test_file_when_the_site_restarts_before_it_is_ready_then_it_becomes_ready_with_its_bytes(
    tmp_path: Path,
) -> None:
    state = tmp_path / "site.sqlite"
    first = a_site(state=state)
    first.control("POST", "media", {"readySeconds": 3600})
    file = a_file(first, wait=False)

    with server.thread(build_app(new_site(state=state))) as url:
        second = Client(url, first.info, first.http)
        ready = wait_for_status(second, file["id"], "READY")

        assert ready["url"].startswith(url)
        assert get(second, ready["url"]).content == PDF


def test_file_when_named_by_its_wix_url_then_it_is_found() -> None:
    site = a_media_site()
    file = a_file(site)

    found = file_of(site, f"wix:document://v1/{file['id']}/Guide.pdf")

    assert found["id"] == file["id"]


def test_file_when_it_does_not_exist_then_the_answer_names_the_rule() -> None:
    site = a_media_site()
    file = a_file(site)

    one = site.call("GET", f"{FILES}/get-file-by-id", fileId="missing.pdf")
    several = site.post(f"{FILES}/get-files", {"fileIds": [file["id"], "missing.pdf"]})
    changed = site.call(
        "PATCH",
        f"{FILES}/update-file-descriptor",
        {"file": {"id": "missing.pdf", "displayName": "A"}},
    )
    linked = site.post(f"{FILES}/generate-file-download-url", {"fileId": "missing.pdf"})

    assert [rule(answer) for answer in (one, several, changed, linked)] == [
        "RESOURCE_NOT_FOUND"
    ] * 4


def test_files_when_got_together_then_they_come_in_the_order_of_their_ids() -> None:
    site = a_media_site()
    first, second = a_file(site, fileName="1.pdf"), a_file(site, fileName="2.pdf")

    found = site.ok("POST", f"{FILES}/get-files", {"fileIds": [second["id"], first["id"]]})

    assert found == {"files": [second, first]}


def test_files_when_listed_then_each_filter_and_sort_order_holds_page_by_page() -> None:
    site = a_media_site()
    for number, size in enumerate((30, 4, 200)):
        a_file(site, b"x" * size, fileName=f"{number}.pdf", private=number == 1)
        site.advance(1)
    a_file(site, PNG, mimeType="image/png", fileName="image.png")
    a_file(site, fileName="elsewhere.pdf", filePath="/guides")

    first = site.ok("GET", FILES, **{"paging.limit": 3})
    cursor = first["nextCursor"]["cursors"]["next"]
    second = site.ok("GET", FILES, **{"paging.limit": 3, "paging.cursor": cursor})

    assert (names(first), names(second)) == (["image.png", "2.pdf", "1.pdf"], ["0.pdf"])
    assert second["nextCursor"] == {"cursors": {}}
    by_size = site.ok(
        "GET",
        FILES,
        **{"sort.fieldName": "sizeInBytes", "sort.order": "ASC", "mediaTypes": "DOCUMENT"},
    )
    assert names(by_size) == ["1.pdf", "0.pdf", "2.pdf"]
    assert names(site.ok("GET", FILES, private="true")) == ["1.pdf"]
    assert names(site.ok("GET", FILES, private="false", mediaTypes="IMAGE")) == ["image.png"]


def test_files_when_searched_then_the_text_is_found_in_name_type_and_labels_of_every_folder() -> (
    None
):
    site = a_media_site()
    a_file(site, fileName="Routing.pdf", filePath="/guides")
    a_file(site, PNG, mimeType="image/png", fileName="a.png", labels=["routing"])
    gone = a_file(site, fileName="Old routing.pdf")
    site.ok("POST", f"{MEDIA}/bulk/files/delete", {"fileIds": [gone["id"]]})

    def search(**body: Any) -> list[str]:
        return sorted(names(site.ok("POST", f"{FILES}/search", body)))

    assert search(search="ROUTING") == ["Routing.pdf", "a.png"]
    assert search(search="png") == ["a.png"]
    assert search(rootFolder="TRASH_ROOT") == ["Old routing.pdf"]
    assert search() == ["Routing.pdf", "a.png"]


def test_files_when_queried_then_filter_sort_and_cursor_hold() -> None:
    site = a_media_site()
    for number in range(3):
        a_file(site, fileName=f"{number}.pdf", private=number > 0)
    query = {
        "filter": {"private": True},
        "sort": [{"fieldName": "displayName", "order": "DESC"}],
        "cursorPaging": {"limit": 1},
    }

    first = site.ok("POST", f"{FILES}/query", {"query": query})
    cursor = {"cursorPaging": {"limit": 1, "cursor": first["pagingMetadata"]["cursors"]["next"]}}
    second = site.ok("POST", f"{FILES}/query", {"query": cursor})

    assert (names(first), names(second)) == (["2.pdf"], ["1.pdf"])
    assert second["pagingMetadata"]["hasNext"] is False


def test_file_when_updated_then_its_name_folder_and_labels_change_and_nothing_else() -> None:
    site = a_media_site()
    file = a_file(site, private=True)
    folder = site.ok("POST", FOLDERS, {"displayName": "Archive"})["folder"]["id"]

    change = {
        "id": file["id"],
        "displayName": "Other.pdf",
        "parentFolderId": folder,
        "labels": ["old"],
        "private": False,
        "hash": "x",
        "sizeInBytes": "1",
    }
    updated = site.ok("PATCH", f"{FILES}/update-file-descriptor", {"file": change})["file"]

    named = {"displayName": "Other.pdf", "parentFolderId": folder, "labels": ["old"]}
    document = {**file["media"]["document"], "filename": "Other.pdf"}
    assert updated == {
        **file,
        **named,
        "updatedDate": updated["updatedDate"],
        "media": {"document": document},
    }
    assert file_of(site, file["id"]) == updated


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        (
            "PATCH",
            "files/update-file-descriptor",
            {"file": {"id": "$id"}},
            "FIELD_MASK_IS_EMPTY_OR_MISSING",
        ),
        (
            "PATCH",
            "files/update-file-descriptor",
            {"file": {"id": "$id", "parentFolderId": "nowhere"}},
            "RESOURCE_NOT_FOUND",
        ),
        (
            "PATCH",
            "files/update-file-descriptor",
            {"file": {"id": "$id", "displayName": "x" * 256}},
            "file.displayName",
        ),
        (
            "PATCH",
            "files/update-file-descriptor",
            {"file": {"id": "$id", "labels": "one"}},
            "labels",
        ),
        ("PATCH", "files/update-file-descriptor", {"file": "$id"}, "file"),
        ("GET", "files/get-file-by-id", None, "fileId"),
        ("POST", "files/get-files", {"fileIds": []}, "fileIds"),
        ("POST", "files/get-files", {"fileIds": ["$id"] * 101}, "fileIds"),
        ("POST", "bulk/files/delete", {"fileIds": ["$id"] * 1001}, "fileIds"),
        ("POST", "bulk/files/delete", {"fileIds": "$id"}, "fileIds"),
        ("GET", "files?mediaTypes=PAPER", None, "UNSUPPORTED_MEDIA_TYPE"),
        ("GET", "files?sort.fieldName=hash", None, "UNSUPPORTED_SORT_VALUE"),
        ("GET", "files?sort.fieldName=displayName&sort.order=UP", None, "UNSUPPORTED_SORT_VALUE"),
        ("GET", "files?private=maybe", None, "private"),
        ("GET", "files?paging.limit=101", None, "limit"),
        ("GET", "files?paging.cursor=rubbish", None, "cursorPaging.cursor"),
        ("POST", "files/search", {"rootFolder": "ATTIC"}, "rootFolder"),
        ("POST", "files/search", {"search": ["a"]}, "search"),
        ("POST", "files/query", {"query": {"filter": "private"}}, "filter"),
        (
            "POST",
            "files/generate-file-download-url",
            {"fileId": "$id", "assetKeys": ["720p.mp4"]},
            "INVALID_ASSET_KEY",
        ),
        (
            "POST",
            "files/generate-file-download-url",
            {"fileId": "$id", "expirationInMinutes": 0},
            "expirationInMinutes",
        ),
        (
            "POST",
            "files/generate-file-download-url",
            {"fileId": "$id", "expirationInMinutes": 525_601},
            "expirationInMinutes",
        ),
        (
            "POST",
            "files/generate-file-download-url",
            {"fileId": "$id", "contentDisposition": "LOUD"},
            "contentDisposition",
        ),
        (
            "POST",
            "files/generate-file-download-url",
            {"fileId": "$id", "expirationRedirectUrl": "javascript:alert(1)"},
            "expirationRedirectUrl",
        ),
        (
            "POST",
            "files/generate-download-url",
            {"fileIds": ["$id", "missing"]},
            "RESOURCE_NOT_FOUND",
        ),
        ("POST", "folders", {"displayName": ""}, "displayName"),
        (
            "POST",
            "folders",
            {"displayName": "A", "parentFolderId": "nowhere"},
            "RESOURCE_NOT_FOUND",
        ),
        ("POST", "bulk/folders/delete", {"folderIds": []}, "folderIds"),
        ("POST", "bulk/folders/delete", {"folderIds": ["a"] * 101}, "folderIds"),
    ],
)
def test_request_when_it_breaks_a_rule_then_it_is_named_and_the_file_stays(
    method: str, path: str, body: Any, expected: str
) -> None:
    site = a_media_site()
    file = a_file(site)

    answer = site.call(method, f"{MEDIA}/{path}", _with_id(body, file["id"]))

    assert answer.status_code == 400
    assert expected in (rule(answer), code(answer))
    assert file_of(site, file["id"]) == file


def _with_id(body: Any, identifier: str) -> Any:
    if isinstance(body, dict):
        return {name: _with_id(value, identifier) for name, value in body.items()}
    if isinstance(body, list):
        return [_with_id(value, identifier) for value in body]
    return identifier if body == "$id" else body


def test_media_when_called_without_credentials_then_it_is_401() -> None:
    site = a_media_site()

    answers = [
        site.call("GET", FILES, headers={}),
        site.call("POST", f"{FILES}/generate-upload-url", {"mimeType": "text/csv"}, headers={}),
    ]

    assert [answer.status_code for answer in answers] == [401, 401]


def test_settings_when_changed_then_they_hold_and_wrong_ones_are_refused() -> None:
    site = a_media_site()

    changed = site.control("POST", "media", {"readySeconds": 0.5, "fileBytes": 10})
    refused = [site.post("/__emulator/media", {name: -1}).status_code for name in changed]

    assert refused == [400, 400, 400]
    assert site.control("GET", "media") == {**changed, "readySeconds": 0.5, "fileBytes": 10}


def test_control_when_it_lists_and_forgets_the_files_then_nothing_is_left() -> None:
    site = a_media_site()
    file = a_file(site)

    listed = site.control("GET", "media/files")["files"]
    left = site.control("DELETE", "media/files")["files"]

    assert (listed, left) == ([file], [])
    assert get(site, file["url"]).status_code == 404


def test_page_when_opened_then_it_lists_the_files_with_their_state() -> None:
    site = a_media_site()
    public = a_file(site, bytes(1500), fileName="<b>Guide</b>.pdf", filePath="/guides/2026")
    site.control("POST", "media", {"readySeconds": 60})
    private = a_file(site, wait=False, private=True)
    site.ok("POST", f"{MEDIA}/bulk/files/delete", {"fileIds": [private["id"]]})

    text: str = get(site, f"{site.url}/media").text

    def cell(name: str, file: dict[str, Any]) -> str:
        return text.partition(f'data-testid="{name}-{file["id"]}">')[2].partition("</td>")[0]

    assert "2 files" in text
    assert text.index(private["id"]) < text.index(public["id"])
    assert f'href="/ugd/{public["id"]}">&lt;b&gt;Guide&lt;/b&gt;.pdf</a>' in cell("name", public)
    assert "href" not in cell("name", private)
    assert [cell("folder", file) for file in (public, private)] == ["/guides/2026", "/"]
    assert "public" in cell("visibility", public)
    assert "private" in cell("visibility", private)
    assert "ready" in cell("status", public)
    assert "pending" in cell("status", private)
    assert "in the trash" in cell("status", private)
    assert [cell("size", file) for file in (public, private)] == ["1.5 kB", f"{len(PDF)} B"]


def test_page_when_there_are_no_files_then_it_says_so_and_the_front_page_leads_to_it() -> None:
    site = a_media_site()

    assert "There are no files yet." in get(site, f"{site.url}/media").text
    assert 'href="/media"' in get(site, f"{site.url}/").text
