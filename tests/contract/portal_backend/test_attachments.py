"""Files that are attached to a request form."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridwix.form_intake.forms import read_form_values
from gridwix.form_intake.projection import attachment_label
from gridwix.mapping.references import reference
from gridwix.runtime.configuration import configuration
from tests.contract.portal_backend.cases import INVALID, NOT_FOUND, refused
from tests.contract.portal_site import Portal, Visitor, needs_node

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]


QUESTION = {"topic": "tax", "question": "Which form?"}


A_FILE = {"fileName": "plan.pdf", "mimeType": "application/pdf", "sizeInBytes": 9}


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def an_attachment(
    site: Portal, partner: str, member: Visitor, name: str, size: int | None = 9, **more: Any
) -> dict[str, str]:
    """Return a file that the member has uploaded for a question, in the format of a request.

    ``size`` is the one that it has, None while Wix does not say it.
    """
    announced = {**A_FILE, "fileName": name}
    assert "uploadUrl" in member.call("getAttachmentUrl", partner, "partner-question", announced)
    file = f"up-{uuid.uuid4().hex}.pdf"
    site.media.files[file] = {
        "id": file,
        "private": True,
        "labels": site.media.asked[-1]["labels"],
        "displayName": name,
        "state": "OK",
        **({} if size is None else {"sizeInBytes": str(size)}),
        **more,
    }
    return {"fileId": file, "fileName": name}


def test_the_files_of_a_request_are_private_marked_and_arrive_as_its_form_reads_them(
    site: Portal, partner: str, member: Visitor
) -> None:
    place = member.call(
        "getAttachmentUrl", partner, "partner-question", {**A_FILE, "fileName": "..\\Plan:1.PDF"}
    )
    asked = site.media.asked[-1]
    files = [an_attachment(site, partner, member, name) for name in ("Plan 1.pdf", "rates.csv")]

    answer = member.call("sendRequest", partner, "partner-question", QUESTION, files)

    assert place["uploadUrl"].startswith("https://upload.wix.example/")
    assert (asked["private"], asked["mimeType"], asked["sizeInBytes"], asked["fileName"]) == (
        True,
        "application/pdf",
        "9",
        ".._Plan_1.PDF",
    )
    assert asked["labels"] == [
        attachment_label(member.id, partner, "partner-question"),
        "gridwix-announced-9-pdf",
    ]
    post = site.webhook.posts[-1]
    reading = read_form_values(configuration().forms[post["form"]], post["values"])
    assert answer == {"reference": reference(post["submissionId"])}
    assert reading.faults == ()
    assert [(file.file_id, file.name, file.size, file.url) for file in reading.files] == [
        (one["fileId"], one["fileName"], 9, "") for one in files
    ]


def test_a_form_says_which_files_may_come_along(member: Visitor) -> None:
    forms = {form["key"]: form.get("attachments") for form in member.call("getRequestForms", "en")}

    rules = configuration().intake.attachments
    said = {
        "name": "files",
        "target": "attachments",
        "label": "Attachments",
        "types": list(rules.types),
        "most": rules.most,
        "mostBytes": rules.most_bytes,
    }
    assert forms == {
        "invoice-question": said,
        "onboarding-question": said,
        "partner-question": said,
        "ship-notice-problem": None,
    }


@pytest.mark.parametrize(
    ("form", "file", "expected"),
    [
        ("partner-question", {**A_FILE, "fileName": "a.exe"}, refused("invalid", "attachments")),
        # gridwix takes a name without anything before its type for one without a type.
        ("partner-question", {**A_FILE, "fileName": ".pdf"}, refused("invalid", "attachments")),
        (
            "partner-question",
            {**A_FILE, "sizeInBytes": 26_214_401},
            refused("too_large", "attachments"),
        ),
        ("partner-question", {**A_FILE, "sizeInBytes": 0}, refused("invalid", "attachments")),
        ("partner-question", None, refused("invalid", "attachments")),
        ("ship-notice-problem", A_FILE, NOT_FOUND),
        ("onboarding-step", A_FILE, NOT_FOUND),
        ("__proto__", A_FILE, NOT_FOUND),
        ({"$ne": ""}, A_FILE, INVALID),
    ],
)
def test_a_file_that_may_not_come_along_has_no_place(
    site: Portal, partner: str, member: Visitor, form: Any, file: Any, expected: Any
) -> None:
    before = len(site.media.asked)

    assert member.call("getAttachmentUrl", partner, form, file) == expected
    assert len(site.media.asked) == before


@pytest.mark.parametrize(
    ("form", "files", "expected"),
    [
        ("partner-question", "FILE", INVALID),
        ("partner-question", {"fileId": "FILE"}, INVALID),
        ("partner-question", ["FILE"], refused("invalid", "attachments")),
        ("partner-question", [{"fileId": "FILE"}], refused("invalid", "attachments")),
        (
            "partner-question",
            [{"fileId": "FILE", "fileName": "plan.exe"}],
            refused("invalid", "attachments"),
        ),
        (
            "partner-question",
            [{"fileId": {"$ne": ""}, "fileName": "plan.pdf"}],
            refused("invalid", "attachments"),
        ),
        (
            "partner-question",
            [{"fileId": "FILE", "fileName": "plan.pdf", "url": "https://x.example/a.pdf"}],
            refused("too_large", "attachments"),
        ),
        (
            "partner-question",
            [{"fileId": "FILE", "fileName": "plan.pdf"}] * 2,
            refused("invalid", "attachments"),
        ),
        (
            "partner-question",
            [{"fileId": f"f-{number}", "fileName": "plan.pdf"} for number in range(6)],
            refused("too_large", "attachments"),
        ),
        ("ship-notice-problem", [{"fileId": "FILE", "fileName": "plan.pdf"}], INVALID),
    ],
)
def test_files_that_do_not_fit_are_refused_with_their_request(
    site: Portal, partner: str, member: Visitor, form: str, files: Any, expected: Any
) -> None:
    own = an_attachment(site, partner, member, "plan.pdf")["fileId"]
    values = QUESTION if form == "partner-question" else {"po_number": "1", "question": "?"}
    before = site.webhook.seen

    answer = member.call(
        "sendRequest", partner, form, values, json.loads(json.dumps(files).replace("FILE", own))
    )

    assert answer == expected
    assert site.webhook.seen == before


@pytest.mark.parametrize(
    ("size", "more", "code"),
    [
        (26_214_401, {}, "too_large"),
        (10, {}, "too_large"),
        (8, {}, "invalid"),
        (9, {"displayName": "plan.exe"}, "invalid"),
        (None, {"displayName": "plan.zip"}, "invalid"),
    ],
)
def test_a_file_that_is_not_what_was_announced_is_refused_and_removed(
    site: Portal, partner: str, member: Visitor, size: int | None, more: Any, code: str
) -> None:
    file = an_attachment(site, partner, member, "plan.pdf", size, **more)
    files = [an_attachment(site, partner, member, "rates.pdf"), file]
    before = site.webhook.seen

    answer = member.call("sendRequest", partner, "partner-question", QUESTION, files)

    assert answer == refused(code, "attachments")
    assert site.webhook.seen == before
    assert file["fileId"] not in site.media.files
    assert files[0]["fileId"] in site.media.files


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        # The name that the page gives with it, and the age, say nothing of the file itself.
        ("plan.xlsx", {}, "invalid"),
        ("plan.pdf", {"createdDate": days_ago(2.1)}, "not_found"),
        ("plan.pdf", {"createdDate": days_ago(1.9)}, None),
        ("plan.pdf", {"updatedDate": days_ago(2.1)}, "not_found"),
        ("Plan of us.PDF", {"sizeInBytes": "0"}, None),
        # Announced to a backend of an earlier release; or Wix keeps no type in the name.
        ("plan.pdf", {"labels": None}, None),
        ("plan.pdf", {"displayName": "plan"}, None),
    ],
)
def test_a_file_that_may_be_handed_in_already_is_never_removed(
    site: Portal, partner: str, member: Visitor, name: str, more: Any, code: str | None
) -> None:
    file = an_attachment(site, partner, member, "plan.pdf", **more)
    stored = site.media.files[file["fileId"]]
    stored["labels"] = stored["labels"] or [
        attachment_label(member.id, partner, "partner-question")
    ]

    answer = member.call(
        "sendRequest", partner, "partner-question", QUESTION, [{**file, "fileName": name}]
    )

    assert answer.get("error", {}).get("code") == code
    assert file["fileId"] in site.media.files


def test_a_file_that_wix_does_not_remove_is_refused_as_well(
    site: Portal, partner: str, member: Visitor
) -> None:
    file = an_attachment(site, partner, member, "plan.pdf", 10, undeletable=True)

    assert member.call("sendRequest", partner, "partner-question", QUESTION, [file]) == refused(
        "too_large", "attachments"
    )
    assert file["fileId"] in site.media.files


def test_a_file_is_no_answer_to_a_question(site: Portal, partner: str, member: Visitor) -> None:
    file = an_attachment(site, partner, member, "plan.pdf")

    assert (
        member.call(
            "sendRequest", partner, "partner-question", {**QUESTION, "attachments": file["fileId"]}
        )
        == INVALID
    )
