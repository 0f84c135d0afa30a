"""Request forms on the portal: kinds of questions, validation, and rejected answers."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.served import PRAIRIE, Opener, Portal


@pytest.mark.parametrize("transport", ["functions", "events"])
def test_request_is_sent_by_the_fields_targets_and_shows_until_its_row_is_there(
    open_portal: Opener, transport: str
) -> None:
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
        "invoice_number": "INV-88213",
        "line_number": "3",
        "invoiced_unit_price": "4.15",
        "currency": "USD",
        "question": "Which price will you pay?",
        "your_name": "Dana Whitfield",
        "email": "ap@prairiegold.example",
    }
    assert portal.calls("sendRequest") == [[PRAIRIE, "invoice-question", values]]
    assert portal.calls("getRequestForms") == [["de", PRAIRIE]]
    portal.change("""rows.requests.unshift({
      ...rows.requests[0], id: 'GX-7K3M-001', reference: 'GX-7K3M-001',
      number: 'CR-2026-01902', submittedAt: '2026-03-13T08:02:10Z',
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
        "po_number": "4500187734",
        "arrives_on": "2026-03-16",
        "already_shipped": True,
        "question": "Labels were reprinted.",
    }


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
    (
        "Price on the invoice",
        "4,15",
        "This can be 4.15 or 415. Please enter the number without separators for thousands.",
    ),
    (
        "E-mail address",
        "ap@prairiegold",
        "Please enter an e-mail address such as name@company.example.",
    ),
    ("Your question", "   ", "Please fill this in."),
]


def test_faults_are_said_beside_the_field_and_nothing_is_sent_or_lost(open_portal: Opener) -> None:
    portal = open_portal(section="requests")
    portal.find("summary", "Question about an invoice").click()
    form = portal.find("form[data-form='request/invoice-question']")
    good = {
        "Invoice number": "INV-1",
        "Line": "",
        "Price on the invoice": "",
        "Your question": "Which price?",
        "E-mail address": "ap@prairiegold.example",
    }
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
    ("4.15", "en", "4.15"),
    ("4,15", "de", "4.15"),
    ("4.15", "de", "4.15"),
    ("-0,5", "de", "-0.5"),
    ("1 234,50", "de", "1234.50"),
    ("480", "de", "480"),
    ("4,155", "de", "4.155"),
    ("4.155", "de", None),
    ("1.234,56", "de", "1234.56"),
    ("1,234.56", "en", "1234.56"),
    ("1,234", "en", "1234"),
    ("4,15", "en", None),
    ("1e3", "en", None),
    ("", "en", None),
]


def test_number_that_could_mean_two_things_is_none(open_portal: Opener) -> None:
    portal = open_portal(world="empty")

    for typed, locale, read in NUMBERS:
        found = portal.page.evaluate(
            "asked => import('/portal/element/forms.js').then(({decimal}) => decimal(...asked))",
            [typed, locale],
        )

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
        (
            lambda form: [
                box.uncheck()
                for box in form.get_by_role("group", name="Services").get_by_role("checkbox").all()
            ],
            "Please choose at least one.",
        ),
        (
            lambda form: form.get_by_label("Country").fill("Germany"),
            "Please enter the country as two letters, such as DE.",
        ),
        (
            lambda form: [
                form.get_by_label(part).fill("")
                for part in ("Street and number", "City", "Country")
            ],
            "Please fill this in.",
        ),
    ],
)
def test_fault_of_a_group_is_said_beside_it_and_what_was_typed_stays(
    open_portal: Opener, spoil: Callable[[Locator], object], fault: str
) -> None:
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
        (
            "gln.check_digit",
            "en",
            "This is not a GLN: check digit. Please compare it with your documents.",
        ),
        (
            "gln.check_digit",
            "de",
            (
                "Das ist keine GLN: Die Prüfziffer stimmt nicht."
                " Bitte vergleichen Sie die Nummer mit Ihren Unterlagen."
            ),
        ),
        ("gln.something_new", "en", "This answer could not be accepted. Please check it."),
    ],
)
def test_reason_of_the_backend_is_said_beside_the_field_in_the_readers_language(
    open_portal: Opener, reason: str, locale: str, said: str
) -> None:
    portal = open_portal(section="requests", locale=locale)
    portal.page.evaluate(
        "reason => window.portal.failing.set('sendRequest',"
        " { code: 'invalid', question: 'gln', reason })",
        reason,
    )
    portal.find("summary", "A new location").click()
    form = portal.find("form[data-form='request/new-location']")
    form.get_by_label("GLN").fill("0614141000006")
    form.get_by_role("checkbox").first.check()
    form.locator("input[name='where.city']").fill("Aachen")
    form.locator("button[type=submit]").click()

    expect(form.locator(".fault")).to_have_text(said)
    expect(form.get_by_label("GLN")).to_be_focused()
