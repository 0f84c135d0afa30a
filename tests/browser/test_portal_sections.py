"""The sections of the portal with rows, and without any."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.served import BALTIC, INVITED, PRAIRIE, Opener


def test_overview_shows_standing_next_steps_and_wanted_documents(open_portal: Opener) -> None:
    portal = open_portal()

    expect(portal.find(".headline")).to_have_text(
        "One issue is waiting for you, and your pilot invoice is next."
    )
    expect(portal.element.get_by_role("progressbar", name="Onboarding progress")).to_have_attribute(
        "aria-valuenow", "57"
    )
    expect(portal.find(".todo li")).to_have_count(4)
    expect(portal.find(".todo li").first).to_contain_text("Due 14 Mar 2026 (tomorrow)")
    expect(portal.find(".tile", "open issues")).to_contain_text("1 is waiting for you")
    expect(portal.find(".latest")).to_contain_text("An issue has been waiting for you for two days")


def test_next_step_leads_to_its_record_and_the_focus_goes_along(open_portal: Opener) -> None:
    portal = open_portal()

    portal.find(".todo li").first.get_by_role("button").click()

    issue = portal.find("details.issue", "TG-2026-004711")
    expect(issue).to_have_attribute("open", "")
    expect(issue.locator("summary").first).to_be_focused()
    expect(portal.element).to_have_attribute("section", "issues.case_01JA3B")


def test_onboarding_shows_every_step_with_status_and_what_it_waits_for(open_portal: Opener) -> None:
    portal = open_portal(section="onboarding")

    expect(portal.find(".steps > li")).to_have_count(7)
    expect(portal.find(".progress-line")).to_have_text("Progress of this program57%")
    expect(portal.find(".after-bar").first).to_have_text(
        "3 of 7 steps done. The percentage comes from our system, which does not count every step"
        " alike."
    )
    insurance = portal.find(".step", "Certificate of insurance, USD 2M").first
    expect(insurance).to_contain_text("The certificate names the wrong holder.")
    expect(insurance.locator(".rich strong")).to_have_text("ACORD 25")
    expect(insurance.locator(".rich a")).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(portal.find(".step.locked")).to_contain_text(
        "Opens after: Test 850 > 855 > 856 > 810 round trip,"
        " GS1-128 label certification (SSCC-18), Certificate of insurance"
    )


def test_only_the_partners_own_open_steps_can_be_reported(open_portal: Opener) -> None:
    portal = open_portal(section="onboarding")

    expect(portal.find(".step", "Report this step as done")).to_have_count(2)
    expect(portal.find(".step", "Test 850").first).not_to_contain_text("Report")


def test_what_people_added_to_a_step_on_the_site_is_shown_beside_the_program(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="onboarding")
    requests: list[str] = []
    portal.page.on("request", lambda request: requests.append(request.url))
    portal.page.route("https://static.wixstatic.com/**", lambda route: route.abort())

    portal.change(
        "Object.assign(rows.onboarding[0].steps[2], {copy: '<p>Dana has a sample.</p>', image: 'wix:image://v1/ab_12~mv2.jpg/sample.jpg#originWidth=1'})"
    )

    expect(portal.find(".step.yours").first).to_contain_text("Dana has a sample.")
    expect(portal.find("img.picture")).to_have_attribute(
        "src", "https://static.wixstatic.com/media/ab_12~mv2.jpg"
    )


def test_issue_shows_what_is_affected_and_its_public_history(open_portal: Opener) -> None:
    portal = open_portal(section="issues")

    issue = portal.find("details.issue").first
    expect(issue.locator(".affected")).to_contain_text("856 (X12)")
    for value in ("4500187734", "SHP-0093321", "SSCC_MISMATCH"):
        expect(issue.locator(".affected")).to_contain_text(value)
    assert [
        re.split(r"\d", entry)[0].split("\n")[:-1]
        for entry in issue.locator(".timeline > li").all_inner_texts()
    ] == [["Opened", "New"], ["Our team"], ["Status", "Waiting for you"], ["Your company"]]


def test_issue_that_waits_for_the_partner_comes_first_and_a_closed_one_is_history(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues")
    portal.change("rows.issues.reverse()")

    assert portal.find(".issue .number").all_inner_texts() == [
        "TG-2026-004711",
        "TG-2026-004698",
        "TG-2026-004402",
    ]
    expect(portal.find(".past .issue")).to_contain_text("Invoice 88107 without order number")


def test_banner_shows_the_worst_notice_that_is_on_everywhere_but_in_its_own_section(
    open_portal: Opener,
) -> None:
    portal = open_portal()

    expect(portal.find("aside")).to_contain_text(
        "Delayed delivery of 810 and INVOIC to EU mailboxes"
    )
    expect(portal.button("1 planned notice")).to_be_hidden()
    portal.find("aside summary").click()
    expect(portal.button("1 planned notice")).to_be_visible()
    portal.change(
        "Object.assign(rows.notices[0], {impact: 'critical', startsAt: '2026-03-13T07:00:00Z',"
        " scheduledFor: '2026-03-13T07:00:00Z'})"
    )
    expect(portal.find("aside")).to_contain_text("Mailbox maintenance, North America")
    expect(portal.find("aside details")).not_to_have_attribute("open", "")
    portal.find("aside summary").click()
    portal.button("Details").click()
    expect(portal.find("aside")).to_have_count(0)
    expect(portal.find(".notice").first).to_contain_text("Mailbox maintenance, North America")


def test_notice_that_is_over_stays_in_the_history(open_portal: Opener) -> None:
    portal = open_portal(section="notices")

    planned, over = portal.find(".past").all()
    expect(planned.locator(".notice")).to_contain_text("Mailbox maintenance, North America")
    expect(over.locator(".notice")).to_have_count(1)
    expect(over.locator(".notice")).to_contain_text("Portal sign-in slow")
    expect(portal.find(".notice").first).to_contain_text(
        "Do not resend. Queued invoices deliver in order."
    )


def test_document_shows_version_review_history_and_conflict(open_portal: Opener) -> None:
    portal = open_portal(section="documents")

    guide = portal.find(".document", "2026 Routing Guide")
    expect(guide).to_contain_text("Version 4")
    expect(guide).to_contain_text("2 earlier versions")
    expect(portal.find(".document", "Trading partner agreement")).to_contain_text(
        "Your new version is being reviewed"
    )
    sample = portal.find(".document", "GS1-128 label sample")
    expect(sample).to_contain_text("Your new version was declined")
    expect(sample).to_contain_text("The quiet zone left of the bar code is too narrow")
    expect(sample).to_contain_text("Two versions at once")


def test_document_problem_is_said_in_the_rows_words(open_portal: Opener) -> None:
    portal = open_portal(section="documents", locale="de")
    portal.change(
        "Object.assign(rows.documents[0], {conflict: false,"
        " problem: 'A newer version did not pass the virus scan and is not shown.'})"
    )

    guide = portal.find(".document", "2026 Routing Guide")
    expect(guide).to_contain_text("Eine neuere Fassung wird nicht gezeigt")
    expect(guide).to_contain_text(
        "Eine neuere Fassung hat die Virenprüfung nicht bestanden und wird nicht gezeigt."
    )


@pytest.mark.parametrize(
    ("size", "locale", "said"),
    [
        (40, "en", "40 bytes"),
        (999, "de", "999 Byte"),
        (1_000, "en", "1 kB"),
        (2_340_000, "de", "2,3 MB"),
        (2_340_000, "fr-CA", "2,3 Mo"),
        (2_340_000, "es-MX", "2.3 MB"),
    ],
)
def test_size_of_a_file_is_said_in_a_unit_that_fits(
    open_portal: Opener, size: int, locale: str, said: str
) -> None:
    portal = open_portal(section="documents", locale=locale)

    portal.change(f"rows.documents[0].sizeBytes = {size}")

    expect(portal.find(".document", "2026 Routing Guide")).to_contain_text(said)


def test_restricted_document_is_its_status_only(open_portal: Opener) -> None:
    portal = open_portal(section="documents")

    tax = portal.find(".document", "W-9")
    expect(tax).to_contain_text("In review")
    expect(tax).to_contain_text("You see its status only.")
    expect(tax.get_by_role("button")).to_have_count(0)
    expect(tax.locator("input")).to_have_count(0)


def test_document_that_is_not_the_partners_to_replace_has_no_upload(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    portal.change("rows.documents[0].uploadable = false")

    expect(
        portal.find(".document", "2026 Routing Guide").locator("input[type=file]")
    ).to_have_count(0)
    expect(portal.find("input[type=file]")).to_have_count(2)


def test_request_shows_reference_number_status_and_why_it_was_not_possible(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="requests")

    first = portal.find(".request").first
    for text in (
        "CR-2026-01877",
        "GX-5T2P-81QD",
        "With the team",
        "AP disputes",
        "Answer by 17 Mar 2026",
    ):
        expect(first).to_contain_text(text)
    expect(portal.find(".request", "GX-1A1A-10ZZ")).to_contain_text(
        "This step has been completed already."
    )


def test_messages_are_the_newest_first_with_their_rich_text(open_portal: Opener) -> None:
    portal = open_portal(section="messages")

    assert portal.find(".message h4").all_inner_texts() == [
        "An issue has been waiting for you for two days",
        "Your ship notices pass the check again",
        "Supplier day on 22 April",
    ]
    expect(portal.find(".message em")).to_have_text("16 March")
    portal.find(".message").first.get_by_role("button", name="Show what this is about").click()
    expect(portal.find("[data-section=issues]")).to_be_visible()


def test_each_section_says_its_time_and_whether_it_may_be_out_of_date(open_portal: Opener) -> None:
    portal = open_portal(section="documents")
    expect(portal.find(".as-of")).to_have_text("As of 3:01 AM")

    portal.page.evaluate(
        f"() => window.portal.change(portals => Object.assign(portals.{PRAIRIE},"
        " {asOf: '2026-03-13T08:01:01Z', stale: true}))"
    )
    portal.reconnect()

    expect(portal.find(".as-of")).to_contain_text("As of 3:01 AM")
    expect(portal.find(".as-of .chip")).to_have_text("May be out of date")


def test_empty_sections_say_what_will_be_there(open_portal: Opener) -> None:
    portal = open_portal(world="empty")
    for name, text in {
        "Overview": "Nothing to report yet",
        "Onboarding": "No onboarding is under way",
        "Issues": "No open issues",
        "Notices": "No disruptions",
        "Documents": "No documents yet",
        "Requests": "No requests yet",
        "Activity": "No documents in the last 30 days",
        "Messages": "No messages yet",
    }.items():
        portal.go(name)

        expect(portal.find(".empty-title")).to_have_text(text)


def test_member_with_several_partners_switches_and_sees_nothing_of_the_other(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="documents")

    portal.element.get_by_label("Showing").select_option(label="Baltic Home Textiles OÜ")

    expect(portal.find("h2")).to_have_text("Baltic Home Textiles OÜ")
    expect(portal.find(".empty-title")).to_have_text("No documents yet")
    names = ["status", "notices", "documents"]
    assert portal.calls("getPortal") == [[PRAIRIE, "en", names], [BALTIC, "en", names]]


def test_member_with_one_partner_has_no_switch(open_portal: Opener) -> None:
    portal = open_portal(world="single")

    expect(portal.element.get_by_label("Showing")).to_have_count(0)


def test_first_partner_by_name_is_shown_when_the_wanted_one_is_not_the_members(
    open_portal: Opener,
) -> None:
    portal = open_portal(partner="GC000000000000")

    expect(portal.find("h2")).to_have_text("Baltic Home Textiles OÜ")


def test_member_without_a_partner_enters_an_invitation_code(open_portal: Opener) -> None:
    portal = open_portal(world="unlinked")
    expect(portal.find("h2")).to_have_text("Welcome, Dana Whitfield")
    code = portal.element.get_by_label("Invitation code")

    code.fill("WRONG")
    portal.button("Connect").click()
    expect(portal.find(".fault")).to_contain_text("This code is not valid.")
    expect(code).to_have_value("WRONG")
    code.fill("RIGHT-CODE")
    portal.button("Connect").click()

    expect(portal.find("h2")).to_have_text("Prairie Gold Foods")
    assert portal.calls("acceptInvitation") == [["WRONG"], ["RIGHT-CODE"]]


ACCEPT = "Accept the invitation"
LINK = f"#invitation={INVITED}"


@pytest.mark.parametrize(
    ("world", "name"),
    [("unlinked", "Prairie Gold Foods"), ("single", "Baltic Home Textiles OÜ")],
)
def test_link_of_an_invitation_is_accepted_with_one_button_by_keyboard_and_shows_the_partner(
    open_portal: Opener, world: str, name: str
) -> None:
    portal = open_portal(world=world, fragment=LINK)
    assert "invitation" not in portal.page.url
    assert portal.calls("acceptInvitation") == []
    expect(portal.find(".offer p")).to_have_text(
        "You are invited to act for a company on this portal."
    )

    portal.button(ACCEPT).focus()
    portal.page.keyboard.press("Enter")

    expect(portal.find("h2").first).to_have_text(name)
    expect(portal.find(".offer")).to_have_count(0)
    expect(portal.find("[data-focus=heading]")).to_be_focused()
    assert f"You now act for {name}." in portal.said()
    assert portal.calls("acceptInvitation") == [[INVITED]]
    assert portal.page.evaluate("sessionStorage.length") == 0
    assert portal.page.evaluate("window.portal.element.getAttribute('partner')") in (
        PRAIRIE,
        BALTIC,
    )


def test_code_of_a_link_is_kept_for_the_tab_until_it_is_accepted(open_portal: Opener) -> None:
    portal = open_portal(world="unlinked", fragment=LINK)

    portal.page.goto("about:blank")
    portal.page.goto(f"{open_portal.address}index.html?world=unlinked&partner={PRAIRIE}")

    expect(portal.button(ACCEPT)).to_be_visible()


def test_link_that_is_opened_on_a_page_that_is_open_is_offered(open_portal: Opener) -> None:
    portal = open_portal(world="single")
    before = portal.page.url
    expect(portal.button(ACCEPT)).to_have_count(0)

    portal.page.evaluate("link => { location.hash = link; }", LINK)

    expect(portal.button(ACCEPT)).to_be_visible()
    assert portal.page.url == before


@pytest.mark.parametrize("fragment", ["#invitation=", "#invitation=<b>x</b>", "#about", "#%%"])
def test_fragment_without_a_code_is_no_invitation(open_portal: Opener, fragment: str) -> None:
    portal = open_portal(world="unlinked", fragment=fragment)

    expect(portal.button(ACCEPT)).to_have_count(0)
    assert "invitation" not in portal.page.url


@pytest.mark.parametrize(
    ("code", "said", "offered"),
    [
        ("not_found", "This code is not valid.", 0),
        ("other_address", "This invitation was sent to another email address.", 1),
        ("address_not_verified", "Your email address is not confirmed yet.", 1),
        ("unavailable", "The service did not answer.", 1),
    ],
)
def test_link_that_is_refused_says_why_and_is_kept_if_another_login_or_attempt_may_help(
    open_portal: Opener, code: str, said: str, offered: int
) -> None:
    portal = open_portal(world="unlinked", fragment=LINK)
    portal.fail("acceptInvitation", code)

    portal.button(ACCEPT).click()

    expect(portal.element).to_contain_text(said)
    expect(portal.button(ACCEPT)).to_have_count(offered)
    assert portal.page.evaluate("sessionStorage.length") == offered
    expect(portal.element.get_by_label("Invitation code")).to_be_visible()


def test_portal_that_cannot_be_loaded_says_so_and_tries_again(open_portal: Opener) -> None:
    portal = open_portal(transport="none", wait=".waiting")
    portal.page.evaluate(
        "window.portal.failing.set('getPortal', 'unavailable');"
        " window.portal.element.backend = window.portal.functions"
    )
    expect(portal.find("h2")).to_have_text("Your portal could not be loaded")
    expect(portal.find("[role=alert]")).to_contain_text(
        "The service did not answer. Please try again in a moment."
    )

    portal.fail("getPortal", None)
    portal.button("Try again").click()

    expect(portal.find("h2")).to_have_text("Prairie Gold Foods")


def test_request_says_its_reference_and_its_kind_once(open_portal: Opener) -> None:
    portal = open_portal(section="requests")

    comment = portal.find(".request", "Comment on an issue").inner_text()
    step = portal.find(".request", "Onboarding step").inner_text()
    numbered = portal.find(".request", "CR-2026-01877").inner_text()

    assert comment.count("GX-2B9K-44RT") == 1
    assert step.count("Onboarding step") == 1
    assert "GX-5T2P-81QD" in numbered


@pytest.mark.parametrize(
    ("locale", "planned", "started"),
    [
        ("en-US", "Planned for 14 Mar 2026, 9:00 PM", "Started 12 Mar 2026, 1:40 AM"),
        ("de", "Geplant für 14.3.2026, 21:00", "Beginn 12.3.2026, 01:40"),
    ],
)
def test_notice_says_what_its_time_is_and_says_it_once(
    open_portal: Opener, locale: str, planned: str, started: str
) -> None:
    portal = open_portal(section="notices", locale=locale)
    maintenance = portal.find(".notice", "Mailbox maintenance, North America")
    maintenance.locator("summary").click()

    expect(portal.find(".notice", "Delayed delivery").locator("summary")).to_contain_text(started)
    expect(maintenance.locator("summary")).to_contain_text(planned)
    expect(maintenance.locator(".facts dt")).to_have_count(2)
