"""``make pictures``: the pictures of the README and the docs, from the local environment.

Writes ``docs/images``: the portal on a desktop and on a phone, and its section People, light and
dark; an animated PNG of a change in Trading Grid that arrives on an open page; the live screen of
the command, and the dashboard. The pictures of the portal need Chromium; ``make pictures
ARGS=operations`` leaves them out.
"""

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import httpx
from playwright.sync_api import Browser, Locator, Page

from emulators.trading_grid.seed import HARBOR_PINE, PRAIRIE_GOLD
from gridwix.models.ids import PartnerId
from ops.apng import Frame, animate
from ops.chromium import PATIENCE, find_chromium, start_chromium
from ops.local_environment import LocalEnvironment, start_local_environment
from ops.operation_pictures import NAMES as OPERATION_NAMES
from ops.operation_pictures import take_operation_pictures
from ops.paths import ROOT, display_path, new_run
from ops.portal import DANA, JO, LEE, Person
from ops.portal_session import PortalSession
from ops.waiting import STANDSTILL

IMAGES = ROOT / "docs/images"

DESKTOP = (1200, 760)
PHONE = (390, 760)
PEOPLE = (960, 1160)
ANIMATION = (860, 720)
MAX_TOTAL = 1_100_000
"""Maximum bytes of all pictures together."""

WORDS = "The new 856 has passed our test. Thank you."
FRAME_SECONDS = 0.25
FRAMES = 12
"""Frames of the animation after the change is on the screen: its highlight fades."""

HOLD_MILLISECONDS = 2500
"""Milliseconds for which the first and the last frame of the animation are shown."""

type Scheme = Literal["light", "dark"]

VIEWS = (
    ("desktop", DESKTOP, "overview", DANA, PRAIRIE_GOLD),
    ("phone", PHONE, "issues", DANA, PRAIRIE_GOLD),
    ("people", PEOPLE, "people", LEE, HARBOR_PINE),
)
"""The pictures of the portal: name, size, section, member and partner of each."""

INVITED = {"email": "ana.souza@harborpine.example", "name": "Ana Souza", "role": "finance"}
"""The person whom the partner's administrator has invited, in the picture of the section People."""

CHANGE = "portal-change.png"
NAMES = frozenset(
    {
        *(f"portal-{view[0]}-{scheme}.png" for view in VIEWS for scheme in ("light", "dark")),
        CHANGE,
        *OPERATION_NAMES,
    }
)
"""File names of all pictures that this module makes."""


@contextlib.contextmanager
def open_portal(
    browser: Browser,
    found: LocalEnvironment,
    size: tuple[int, int],
    scheme: Scheme,
    section: str,
    member: Person = DANA,
    partner: str = PRAIRIE_GOLD,
) -> Iterator[Page]:
    """Open a section of the portal in a browser, as a logged-in member; yield the page."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        locale="en-US",
        timezone_id="America/Chicago",
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(found.portal_url)
    page.get_by_text(member.email).first.click()
    page.wait_for_url("**/portal*")
    page.goto(f"{found.portal_url}/portal?section={section}&partner={partner}")
    page.locator(f"[data-section={section}]:not([aria-busy=true])").first.wait_for()
    page.locator(".skeleton").first.wait_for(state="detached")
    page.evaluate("document.fonts.ready")
    yield page
    context.close()


def take_picture(page: Page, portal: Locator) -> bytes:
    """Return a PNG of the portal in the window, without the bar that the local web server adds."""
    top = portal.evaluate("(portal) => portal.getBoundingClientRect().top")
    size = page.viewport_size
    assert size is not None
    clip = {"x": 0, "y": top, "width": size["width"], "height": size["height"] - top}
    return page.screenshot(clip=clip, animations="allow")  # type: ignore[arg-type]


def film_change(page: Page, found: LocalEnvironment) -> bytes:
    """Add a comment of the hub to an issue; return an animated PNG of its arrival on the portal."""
    portal = page.locator("gridwix-portal")
    community = found.connections.community
    case = min(community.open_cases([PartnerId(PRAIRIE_GOLD)]).records, key=lambda one: one.number)
    page.get_by_text(case.number).first.scroll_into_view_if_needed()
    frames = [Frame(take_picture(page, portal), HOLD_MILLISECONDS)]
    found.gateway.comment_on_case(case.id, WORDS)
    page.get_by_text(WORDS, exact=True).first.wait_for(state="attached")
    for _ in range(FRAMES):
        image = take_picture(page, portal)
        last = frames[-1]
        if image == last.image:
            frames[-1] = Frame(image, last.milliseconds + int(1000 * FRAME_SECONDS))
        else:
            frames.append(Frame(image, int(1000 * FRAME_SECONDS)))
        time.sleep(FRAME_SECONDS)
    last = frames[-1]
    frames[-1] = Frame(last.image, last.milliseconds + HOLD_MILLISECONDS)
    return animate(frames)


def invite_person(found: LocalEnvironment) -> None:
    """Fill the section People: let the administrator of a partner invite a person.

    Another member of the partner visits the portal first, so that the portal has that member's
    name.
    """
    with httpx.Client(timeout=STANDSTILL) as http:
        PortalSession(found.portal_url, http, JO.id).call_web_method("getSession")
        lee = PortalSession(found.portal_url, http, LEE.id)
        lee.call_web_method("invitePerson", HARBOR_PINE, INVITED)


def take_pictures(found: LocalEnvironment, browser: Browser) -> dict[str, bytes]:
    """Return all pictures of the portal by file name."""
    invite_person(found)
    pictures: dict[str, bytes] = {}
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for scheme in schemes:
        for name, size, section, member, partner in VIEWS:
            with open_portal(browser, found, size, scheme, section, member, partner) as page:
                picture = take_picture(page, page.locator("gridwix-portal"))
                pictures[f"portal-{name}-{scheme}.png"] = picture
    with open_portal(browser, found, ANIMATION, "light", "issues") as page:
        pictures[CHANGE] = film_change(page, found)
    return pictures


def main() -> None:
    """Take pictures of the portal, status screen and dashboard; write them to ``docs/images``.

    Exits with a message if Chromium is missing, or if the pictures are too large.
    """
    with_portal = sys.argv[1:] != ["operations"]
    program = find_chromium() if with_portal else None
    if program is None and with_portal:
        sys.exit(
            "pictures of the portal need Chromium; make chromium installs it, and"
            " make pictures ARGS=operations takes the others"
        )
    begun, pictures = time.time(), dict[str, bytes]()
    with start_local_environment(
        new_run("pictures"), lambda _: contextlib.nullcontext(), partners=3, history=True
    ) as found:
        found.request_activity()
        found.wait_until_idle()
        if program is not None:
            with start_chromium(program) as browser:
                pictures |= take_pictures(found, browser)
        pictures |= take_operation_pictures(found, begun)
    total = sum(map(len, pictures.values()))
    if total > MAX_TOTAL:
        sys.exit(f"the pictures have {total:,} bytes, more than {MAX_TOTAL:,}")
    write_pictures(pictures, IMAGES)


def write_pictures(pictures: dict[str, bytes], folder: Path) -> None:
    """Write the pictures into a folder and print their sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        (folder / name).write_bytes(picture)
        print(f"{display_path(folder / name)}  {len(picture):,} bytes")


if __name__ == "__main__":
    main()
