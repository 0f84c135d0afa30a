"""Accepts an invitation of the demo as a member of the site.

This is done in a browser if there is a Chromium, else by a call to the portal's backend.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx

from ops.chromium import PATIENCE, chromium_if_any
from ops.demo.people import DemoPerson
from ops.local_environment import LocalEnvironment
from ops.portal_session import PortalSession
from ops.waiting import STANDSTILL

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def accept_invitation(local: LocalEnvironment, person: DemoPerson, member: str, link: str) -> bool:
    """Log in as a member, and accept the invitation with the link of its email.

    Returns:
        True if it was done in a browser, False if over the portal's backend.

    Raises:
        OpsError, httpx.HTTPError or Playwright's errors: The invitation was not accepted.
    """
    with chromium_if_any() as browser:
        if browser is not None:
            _accept_in_browser(local, browser, person, link)
            return True
    accept_over_backend(local, member, link)
    return False


def accept_over_backend(local: LocalEnvironment, member: str, link: str) -> None:
    """Accept an invitation by a call to the portal's backend, without a browser.

    The portal's page makes the same call when a member opens the link of the email. Raises
    httpx.HTTPError.
    """
    with httpx.Client(timeout=STANDSTILL) as http:
        code = link.rpartition("#invitation=")[2]
        PortalSession(local.portal_url, http, member).call_web_method("acceptInvitation", code)


def read_access(local: LocalEnvironment, member: str) -> Mapping[str, str]:
    """Return the partners for which a member acts on the portal, each with its role.

    Raises httpx.HTTPError.
    """
    with httpx.Client(timeout=STANDSTILL) as http:
        session: Mapping[str, Any] = PortalSession(local.portal_url, http, member).call_web_method(
            "getSession"
        )
    return {str(one["id"]): str(one["role"]) for one in session["partners"]}


def _accept_in_browser(
    local: LocalEnvironment, browser: "Browser", person: DemoPerson, link: str
) -> None:
    page = browser.new_page(locale=person.language)
    page.set_default_timeout(PATIENCE)
    page.goto(local.portal_url)
    page.get_by_text(person.email).click()
    page.wait_for_url("**/portal")
    page.goto(link)
    page.get_by_role("button", name="Accept the invitation").click()
    page.locator("[data-section=overview]").first.wait_for()
    page.close()
