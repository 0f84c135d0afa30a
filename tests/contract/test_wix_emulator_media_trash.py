"""Folders and trash of the Wix emulator's Media Manager."""

import io
import zipfile
from pathlib import Path

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
    link,
    names,
    rule,
    wait_for_status,
)
from tests.contract.wix_site import a_callback, code, decode_webhook


def test_file_when_deleted_then_it_is_in_the_trash_and_neither_url_nor_link_open_it() -> None:
    site = a_media_site()
    file, other = a_file(site), a_file(site, fileName="other.pdf")
    url = link(site, file["id"])

    answer = site.ok("POST", f"{MEDIA}/bulk/files/delete", {"fileIds": [file["id"], "missing"]})

    assert answer == {}
    assert file_of(site, file["id"])["state"] == "DELETED"
    assert names(site.ok("GET", FILES)) == ["other.pdf"]
    assert names(site.ok("GET", f"{MEDIA}/trash-bin/files")) == ["Guide.pdf"]
    assert [get(site, one).status_code for one in (file["url"], url, other["url"])] == [
        404,
        404,
        200,
    ]
    assert (
        site.post(f"{FILES}/generate-file-download-url", {"fileId": file["id"]}).status_code == 404
    )


def test_file_when_restored_then_it_opens_again_and_an_event_says_that_it_was_undeleted() -> None:
    site, callback = a_media_site(), a_callback()
    file = a_file(site)
    site.ok("POST", f"{MEDIA}/bulk/files/delete", {"fileIds": [file["id"]]})
    site.register_webhook(callback, READY)

    site.ok("POST", f"{MEDIA}/bulk/trash-bin/files/restore", {"fileIds": [file["id"]]})
    (body,) = callback.wait_for(1)

    assert decode_webhook(body, site).event["actionEvent"]["body"]["triggeredByUndelete"] is True
    assert names(site.ok("GET", FILES)) == ["Guide.pdf"]
    assert get(site, file["url"]).content == PDF


def test_file_when_deleted_again_or_restored_without_being_ready_then_nothing_more_happens() -> (
    None
):
    site, callback = a_media_site(), a_callback()
    site.fault("media_failed", "bad.pdf")
    failed, file = (
        wait_for_status(site, a_file(site, wait=False, fileName="bad.pdf")["id"], "FAILED"),
        a_file(site),
    )
    both = {"fileIds": [failed["id"], file["id"]]}
    site.ok("POST", f"{MEDIA}/bulk/files/delete", both)
    deleted = file_of(site, file["id"])
    site.register_webhook(callback, READY, FAILED)

    site.advance(60)
    site.ok("POST", f"{MEDIA}/bulk/files/delete", both)
    again = file_of(site, file["id"])
    for _ in range(2):
        site.ok("POST", f"{MEDIA}/bulk/trash-bin/files/restore", both)
    (body,) = callback.wait_for(1, quiet=0.1)

    assert again == deleted
    assert decode_webhook(body, site).event["entityId"] == file["id"]
    assert file_of(site, failed["id"])["state"] == "OK"


def test_file_when_deleted_for_good_then_its_bytes_go_with_the_last_file_that_has_them(
    tmp_path: Path,
) -> None:
    site = a_media_site(state=tmp_path / "site.sqlite")
    first, second = a_file(site), a_file(site)
    folder = tmp_path / "site.blobs"

    site.ok(
        "POST",
        f"{MEDIA}/bulk/files/delete",
        {"fileIds": [first["id"], first["id"]], "permanent": True},
    )
    kept = get(site, second["url"]).content, len(list(folder.iterdir()))
    site.ok("POST", f"{MEDIA}/bulk/files/delete", {"fileIds": [second["id"]], "permanent": True})

    assert kept == (PDF, 1)
    assert list(folder.iterdir()) == []
    assert (
        rule(site.call("GET", f"{FILES}/get-file-by-id", fileId=first["id"]))
        == "RESOURCE_NOT_FOUND"
    )
    assert get(site, first["url"]).status_code == 404


def test_file_when_deleted_for_good_before_it_is_ready_then_nothing_is_told() -> None:
    # A busy machine may be late to delete it: then once more, with more time.
    for seconds in (0.1, 1.0, 10.0):
        site, callback = a_media_site(readySeconds=seconds), a_callback()
        site.register_webhook(callback, READY, FAILED)
        gone = a_file(site, wait=False)
        site.ok("POST", f"{MEDIA}/bulk/files/delete", {"fileIds": [gone["id"]], "permanent": True})
        kept = a_file(site)
        site.settle()
        if len(callback.bodies) == 1:
            break

    assert [decode_webhook(body, site).event["entityId"] for body in callback.bodies] == [
        kept["id"]
    ]


def test_folder_when_created_renamed_and_moved_then_it_is_listed_where_it_is() -> None:
    site = a_media_site()
    parent = site.ok("POST", FOLDERS, {"displayName": "Guides", "parentFolderId": "media-root"})[
        "folder"
    ]
    child = site.ok("POST", FOLDERS, {"displayName": "2025"})["folder"]

    moved = site.ok(
        "PATCH",
        f"{FOLDERS}/{child['id']}",
        {"folder": {"id": child["id"], "displayName": "2026", "parentFolderId": parent["id"]}},
    )["folder"]

    assert (parent["parentFolderId"], parent["state"], parent["siteId"]) == (
        "media-root",
        "OK",
        site.info["siteId"],
    )
    assert (moved["displayName"], moved["parentFolderId"]) == ("2026", parent["id"])
    assert site.ok("GET", f"{FOLDERS}/{child['id']}")["folder"] == moved
    assert site.ok("GET", FOLDERS, parentFolderId="media-root")["folders"] == [parent]
    assert site.ok("GET", FOLDERS, parentFolderId=parent["id"])["folders"] == [moved]


def test_folders_when_searched_and_queried_then_those_of_every_level_are_found() -> None:
    site = a_media_site()
    parent = site.ok("POST", FOLDERS, {"displayName": "Guides"})["folder"]
    child = site.ok("POST", FOLDERS, {"displayName": "Old guides", "parentFolderId": parent["id"]})[
        "folder"
    ]
    site.ok("POST", FOLDERS, {"displayName": "Other"})
    query = {
        "filter": {"parentFolderId": parent["id"]},
        "sort": [{"fieldName": "displayName"}],
        "cursorPaging": {"limit": 5},
    }

    searched = site.ok(
        "POST", f"{FOLDERS}/search", {"search": "GUIDE", "sort": {"fieldName": "displayName"}}
    )
    queried = site.ok("POST", f"{FOLDERS}/query", {"query": query})
    site.ok("POST", f"{MEDIA}/bulk/folders/delete", {"folderIds": [child["id"]]})

    assert searched["folders"] == [parent, child]
    assert queried["folders"] == [child]
    assert site.ok("POST", f"{FOLDERS}/search", {"search": "GUIDE"})["folders"] == [parent]


def test_folder_when_downloaded_then_the_archive_has_the_files_in_it_and_below() -> None:
    site = a_media_site()
    inner = a_file(site, b"inner", filePath="/guides/2026")
    outer = a_file(site, b"outer", filePath="/guides")
    a_file(site, b"elsewhere")

    url = site.ok("POST", f"{FOLDERS}/{outer['parentFolderId']}/generate-download-url")[
        "downloadUrl"
    ]
    with zipfile.ZipFile(io.BytesIO(get(site, url).content)) as archive:
        contents = sorted(archive.read(name) for name in archive.namelist())

    assert contents == [b"inner", b"outer"]
    assert inner["parentFolderId"] != outer["parentFolderId"]


def test_folder_when_it_would_be_inside_itself_then_it_stays() -> None:
    site = a_media_site()
    parent = site.ok("POST", FOLDERS, {"displayName": "A"})["folder"]
    child = site.ok("POST", FOLDERS, {"displayName": "B", "parentFolderId": parent["id"]})["folder"]

    answers = [
        site.call(
            "PATCH", f"{FOLDERS}/{parent['id']}", {"folder": {"parentFolderId": target["id"]}}
        )
        for target in (parent, child)
    ]

    assert [(answer.status_code, code(answer)) for answer in answers] == [
        (400, "folder.parentFolderId")
    ] * 2
    assert site.ok("GET", f"{FOLDERS}/{parent['id']}")["folder"] == parent


def test_folder_when_missing_or_the_root_then_it_is_refused() -> None:
    site = a_media_site()

    answers = [
        site.call("GET", f"{FOLDERS}/missing"),
        site.call("PATCH", f"{FOLDERS}/missing", {"folder": {"displayName": "A"}}),
        site.post(f"{MEDIA}/bulk/folders/delete", {"folderIds": ["media-root"]}),
    ]

    assert [(answer.status_code, code(answer)) for answer in answers] == [
        (404, "NOT_FOUND"),
        (404, "NOT_FOUND"),
        (403, "PERMISSION_DENIED"),
    ]


def test_folder_when_deleted_and_restored_then_all_that_is_in_it_comes_along() -> None:
    site = a_media_site()
    file = a_file(site, filePath="/guides/2026")
    inner = site.ok("GET", f"{FOLDERS}/{file['parentFolderId']}")["folder"]
    outer = site.ok("GET", f"{FOLDERS}/{inner['parentFolderId']}")["folder"]

    site.ok("POST", f"{MEDIA}/bulk/folders/delete", {"folderIds": [outer["id"]]})
    in_trash = (
        [site.ok("GET", f"{FOLDERS}/{one['id']}")["folder"]["state"] for one in (outer, inner)],
        file_of(site, file["id"])["state"],
    )
    refused = site.post(
        f"{FILES}/generate-upload-url", {"mimeType": "text/csv", "parentFolderId": inner["id"]}
    )
    listed = site.ok("GET", f"{MEDIA}/trash-bin/folders")["folders"]
    site.ok("POST", f"{MEDIA}/bulk/trash-bin/folders/restore", {"folderIds": [outer["id"]]})

    assert in_trash == (["DELETED", "DELETED"], "DELETED")
    assert rule(refused) == "RESOURCE_NOT_FOUND"
    assert [folder["id"] for folder in listed] == [outer["id"]]
    assert site.ok("GET", f"{FOLDERS}/{inner['id']}")["folder"]["parentFolderId"] == outer["id"]
    assert names(site.ok("GET", FILES, parentFolderId=inner["id"])) == ["Guide.pdf"]


def test_folder_when_deleted_for_good_then_its_files_go_and_a_restored_one_is_in_the_root() -> None:
    site = a_media_site()
    gone, kept = (
        a_file(site, filePath="/guides"),
        a_file(site, fileName="kept.pdf", filePath="/other"),
    )
    site.ok("POST", f"{MEDIA}/bulk/files/delete", {"fileIds": [kept["id"]]})

    site.ok(
        "POST",
        f"{MEDIA}/bulk/folders/delete",
        {"folderIds": [gone["parentFolderId"]], "permanent": True},
    )
    site.ok("POST", f"{MEDIA}/bulk/folders/delete", {"folderIds": [kept["parentFolderId"]]})
    site.ok("POST", f"{MEDIA}/bulk/trash-bin/files/restore", {"fileIds": [kept["id"]]})

    assert (
        rule(site.call("GET", f"{FILES}/get-file-by-id", fileId=gone["id"])) == "RESOURCE_NOT_FOUND"
    )
    assert site.call("GET", f"{FOLDERS}/{gone['parentFolderId']}").status_code == 404
    assert file_of(site, kept["id"])["parentFolderId"] == "media-root"
