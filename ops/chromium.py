"""A Chromium of this machine, driven by Playwright: for pictures, browser tests and the demo."""

import contextlib
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ops.waiting import STANDSTILL

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
"""Names of Chromium programs: the first that is installed is used. The headless shell opens no
window, which takes most of the time of a short test.
"""

PATIENCE = 1000 * STANDSTILL
"""Milliseconds without progress after which a step of the browser fails."""


def find_chromium() -> str | None:
    """Return the path of an installed Chromium; None if there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextlib.contextmanager
def start_chromium(program: str) -> Iterator["Browser"]:
    """Start a headless Chromium for as long as the block lasts.

    Until its end nothing else in the thread can have an event loop. Raises Playwright's errors.
    """
    # Slow to import, and the commands that import this module seldom need it.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"], timeout=PATIENCE
        )
        yield browser
        browser.close()


@contextlib.contextmanager
def chromium_if_any() -> Iterator["Browser | None"]:
    """Start a Chromium for the block; yield None if none is installed, or if it does not start.

    Some systems have a program of that name that only says how to install it.
    """
    program = find_chromium()
    with contextlib.ExitStack() as running:
        yield None if program is None else _try_to_start(program, running)


def _try_to_start(program: str, running: contextlib.ExitStack) -> "Browser | None":
    from playwright.sync_api import Error

    try:
        return running.enter_context(start_chromium(program))
    except Error:
        return None
