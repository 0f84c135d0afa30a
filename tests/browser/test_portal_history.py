"""The timeline of an issue: its comments and the changes of its status, in order."""

import re

from playwright.sync_api import expect

from tests.browser.served import Opener, Portal

CHANGES = """[
  {status: 'new', statusLabel: 'New', changedAt: '2026-03-12T14:05:00Z'},
  {status: 'awaiting_partner', statusLabel: 'Waiting for you', changedAt: '2026-03-12T14:20:00Z'},
  {status: 'closed', statusLabel: 'Closed', changedAt: '2026-03-12T23:59:59.500Z'},
]"""


def entries(portal: Portal) -> list[str]:
    """Return the entries of the first issue's timeline, without their times."""
    found = portal.find("details.issue").first.locator(".timeline > li").all_inner_texts()
    return [" ".join(re.split(r"\d{1,2} Mar", entry)[0].split()) for entry in found]


def test_changes_of_the_status_stand_between_the_comments_in_order_of_time(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues")

    portal.change(f"""Object.assign(rows.issues[0], {{history: {CHANGES}}});
      rows.issues[0].comments.push(
        {{author: 'hub', text: 'Later.', createdAt: '2026-03-12T23:59:59Z'}});
      rows.issues[0].comments.reverse()""")

    assert entries(portal) == [
        *("Opened New", "Status Waiting for you", "Our team", "Your company", "Our team"),
        "Status Closed",
    ]


def test_issue_without_a_history_has_its_comments_alone(open_portal: Opener) -> None:
    portal = open_portal(section="issues")

    portal.change("delete rows.issues[0].history")

    assert entries(portal) == ["Opened", "Our team", "Your company"]


def test_changes_that_are_left_out_are_counted(open_portal: Opener) -> None:
    portal = open_portal(section="issues")

    portal.change(f"""Object.assign(rows.issues[0], {{
      history: {CHANGES}.slice(1), earlierChanges: 12, earlierComments: 1}})""")

    assert entries(portal)[:4] == [
        "Opened",
        "1 earlier comment is not shown here. Ask us if you need it.",
        "12 earlier changes of the status are not shown here.",
        "Status Waiting for you",
    ]


def test_status_is_in_the_readers_language(open_portal: Opener) -> None:
    portal = open_portal(section="issues", locale="fr")

    change = portal.find("details.issue").first.locator(".timeline > li", has_text="État modifié")

    expect(change.locator(".chip")).to_have_text("En attente de votre réponse")


def test_comment_in_markdown_has_its_formatting_and_its_documents_open(
    open_portal: Opener,
) -> None:
    portal = open_portal(section="issues")
    portal.change("""
      rows.issues[0].comments = [{
        author: 'hub', text: 'Late: 810', createdAt: '2026-03-12T10:00:00Z',
        html: '<p><strong>Late</strong>: 810</p><script>window.hit = 1</script>',
        files: [
          {id: 'doc_agr_101', title: 'Agreement', fileName: 'agreement.pdf', sizeBytes: 2048}
        ],
        moreFiles: 2,
      }]""")
    issue = portal.find(".issue").first
    portal.page.context.route(
        "https://files.example/**", lambda route: route.fulfill(body="a file")
    )

    expect(issue.locator(".theirs strong").nth(1)).to_have_text("Late")
    expect(issue.get_by_role("list", name="Attached files")).to_contain_text("agreement.pdf")
    expect(issue).to_contain_text("2 attached files cannot be opened here. Ask us for them.")
    with portal.page.context.expect_page() as opened:
        portal.button("Open Agreement").click()

    assert opened.value.url == "https://files.example/doc_agr_101?token=t"
    assert portal.page.evaluate("window.hit") is None
