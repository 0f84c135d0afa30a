"""Benchmark: 100 comments of the hub in sequence, from Trading Grid to the screen of a partner
whose page is open.

Runs through the deployed stack in the local environment and a browser.
"""

import contextlib
import time
from dataclasses import dataclass
from statistics import quantiles

from playwright.sync_api import Page, sync_playwright

from gridwix.models.ids import PartnerId
from ops.local_environment import LocalEnvironment, start_local_environment
from ops.paths import new_run
from ops.portal import DANA
from ops.waiting import STANDSTILL, wait_for_answers
from tests.browser.conftest import CHROMIUM

wait_for_answers()

CHANGES = 100
PARTNER = PartnerId("GC070000000101")
LONGEST = 1000 * STANDSTILL
"""Milliseconds after which a change counts as lost."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds from the comment in Trading Grid until it is on the screen."""

    seconds: list[float]

    def percentile(self, share: int) -> float:
        return quantiles(self.seconds, n=100, method="inclusive")[share - 1]


def open_page(page: Page, found: LocalEnvironment) -> None:
    """Log in as a partner and open its issues."""
    page.goto(found.portal_url)
    page.get_by_text(DANA.email).first.click()
    page.wait_for_url("**/portal*")
    page.locator("gridwix-portal").evaluate("(portal) => portal.setAttribute('section', 'issues')")
    page.locator(".timeline").first.wait_for(timeout=LONGEST)


def measure() -> Figures:
    """Measure all changes. The first one, which starts the functions, does not count."""
    seconds: list[float] = []
    with (
        start_local_environment(
            new_run("bench"), lambda _: contextlib.nullcontext(), partners=3
        ) as found,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], timeout=LONGEST
        )
        page = chromium.new_page(viewport={"width": 1280, "height": 1600})
        open_page(page, found)
        case = min(
            found.connections.community.open_cases([PARTNER]).records, key=lambda case: case.number
        )
        for number in range(CHANGES + 1):
            words = f"Answer {number} of the hub."
            page.mouse.move(100 + number, 100)
            begun = time.monotonic()
            found.gateway.comment_on_case(case.id, words)
            page.get_by_text(words, exact=True).first.wait_for(state="attached", timeout=LONGEST)
            # The first change starts the functions, so it is left out.
            seconds += [time.monotonic() - begun] if number else []
        chromium.close()
    return Figures(seconds)


def main() -> None:
    """Run the benchmark and print its figures. Needs Chromium."""
    if CHROMIUM is None:
        print("portal: needs Chromium; make chromium installs it")
        return
    figures = measure()
    print(
        f"portal: {CHANGES} comments of the hub, from Trading Grid to the partner's screen"
        " (local cloud, Chromium; the page reads what a ring names)"
    )
    print(
        f"  p50 {figures.percentile(50):.2f} s   p95 {figures.percentile(95):.2f} s"
        f"   p99 {figures.percentile(99):.2f} s   goal: p95 below 5 s"
    )


if __name__ == "__main__":
    main()
