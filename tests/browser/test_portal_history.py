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
