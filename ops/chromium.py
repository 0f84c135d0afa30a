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
    """Return the path of an installed Chromium; None if none is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextlib.contextmanager
def start_chromium(program: str) -> Iterator["Browser"]:
    """Start a headless Chromium, yield it, and close it at the end of the block.

    Nothing else in the thread can use an event loop within the block. Raises Playwright's errors.
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
    """Start a headless Chromium for the block and yield it; yield None if none can be started.

    None is yielded if no Chromium is installed, or if the installed program does not start: some
    systems have a program named ``chromium`` that only says how to install Chromium.
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
