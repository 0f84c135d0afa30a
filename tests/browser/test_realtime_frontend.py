"""``wix-realtime-frontend`` of the local host, in a browser: subscriptions and reconnections."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from ops.emulator import Emulator
from ops.waiting import wait_for
from tests.browser.served import PATIENCE
from tests.contract.portal_site import Portal, Visitor, needs_node, portal

pytestmark = needs_node

LISTEN = """async (partner) => {
  const { default: realtime } = await import('/host/wix-realtime-frontend.js');
  window.heard = [];
  window.states = [];
  window.realtime = realtime;
  realtime.onConnected(() => window.states.push('connected'));
  realtime.onDisconnected(() => window.states.push('disconnected'));
  realtime.onError(({ errorCode, channel }) => {
    window.states.push(`${errorCode} ${channel.resourceId}`);
  });
  const hear = ({ payload }, { resourceId }) => window.heard.push([resourceId, payload.numbers]);
  window.follow = async (resourceId) => {
    try {
      return { id: await realtime.subscribe({ name: 'gridwix', resourceId }, hear) };
    } catch ({ errorCode }) {
      return { errorCode };
    }
  };
}"""


@pytest.fixture
def site() -> Iterator[Portal]:
    site = portal()
    Emulator(site.url).clear("realtime")
    yield site
    Emulator(site.url).clear("realtime")


def open_page(browser: Browser, site: Portal, member: Visitor) -> Page:
    """Open the host's page as a member, without the portal element."""
    context = browser.new_context()
    [(name, value)] = member.http.cookies.items()
    context.add_cookies([{"name": name, "value": value, "url": site.url}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    # The page has the content security policy of the portal's page, and runs nothing itself.
    page.route("**/host/page.js", lambda route: route.fulfill(content_type="text/javascript"))
    page.goto(f"{site.url}/portal")
    page.evaluate(LISTEN)
    return page


def follow(page: Page, resource: str) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("(resource) => window.follow(resource)", resource)
    return found


def heard(page: Page, count: int) -> list[Any]:
    page.wait_for_function("(count) => window.heard.length >= count", arg=count)
    found: list[Any] = page.evaluate("window.heard")
    return found


def states(page: Page, count: int) -> list[str]:
    page.wait_for_function("(count) => window.states.length >= count", arg=count)
    found: list[str] = page.evaluate("window.states")
    return found


def subscriptions(site: Portal) -> int:
    return int(Emulator(site.url).read("realtime")["subscriptions"])


def test_a_page_hears_what_it_subscribed_to_until_it_unsubscribes(
    browser: Browser, site: Portal
) -> None:
    partner, other = site.partner(), site.partner()
    page = open_page(browser, site, site.member(partner))
    resource = f"partner/{partner}"

    first, second = follow(page, resource), follow(page, resource)
    assert follow(page, f"partner/{other}") == {"errorCode": 2}
    site.ring((resource, {"issues": 1}))
    both = heard(page, 2)
    page.evaluate("(id) => realtime.unsubscribe({ subscriptionId: id })", first["id"])
    site.ring((resource, {"issues": 2}))
    one = heard(page, 3)
    page.evaluate(
        "(id) => realtime.unsubscribe({ channel: { name: 'gridwix', resourceId: id } })", resource
    )

    assert first["id"] != second["id"]
    assert both == [[resource, {"issues": 1}]] * 2
    assert one[2:] == [[resource, {"issues": 2}]]
    assert subscriptions(site) == 0
    assert states(page, 1) == ["connected"]
    page.context.close()


def test_a_page_that_lost_its_connection_subscribes_again_and_the_hook_is_asked_again(
    browser: Browser, site: Portal
) -> None:
    stays, leaves = site.partner(), site.partner()
    member = site.member(stays, leaves)
    page = open_page(browser, site, member)
    for resource in (f"partner/{stays}", f"partner/{leaves}"):
        follow(page, resource)
    site.unlink(member.id, leaves)
    # The hook remembers links for some seconds.
    with member.listen() as probe:
        wait_for(lambda: probe.subscribe(f"partner/{leaves}") == 403, "the hook to forget the link")

    Emulator(site.url).order("realtime", {"disconnect": True})
    seen = states(page, 4)
    site.ring((f"partner/{leaves}", {"issues": 1}), (f"partner/{stays}", {"issues": 1}))

    assert seen == ["connected", "disconnected", "connected", f"2 partner/{leaves}"]
    assert heard(page, 1) == [[f"partner/{stays}", {"issues": 1}]]
    assert subscriptions(site) == 1
    page.context.close()


def test_a_page_without_realtime_gets_an_error_and_can_subscribe_later(
    browser: Browser, site: Portal
) -> None:
    partner = site.partner()
    page = open_page(browser, site, site.member(partner))
    Emulator(site.url).order("realtime", {"blocked": True})

    refused = follow(page, f"partner/{partner}")
    Emulator(site.url).order("realtime", {"blocked": False})
    later = follow(page, f"partner/{partner}")
    site.ring((f"partner/{partner}", {"issues": 1}))

    assert refused == {"errorCode": 1}
    assert "id" in later
    assert heard(page, 1) == [[f"partner/{partner}", {"issues": 1}]]
    page.context.close()
