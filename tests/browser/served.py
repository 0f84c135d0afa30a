"""The portal element on a page of its own, with a fake backend and a fixed date in March 2026.

It is served over HTTP. The fake backend runs in the page (``portal/backend.js``).
"""

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Locator, Page

from ops.waiting import STANDSTILL
from tests.browser.bundle import ELEMENT

ROOT = Path(__file__).parents[2]
SERVED = (
    "/portal/element/",
    "/portal/backend/texts.js",
    "/portal/backend/marks.js",
    "/tests/browser/portal/",
)
NOW = "2026-03-13T08:02:00Z"
SOON = "2026-03-13T08:03:00Z"
"""The time of a page that stands still: later than the browser takes to open a page."""
PRAIRIE, BALTIC = "GC070000000101", "GC055120098871"
PATIENCE = 1000 * STANDSTILL
"""Timeout in milliseconds of each step of Playwright."""

TURNS = """async () => {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise(resolve => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  }
}"""
"""Runs turns of the page's event loop, although the page's clock stands still."""

REFUSED = {
    "invalid": "This answer could not be accepted. Please check it.",
    "too_large": "This answer is too long. Please shorten it.",
}
"""The element's texts for a rejected answer, by error code."""

SECTIONS = (
    *("overview", "onboarding", "issues", "notices", "activity", "documents", "requests"),
    "messages",
)

INVITED = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
"""Code of an invitation that the fake backend accepts, from a link."""

SIGHT = (
    "Object.defineProperty(Document.prototype, 'visibilityState',"
    " {get: () => window.sight ?? 'visible'})"
)
"""Script that lets a test hide the page."""

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:;"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
"""A content security policy without inline styles, eval, or creating HTML from text."""


class Handler(SimpleHTTPRequestHandler):
    """Serves the project, with files of ``bundle`` in place of the element's."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, *args: Any, bundle: Path | None, **kwargs: Any) -> None:
        # The base class answers all requests of the connection in its constructor.
        self.bundle = bundle
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        asked = super().translate_path(path)
        if self.bundle is None or not Path(asked).is_relative_to(ELEMENT):
            return asked
        bundled = self.bundle / Path(asked).relative_to(ELEMENT)
        return str(bundled) if bundled.is_file() else asked

    def send_head(self) -> Any:
        if not self.path.startswith(SERVED):
            return self.send_error(HTTPStatus.NOT_FOUND)
        return super().send_head()

    def end_headers(self) -> None:
        if "csp=strict" in self.path:
            self.send_header("Content-Security-Policy", STRICT)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Suppress the access log."""


@contextmanager
def serving(bundle: Path | None = None) -> Iterator[str]:
    """Yield the address of the folder with the test page.

    Args:
        bundle: Folder with the bundled element; None for its modules.
    """
    handler = functools.partial(Handler, directory=str(ROOT), bundle=bundle)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tests/browser/portal/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Portal:
    """An open page. Selectors reach into the element's shadow root."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.locator("gridwix-portal")

    def find(self, selector: str, text: str | None = None) -> Locator:
        return self.element.locator(selector, has_text=text)

    def button(self, name: str) -> Locator:
        return self.element.get_by_role("button", name=name, exact=True)

    def go(self, name: str) -> None:
        self.element.get_by_role("navigation").get_by_role("button", name=name).click()

    def show_section(self, address: str) -> None:
        """Show a section, such as ``issues`` or ``search*q-issue``, as the page's code does."""
        self.page.evaluate(
            "address => window.portal.element.setAttribute('section', address)", address
        )
        self.find(f"[data-section={address.partition('*')[0]}]").wait_for()
        if address == "requests":
            self.find(".ask summary").first.wait_for()

    def calls(self, method: str) -> list[list[Any]]:
        """Return the arguments of each call of a method, in order."""
        found: list[list[Any]] = self.page.evaluate(
            "method => window.portal.calls.filter(call => call.method === method)"
            ".map(call => call.args)",
            method,
        )
        return found

    def change(self, edit: str) -> None:
        """Change rows, and ring.

        ``edit`` is JavaScript over ``rows``, the sections of Prairie Gold.
        """
        self.page.evaluate(f"""() => window.portal.change(portals => {{
          const sections = Object.entries(portals.{PRAIRIE}.sections);
          const rows = Object.fromEntries(sections.map(([name, section]) => [name, section.rows]));
          {edit}
        }})""")
        self.ring()

    def ring(self) -> None:
        """Tell the element the numbers of all changes, and let it read."""
        self.page.evaluate("window.portal.ring()")
        self.advance()

    def reopen(self) -> None:
        """Let the element begin anew, as on a page that is opened again."""
        self.page.evaluate("""() => {
          const {element} = window.portal;
          element.remove();
          document.querySelector('main').append(element);
        }""")
        self.advance()

    def reconnect(self) -> None:
        """Let the page lose and find its connection, and check the numbers once."""
        self.advance(6_000)
        self.page.evaluate("window.portal.connect(true)")
        self.advance(6_000)

    def advance(self, milliseconds: int = 100) -> None:
        """Advance the page's clock."""
        self.page.clock.run_for(milliseconds)
        self.settle()

    def settle(self) -> None:
        """Wait for the page's pending promises and the events of its rendering."""
        self.page.evaluate(TURNS)

    def fail(
        self,
        method: str,
        code: str | None = "unavailable",
        question: str | None = None,
        *,
        limit: Mapping[str, object] | None = None,
    ) -> None:
        """Make a method respond with an error code, for a ``question`` or with a ``limit`` if
        given; None ends that.
        """
        told = {
            "code": code,
            **({"question": question} if question else {}),
            **({"limit": limit} if limit else {}),
        }
        self.page.evaluate(
            "([method, told]) => told.code"
            " ? window.portal.failing.set(method, told)"
            " : window.portal.failing.delete(method)",
            [method, told],
        )

    def hold(self, method: str) -> None:
        self.page.evaluate("method => window.portal.hold(method)", method)

    def release(self, method: str) -> None:
        self.page.evaluate("method => window.portal.release(method)", method)

    def see(self, sight: str) -> None:
        """Let the page be ``visible`` or ``hidden``, on a page that was opened with ``SIGHT``."""
        self.page.evaluate(
            "sight => { window.sight = sight;"
            " document.dispatchEvent(new Event('visibilitychange', {bubbles: true})); }",
            sight,
        )
        self.settle()

    def said(self) -> str:
        return self.find("[role=status]").inner_text()


class Opener:
    """Opens portals, each in a context of its own that is closed at the end of the test.

    The clock of a page that is opened ``still`` goes on only as the test advances it.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[Any] = []
        self.errors: list[str] = []

    def __call__(
        self,
        *,
        width: int = 1280,
        context: Mapping[str, Any] | None = None,
        before: str = "",
        still: bool = False,
        wait: str = "[data-section], .alone",
        fragment: str = "",
        **query: str,
    ) -> Portal:
        made = self.browser.new_context(
            viewport={"width": width, "height": 900},
            **{"locale": "en-US", "timezone_id": "America/Chicago", **(context or {})},
        )
        made.set_default_timeout(PATIENCE)
        self.contexts.append(made)
        page = made.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.clock.install(time=NOW)
        if still:
            page.clock.pause_at(SOON)
        if before:
            page.add_init_script(before)
        attributes = {name.replace("_", "-"): value for name, value in query.items()}
        asked = urlencode({"partner": PRAIRIE, **attributes})
        page.goto(f"{self.address}index.html?{asked}{fragment}")
        portal = Portal(page)
        portal.find(wait).first.wait_for()
        return portal

    def close(self) -> None:
        for context in self.contexts:
            context.close()
