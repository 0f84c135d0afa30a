"""A Chromium for tests that can reach only what a test serves."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ops.chromium import find_chromium, start_chromium
from tests.browser.bundle import bundle_element, esbuild
from tests.browser.served import PATIENCE, Opener, serving

# A machine that does other things, too, is slow to show something, and not wrong.
expect.set_options(timeout=PATIENCE)

FOLDER = "tests/browser/"
GROUPS = 2
CHROMIUM = find_chromium()


# First, since xdist looks at the marks before the conftest of a folder that the command line names
# has its turn.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests in this folder, and skip them with a reason if there is no Chromium."""
    for item in items:
        if item.nodeid.startswith(FOLDER):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group(f"browser-{_group(item.path)}"))
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="needs Chromium: make chromium installs it")
                )


def _group(path: Path) -> int:
    """Number of the group of a test file. Each group has a Chromium of its own, and its tests run
    one after another.
    """
    return sum(path.name.encode()) % GROUPS


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium for the block.

    Until its end no other test of the process can have an event loop.
    """
    assert CHROMIUM is not None
    with start_chromium(CHROMIUM) as browser:
        yield browser


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests in this folder. It ends before other tests, which need a loop."""
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    fresh = browser.new_page()
    fresh.set_default_timeout(PATIENCE)
    yield fresh
    fresh.close()


@pytest.fixture(scope="package")
def portal_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program, folder = esbuild(), None
    if program is not None:
        folder = tmp_path_factory.mktemp("element")
        bundle_element(program, folder)
    with serving(folder) as address:
        yield address


@pytest.fixture
def open_portal(browser: Browser, portal_address: str) -> Iterator[Opener]:
    """Opens pages with the portal. A script error on a page fails the test."""
    opener = Opener(browser, portal_address)
    yield opener
    opener.close()
    assert opener.errors == []
