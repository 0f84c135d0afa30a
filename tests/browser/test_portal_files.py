"""Files on the portal: previews of pictures, and files that are dragged onto a field."""

import base64
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.served import PRAIRIE, Opener, Portal
from tests.browser.test_portal_accessibility import LOOKS, too_small, violations
from tests.browser.test_portal_uploads import upload_to

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PAGE = b"<script>parent.hit = 1; window.hit = 1</script>"


def serve(portal: Portal, body: bytes = PNG, content_type: str = "image/png") -> list[Any]:
    """Serve the download URLs, as attachments. Return the list of requests."""
    asked: list[Any] = []

    def answer(route: Route) -> None:
        asked.append(route.request)
        headers = {"Content-Disposition": "attachment; filename=a.png"}
        route.fulfill(body=body, content_type=content_type, headers=headers)

    portal.page.route("https://files.example/**", answer)
    return asked


def label(portal: Portal) -> Locator:
    """Return the document that is a picture."""
    return portal.find(".document", "GS1-128 label sample")


def width_of_picture(portal: Portal) -> int:
    found: int = label(portal).locator("img").evaluate("one => one.naturalWidth")
    return found


def test_picture_is_shown_in_the_page_and_closed_again(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    asked = serve(portal)
    button = label(portal).get_by_role("button", name="Preview GS1-128 label sample")
    expect(button).to_have_attribute("aria-expanded", "false")

    button.focus()
    portal.page.keyboard.press("Enter")
    picture = label(portal).get_by_role("img", name="Preview of GS1-128 label sample")
    expect(picture).to_be_visible()
    expect(label(portal).locator("figure")).to_be_focused()
    portal.page.wait_for_function(
        "window.portal.element.shadowRoot.querySelector('img').naturalWidth > 0"
    )

    assert portal.calls("openDocument") == [[PRAIRIE, "doc_lbl_101"]]
    assert [(one.resource_type, one.headers.get("referer")) for one in asked] == [("image", None)]
    label(portal).get_by_role("button", name="Close preview").click()
    expect(picture).to_have_count(0)
    expect(button).to_be_focused()


def test_only_pictures_that_every_browser_shows_have_a_preview(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    expect(portal.find(".preview")).to_have_count(1)

    for change in (
        "fileName: 'label.svg'",
        "fileName: 'label.html'",
        "fileName: 'label.pdf'",
        "fileName: 'label.tiff'",
        "fileName: 'png'",
        "fileName: null",
        "fileName: 'label.png', fileId: ''",
        "fileName: 'label.png', fileId: 'f3', restricted: true",
        "fileName: 'label.png', restricted: false, sizeBytes: 25000001",
    ):
        portal.change(f"Object.assign(rows.documents[2], {{{change}}})")
        expect(portal.find(".preview")).to_have_count(0)
    portal.change("Object.assign(rows.documents[2], {sizeBytes: 25000000})")

    expect(portal.find(".preview")).to_have_count(1)


def test_file_that_claims_to_be_a_picture_runs_nothing(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    serve(portal, PAGE, "text/html")

    label(portal).get_by_role("button", name="Preview").click()

    expect(label(portal).locator(".preview .fault")).to_have_text(
        "The picture cannot be shown here. Please open it instead."
    )
    expect(label(portal).locator("img")).to_have_count(0)
    expect(portal.find("[role=status]")).to_contain_text("The picture cannot be shown here.")
    assert portal.page.evaluate("window.hit") is None
    serve(portal)
    label(portal).get_by_role("button", name="Preview").click()
    expect(label(portal).locator("img")).to_be_visible()


@pytest.mark.parametrize(
    "url", ["javascript:window.hit=1", "data:text/html,x", "http://x.example/"]
)
def test_picture_with_an_unsafe_address_is_not_asked_for(open_portal: Opener, url: str) -> None:
    portal = open_portal(section="documents")
    portal.page.evaluate("url => { window.portal.world.address = url }", url)

    label(portal).get_by_role("button", name="Preview").click()

    expect(label(portal).locator(".preview .outcome")).to_contain_text("did not answer")
    expect(label(portal).locator("img")).to_have_count(0)


def test_page_whose_policy_lacks_the_host_offers_to_open_the_picture(open_portal: Opener) -> None:
    portal = open_portal(section="documents", csp="strict")
    asked = serve(portal)

    label(portal).get_by_role("button", name="Preview").click()

    expect(label(portal).locator(".preview .fault")).to_contain_text("Please open it instead.")
    expect(portal.button("Open GS1-128 label sample")).to_be_visible()
    assert asked == []


def test_new_version_of_a_picture_takes_its_preview_away(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    serve(portal)
    label(portal).get_by_role("button", name="Preview").click()
    expect(label(portal).locator("img")).to_be_visible()

    portal.change("Object.assign(rows.documents[2], {fileId: 'f9', version: 2})")

    expect(label(portal).locator("img")).to_have_count(0)
    expect(label(portal).get_by_role("button", name="Preview")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_preview_has_no_violation_and_fits_its_screen(open_portal: Opener, look: str) -> None:
    width, query = LOOKS[look]
    portal = open_portal(width=width, section="documents", **query)
    serve(portal)

    label(portal).locator(".preview button").click()
    expect(label(portal).locator("img")).to_be_visible()

    assert violations(portal) == []
    assert portal.page.evaluate("document.documentElement.scrollWidth") <= width
    assert too_small(portal) == []


DRAG = """([selector, kinds, files]) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) transfer.items.add(new File([text], name));
  if (!files.length) transfer.setData('text/plain', 'words');
  const target = window.portal.element.shadowRoot.querySelector(selector);
  return kinds.map(kind => {
    const event = new DragEvent(kind, {
      dataTransfer: transfer, bubbles: true, composed: true, cancelable: true,
    });
    target.dispatchEvent(event);
    return event.defaultPrevented;
  });
}"""
"""Drags files, or words if there are none. Returns which events the portal took."""

UPLOAD = "form[data-form='upload/doc_agr_101'] .drop"


def drag(portal: Portal, selector: str, *names: str, kinds: tuple[str, ...]) -> list[bool]:
    files = [[name, "%PDF-1.7"] for name in names]
    found: list[bool] = portal.page.evaluate(DRAG, [selector, list(kinds), files])
    portal.settle()
    return found


def drop(portal: Portal, selector: str, *names: str) -> list[bool]:
    return drag(portal, selector, *names, kinds=("dragenter", "dragover", "drop"))


def open_upload(portal: Portal) -> Locator:
    document = portal.find(".document", "Trading partner agreement")
    document.locator("summary", has_text="Send a new version").click()
    return document


def test_file_that_is_dropped_is_sent_like_one_that_was_chosen(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    put = upload_to(portal)
    document = open_upload(portal)

    assert drop(portal, UPLOAD, "TPA signed.pdf") == [True, True, True]

    expect(document.get_by_label("File")).to_be_focused()
    assert portal.said() == "Chosen, and not sent yet: TPA signed.pdf."
    assert portal.calls("getUploadUrl") == []
    document.get_by_role("button", name="Send for review").click()
    expect(document.locator(".outcome")).to_contain_text("GX-7K3M-001")
    assert [one["bytes"] for one in put] == [b"%PDF-1.7"]


def test_field_shows_that_it_takes_files_and_not_that_it_takes_words(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    zone = open_upload(portal).locator(".drop")

    assert drag(portal, UPLOAD, "a.pdf", kinds=("dragenter", "dragover")) == [True, True]
    expect(zone).to_have_attribute("data-over", "")
    drag(portal, UPLOAD, "a.pdf", kinds=("dragleave",))
    expect(zone).not_to_have_attribute("data-over", "")

    assert drag(portal, UPLOAD, kinds=("dragenter", "dragover", "drop")) == [False, False, False]
    expect(zone).not_to_have_attribute("data-over", "")


def test_several_files_and_folders_are_refused_beside_the_field(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    document = open_upload(portal)

    drop(portal, UPLOAD, "a.pdf", "b.pdf")
    expect(document.locator(".fault")).to_have_text("Please drag one file only.")
    expect(document.get_by_label("File")).to_have_accessible_description(
        "We review it before it replaces the current version. Please drag one file only."
    )
    portal.page.evaluate(
        "DataTransferItem.prototype.webkitGetAsEntry = () => ({isDirectory: true})"
    )
    drop(portal, UPLOAD, "folder")
    expect(document.locator(".fault")).to_have_text(
        "This is a folder. Please drag the file itself."
    )
    portal.page.evaluate("delete DataTransferItem.prototype.webkitGetAsEntry")

    assert document.get_by_label("File").evaluate("input => input.files.length") == 0
    drop(portal, UPLOAD, "a.pdf")
    expect(document.locator(".fault")).to_have_count(0)


def test_dropped_files_of_a_request_have_the_checks_of_chosen_ones(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    portal.find("summary", "Question to the partner desk").click()
    form = portal.find("form[data-form='request/partner-question']")
    zone = "form[data-form='request/partner-question'] .drop"
    most = portal.page.evaluate(
        "window.portal.world.forms.find(({key}) => key === 'partner-question').attachments.most"
    )

    drop(portal, zone, *(f"{number}.csv" for number in range(most + 1)))
    expect(form.locator(".fault")).to_have_text(f"Please choose at most {most} files.")
    drop(portal, zone, "zones.exe", "plan.csv")
    expect(form.locator(".fault")).to_have_count(0)
    form.get_by_role("button", name="Send request").click()

    expect(form.locator(".fault", has_text="zones.exe is not a kind of file")).to_be_visible()
    assert portal.calls("getAttachmentUrl") == []


def test_file_that_misses_the_field_does_not_replace_the_page(open_portal: Opener) -> None:
    portal = open_portal(section="documents")

    assert drag(portal, ".head", "a.pdf", kinds=("dragover", "drop")) == [True, True]
    assert drag(portal, ".head", kinds=("dragover", "drop")) == [False, False]


def test_nothing_is_taken_while_the_form_is_being_sent(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    document = open_upload(portal)
    drop(portal, UPLOAD, "a.pdf")
    portal.hold("getUploadUrl")
    document.get_by_role("button", name="Send for review").click()

    drop(portal, UPLOAD, "b.pdf")

    name = "input => input.files[0].name"
    assert document.get_by_label("File").evaluate(name) == "a.pdf"
