"""Benchmark: latency of 100 comments of the hub in sequence, from Trading Grid to the screen of a
partner with an open page, by station on the way.

Runs through the deployed stack in the local environment and a browser. ``--against CHECKOUT``
measures an earlier checkout of this repository in turn. The local cloud delivers a message that
comes alone at once; on AWS, the batching window of ``NoticePublisherQueue`` adds up to a second.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Page, sync_playwright

from gridwix.models.ids import PartnerId
from gridwix.models.portal.collection_ids import OPEN_ISSUES
from ops.demo.trace import BULK_SAVE, Delivery
from ops.local_environment import LocalEnvironment, start_local_environment
from ops.paths import new_run
from ops.portal import DANA
from ops.waiting import STANDSTILL, wait_for_answers
from tests.browser.conftest import CHROMIUM

wait_for_answers()

CHANGES = 100
RUNG_AT_ONCE = 8
"""Number of changes after which the page is loaded again."""
PARTNER = PartnerId("GC070000000101")
LONGEST = 1000 * STANDSTILL
"""Milliseconds after which a change that the page has not shown counts as lost."""

GOALS = {50: 0.7, 95: 1.5}
"""Maximum latency in seconds, by percentile."""

PORTAL_CHANGES = "PortalChanges"
"""Name of the collection, not imported since an earlier checkout has no such collection."""

WATCH = """(words) => {
  const root = document.querySelector('gridwix-portal').shadowRoot;
  window.arrival = new Promise((resolve) => {
    const look = () => root.textContent.includes(words) && resolve(Date.now());
    new MutationObserver(look).observe(root, {childList: true, characterData: true, subtree: true});
  });
}"""
"""JavaScript that records the time at which a text appears. Playwright's own waits poll every half
second.
"""

BULK_PATCH = "/wix-data/v2/bulk/items/patch"
QUERY = "/wix-data/v2/items/query"

STATIONS = (
    "webhook answered",
    "rows written (bus, queue, publisher)",
    "change counted (ring queue, ringer)",
    "page asks (ring, host, realtime)",
    "rows read (host, Wix)",
    "on the screen",
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Latencies of the comments, from Trading Grid to the screen, in seconds.

    For each change also the times at which it reached each of ``STATIONS``; a change of which a
    station was not seen is left out.
    """

    seconds: list[float]
    stations: Sequence[Sequence[float]] = ()

    def percentile(self, share: int) -> float:
        return quantiles(self.seconds, n=100, method="inclusive")[share - 1]

    def shares(self) -> Mapping[str, float]:
        """Median seconds between each station and the one before it."""
        steps = [
            [now - before for before, now in zip((0.0, *times), times, strict=False)]
            for times in self.stations
        ]
        return {
            name: median(times)
            for name, times in zip(STATIONS, zip(*steps, strict=True), strict=True)
        }


def open_page(page: Page, found: LocalEnvironment) -> None:
    """Log in to the portal as a partner and open its issues."""
    page.goto(found.portal_url)
    page.get_by_text(DANA.email).first.click()
    page.wait_for_url("**/portal*")
    page.locator("gridwix-portal").evaluate("(portal) => portal.setAttribute('section', 'issues')")
    page.locator(".timeline").first.wait_for(timeout=LONGEST)


def stations_of(
    deliveries: Sequence[Mapping[str, Any]],
    requests: Sequence[Mapping[str, Any]],
    begun: float,
    shown: float,
) -> Sequence[float] | None:
    """Return the times at which a change reached each station, in seconds after ``begun``.

    Args:
        deliveries: The webhooks of Trading Grid.
        requests: The Wix emulator's journal since ``begun``. ``at`` is when a request was answered.
        begun: Time of the change (Unix seconds).
        shown: Time at which it was on the screen (Unix seconds).

    Returns:
        None if a station was not seen, as when the page found the change by itself.
    """
    attempts = [one for raw in deliveries if (one := Delivery.read(raw)) and one.at >= begun]

    def first(path: str, collection: str, since: float) -> Mapping[str, Any] | None:
        return next(
            (
                one
                for one in requests
                if one["path"] == path and collection in one["body"] and one["at"] >= since
            ),
            None,
        )

    saved = first(BULK_SAVE, OPEN_ISSUES, begun)
    counted = saved and first(BULK_PATCH, PORTAL_CHANGES, saved["at"])
    read = counted and first(QUERY, OPEN_ISSUES, counted["at"])
    if not (attempts and saved and counted and read):
        return None
    webhook = min(attempts, key=lambda one: one.at)
    times = (
        webhook.at + webhook.took,
        saved["at"],
        counted["at"],
        read["at"] - read["milliseconds"] / 1000,
        read["at"],
        shown,
    )
    return [at - begun for at in times]


def measure() -> Figures:
    """Measure the latency of all changes but the first, which starts the functions."""
    seconds: list[float] = []
    stations: list[Sequence[float]] = []
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
            # A page that read 20 times within a minute puts the next read off.
            if number and number % RUNG_AT_ONCE == 0:
                open_page(page, found)
            words = f"Answer {number} of the hub."
            page.mouse.move(100 + number, 100)
            page.evaluate(WATCH, words)
            begun = time.time()
            found.gateway.comment_on_case(case.id, words)
            page.get_by_text(words, exact=True).first.wait_for(state="attached", timeout=LONGEST)
            shown = page.evaluate("window.arrival") / 1000
            # The first change starts the functions, so it is left out.
            if number:
                seconds.append(shown - begun)
                deliveries = found.gateway.list_deliveries(found.webhook_id)
                reached = stations_of(deliveries, found.wix.requests(begun), begun, shown)
                stations += [reached] if reached else []
        chromium.close()
    return Figures(seconds, stations)


def measure_checkout(checkout: Path) -> Figures:
    """Measure another checkout in the same way: a process runs this module with the code of that
    checkout.
    """
    environment = {**os.environ, "PYTHONPATH": f"{checkout / 'layers/common'}:{checkout}"}
    done = subprocess.run(
        [sys.executable, str(Path(__file__)), "--json"],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Figures(json.loads(done.stdout.splitlines()[-1]))


def show(name: str, figures: Figures) -> None:
    """Print the latency percentiles of a checkout."""
    print(
        f"  {name:10} p50 {figures.percentile(50):.2f} s   p95 {figures.percentile(95):.2f} s"
        f"   p99 {figures.percentile(99):.2f} s"
    )


def main(options: Sequence[str] = ()) -> None:
    """Run the benchmark of the portal and print its figures. Needs Chromium."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks portal")
    parser.add_argument("--against", type=Path, help="a checkout of an earlier gridwix")
    parser.add_argument("--json", action="store_true", help="print the seconds of each change")
    arguments = parser.parse_args(options)
    against = arguments.against
    if CHROMIUM is None:
        print("portal: needs Chromium; make chromium installs it")
        return
    figures = measure()
    if arguments.json:
        print(json.dumps(figures.seconds))
        return
    print(
        f"portal: {CHANGES} comments of the hub, from Trading Grid to the partner's screen"
        " (local cloud, Chromium; the page reads what a ring names)"
    )
    show("this", figures)
    print("             goal: " + ", ".join(f"p{p} at most {most} s" for p, most in GOALS.items()))
    if against is not None:
        show("against", measure_checkout(against.resolve()))
    if figures.stations:
        print(f"  where the time goes (medians of {len(figures.stations)} changes)")
        for station, took in figures.shares().items():
            print(f"    {station:38} {1000 * took:5.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1:])
