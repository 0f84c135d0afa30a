"""Documents of the portal with the emulator's Media Manager: uploads and downloads."""

import httpx
import pytest

from tests.contract.portal_site import Portal, Visitor, needs_node, portal
from tests.contract.wix_site import wait_until

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]

BYTES = b"%PDF-1.7\nSigned."


@pytest.fixture(scope="module")
def site() -> Portal:
    return portal(watch_media=False)


def a_document(site: Portal, partner: str, **facts: object) -> str:
    common = {
        "partnerId": partner,
        "partnerIds": [partner],
        "forEverybody": False,
        "version": 1,
        "restricted": False,
        "private": True,
    }
    return site.row("PartnerDocuments", f"doc-{partner}", **{**common, **facts})


def uploaded(
    member: Visitor, partner: str, document: str, mime_type: str = "application/pdf"
) -> dict[str, object]:
    """Return the file that a browser has uploaded to the backend's URL."""
    place = member.call(
        "getUploadUrl",
        partner,
        document,
        {"fileName": "coi.pdf", "mimeType": mime_type, "sizeInBytes": len(BYTES)},
    )
    headers = {"content-type": mime_type, "origin": member.portal}
    answer = httpx.put(
        place["uploadUrl"], params={"filename": "coi.pdf"}, content=BYTES, headers=headers
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    file: dict[str, object] = answer.json()["file"]
    return file


@pytest.mark.parametrize("mime_type", ["application/pdf", "application/octet-stream"])
def test_a_version_that_a_member_uploads_is_private_and_its_own_documents(
    site: Portal, mime_type: str
) -> None:
    partner, other = site.partner(), site.partner()
    member, stranger = site.member(partner), site.member(other)
    document, others_document = a_document(site, partner), a_document(site, other)

    file = uploaded(member, partner, document, mime_type)

    assert file["private"] is True
    assert stranger.call("submitDocument", other, others_document, file["id"], "coi.pdf", 1) == {
        "error": {"code": "not_found"}
    }
    assert member.call("submitDocument", partner, document, file["id"], "coi.pdf", 1)["reference"]
    assert site.webhook.posts[-1]["values"]["file"] == [
        {"fileId": file["id"], "displayName": "coi.pdf", "sizeInBytes": len(BYTES)}
    ]
    wait_until(lambda: httpx.get(str(file["url"])).status_code == 403)


def test_a_file_that_a_member_uploads_for_a_request_goes_along_with_it_and_with_nobody_elses(
    site: Portal,
) -> None:
    partner = site.partner()
    member, colleague = site.member(partner), site.member(partner)
    values = {"topic": "tax", "question": "Which form?"}
    place = member.call(
        "getAttachmentUrl",
        partner,
        "partner-question",
        {"fileName": "w9.pdf", "mimeType": "application/pdf", "sizeInBytes": len(BYTES)},
    )
    headers = {"content-type": "application/pdf", "origin": member.portal}
    file = httpx.put(
        place["uploadUrl"], params={"filename": "w9.pdf"}, content=BYTES, headers=headers
    ).json()["file"]
    handed_in = [{"fileId": file["id"], "fileName": "w9.pdf"}]

    theirs = colleague.call("sendRequest", partner, "partner-question", values, handed_in)
    own = member.call("sendRequest", partner, "partner-question", values, handed_in)

    assert file["private"] is True
    assert theirs == {"error": {"code": "not_found", "question": "attachments"}}
    assert own["reference"]
    assert site.webhook.posts[-1]["values"]["attachments"] == [
        {"fileId": file["id"], "displayName": "w9.pdf", "sizeInBytes": len(BYTES)}
    ]


def test_a_private_document_opens_by_a_link_alone(site: Portal) -> None:
    partner = site.partner()
    member = site.member(partner)
    file = uploaded(member, partner, a_document(site, partner))
    document = a_document(site, partner, fileId=file["id"], fileName="Certificate.pdf")

    # Wix goes over a new file first.
    wait_until(lambda: "url" in member.call("openDocument", partner, document))

    opened = httpx.get(member.call("openDocument", partner, document)["url"])

    assert (opened.status_code, opened.content) == (200, BYTES)
    assert "Certificate.pdf" in opened.headers["content-disposition"]


@pytest.mark.parametrize("file_id", ["no-such-file.pdf", "x"])
def test_a_file_that_does_not_exist_is_not_found(site: Portal, file_id: str) -> None:
    partner = site.partner()

    answer = site.member(partner).call(
        "submitDocument", partner, a_document(site, partner), file_id, "coi.pdf", 1
    )

    assert answer == {"error": {"code": "not_found"}}
