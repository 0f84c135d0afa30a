"""What an open page reads, and when: sections that are opened, rings, and checks without them."""

import pytest
from playwright.sync_api import expect

from tests.browser.served import BALTIC, PRAIRIE, SIGHT, Opener, Portal

MINUTE = 60_000
AT_ONCE = "Math.random = () => 0"
"""Random waits end at once."""


def reads(portal: Portal) -> list[list[str]]:
    """Return the names of the sections of each read."""
    return [names for _, names, _ in portal.calls("getSections")]


def checks(portal: Portal) -> int:
    return len(portal.calls("getChanges"))


@pytest.mark.parametrize(
    ("section", "names"),
    [
        (
            "overview",
            ["status", "notices", "issues", "documents", "requests", "messages", "activity"],
        ),
        ("onboarding", ["status", "notices", "onboarding"]),
        ("issues", ["status", "notices", "issues", "requests"]),
        ("notices", ["status", "notices"]),
        ("activity", ["status", "notices", "activity"]),
        ("documents", ["status", "notices", "documents"]),
        ("requests", ["status", "notices", "requests"]),
        ("messages", ["status", "notices", "messages"]),
    ],
)
def test_page_opens_with_the_sections_that_its_view_needs(
    open_portal: Opener, section: str, names: list[str]
) -> None:
    portal = open_portal(section=section, still=True)

    portal.advance(9 * MINUTE)

    assert portal.calls("getPortal") == [[PRAIRIE, "en", names]]
    assert reads(portal) == []
    assert checks(portal) == 0


def test_section_is_read_when_it_is_opened_and_only_then(open_portal: Opener) -> None:
    portal = open_portal(section="documents", still=True)

    portal.go("Issues")
    expect(portal.find(".issue")).to_have_count(3)
    portal.go("Requests")
    portal.go("Issues")

    assert reads(portal) == [["issues", "requests"]]


def test_section_that_is_being_read_shows_that_it_loads(open_portal: Opener) -> None:
    portal = open_portal(section="documents", still=True)
    portal.hold("getSections")

    portal.go("Messages")

    expect(portal.find("h3")).to_be_focused()
    expect(portal.find(".content")).to_have_attribute("aria-busy", "true")
    expect(portal.find(".content .skeleton")).to_have_count(3)
    portal.release("getSections")
    expect(portal.find(".messages > li")).to_have_count(3)
    expect(portal.find(".content")).not_to_have_attribute("aria-busy", "true")


def test_section_that_cannot_be_read_says_so_and_the_others_stay(open_portal: Opener) -> None:
    portal = open_portal(section="documents", still=True)
    portal.fail("getSections")

    portal.go("Messages")

    expect(portal.find("[role=alert]")).to_contain_text("This section could not be loaded")
    portal.go("Documents")
    expect(portal.find(".document")).to_have_count(4)
    portal.go("Messages")
    portal.fail("getSections", None)
    portal.button("Try again").click()
    expect(portal.find(".messages > li")).to_have_count(3)


def test_ring_makes_the_page_read_what_it_names_and_nothing_else(open_portal: Opener) -> None:
    portal = open_portal(still=True)

    portal.change("rows.issues[0].statusLabel = 'New'; rows.messages.pop()")

    assert reads(portal) == [["issues", "messages"]]
    assert (checks(portal), len(portal.calls("getPortal"))) == (0, 1)


def test_ring_that_comes_twice_late_or_out_of_order_causes_no_read(open_portal: Opener) -> None:
    portal = open_portal(still=True)
    portal.change("rows.issues[0].statusLabel = 'One'")
    portal.change("rows.issues[0].statusLabel = 'Two'")

    for number in (2, 1, 2, 0, "3", None):
        portal.page.evaluate(
            "number => window.portal.ring({own: {issues: number}, everybody: {}})", number
        )
        portal.advance(3_000)
    portal.page.evaluate("window.portal.element.setAttribute('rings', 'no json')")

    assert reads(portal) == [["issues"], ["issues"]]


def test_ring_of_a_section_that_was_not_read_marks_it_until_it_is_opened(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="documents", still=True)
    item = portal.element.get_by_role("navigation").get_by_role("button", name="Messages")

    portal.change("rows.messages[0].title = 'Fresh words'")

    assert reads(portal) == []
    expect(item).to_have_accessible_name("Messages Something has changed")
    item.click()
    expect(portal.find(".message", "Fresh words")).to_have_count(1)
    expect(item).to_have_accessible_name("Messages")
    assert reads(portal) == [["messages"]]


def test_ring_for_everybody_is_read_within_its_spread(open_portal: Opener) -> None:
    portal = open_portal(before="Math.random = () => 0.5", still=True)
    portal.page.evaluate("window.portal.connect(true, {own: 0, everybody: 600_000})")

    portal.page.evaluate("window.portal.ring({own: {}, everybody: {notices: 1}})")
    portal.advance(2 * MINUTE)
    portal.page.evaluate("window.portal.ring({own: {}, everybody: {notices: 2}})")
    portal.advance(2 * MINUTE)
    before = reads(portal)
    portal.advance(2 * MINUTE)

    assert (before, reads(portal)) == ([], [["notices"]])


def test_pages_that_are_many_leave_a_minute_between_two_reads_for_everybody(
    open_portal: Opener,
) -> None:
    portal = open_portal(before="Math.random = () => 0.5", still=True)
    portal.page.evaluate("window.portal.connect(true, {own: 0, everybody: 10_000})")
    portal.page.evaluate("window.portal.ring({own: {}, everybody: {notices: 1}})")
    portal.advance(6_000)
    first = reads(portal)

    portal.page.evaluate("window.portal.ring({own: {}, everybody: {notices: 2}})")
    portal.advance(55_000)
    within = reads(portal)
    portal.advance(10_000)

    assert (first, within) == ([["notices"]], [["notices"]])
    assert reads(portal) == [["notices"], ["notices"]]


def test_ring_for_the_partner_does_not_wait_for_one_for_everybody(open_portal: Opener) -> None:
    portal = open_portal(before="Math.random = () => 0.5", still=True)
    portal.page.evaluate("window.portal.connect(true, {own: 0, everybody: 600_000})")
    portal.page.evaluate("window.portal.ring({own: {}, everybody: {notices: 1}})")

    portal.page.evaluate("window.portal.ring({own: {issues: 1}, everybody: {notices: 1}})")
    portal.advance(1_000)

    assert [set(names) for names in reads(portal)] == [{"issues", "notices"}]


def test_ring_during_a_read_is_read_after_it(open_portal: Opener) -> None:
    portal = open_portal(section="issues", still=True)
    portal.hold("getSections")
    portal.change("rows.issues[0].subject = 'First'")

    portal.change("rows.issues[0].subject = 'Second'")
    assert reads(portal) == [["issues"]]
    portal.release("getSections")
    portal.advance(1_000)

    expect(portal.find(".issue", "Second")).to_have_count(1)
    assert reads(portal) == [["issues"], ["issues"]]


def test_ring_while_a_section_is_opened_is_read_after_it(open_portal: Opener) -> None:
    portal = open_portal(section="documents", still=True)
    portal.page.evaluate("""() => {
      const {functions} = window.portal;
      const {promise, resolve} = Promise.withResolvers();
      const read = functions.getSections;
      functions.getSections = async (...args) => {
        const rows = await read(...args);
        await promise;
        return rows;
      };
      window.arrive = resolve;
    }""")
    portal.go("Messages")
    portal.settle()

    portal.change("rows.messages[0].title = 'Written meanwhile'")
    portal.page.evaluate("window.arrive()")
    portal.settle()
    portal.advance(1_000)

    expect(portal.find(".messages > li", "Written meanwhile")).to_have_count(1)
    assert reads(portal) == [["messages"], ["messages"]]


def test_ring_before_the_first_rows_have_arrived_is_not_lost(open_portal: Opener) -> None:
    portal = open_portal(section="issues", transport="none", wait=".waiting", still=True)
    portal.hold("getPortal")
    portal.page.evaluate("window.portal.element.backend = window.portal.functions")
    portal.settle()

    portal.page.evaluate("window.portal.ring({own: {issues: 1}, everybody: {}})")
    portal.release("getPortal")
    expect(portal.find(".issue")).to_have_count(3)
    portal.advance(1_000)

    assert reads(portal) == [["issues"]]


def test_ring_of_another_partner_is_none(open_portal: Opener) -> None:
    portal = open_portal(section="issues", still=True)

    portal.page.evaluate(
        "partner => window.portal.element.setAttribute('rings', JSON.stringify({partner,"
        " connected: true, own: {issues: 9}, everybody: {}, spread: {}, connection: 9}))",
        BALTIC,
    )
    portal.advance(20_000)

    assert (reads(portal), checks(portal)) == ([], 0)


def test_reconnection_causes_one_check_and_only_what_changed_is_read(open_portal: Opener) -> None:
    portal = open_portal(still=True)
    portal.page.evaluate("window.portal.connect(false)")
    portal.change("rows.issues[0].subject = 'While away'")

    portal.reconnect()
    portal.advance(5 * MINUTE)

    assert checks(portal) == 1
    assert reads(portal) == [["issues"]]


NOBODY_RANG = """window.portal.change(({GC070000000101: {sections}}) => {
  sections.issues.rows[0].subject = 'Nobody rang';
})"""


def test_page_checks_the_numbers_every_ten_minutes_in_case_a_ring_was_lost(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues", before=AT_ONCE, still=True)
    portal.page.evaluate(NOBODY_RANG)

    portal.advance(8 * MINUTE)
    before = (checks(portal), len(reads(portal)))
    portal.advance(3 * MINUTE)

    assert before == (0, 0)
    assert (checks(portal), reads(portal)) == (1, [["issues"]])
    expect(portal.find(".issue", "Nobody rang")).to_have_count(1)


def test_page_reads_everything_on_the_screen_every_half_hour_in_case_it_was_not_counted(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues", before=AT_ONCE, still=True)
    portal.page.evaluate(NOBODY_RANG)
    portal.page.evaluate(f"window.portal.numbers.{PRAIRIE} = {{}}")

    portal.advance(30 * MINUTE - 1_000)
    before = (checks(portal), reads(portal))
    portal.advance(1_500)

    assert before == (2, [])
    assert (checks(portal), reads(portal)) == (3, [["status", "notices", "issues", "requests"]])
    expect(portal.find(".issue", "Nobody rang")).to_have_count(1)


def test_page_without_rings_checks_every_minute_and_every_three_when_nobody_uses_it(
    open_portal: Opener,
) -> None:
    portal = open_portal(realtime="off", before=AT_ONCE, still=True)

    portal.advance(4 * MINUTE + 1_000)
    active = checks(portal)
    portal.advance(MINUTE)
    portal.page.clock.fast_forward(30_000)
    before = checks(portal)
    portal.advance(6 * MINUTE)

    assert active == 4
    assert checks(portal) - before == 2


def test_page_without_rings_finds_a_change_by_its_number(open_portal: Opener) -> None:
    portal = open_portal(section="issues", realtime="off", before=AT_ONCE, still=True)

    portal.change("rows.issues[0].subject = 'Without a ring'")
    assert reads(portal) == []
    portal.advance(MINUTE)

    expect(portal.find(".issue", "Without a ring")).to_have_count(1)
    assert reads(portal) == [["issues"]]


@pytest.mark.parametrize(
    ("spread", "seconds"), [(None, 90), (0, 2.5), (1_000, 9), (10_000, 90), (90_000, 135)]
)
def test_pages_that_reconnect_together_check_within_a_time_that_grows_with_their_number(
    open_portal: Opener, spread: int | None, seconds: float
) -> None:
    portal = open_portal(section="issues", before="Math.random = () => 0.5", still=True)
    portal.advance(10_000)

    portal.page.evaluate(
        "everybody => window.portal.connect(true, {own: 0, everybody})",
        spread,
    )
    portal.advance(int(1000 * seconds) - 200)
    before = checks(portal)
    portal.advance(400)

    assert (before, checks(portal)) == (0, 1)


@pytest.mark.parametrize(("connected", "at"), [(True, 89), (False, 69)])
def test_page_that_has_not_checked_for_minutes_does_not_check_as_soon_as_it_loses_its_connection(
    open_portal: Opener, connected: bool, at: int
) -> None:
    portal = open_portal(section="issues", still=True, before="Math.random = () => 0.5")
    portal.advance(5 * MINUTE)
    portal.page.mouse.move(5, 5)
    portal.page.keyboard.press("Shift")

    portal.page.evaluate("window.portal.connect(false, {own: 0, everybody: 10_000})")
    portal.advance(1_000)
    if connected:
        portal.page.evaluate("window.portal.connect(true)")
    portal.advance(1_000 * (at - 3))
    before = checks(portal)
    portal.advance(3_000)

    assert (before, checks(portal)) == (0, 1)


def test_connection_that_comes_and_goes_makes_no_page_check_earlier(open_portal: Opener) -> None:
    portal = open_portal(still=True)
    portal.advance(6_000)

    for chance, connected in ((0.9, "false"), (0.5, "true"), (0, "false"), (0, "true")):
        portal.page.evaluate(f"Math.random = () => {chance}")
        portal.page.evaluate(f"window.portal.connect({connected}, {{own: 0, everybody: 10_000}})")
        portal.advance(5_000)

    assert checks(portal) == 0
    portal.advance(142_500)
    assert checks(portal) == 1
    portal.advance(MINUTE)
    assert checks(portal) == 1


def test_page_that_is_rung_all_the_time_reads_20_times_a_minute(open_portal: Opener) -> None:
    portal = open_portal(section="issues", still=True, before=AT_ONCE)

    for second in range(30):
        portal.change(f"rows.issues[0].subject = 'Change {second}'")
        portal.advance(1_000)
    at_once = len(reads(portal))
    portal.advance(31_000)

    assert at_once == 20
    assert len(reads(portal)) == 21
    expect(portal.find(".issue", "Change 29")).to_have_count(1)


@pytest.mark.parametrize("realtime", ["on", "off"])
def test_hidden_page_reads_nothing_and_checks_once_when_it_is_seen_again(
    open_portal: Opener, realtime: str
) -> None:
    portal = open_portal(
        section="issues", realtime=realtime, before=f"{SIGHT}; {AT_ONCE}", still=True
    )
    portal.see("hidden")

    portal.change("rows.issues[0].subject = 'Meanwhile'")
    portal.advance(30 * MINUTE)
    hidden = (checks(portal), reads(portal))
    portal.see("visible")
    portal.advance(1_000)

    assert hidden == (0, [])
    assert checks(portal) == 1
    assert reads(portal)[0] == ["issues"]
    expect(portal.find(".issue", "Meanwhile")).to_have_count(1)


SENT = """rows.requests.unshift({
  ...rows.requests[1], id: 'GX-7K3M-001', reference: 'GX-7K3M-001', status: 'received',
})"""


def comment(portal: Portal) -> None:
    portal.element.get_by_label("Add a comment").first.fill("Resent.")
    portal.button("Send comment").first.click()
    expect(portal.find(".outcome")).to_contain_text("GX-7K3M-001")


def test_own_submission_is_looked_for_a_few_times_without_rings(open_portal: Opener) -> None:
    portal = open_portal(section="issues", realtime="off", before=AT_ONCE, still=True)

    comment(portal)
    portal.advance(50_000)

    assert reads(portal) == [["status", "notices", "issues", "requests"]] * 3


def test_own_submission_that_has_appeared_is_looked_for_no_more(open_portal: Opener) -> None:
    portal = open_portal(section="issues", realtime="off", before=AT_ONCE, still=True)
    comment(portal)

    portal.change(SENT)
    portal.advance(50_000)

    assert len(reads(portal)) == 1


def test_own_submission_appears_by_its_ring_and_is_not_looked_for(open_portal: Opener) -> None:
    portal = open_portal(section="requests", before=AT_ONCE, still=True)
    portal.find("summary", "Question to the partner desk").click()
    form = portal.find("form[data-form='request/partner-question']")
    form.get_by_label("What is it about?").select_option("freight")
    form.get_by_label("Your question").fill("When is zone 7 open?")
    form.get_by_role("button", name="Send request").click()
    expect(portal.find(".waiting-row")).to_be_visible()

    portal.change(SENT)
    expect(portal.find(".waiting-row")).to_have_count(0)
    portal.advance(MINUTE)

    assert reads(portal) == [["requests"]]


def test_own_submission_whose_ring_is_lost_is_looked_for_once(open_portal: Opener) -> None:
    portal = open_portal(section="issues", before=AT_ONCE, still=True)

    comment(portal)
    portal.advance(MINUTE)

    assert reads(portal) == [["status", "notices", "issues", "requests"]]


def test_row_that_has_just_changed_lights_up_for_a_moment(open_portal: Opener) -> None:
    portal = open_portal(section="issues", still=True)

    portal.change("rows.issues[1].statusLabel = 'New'")

    expect(portal.find(".fresh")).to_have_count(1)
    expect(portal.find(".issue.fresh")).to_contain_text("TG-2026-004698")
    portal.advance(5_000)
    expect(portal.find(".fresh")).to_have_count(0)


def test_row_that_is_shown_for_the_first_time_does_not_light_up(open_portal: Opener) -> None:
    portal = open_portal(section="documents", still=True)

    portal.go("Issues")

    expect(portal.find(".issue")).to_have_count(3)
    expect(portal.find(".fresh")).to_have_count(0)
    assert portal.said() == ""


def test_row_lights_up_without_motion_for_who_wants_none(open_portal: Opener) -> None:
    portal = open_portal(section="issues", context={"reduced_motion": "reduce"}, still=True)

    portal.change("rows.issues[1].statusLabel = 'New'")

    expect(portal.find(".issue.fresh")).to_have_css("transition-property", "none")
    shadow = portal.find(".issue.fresh").evaluate("row => getComputedStyle(row).boxShadow")
    assert "3px" in shadow


def test_numbers_that_were_counted_anew_make_the_page_read_again(open_portal: Opener) -> None:
    portal = open_portal(section="issues", still=True)
    portal.change("rows.issues[0].subject = 'One'")
    portal.change("rows.issues[0].subject = 'Two'")

    portal.page.evaluate(
        "window.portal.change((portals) => {"
        f" portals.{PRAIRIE}.sections.issues.rows[0].subject = 'Restored';"
        "});"
        f" window.portal.numbers.{PRAIRIE} = {{issues: 1}};"
    )
    portal.reconnect()

    expect(portal.find(".issue", "Restored")).to_have_count(1)


@pytest.mark.parametrize("fails", [True, False])
def test_section_that_was_being_read_comes_although_the_language_changes_meanwhile(
    open_portal: Opener, fails: bool
) -> None:
    portal = open_portal(section="documents")
    portal.hold("getSections")
    portal.go("Messages")
    if fails:
        portal.fail("getPortal")

    portal.page.evaluate("window.portal.element.setAttribute('locale', 'de')")
    portal.settle()
    portal.release("getSections")

    expect(portal.find(".messages > li")).to_have_count(3)
    portal.change("rows.messages.pop()")
    expect(portal.find(".messages > li")).to_have_count(2)
