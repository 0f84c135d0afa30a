"""Documents on the portal: download links, and uploads of new versions."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridwix.form_intake.document_uploads import upload_label
from gridwix.form_intake.forms import read_form_values
from gridwix.models.ids import PartnerId
from gridwix.runtime.configuration import configuration
from tests.contract.portal_backend.cases import (
    DAY,
    INVALID,
    NOT_FOUND,
    TOO_LARGE,
    an_issue,
    data_calls,
    sections,
)
from tests.contract.portal_site import Portal, Visitor, needs_node

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]


def test_a_private_document_is_opened_for_ten_minutes_and_a_public_one_where_it_is(
    site: Portal, partner: str, member: Visitor
) -> None:
    for name, private in (("a.pdf", True), ("b.pdf", False)):
        site.media.files[name] = {
            "id": name,
            "private": private,
            "url": f"https://static.wix.example/{name}",
        }
        site.row(
            "PartnerDocuments",
            f"{name}-{partner}",
            partnerIds=[partner],
            forEverybody=False,
            fileId=name,
            fileName="Guide.pdf",
            private=private,
            restricted=False,
        )

    private_link, public_link = (
        member.call("openDocument", partner, f"{name}-{partner}") for name in ("a.pdf", "b.pdf")
    )

    asked = next(
        one for one in reversed(site.media.asked) if one["call"] == "generate-file-download-url"
    )
    assert (asked["fileId"], asked["expirationInMinutes"], asked["downloadFileName"]) == (
        "a.pdf",
        10,
        "Guide.pdf",
    )
    assert private_link["url"].startswith("https://download.wix.example/a.pdf")
    assert (
        timedelta(minutes=9)
        < datetime.fromisoformat(private_link["expiresAt"]) - datetime.now(UTC)
        < timedelta(minutes=11)
    )
    assert public_link == {"url": "https://static.wix.example/b.pdf", "expiresAt": None}


def test_a_document_without_a_file_is_not_opened(
    site: Portal, partner: str, member: Visitor
) -> None:
    document = site.row(
        "PartnerDocuments",
        f"doc-{partner}",
        partnerIds=[partner],
        forEverybody=False,
        fileId="",
        title="On its way",
    )

    assert member.call("openDocument", partner, document) == NOT_FOUND


def test_an_upload_is_private_marked_and_handed_in_with_the_version_that_was_seen(
    site: Portal, partner: str, member: Visitor
) -> None:
    document = site.row(
        "PartnerDocuments",
        f"doc-{partner}",
        partnerId=partner,
        partnerIds=[partner],
        forEverybody=False,
        version=3,
        restricted=False,
    )

    place = member.call(
        "getUploadUrl",
        partner,
        document,
        {"fileName": "..\\COI:2026.PDF", "mimeType": "application/pdf", "sizeInBytes": 1234},
    )
    asked = site.media.asked[-1]
    site.media.files["up.pdf"] = {
        "id": "up.pdf",
        "private": True,
        "labels": asked["labels"],
        "sizeInBytes": "1234",
        "state": "OK",
    }
    answer = member.call("submitDocument", partner, document, "up.pdf", "COI 2026.pdf", 3)

    assert place["uploadUrl"].startswith("https://upload.wix.example/")
    assert (asked["private"], asked["mimeType"], asked["sizeInBytes"], asked["fileName"]) == (
        True,
        "application/pdf",
        "1234",
        ".._COI_2026.PDF",
    )
    assert answer["reference"]
    file = [{"fileId": "up.pdf", "displayName": "COI 2026.pdf", "sizeInBytes": 1234}]
    assert site.webhook.posts[-1]["form"] == "document-version"
    values = site.webhook.posts[-1]["values"]
    assert values == {"document_id": document, "file": file, "base_version": 3}
    reading = read_form_values(configuration().forms["document-version"], values)
    assert (reading.faults, reading.subject["document"], reading.subject["base_version"]) == (
        (),
        document,
        "3",
    )
    assert asked["labels"] == [
        upload_label(PartnerId(partner), document),
        "gridwix-announced-1234-pdf",
    ]


def test_a_library_document_takes_no_upload(site: Portal, partner: str, member: Visitor) -> None:
    document = site.row(
        "PartnerDocuments",
        f"lib-{partner}",
        partnerId="",
        partnerIds=[partner],
        forEverybody=False,
        version=3,
        restricted=False,
    )

    assert (
        member.call(
            "getUploadUrl",
            partner,
            document,
            {"fileName": "a.pdf", "mimeType": "application/pdf", "sizeInBytes": 1},
        )
        == NOT_FOUND
    )


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ({"fileName": "a.exe", "mimeType": "application/pdf", "sizeInBytes": 9}, INVALID),
        ({"fileName": "pdf", "mimeType": "application/pdf", "sizeInBytes": 9}, INVALID),
        ({"fileName": "a.pdf", "mimeType": "no type", "sizeInBytes": 9}, INVALID),
        (
            {"fileName": "a.pdf", "mimeType": "application/pdf", "sizeInBytes": 26_214_401},
            TOO_LARGE,
        ),
        ({"fileName": "a.pdf", "mimeType": "application/pdf", "sizeInBytes": 0}, INVALID),
        ({"fileName": "a.pdf", "mimeType": "application/pdf", "sizeInBytes": -1}, INVALID),
        ({"fileName": "a.pdf", "mimeType": "application/pdf", "sizeInBytes": "9"}, INVALID),
        (
            {"fileName": "a" * 300 + ".pdf", "mimeType": "application/pdf", "sizeInBytes": 9},
            TOO_LARGE,
        ),
        ({"fileName": ["a.pdf"], "mimeType": "application/pdf", "sizeInBytes": 9}, INVALID),
        (None, INVALID),
        ([], INVALID),
    ],
)
def test_an_upload_of_what_may_not_come_along_is_refused(
    site: Portal, partner: str, member: Visitor, file: Any, expected: Any
) -> None:
    document = site.row(
        "PartnerDocuments",
        f"doc-{partner}",
        partnerId=partner,
        partnerIds=[partner],
        forEverybody=False,
        version=3,
        restricted=False,
    )
    before = len(site.media.asked)

    assert member.call("getUploadUrl", partner, document, file) == expected
    assert len(site.media.asked) == before


def a_file(site: Portal, name: str, **more: Any) -> str:
    return site.row(
        "PartnerDocuments",
        name,
        **{"forEverybody": False, "fileId": f"{name}.pdf", "fileName": f"{name}.pdf", **more},
    )


def a_comment(*attachments: str, **more: Any) -> dict[str, Any]:
    return {"author": "hub", "text": "See", "createdAt": DAY, "attachments": attachments, **more}


def test_comment_has_the_documents_that_the_partner_can_open_and_the_number_of_others(
    site: Portal, partner: str, member: Visitor
) -> None:
    own = a_file(site, f"own-{partner}", partnerIds=[partner], title="Label", sizeBytes=120)
    others = [
        a_file(site, f"foreign-{partner}", partnerIds=["GC000000000000"], title="Secret"),
        a_file(site, f"restricted-{partner}", partnerIds=[partner], restricted=True),
        a_file(site, f"arriving-{partner}", partnerIds=[partner], fileId=""),
        f"unknown-{partner}",
    ]
    an_issue(
        site,
        partner,
        comments=[a_comment(), a_comment(own, *others, moreAttachments=2, html="<p>See</p>")],
    )

    (row,) = sections(member, names=["issues"])["issues"]["rows"]

    without, found = row["comments"]
    assert (without.get("files"), without.get("moreFiles")) == (None, None)
    assert found["files"] == [
        {"id": own, "title": "Label", "fileName": f"{own}.pdf", "sizeBytes": 120}
    ]
    assert found["moreFiles"] == 6
    assert found["html"] == "<p>See</p>"
    assert not any(name in json.dumps(row) for name in (*others, "Secret"))
    assert [member.call("openDocument", partner, name) for name in others] == [NOT_FOUND] * 4


def test_row_without_attachments_costs_no_read_of_documents(
    site: Portal, partner: str, member: Visitor
) -> None:
    an_issue(site, partner, comments=[{"author": "hub", "text": "See", "createdAt": DAY}])

    reads = data_calls(site, lambda: sections(member, names=["issues"]))

    an_issue(site, partner, comments=[a_comment(f"unknown-{partner}")])
    assert data_calls(site, lambda: sections(member, names=["issues"])) == (
        reads[0] + 1,
        reads[1],
    )
