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
from tests.browser.served import TURNS
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

REALTIME = """
const subscriptions = new Map();
const handlers = { connected: [], disconnected: [], error: [] };
globalThis.realtime = {
  handlers,
  refused: new Set(),
  resources: () => [...subscriptions.values()].map(({ channel }) => channel.resourceId),
  ring(resourceId, payload) {
    for (const { channel, handler } of subscriptions.values()) {
      if (channel.name === 'gridwix' && channel.resourceId === resourceId) {
        handler({ payload }, channel);
      }
    }
  },
};
let number = 0;
export default {
  async subscribe(channel, handler) {
    if (globalThis.realtime.refused.has(channel.resourceId)) throw new Error('refused');
    subscriptions.set(`s${(number += 1)}`, { channel, handler });
    return `s${number}`;
  },
  async unsubscribe({ subscriptionId }) {
    if (!subscriptions.delete(subscriptionId)) throw new Error('unknown');
  },
  onConnected: (handler) => handlers.connected.push(handler),
  onDisconnected: (handler) => handlers.disconnected.push(handler),
  onError: (handler) => handlers.error.push(handler),
};
"""
"""A ``wix-realtime-frontend`` that the test commands by ``window.realtime``."""


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
    return log_in(page, site, url)


def log_in(page: Page, site: Portal, url: str) -> Page:
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

    logged_in.evaluate(
        "() => document.querySelector('gridwix-portal').ask('3', 'getChanges', [null])"
    )

    logged_in.wait_for_url(f"{url}/")


def go(
    page: Page, section: str, partner: str = "GC1", record: str | None = None, by: str = "member"
) -> None:
    """Say, as the element does, that a section was opened."""
    detail = {
        "section": section,
        "record": record,
        "address": f"{section}.{record}" if record else section,
        "partner": partner,
        "title": f"{section} of {partner}",
        "by": by,
    }
    page.evaluate(
        "detail => document.querySelector('gridwix-portal')"
        ".dispatchEvent(new CustomEvent('gridwix-section', {detail}))",
        detail,
    )


def attributes(page: Page) -> list[str | None]:
    found: list[str | None] = page.evaluate(
        "() => ['section', 'partner'].map("
        "name => document.querySelector('gridwix-portal').getAttribute(name))"
    )
    return found


def wait_for_section(page: Page, section: str) -> None:
    page.wait_for_function(
        "section => document.querySelector('gridwix-portal').getAttribute('section') === section",
        arg=section,
    )


def test_the_address_says_which_partner_section_and_record_is_open(
    logged_in: Page, url: str
) -> None:
    go(logged_in, "issues", record="case_1")
    assert logged_in.url == f"{url}/portal?section=issues.case_1&partner=GC1"

    logged_in.reload()

    wait_for_section(logged_in, "issues.case_1")
    assert attributes(logged_in) == ["issues.case_1", "GC1"]


def test_back_and_forward_walk_through_the_sections_and_partners_that_were_open(
    logged_in: Page, url: str
) -> None:
    go(logged_in, "overview", "GC1", by="page")
    go(logged_in, "issues", "GC1", record="case_1")
    go(logged_in, "documents", "GC2")

    logged_in.go_back()
    wait_for_section(logged_in, "issues.case_1")
    back = attributes(logged_in)
    logged_in.go_back()
    wait_for_section(logged_in, "overview")
    first = attributes(logged_in)
    logged_in.go_forward()
    logged_in.go_forward()
    wait_for_section(logged_in, "documents")

    assert back == ["issues.case_1", "GC1"]
    assert first == ["overview", "GC1"]
    assert logged_in.url == f"{url}/portal?section=documents&partner=GC2"
    assert attributes(logged_in) == ["documents", "GC2"]


def test_what_the_address_has_opened_is_no_new_entry_of_the_history(
    logged_in: Page, url: str
) -> None:
    before = logged_in.evaluate("() => history.length")

    go(logged_in, "documents", by="page")

    assert logged_in.url == f"{url}/portal"
    assert logged_in.evaluate("() => history.length") == before


def test_the_title_of_the_page_says_what_is_open(logged_in: Page) -> None:
    go(logged_in, "documents")

    logged_in.wait_for_function("() => document.title === 'documents of GC1'")


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


# -- rings


@pytest.fixture
def ringing(page: Page, site: Portal, url: str) -> Iterator[Page]:
    """The page with a realtime channel that the test commands. A script error fails the test."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route(
        "**/host/wix-realtime-frontend.js",
        lambda route: route.fulfill(content_type="text/javascript", body=REALTIME),
    )
    page.clock.install()
    yield log_in(page, site, url)
    assert errors == []


def listen(page: Page, partner: str | None) -> None:
    page.evaluate(
        "partner => document.querySelector('gridwix-portal')"
        ".dispatchEvent(new CustomEvent('gridwix-listen', {detail: {partner}}))",
        partner,
    )
    settle(page)


def settle(page: Page) -> None:
    page.evaluate(TURNS)


def ring(page: Page, resource: str, payload: Any) -> None:
    page.evaluate("([resource, payload]) => realtime.ring(resource, payload)", [resource, payload])


def rings(page: Page) -> dict[str, Any]:
    text = page.evaluate("() => document.querySelector('gridwix-portal').getAttribute('rings')")
    found: dict[str, Any] = json.loads(text)
    return found


def happen(page: Page, kind: str) -> None:
    page.evaluate("kind => realtime.handlers[kind].forEach(handler => handler({}))", kind)
    settle(page)


def resources(page: Page) -> set[str]:
    return set(page.evaluate("() => realtime.resources()"))


def test_the_page_tells_all_that_was_rung_for_the_partner_and_for_everybody(
    ringing: Page,
) -> None:
    listen(ringing, "GC1")
    assert resources(ringing) == {"partner/GC1", "everybody"}

    ring(ringing, "partner/GC1", {"numbers": {"issues": 17}, "spread": 40})
    ring(ringing, "everybody", {"numbers": {"notices": 3}, "spread": 10_000})
    ring(ringing, "partner/GC1", {"numbers": {"issues": 16, "status": 4}, "spread": 0})

    assert rings(ringing) == {
        "partner": "GC1",
        "connected": True,
        "own": {"issues": 17, "status": 4},
        "everybody": {"notices": 3},
        "spread": {"own": 0, "everybody": 10_000},
        "connection": 1,
    }


@pytest.mark.parametrize(
    "payload",
    [None, 7, "x", [], {}, {"numbers": None}, {"numbers": {"issues": "9"}, "spread": "x"}],
)
def test_the_page_survives_any_payload(ringing: Page, payload: Any) -> None:
    listen(ringing, "GC1")

    ring(ringing, "partner/GC1", payload)

    assert (rings(ringing)["own"], rings(ringing)["spread"]["own"]) == ({}, 0)


def test_the_page_that_is_refused_says_so_and_tries_again_ever_more_rarely(
    ringing: Page,
) -> None:
    ringing.evaluate("() => realtime.refused.add('everybody')")
    listen(ringing, "GC1")
    refused = rings(ringing)

    ringing.evaluate("() => realtime.refused.clear()")
    ringing.clock.run_for(2_400)
    settle(ringing)
    still = resources(ringing)
    ringing.clock.run_for(2_700)
    settle(ringing)

    assert (refused["connected"], refused["connection"]) == (False, 0)
    assert still == set()
    assert resources(ringing) == {"partner/GC1", "everybody"}
    assert (rings(ringing)["connected"], rings(ringing)["connection"]) == (True, 1)


def test_the_page_that_loses_its_connection_says_so_and_counts_the_next(ringing: Page) -> None:
    listen(ringing, "GC1")

    happen(ringing, "disconnected")
    lost = rings(ringing)
    happen(ringing, "connected")
    found = rings(ringing)
    happen(ringing, "error")
    failed = rings(ringing)
    ringing.clock.run_for(5_100)
    settle(ringing)

    assert (lost["connected"], found["connected"], failed["connected"]) == (False, True, False)
    assert found["connection"] == 2
    assert (rings(ringing)["connected"], rings(ringing)["connection"]) == (True, 3)
    assert resources(ringing) == {"partner/GC1", "everybody"}


def test_the_page_that_hears_of_an_error_while_it_subscribes_subscribes_once(
    ringing: Page,
) -> None:
    ringing.evaluate("""() => {
      const detail = {partner: 'GC1'};
      document.querySelector('gridwix-portal')
        .dispatchEvent(new CustomEvent('gridwix-listen', {detail}));
      realtime.handlers.error.forEach(handler => handler({}));
    }""")
    settle(ringing)
    ringing.clock.run_for(400_000)
    settle(ringing)

    assert sorted(ringing.evaluate("() => realtime.resources()")) == ["everybody", "partner/GC1"]
    assert (rings(ringing)["connected"], rings(ringing)["connection"]) == (True, 1)


def test_the_page_listens_to_one_partner_at_a_time_and_to_none_if_it_shows_none(
    ringing: Page,
) -> None:
    listen(ringing, "GC1")
    ring(ringing, "partner/GC1", {"numbers": {"issues": 17}, "spread": 0})

    listen(ringing, "GC2")
    other = rings(ringing)
    switched = resources(ringing)
    listen(ringing, None)

    assert (other["partner"], other["own"], other["connected"]) == ("GC2", {}, True)
    assert switched == {"partner/GC2", "everybody"}
    assert resources(ringing) == set()
