"""Uploads on the portal: new document versions, and files that are attached to a request."""

import json
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Route, expect

from tests.browser.served import PRAIRIE, REFUSED, Opener, Portal

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Methods": "PUT",
}


def upload_to(portal: Portal, status: int = 200) -> list[dict[str, Any]]:
    """Serve the upload URL. Return the list of received PUTs."""
    put: list[dict[str, Any]] = []

    def answer(route: Route) -> None:
        request = route.request
        if request.method == "PUT":
            put.append(
                {
                    "url": request.url,
                    "type": request.headers.get("content-type"),
                    "bytes": request.post_data_buffer,
                }
            )
        route.fulfill(
            status=status if request.method == "PUT" else 204,
            headers=CORS,
            content_type="application/json",
            body=json.dumps({"file": {"id": "file_9"}}),
        )

    portal.page.route("https://upload.example/**", answer)
    return put


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_new_version_is_put_where_the_backend_says_and_handed_in(
    open_portal: Opener, transport: str
) -> None:
    portal = open_portal(section="documents", transport=transport)
    put = upload_to(portal)
    document = portal.find(".document", "Trading partner agreement")
    document.locator("summary", has_text="Send a new version").click()

    document.get_by_label("File").set_input_files(
        {
            "name": "TPA signed & final.pdf",
            "mimeType": "application/pdf",
            "buffer": b"%PDF-1.7 agreed",
        }
    )
    document.get_by_role("button", name="Send for review").click()

    expect(document.locator(".outcome")).to_contain_text("GX-7K3M-001")
    assert put == [
        {
            "url": "https://upload.example/place?token=u&filename=TPA+signed+%26+final.pdf",
            "type": "application/pdf",
            "bytes": b"%PDF-1.7 agreed",
        }
    ]
    assert portal.calls("getUploadUrl") == [
        [
            PRAIRIE,
            "doc_agr_101",
            {
                "fileName": "TPA signed & final.pdf",
                "mimeType": "application/pdf",
                "sizeInBytes": 15,
            },
        ]
    ]
    assert portal.calls("submitDocument") == [
        [PRAIRIE, "doc_agr_101", "file_9", "TPA signed & final.pdf", 2]
    ]


def question_with(portal: Portal, *files: FilePayload) -> Locator:
    """Return the form of a question, filled in and with files selected."""
    portal.find("summary", "Question to the partner desk").click()
    form = portal.find("form[data-form='request/partner-question']")
    form.get_by_label("What is it about?").select_option("freight")
    form.get_by_label("Your question").fill("When is zone 7 open?")
    form.get_by_label("Attachments").set_input_files(files)
    return form


def a_file(
    name: str, content: bytes = b"zone,opens\n7,?", mime_type: str = "text/csv"
) -> FilePayload:
    return {"name": name, "mimeType": mime_type, "buffer": content}


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_files_of_a_request_are_put_where_the_backend_says_and_handed_in_with_it(
    open_portal: Opener, transport: str
) -> None:
    portal = open_portal(section="requests", transport=transport)
    put = upload_to(portal)
    form = question_with(
        portal, a_file("zones.csv"), a_file("Plan.PDF", b"%PDF-1.7", "application/pdf")
    )
    expect(form.get_by_label("Attachments")).to_have_accessible_description(
        "Up to 2 files of 2 MB at most each: pdf, csv."
    )

    form.get_by_role("button", name="Send request").click()

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    assert [(one["type"], one["bytes"]) for one in put] == [
        ("text/csv", b"zone,opens\n7,?"),
        ("application/pdf", b"%PDF-1.7"),
    ]
    assert put[0]["url"] == "https://upload.example/attached?token=9&filename=zones.csv"
    assert portal.calls("getAttachmentUrl") == [
        [
            PRAIRIE,
            "partner-question",
            {"fileName": "zones.csv", "mimeType": "text/csv", "sizeInBytes": 14},
        ],
        [
            PRAIRIE,
            "partner-question",
            {"fileName": "Plan.PDF", "mimeType": "application/pdf", "sizeInBytes": 8},
        ],
    ]
    answers = {"topic": "freight", "question": "When is zone 7 open?"}
    files = [
        {"fileId": "file_9", "fileName": "zones.csv"},
        {"fileId": "file_9", "fileName": "Plan.PDF"},
    ]
    assert portal.calls("sendRequest") == [[PRAIRIE, "partner-question", answers, files]]


UNWANTED = [
    (
        [a_file("zones.exe")],
        "zones.exe is not a kind of file that we can take. Please choose one of these: pdf, csv.",
    ),
    (
        [a_file("csv")],
        "csv is not a kind of file that we can take. Please choose one of these: pdf, csv.",
    ),
    (
        [a_file("zones.csv"), a_file("empty.csv", b"")],
        "empty.csv is empty. Please choose another file.",
    ),
    (
        [a_file("large.csv", b"7" * 2_000_001)],
        "large.csv is too large. A file may have 2 MB at most.",
    ),
    ([a_file(f"{number}.csv") for number in range(3)], "Please choose at most 2 files."),
]


def test_files_that_may_not_come_along_are_refused_beside_their_field_and_nothing_is_sent(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="requests")
    form = question_with(portal)
    for files, fault in UNWANTED:
        form.get_by_label("Attachments").set_input_files(files)
        form.get_by_role("button", name="Send request").click()

        expect(form.locator(".fault")).to_have_text(fault)
        expect(form.get_by_label("Attachments")).to_be_focused()
        expect(form.get_by_label("Attachments")).to_have_accessible_description(
            f"Up to 2 files of 2 MB at most each: pdf, csv. {fault}"
        )
    assert portal.calls("getAttachmentUrl") == portal.calls("sendRequest") == []


def test_request_that_is_sent_once_more_uploads_its_files_once(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    put = upload_to(portal)
    form = question_with(portal, a_file("zones.csv"))
    portal.fail("sendRequest")
    form.get_by_role("button", name="Send request").click()
    expect(portal.find(".outcome")).to_contain_text("The service did not answer.")

    portal.fail("sendRequest", None)
    form.get_by_role("button", name="Send request").click()

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    assert (len(put), len(portal.calls("getAttachmentUrl")), len(portal.calls("sendRequest"))) == (
        1,
        1,
        2,
    )
    assert portal.calls("sendRequest")[0] == portal.calls("sendRequest")[1]


def test_request_whose_file_does_not_arrive_is_not_sent(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    upload_to(portal, status=507)
    form = question_with(portal, a_file("zones.csv"))

    form.get_by_role("button", name="Send request").click()

    expect(portal.find(".outcome")).to_contain_text("The service did not answer.")
    expect(form.get_by_label("Your question")).to_have_value("When is zone 7 open?")
    assert portal.calls("sendRequest") == []


def test_file_that_the_backend_refuses_is_refused_beside_its_field(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    form = question_with(portal, a_file("zones.csv"))
    portal.fail("getAttachmentUrl", "invalid", question="attachments")

    form.get_by_role("button", name="Send request").click()

    expect(form.locator(".fault")).to_have_text(REFUSED["invalid"])
    expect(form.get_by_label("Attachments")).to_be_focused()
    assert portal.calls("sendRequest") == []


def test_upload_that_fails_hands_nothing_in(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    upload_to(portal, status=507)
    document = portal.find(".document", "Trading partner agreement")
    document.locator("summary", has_text="Send a new version").click()
    document.get_by_label("File").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    )

    document.get_by_role("button", name="Send for review").click()

    expect(document.locator(".outcome")).to_contain_text("The service did not answer.")
    assert portal.calls("submitDocument") == []


def test_empty_file_is_not_uploaded(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    document = portal.find(".document", "Trading partner agreement")
    document.locator("summary", has_text="Send a new version").click()
    document.get_by_label("File").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b""}
    )

    document.get_by_role("button", name="Send for review").click()

    expect(document.locator(".outcome")).to_contain_text("This could not be accepted.")
    assert portal.calls("getUploadUrl") == []
