"""What a partner does on the portal calls the right method with the right arguments, once, and says how it went."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Route, expect

from tests.browser.served import PRAIRIE, Opener, Portal

CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*", "Access-Control-Allow-Methods": "PUT"}
ISSUE = "case_01JA3B"


def follow_up(portal: Portal, text: str) -> None:
    portal.element.get_by_label("Add a comment").first.fill(text)
    portal.button("Send comment").first.click()


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_comment_is_acknowledged_with_its_reference_and_then_appears(open_portal: Opener, transport: str) -> None:
    portal = open_portal(section="issues", transport=transport)

    follow_up(portal, "  Resent at 10:15.\nPlease check.  ")

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    expect(portal.find(".outcome")).to_be_focused()
    expect(portal.element.get_by_label("Add a comment").first).to_have_value("")
    assert portal.calls("addComment") == [[PRAIRIE, ISSUE, "Resent at 10:15.\nPlease check."]]
    portal.change("rows.issues[0].comments.push({author: 'partner', text: 'Resent at 10:15.', createdAt: '2026-03-13T08:02:30Z'})")
    expect(portal.find(".timeline").first).to_contain_text("Resent at 10:15.")


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_solution_is_accepted(open_portal: Opener, transport: str) -> None:
    portal = open_portal(section="issues", transport=transport)
    portal.find(".issue summary", "TG-2026-004698").click()

    portal.button("Yes, it is solved").click()

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    expect(portal.button("Yes, it is solved")).to_have_count(0)
    assert portal.calls("answerResolution") == [[PRAIRIE, "case_01JA4C", True, ""]]


def test_solution_is_rejected_with_a_reason_and_not_without(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.find(".issue summary", "TG-2026-004698").click()
    portal.find("summary", "No, something is still wrong").click()

    portal.button("Open the issue again").click()
    reason = portal.element.get_by_label("What is still wrong?")
    expect(reason).to_be_focused()
    expect(reason).to_have_attribute("aria-invalid", "true")
    assert portal.calls("answerResolution") == []
    reason.fill("Pallet 2 still grades D.")
    portal.button("Open the issue again").click()

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    assert portal.calls("answerResolution") == [[PRAIRIE, "case_01JA4C", False, "Pallet 2 still grades D."]]


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_step_is_reported(open_portal: Opener, transport: str) -> None:
    portal = open_portal(section="onboarding", transport=transport)
    step = portal.find(".step", "GS1-128 label certification").first
    step.locator("summary", has_text="Report this step as done").click()

    step.get_by_label("Remarks").fill("Sample sent by courier.")
    step.get_by_role("button", name="Submit step").click()

    expect(step.locator(".outcome")).to_contain_text("GX-7K3M-001")
    assert portal.calls("submitStep") == [[PRAIRIE, "enr_01J9QK", "label_cert", {"comment": "Sample sent by courier."}]]


def own_questions(portal: Portal) -> Locator:
    """The form of the step that has questions of its own, unfolded."""
    step = portal.find(".step.yours").first
    step.locator(".act > summary").click()
    return step.locator("form")


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_step_with_questions_of_its_own_asks_them_and_sends_the_answers(open_portal: Opener, transport: str) -> None:
    portal = open_portal(section="onboarding", transport=transport)
    form = own_questions(portal)
    expect(form.locator("label")).to_have_text(
        [
            "Insurer",
            "Cover",
            "Currency",
            "Expires",
            "Claims last year (optional)",
            "E-mail address (optional)",
            "Northwind is named as holder",
            "Remarks (optional)",
        ]
    )
    expect(form.get_by_label("Insurer")).to_have_accessible_description("As the certificate names it.")
    form.get_by_label("Insurer").fill("Great Plains Mutual")
    form.get_by_label("Cover").fill("2000000.50")
    form.get_by_label("Currency").select_option("Something else")
    form.get_by_label("Expires").fill("2027-03-01")
    form.get_by_label("Northwind is named as holder").check()

    form.get_by_role("button", name="Submit step").click()

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    answers = {"insurer": "Great Plains Mutual", "cover_each": "2000000.50", "currency": "other", "expires_on": "2027-03-01", "holder": True}
    assert portal.calls("submitStep") == [[PRAIRIE, "enr_01J9QK", "insurance", answers]]


def test_step_asks_in_the_forms_own_words_of_the_language_and_else_in_the_elements(open_portal: Opener) -> None:
    portal = open_portal(section="onboarding", locale="de")
    german = "import('/tests/browser/portal/forms.js').then(({insuranceInGerman}) => { window.german = insuranceInGerman; })"
    portal.page.evaluate(german)

    portal.change("rows.onboarding[0].steps[2].form.words = window.german")

    form = own_questions(portal)
    expect(form.get_by_label("Versicherer")).to_have_accessible_description("Wie er auf der Bescheinigung steht.")
    expect(form.get_by_label("Währung").locator("option")).to_have_text(["Bitte wählen", "USD", "Andere Währung"])
    expect(form.get_by_label("Anmerkungen")).to_be_visible()


def test_required_questions_of_a_step_are_asked_for_beside_them(open_portal: Opener) -> None:
    portal = open_portal(section="onboarding")
    form = own_questions(portal)

    form.get_by_role("button", name="Submit step").click()

    expect(form.locator(".fault")).to_have_text(["Please fill this in."] * 4)
    expect(form.get_by_label("Insurer")).to_be_focused()
    expect(form.get_by_label("Insurer")).to_have_accessible_description("As the certificate names it. Please fill this in.")
    assert portal.calls("submitStep") == []


REFUSED = {"invalid": "This answer could not be accepted. Please check it.", "too_large": "This answer is too long. Please shorten it."}


@pytest.mark.parametrize("code", REFUSED)
def test_what_the_backend_refuses_of_a_question_is_said_beside_it(open_portal: Opener, code: str) -> None:
    portal = open_portal(section="requests")
    portal.find("summary", "Question to the partner desk").click()
    form = portal.find("form[data-form='request/partner-question']")
    form.get_by_label("What is it about?").select_option("freight")
    form.get_by_label("Your question").fill("When is zone 7 open?")
    portal.fail("sendRequest", code, question="question")
    form.get_by_role("button", name="Send request").click()

    expect(form.locator(".fault")).to_have_text(REFUSED[code])
    expect(form.get_by_label("Your question")).to_be_focused()
    expect(form.get_by_label("Your question")).to_have_accessible_description(REFUSED[code])
    expect(form.get_by_label("Your question")).to_have_value("When is zone 7 open?")
    expect(portal.find(".outcome")).to_have_count(0)
    portal.fail("sendRequest", None)
    form.get_by_role("button", name="Send request").click()
    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")


def test_refusal_of_a_steps_question_is_said_beside_it_and_one_of_none_that_is_shown_above(open_portal: Opener) -> None:
    portal = open_portal(section="onboarding")
    form = own_questions(portal)
    for label, answer in {"Insurer": "Great Plains Mutual", "Cover": "2000000", "Expires": "2027-03-01"}.items():
        form.get_by_label(label).fill(answer)
    form.get_by_label("Currency").select_option("USD")

    portal.fail("submitStep", "invalid", question="cover_each")
    form.get_by_role("button", name="Submit step").click()
    expect(form.get_by_label("Cover")).to_be_focused()
    expect(form.get_by_label("Cover")).to_have_accessible_description(REFUSED["invalid"])

    portal.fail("submitStep", "invalid", question="a_new_question")
    form.get_by_role("button", name="Submit step").click()
    expect(portal.find(".outcome")).to_contain_text("This could not be accepted.")
    expect(form.locator(".fault")).to_have_count(0)
    expect(form.get_by_label("Cover")).to_have_value("2000000")


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_request_is_sent_by_the_fields_targets_and_shows_until_its_row_is_there(open_portal: Opener, transport: str) -> None:
    portal = open_portal(section="requests", transport=transport, locale="de")
    portal.find("summary", "Frage zu einer Rechnung").click()
    form = portal.find("form[data-form='request/invoice-question']")
    form.get_by_label("Rechnungsnummer").fill("INV-88213")
    form.get_by_label("Position").fill("3")
    form.get_by_label("Preis auf der Rechnung").fill("4,15")
    form.get_by_label("Währung").select_option("USD")
    form.get_by_label("Ihre Frage").fill("Which price will you pay?")
    form.get_by_label("E-Mail-Adresse").fill("ap@prairiegold.example")

    form.get_by_role("button", name="Anfrage senden").click()

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    expect(portal.find(".waiting-row")).to_contain_text("Unterwegs")
    values = {
        "invoice_number": "INV-88213", "line_number": "3", "invoiced_unit_price": "4.15", "currency": "USD",
        "question": "Which price will you pay?", "your_name": "Dana Whitfield", "email": "ap@prairiegold.example",
    }  # fmt: skip
    assert portal.calls("sendRequest") == [[PRAIRIE, "invoice-question", values]]
    assert portal.calls("getRequestForms") == [["de"]]
    portal.change("""rows.requests.unshift({
      ...rows.requests[0], id: 'GX-7K3M-001', reference: 'GX-7K3M-001', number: 'CR-2026-01902', submittedAt: '2026-03-13T08:02:10Z',
    })""")
    expect(portal.find(".request").first).to_contain_text("CR-2026-01902")
    expect(portal.find(".waiting-row")).to_have_count(0)


def test_yes_or_no_and_dates_are_sent_as_such(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    portal.find("summary", "Problem with a ship notice").click()
    form = portal.find("form[data-form='request/ship-notice-problem']")
    form.get_by_label("Order number").fill("4500187734")
    form.get_by_label("Arrives on").fill("2026-03-16")
    form.get_by_label("The goods are on their way").check()
    form.get_by_label("What happened?").fill("Labels were reprinted.")

    form.get_by_role("button", name="Send request").click()

    expect(portal.find(".outcome")).to_be_visible()
    assert portal.calls("sendRequest")[0][2] == {
        "po_number": "4500187734", "arrives_on": "2026-03-16", "already_shipped": True, "question": "Labels were reprinted.",
    }  # fmt: skip


def test_fields_for_files_and_traps_are_not_asked(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    portal.find("summary", "Question about an invoice").click()
    form = portal.find("form[data-form='request/invoice-question']")

    expect(form.get_by_label("Invoice number")).to_be_visible()
    expect(form.get_by_label("Website")).to_have_count(0)
    expect(form.get_by_label("Attachments")).to_have_count(0)


FAULTS = [
    ("Line", "3.5", "Please enter a whole number, such as 3."),
    ("Price on the invoice", "12 pallets", "Please enter a number, such as 1234.56."),
    ("Price on the invoice", "4,15", "This can be 4.15 or 415. Please enter the number without separators for thousands."),
    ("E-mail address", "ap@prairiegold", "Please enter an e-mail address such as name@company.example."),
    ("Your question", "   ", "Please fill this in."),
]


def test_faults_are_said_beside_the_field_and_nothing_is_sent_or_lost(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    portal.find("summary", "Question about an invoice").click()
    form = portal.find("form[data-form='request/invoice-question']")
    good = {"Invoice number": "INV-1", "Line": "", "Price on the invoice": "", "Your question": "Which price?", "E-mail address": "ap@prairiegold.example"}
    for label, typed, fault in FAULTS:
        for name, text in {**good, label: typed}.items():
            form.get_by_label(name).fill(text)
        form.get_by_role("button", name="Send request").click()

        expect(form.locator(".fault")).to_have_text(fault)
        expect(form.get_by_label(label)).to_be_focused()
        expect(form.get_by_label(label)).to_have_accessible_description(fault)
        expect(form.get_by_label("Invoice number")).to_have_value("INV-1")
    assert portal.calls("sendRequest") == []


NUMBERS: list[tuple[str, str, str | None]] = [
    ("4.15", "en", "4.15"), ("4,15", "de", "4.15"), ("4.15", "de", "4.15"), ("-0,5", "de", "-0.5"), ("1 234,50", "de", "1234.50"), ("480", "de", "480"),
    ("4,155", "de", "4.155"), ("4.155", "de", None), ("1.234,56", "de", "1234.56"), ("1,234.56", "en", "1234.56"), ("1,234", "en", "1234"), ("4,15", "en",
    None), ("1e3", "en", None), ("", "en", None), ]  # fmt: skip


def test_number_that_could_mean_two_things_is_none(open_portal: Opener) -> None:
    portal = open_portal(world="empty")

    for typed, locale, read in NUMBERS:
        found = portal.page.evaluate("asked => import('/portal/element/forms.js').then(({decimal}) => decimal(...asked))", [typed, locale])

        assert found == read, (typed, locale)


def new_location(portal: Portal) -> Locator:
    """The form with a field of each kind, filled in."""
    portal.find("summary", "A new location").click()
    form = portal.find("form[data-form='request/new-location']")
    form.get_by_label("GLN").fill("(414)0614141000005")
    form.get_by_role("group", name="Services").get_by_label("Freight").check()
    form.get_by_role("group", name="Services").get_by_label("Tax").check()
    address = form.get_by_role("group", name="Address")
    address.get_by_label("Street and number").fill("Kastanienallee 7")
    address.get_by_label("City").fill("Aachen")
    address.get_by_label("Country").fill("de")
    form.get_by_label("Telephone").fill("+49 30 123456")
    form.get_by_label("Opens at").fill("08:30")
    form.get_by_label("First visit").fill("2026-11-27T14:30")
    form.get_by_label("How easy was it?").select_option("4 of 5")
    form.get_by_label("Web page").fill("www.prairiegold.example")
    return form


def test_every_kind_of_question_is_asked_and_answered(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    form = new_location(portal)
    form.get_by_label("Other", exact=True).fill("customs")
    form.get_by_role("button", name="Send request").click()

    expect(form.locator("xpath=..").locator(".outcome")).to_contain_text("GX-7K3M-001")
    [[_, key, values]] = portal.calls("sendRequest")
    assert key == "new-location"
    assert values == {
        "gln": "(414)0614141000005",
        "services": ["freight", "tax", "Other: customs"],
        "where": {"addressLine": "Kastanienallee 7", "city": "Aachen", "country": "DE"},
        "phone": "+49 30 123456",
        "opens_at": "08:30",
        "visit_at": "2026-11-27T14:30",
        "ease": "4",
        "page": "www.prairiegold.example",
    }


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda form: [box.uncheck() for box in form.get_by_role("group", name="Services").get_by_role("checkbox").all()], "Please choose at least one."),
        (lambda form: form.get_by_label("Country").fill("Germany"), "Please enter the country as two letters, such as DE."),
        (lambda form: [form.get_by_label(part).fill("") for part in ("Street and number", "City", "Country")], "Please fill this in."),
    ],
)
def test_fault_of_a_group_is_said_beside_it_and_what_was_typed_stays(open_portal: Opener, spoil: Callable[[Locator], object], fault: str) -> None:
    portal = open_portal(section="requests")
    form = new_location(portal)
    spoil(form)
    form.get_by_role("button", name="Send request").click()

    expect(form.locator(".fault")).to_have_text(fault)
    expect(form.get_by_label("GLN")).to_have_value("(414)0614141000005")
    assert portal.calls("sendRequest") == []


@pytest.mark.parametrize(
    ("reason", "locale", "said"),
    [
        ("gln.check_digit", "en", "This is not a GLN: check digit. Please compare it with your documents."),
        ("gln.check_digit", "de", "Das ist keine GLN: Die Prüfziffer stimmt nicht. Bitte vergleichen Sie die Nummer mit Ihren Unterlagen."),
        ("gln.something_new", "en", "This answer could not be accepted. Please check it."),
    ],
)
def test_reason_of_the_backend_is_said_beside_the_field_in_the_readers_language(open_portal: Opener, reason: str, locale: str, said: str) -> None:
    portal = open_portal(section="requests", locale=locale)
    portal.page.evaluate("reason => window.portal.failing.set('sendRequest', { code: 'invalid', question: 'gln', reason })", reason)
    portal.find("summary", "A new location").click()
    form = portal.find("form[data-form='request/new-location']")
    form.get_by_label("GLN").fill("0614141000006")
    form.get_by_role("checkbox").first.check()
    form.locator("input[name='where.city']").fill("Aachen")
    form.locator("button[type=submit]").click()

    expect(form.locator(".fault")).to_have_text(said)
    expect(form.get_by_label("GLN")).to_be_focused()


def upload_to(portal: Portal, status: int = 200) -> list[dict[str, Any]]:
    """What is put to the upload address."""
    put: list[dict[str, Any]] = []

    def answer(route: Route) -> None:
        request = route.request
        if request.method == "PUT":
            put.append({"url": request.url, "type": request.headers.get("content-type"), "bytes": request.post_data_buffer})
        route.fulfill(
            status=status if request.method == "PUT" else 204, headers=CORS, content_type="application/json", body=json.dumps({"file": {"id": "file_9"}})
        )

    portal.page.route("https://upload.example/**", answer)
    return put


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_new_version_is_put_where_the_backend_says_and_handed_in(open_portal: Opener, transport: str) -> None:
    portal = open_portal(section="documents", transport=transport)
    put = upload_to(portal)
    document = portal.find(".document", "Trading partner agreement")
    document.locator("summary", has_text="Send a new version").click()

    document.get_by_label("File").set_input_files({"name": "TPA signed & final.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 agreed"})
    document.get_by_role("button", name="Send for review").click()

    expect(document.locator(".outcome")).to_contain_text("GX-7K3M-001")
    assert put == [{"url": "https://upload.example/place?token=u&filename=TPA+signed+%26+final.pdf", "type": "application/pdf", "bytes": b"%PDF-1.7 agreed"}]
    assert portal.calls("getUploadUrl") == [[PRAIRIE, "doc_agr_101", {"fileName": "TPA signed & final.pdf", "mimeType": "application/pdf", "sizeInBytes": 15}]]
    assert portal.calls("submitDocument") == [[PRAIRIE, "doc_agr_101", "file_9", "TPA signed & final.pdf", 2]]


def question_with(portal: Portal, *files: FilePayload) -> Locator:
    """The form of a question, filled in and with files chosen."""
    portal.find("summary", "Question to the partner desk").click()
    form = portal.find("form[data-form='request/partner-question']")
    form.get_by_label("What is it about?").select_option("freight")
    form.get_by_label("Your question").fill("When is zone 7 open?")
    form.get_by_label("Attachments").set_input_files(files)
    return form


def a_file(name: str, content: bytes = b"zone,opens\n7,?", mime_type: str = "text/csv") -> FilePayload:
    return {"name": name, "mimeType": mime_type, "buffer": content}


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_files_of_a_request_are_put_where_the_backend_says_and_handed_in_with_it(open_portal: Opener, transport: str) -> None:
    portal = open_portal(section="requests", transport=transport)
    put = upload_to(portal)
    form = question_with(portal, a_file("zones.csv"), a_file("Plan.PDF", b"%PDF-1.7", "application/pdf"))
    expect(form.get_by_label("Attachments")).to_have_accessible_description("Up to 2 files of 2 MB at most each: pdf, csv.")

    form.get_by_role("button", name="Send request").click()

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    assert [(one["type"], one["bytes"]) for one in put] == [("text/csv", b"zone,opens\n7,?"), ("application/pdf", b"%PDF-1.7")]
    assert put[0]["url"] == "https://upload.example/attached?token=9&filename=zones.csv"
    assert portal.calls("getAttachmentUrl") == [
        [PRAIRIE, "partner-question", {"fileName": "zones.csv", "mimeType": "text/csv", "sizeInBytes": 14}],
        [PRAIRIE, "partner-question", {"fileName": "Plan.PDF", "mimeType": "application/pdf", "sizeInBytes": 8}],
    ]
    answers = {"topic": "freight", "question": "When is zone 7 open?"}
    files = [{"fileId": "file_9", "fileName": "zones.csv"}, {"fileId": "file_9", "fileName": "Plan.PDF"}]
    assert portal.calls("sendRequest") == [[PRAIRIE, "partner-question", answers, files]]


UNWANTED = [
    ([a_file("zones.exe")], "zones.exe is not a kind of file that we can take. Please choose one of these: pdf, csv."),
    ([a_file("csv")], "csv is not a kind of file that we can take. Please choose one of these: pdf, csv."),
    ([a_file("zones.csv"), a_file("empty.csv", b"")], "empty.csv is empty. Please choose another file."),
    ([a_file("large.csv", b"7" * 2_000_001)], "large.csv is too large. A file may have 2 MB at most."),
    ([a_file(f"{number}.csv") for number in range(3)], "Please choose at most 2 files."),
]


def test_files_that_may_not_come_along_are_refused_beside_their_field_and_nothing_is_sent(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    form = question_with(portal)
    for files, fault in UNWANTED:
        form.get_by_label("Attachments").set_input_files(files)
        form.get_by_role("button", name="Send request").click()

        expect(form.locator(".fault")).to_have_text(fault)
        expect(form.get_by_label("Attachments")).to_be_focused()
        expect(form.get_by_label("Attachments")).to_have_accessible_description(f"Up to 2 files of 2 MB at most each: pdf, csv. {fault}")
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
    assert (len(put), len(portal.calls("getAttachmentUrl")), len(portal.calls("sendRequest"))) == (1, 1, 2)
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
    document.get_by_label("File").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})

    document.get_by_role("button", name="Send for review").click()

    expect(document.locator(".outcome")).to_contain_text("The service did not answer.")
    assert portal.calls("submitDocument") == []


def test_empty_file_is_not_uploaded(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    document = portal.find(".document", "Trading partner agreement")
    document.locator("summary", has_text="Send a new version").click()
    document.get_by_label("File").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b""})

    document.get_by_role("button", name="Send for review").click()

    expect(document.locator(".outcome")).to_contain_text("This could not be accepted.")
    assert portal.calls("getUploadUrl") == []


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_document_opens_in_a_new_tab_and_its_link_stays(open_portal: Opener, transport: str) -> None:
    portal = open_portal(section="documents", transport=transport)
    portal.page.context.route("https://files.example/**", lambda route: route.fulfill(body="a file"))

    with portal.page.context.expect_page() as opened:
        portal.button("Open Trading partner agreement").click()

    assert opened.value.url == "https://files.example/doc_agr_101?token=t"
    assert opened.value.evaluate("window.opener") is None
    expect(portal.find(".outcome")).to_contain_text("(until 3:11 AM)")
    expect(portal.find(".outcome a")).to_have_attribute("href", "https://files.example/doc_agr_101?token=t")
    assert portal.calls("openDocument") == [[PRAIRIE, "doc_agr_101"]]


CODES = {
    "not_linked": "Your account is not connected to a trading partner any more.",
    "not_yours": "This does not belong to your company",
    "not_found": "This is not there any more.",
    "invalid": "This could not be accepted.",
    "too_large": "This is too large.",
    "unavailable": "The service did not answer. What you entered is still here.",
    "throw": "The service did not answer. What you entered is still here.",
    "a_new_one": "The service did not answer. What you entered is still here.",
}


def test_each_error_is_said_in_words_and_what_was_typed_stays(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.element.get_by_label("Add a comment").first.fill("Resent at 10:15.")
    for code, words in CODES.items():
        portal.fail("addComment", code)
        portal.button("Send comment").first.click()

        expect(portal.find(".outcome")).to_contain_text(words)
        expect(portal.find(".outcome")).to_be_focused()
        expect(portal.element.get_by_label("Add a comment").first).to_have_value("Resent at 10:15.")
    portal.fail("addComment", None)
    portal.button("Send comment").first.click()
    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")


def test_action_that_is_under_way_is_not_sent_again(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.hold("addComment")
    follow_up(portal, "Resent at 10:15.")

    button = portal.button("Sending…")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    portal.release("addComment")

    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")
    assert len(portal.calls("addComment")) == 1


def test_answer_that_never_comes_is_unavailable_after_a_while(open_portal: Opener) -> None:
    portal = open_portal(section="issues")
    portal.hold("addComment")
    follow_up(portal, "Resent at 10:15.")

    portal.beat(31_000)

    expect(portal.find(".outcome")).to_contain_text("send it again only if it is not there")


def test_forms_that_cannot_be_had_are_asked_for_again(open_portal: Opener) -> None:
    portal = open_portal()
    portal.fail("getRequestForms")
    portal.go("Requests")
    expect(portal.find(".ask")).to_contain_text("The service did not answer. Please try again in a moment.")

    portal.fail("getRequestForms", None)
    portal.button("Try again").click()

    expect(portal.find(".ask summary")).to_have_count(4)
