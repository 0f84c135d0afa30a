"""The page code connects web component and backend in a real browser, under the page's CSP.

The component here is a small one with the same contract; other tests cover the real one.
"""

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from emulators.common import server
from ops.paths import ROOT
from tests.contract.portal_site import SECRET, Portal, needs_node, portal

pytestmark = needs_node

ELEMENT = """
customElements.define('gridwix-portal', class extends HTMLElement {
  static observedAttributes = ['answer'];
  connectedCallback() { this.ask('1', 'getSession', []); }
  ask(id, method, args) {
    this.dispatchEvent(new CustomEvent('gridwix-call', { detail: { id, method, args } }));
  }
  attributeChangedCallback(name, before, now) {
    const { id, result } = JSON.parse(now);
    this.answers = { ...this.answers, [id]: result };
    this.textContent = result.partners?.map((partner) => partner.name).join();
  }
});
"""


@pytest.fixture(scope="module")
def site() -> Portal:
    return portal(watch_media=False)


@pytest.fixture(scope="module")
def url(site: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The portal's own backend and page code, with the small component."""
    folder = tmp_path_factory.mktemp("portal")
    for name in ("backend", "pages"):
        shutil.copytree(ROOT / "portal" / name, folder / name)
    (folder / "element").mkdir()
    (folder / "element/index.js").write_text(ELEMENT)
    secrets = {"gridwix-webhook-url": f"{site.wix}/wix-webhook", "gridwix-signing-secret": SECRET}
    environment = {"PORTAL_WIX_API_KEY": site.info["apiKey"], "PORTAL_SECRETS": json.dumps(secrets)}
    options = [
        "--wix",
        site.wix,
        "--site-id",
        site.info["siteId"],
        "--patience",
        "100",
        "--portal",
        str(folder),
    ]
    with server.process("emulators.portal", options, environment=environment) as started:
        yield started


@pytest.fixture
def logged_in(page: Page, site: Portal, url: str) -> Page:
    """The page of a member of a partner, after a click on the login page."""
    member = site.member(site.partner("Prairie Gold Foods"))
    page.goto(f"{url}/portal")
    page.locator(f"form:has(input[value='{member.id}']) button").click()
    page.wait_for_selector("gridwix-portal:has-text('Prairie Gold Foods')")
    return page


def answer(page: Page, method: str, *args: object) -> object:
    page.evaluate(
        "([method, args]) => document.querySelector('gridwix-portal').ask('2', method, args)",
        [method, list(args)],
    )
    page.wait_for_function(
        "() => document.querySelector('gridwix-portal').answers['2'] !== undefined"
    )
    return page.evaluate("() => document.querySelector('gridwix-portal').answers['2']")


def test_a_member_who_logs_in_sees_its_partners_in_its_language(logged_in: Page, url: str) -> None:
    assert logged_in.url == f"{url}/portal"
    assert logged_in.locator("gridwix-portal").inner_text() == "Prairie Gold Foods"
    assert logged_in.locator("gridwix-portal").get_attribute("locale") == logged_in.evaluate(
        "() => navigator.language"
    )


@pytest.mark.parametrize(
    ("method", "code"),
    [("getPortal", "not_yours"), ("toString", "invalid"), ("__proto__", "invalid")],
)
def test_the_page_passes_on_what_the_backend_says_and_nothing_else(
    logged_in: Page, method: str, code: str
) -> None:
    assert answer(logged_in, method, "GC-of-somebody-else", "en") == {"error": {"code": code}}


def test_the_page_when_its_session_is_over_leads_back_to_the_login(
    logged_in: Page, url: str
) -> None:
    logged_in.context.clear_cookies()

    logged_in.evaluate("() => document.querySelector('gridwix-portal').ask('3', 'getEtag', [null])")

    logged_in.wait_for_url(f"{url}/")


def test_the_address_says_which_partner_and_section_is_open(logged_in: Page, url: str) -> None:
    section = "new CustomEvent('gridwix-section', {detail: {section: 'issues', partner: 'GC1'}})"
    logged_in.evaluate(f"() => document.querySelector('gridwix-portal').dispatchEvent({section})")
    logged_in.reload()

    portal_element = logged_in.locator("gridwix-portal")
    portal_element.wait_for(state="attached")
    logged_in.wait_for_function(
        "() => document.querySelector('gridwix-portal').hasAttribute('section')"
    )
    assert logged_in.url == f"{url}/portal?section=issues&partner=GC1"
    assert (portal_element.get_attribute("section"), portal_element.get_attribute("partner")) == (
        "issues",
        "GC1",
    )


def test_a_script_that_somebody_slips_in_does_not_run(logged_in: Page) -> None:
    violations = logged_in.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener(
           'securitypolicyviolation', (event) => resolve(event.effectiveDirective),
         );
          const script = document.createElement('script');
          script.textContent = 'window.hit = 1';
          document.body.append(script);
        })"""
    )

    assert violations == "script-src-elem"
    assert logged_in.evaluate("() => window.hit") is None


def test_the_page_may_send_a_file_to_the_site_and_to_nobody_else(
    logged_in: Page, site: Portal
) -> None:
    partner = logged_in.evaluate(
        "() => document.querySelector('gridwix-portal').answers['1'].partners[0].id"
    )
    document = site.row(
        "PartnerDocuments",
        f"doc-{partner}",
        partnerId=partner,
        partnerIds=[partner],
        forEverybody=False,
        version=1,
        restricted=False,
    )
    place: Any = answer(
        logged_in,
        "getUploadUrl",
        partner,
        document,
        {"fileName": "coi.pdf", "mimeType": "application/pdf", "sizeInBytes": 9},
    )
    send = (
        "([url]) => fetch(url, {method: 'PUT', body: '%PDF-1.7 ',"
        " headers: {'Content-Type': 'application/pdf'}})"
    )

    stored = logged_in.evaluate(
        f"{send}.then((answer) => answer.json())", [f"{place['uploadUrl']}?filename=coi.pdf"]
    )
    elsewhere = logged_in.evaluate(
        f"{send}.then(() => 'sent', () => 'stopped')", ["http://127.0.0.1:9/elsewhere"]
    )

    assert (stored["file"]["displayName"], stored["file"]["private"]) == ("coi.pdf", True)
    assert elsewhere == "stopped"
