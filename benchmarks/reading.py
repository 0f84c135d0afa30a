"""Benchmark: the reads of Wix Data that one open page causes in an hour, idle and in use, with
rings and without.

A browser shows the portal of the local host, on the Wix emulator; the page's clock is simulated.
Before pages were rung, an open page took 2,400 reads an hour idle and 14,400 in use.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.emulator_pair import EmulatorPair, start_emulators
from benchmarks.open_pages import SECRET, MemoryRingerQueue, SiteBudget, create_members, start_hub
from ops.emulator import Emulator
from ops.portal import run_portal_host
from ops.waiting import STANDSTILL, wait_for
from tests.browser.conftest import CHROMIUM

SECONDS = 3600
STEP = 5
"""Seconds by which the page's simulated clock advances at a time."""

QUIET_SECONDS = 6 * 60
"""Seconds without use after which a page counts as idle."""

VIEW_SECONDS = 300
"""Seconds between two views that a page in use opens."""

VIEWS = ("issues", "documents", "requests", "messages", "onboarding", "overview")

GOALS = {"idle": 60, "at work": 120}
"""Maximum reads of a page in an hour, apart from those of the views that are opened."""

COUNT_CALLS = """
window.calls = 0;
const send = window.fetch;
window.fetch = async (...args) => {
  window.calls += 1;
  try { return await send(...args); } finally { window.calls -= 1; }
};
"""


@dataclass(frozen=True, slots=True)
class Reads:
    """Numbers of reads of Wix Data in an hour. ``opened``: those of views that were opened for the
    first time.
    """

    total: int
    opened: int

    @property
    def regular(self) -> int:
        return self.total - self.opened


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page with a stopped clock, and the site that it reads."""

    page: Page
    wix: Emulator

    def advance(self, seconds: float) -> None:
        """Advance the page's clock, and wait until its calls have ended."""
        self.page.clock.run_for(int(1000 * seconds))
        wait_for(lambda: self.page.evaluate("window.calls") == 0, "the page's calls", poll=0.005)

    def reads(self) -> int:
        return sum(self.wix.read("usage")["reads"].values())


@contextmanager
def open_page(
    browser: Browser, pair: EmulatorPair, portal_url: str, member: str
) -> Iterator[OpenPage]:
    """Log in, open the portal, and stop its clock."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(1000 * STANDSTILL)
    page.add_init_script(COUNT_CALLS)
    page.clock.install(time=time.time())
    page.goto(portal_url)
    page.locator(f"form:has(input[value='{member}']) button").click()
    page.locator("gridwix-portal [data-section]").first.wait_for()
    yield OpenPage(page, Emulator(pair.wix_url))
    context.close()


def hour(opened: OpenPage, *, at_work: bool) -> Reads:
    """Simulate an hour of a page and count its reads."""
    if not at_work:
        for _ in range(QUIET_SECONDS // STEP):
            opened.advance(STEP)
    opened.wix.clear("usage")
    by_opening = 0
    for passed in range(0, SECONDS, STEP):
        if at_work:
            opened.page.keyboard.press("Shift")
            if passed and passed % VIEW_SECONDS == 0:
                before = opened.reads()
                view = VIEWS[passed // VIEW_SECONDS % len(VIEWS)]
                opened.page.locator("gridwix-portal").evaluate(
                    "(portal, view) => portal.setAttribute('section', view)", view
                )
                opened.advance(0)
                by_opening += opened.reads() - before
        opened.advance(STEP)
    return Reads(opened.reads(), by_opening)


def measure() -> dict[tuple[str, bool], Reads]:
    """Return the reads of a page, by what the page does and whether it is rung."""
    found: dict[tuple[str, bool], Reads] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        start_emulators(calls_per_minute=100_000) as pair,
        sync_playwright() as playwright,
    ):
        hub = start_hub(pair, MemoryRingerQueue(), SiteBudget(100_000, 50_000, time.time))
        [person] = create_members(pair, sorted(hub.cases)[:1], 1)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with run_portal_host(
            pair.wix_url,
            pair.wix_info,
            "http://127.0.0.1:9/",
            SECRET,
            port=0,
            log=Path(folder) / "portal.log",
            patience=100,
        ) as portal_url:
            for is_rung in (True, False):
                Emulator(portal_url).order("realtime", {"blocked": not is_rung})
                for name in GOALS:
                    with open_page(browser, pair, portal_url, person["member"]) as opened:
                        found[name, is_rung] = hour(opened, at_work=name == "at work")
        browser.close()
    return found


def main(options: Sequence[str] = ()) -> None:
    """Run the benchmark of reads and print its figures. Needs Chromium."""
    del options
    if CHROMIUM is None:
        print("reading: needs Chromium; make chromium installs it")
        return
    print("reading: reads of Wix Data by an open page in an hour (Chromium, simulated clock)")
    for (name, is_rung), reads in measure().items():
        print(
            f"  {name:8} {'with rings' if is_rung else 'without rings':14} {reads.regular:4}"
            f" and {reads.opened} for views that were opened   goal: at most {GOALS[name]}"
        )


if __name__ == "__main__":
    main()
