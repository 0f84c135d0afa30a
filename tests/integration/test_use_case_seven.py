"""Use case 7 in a real browser on the deployed stack: a partner's day on the portal.

It logs in, sees its own data, sends a question, reads the answer, and opens a new agreement.
"""

import base64
import os
import re
import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from ops.local_environment import LocalEnvironment
from ops.paths import ROOT
from ops.portal import DANA, SAM, Person
from tests.browser.conftest import CHROMIUM, chromium
from tests.browser.served import PATIENCE
from tests.contract.portal_site import needs_node

pytestmark = [
    needs_node,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: make chromium installs it"),
]

AGREEMENT = "doc_ag_101"
SCREENS = ROOT / ".state/screenshots"


@pytest.fixture(scope="module")
def pages() -> Iterator[list[Page]]:
    """Opens pages of a Chromium of this module's own."""
    with chromium() as browser:
        opened = [browser.new_page(viewport={"width": 1280, "height": 1600})]
        opened[0].set_default_timeout(PATIENCE)
        yield opened


@pytest.fixture
def page(pages: list[Page]) -> Page:
    return pages[0]


def log_in(page: Page, local: LocalEnvironment, person: Person) -> None:
    page.context.clear_cookies()
    page.goto(local.portal_url)
    page.get_by_role("button", name=re.compile(re.escape(person.email))).or_(
        page.get_by_text(person.email)
    ).first.click()
    page.wait_for_url("**/portal*")


def go_to(page: Page, name: str) -> None:
    page.get_by_role("link", name=re.compile(f"^{name}")).or_(
        page.get_by_role("button", name=re.compile(f"^{name}"))
    ).first.click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_partner_sees_its_own_asks_reads_the_answer_and_opens_the_new_agreement(
    local_cloud: LocalEnvironment, page: Page
) -> None:
    local = local_cloud
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    log_in(page, local, DANA)
    expect(page.get_by_role("heading", name="Prairie Gold Foods")).to_be_visible()
    body = page.locator("gridwix-portal")
    for stranger in ("Baltic Home Textiles", "Harbor & Pine", "TG-2026-004690"):
        expect(body).not_to_contain_text(stranger)

    go_to(page, "Issues")
    issue = page.locator("details.issue").filter(has_text=re.compile(r"TG-\d{4}-\d{6}")).first
    if issue.get_attribute("open") is None:
        issue.locator("summary").click()
    number = re.findall(r"TG-\d{4}-\d{6}", issue.inner_text())[0]
    question = f"Is one photo enough? {time.time_ns()}"
    issue.get_by_role("textbox").first.fill(question)
    issue.get_by_role("button", name=re.compile("send|comment", re.IGNORECASE)).first.click()
    expect(issue.locator(".timeline")).to_contain_text(question)

    case = next(case for case in _cases(local) if case["number"] == number)
    assert question in [
        comment.body for comment in local.connections.community.comments(case["id"]).records
    ]
    local.gateway.comment_on_case(case["id"], "Yes, one photo is enough.")
    local.gateway.comment_on_case(case["id"], "Charge them for it.", visibility="internal")
    expect(issue.locator(".timeline")).to_contain_text("Yes, one photo is enough.")
    expect(body).not_to_contain_text("Charge them")
    _picture(page, "use-case-seven-issue")

    go_to(page, "Documents")
    renewed = b"%PDF-1.7 renewed " + os.urandom(8).hex().encode()
    order = {
        "fileName": f"Agreement {renewed[-4:].decode()}.pdf",
        "content": base64.b64encode(renewed).decode(),
    }
    version = local.trading_grid.order(f"library/{AGREEMENT}/versions", order)["number"]
    card = page.locator(".card").filter(has_text="Supplier agreement").first
    expect(card).to_contain_text(f"Version {version}")
    card.get_by_role("button", name=re.compile("^Open")).click()
    # The file opens in a tab of its own; its address stays on the page, in case that the browser
    # holds the tab back.
    opened = card.get_by_role("link", name=order["fileName"])
    expect(opened).to_be_visible()
    assert httpx.get(str(opened.get_attribute("href"))).content == renewed
    _picture(page, "use-case-seven-documents")
    assert failures == []


def test_member_who_acts_for_nobody_sees_nobodys_rows(
    local_cloud: LocalEnvironment, page: Page
) -> None:
    log_in(page, local_cloud, SAM)

    body = page.locator("gridwix-portal")
    expect(body.get_by_role("textbox")).to_be_visible()
    for stranger in ("Prairie Gold", "Baltic Home Textiles", "TG-2026"):
        expect(body).not_to_contain_text(stranger)


def test_visitor_without_a_session_gets_the_log_in_page(
    local_cloud: LocalEnvironment, page: Page
) -> None:
    page.context.clear_cookies()

    page.goto(f"{local_cloud.portal_url}/portal")

    expect(page.locator("gridwix-portal")).to_have_count(0)


def _cases(local: LocalEnvironment) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    cursor: str | None = None
    while True:
        listed = local.gateway.list_records("cases", cursor)
        found += listed["items"]
        cursor = listed["nextCursor"]
        if cursor is None:
            return found


def _picture(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)
