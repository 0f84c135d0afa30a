"""Hostile HTML of a notice is inert in a real browser, and valid HTML is unchanged."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, Request

from gridwix.mapping.html import sanitize_html
from tests.browser.served import PATIENCE

HOSTILE = [
    "<script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 1'>",
    "<p onmouseover='window.hit = 1' onclick=window.hit=1>hover</p>",
    "<a href='javascript:window.hit=1'>click</a>",
    "<a href='JaVa\tScRiPt:window.hit=1'>click</a>",
    "<a href='&#106;avascript:window.hit=1'>click</a>",
    "<a href='data:text/html,<script>window.hit=1</script>'>click</a>",
    "<svg onload='window.hit=1'><animate onbegin='window.hit=1' attributeName=x dur=1s></svg>",
    "<svg><style><img src=x onerror=window.hit=1></style></svg>",
    (
        "<math><mtext><table><mglyph><style><img src=x onerror=window.hit=1></style>"
        "</mglyph></table></mtext></math>"
    ),
    (
        "<style>body { background: url(https://tracker.example/a) }"
        " @import 'https://tracker.example/b';</style>"
    ),
    "<p style=\"background: url('https://tracker.example/c')\">styled</p>",
    "<iframe src='https://tracker.example/d' srcdoc='<script>parent.hit=1</script>'></iframe>",
    "<object data='https://tracker.example/e'></object><embed src='https://tracker.example/f'>",
    (
        "<form action='https://tracker.example/g'>"
        "<button autofocus onfocus='window.hit=1'>go</button></form>"
    ),
    "<base href='https://tracker.example/'><a href='/h'>relative</a>",
    "<meta http-equiv=refresh content='0; url=https://tracker.example/i'>",
    "<link rel=stylesheet href='https://tracker.example/j'>",
    "<video autoplay src=x onerror='window.hit=1'></video><audio src=x onerror='window.hit=1'>",
    "<b><i></b><script>window.hit=1</i></script>",
    "<<script>window.hit=1;//<</script>",
    "<noscript><p title='</noscript><img src=x onerror=window.hit=1>'></noscript>",
    "<textarea></textarea><img src=x onerror=window.hit=1>",
    "<!--><img src=x onerror=window.hit=1>-->",
    "<template><script>window.hit=1</script></template>",
    "<details open ontoggle='window.hit=1'><summary>x</summary></details>",
    "<p id='location' name='cookie'>clobbering</p>",
]

SHELL = "<!doctype html><meta charset=utf-8><div id=notice></div>"

ATTACK = """html => {
  const notice = document.getElementById('notice');
  notice.innerHTML = html;
  const elements = [...notice.querySelectorAll('*')];
  for (const element of elements)
    for (const kind of ['click', 'mouseover', 'focus', 'toggle', 'error', 'load'])
      element.dispatchEvent(new Event(kind, {bubbles: true}));
  return {
    tags: elements.map(element => element.tagName.toLowerCase()),
    attributes: elements
      .flatMap(element => [...element.attributes].map(attribute => attribute.name)),
    protocols: elements
      .filter(element => element.hasAttribute('href')).map(element => element.protocol),
    hit: window.hit || 0,
  };
}"""


@pytest.fixture(scope="module")
def shared_page(browser: Browser) -> Iterator[Page]:
    """One page for all tests of this module: opening a page takes longer than such a test."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    page.close()


@pytest.fixture
def watched(shared_page: Page) -> Page:
    """A new document, in which nothing has happened."""
    shared_page.goto("about:blank")
    shared_page.set_content(SHELL)
    assert shared_page.evaluate("window.hit") is None
    return shared_page


def attack(page: Page, html: str) -> tuple[dict[str, Any], list[str]]:
    """Render the HTML in the page. Return the result and the requests that it made."""
    asked: list[str] = []

    def count(request: Request) -> None:
        asked.append(request.url)

    page.on("request", count)
    found: dict[str, Any] = page.evaluate(ATTACK, html)
    page.wait_for_timeout(20)
    found["hit"] = page.evaluate("window.hit || 0")
    page.remove_listener("request", count)
    return found, asked


@pytest.mark.parametrize("html", HOSTILE)
def test_hostile_html_does_nothing_once_it_is_cleaned(watched: Page, html: str) -> None:
    found, asked = attack(watched, sanitize_html(html))

    assert found["hit"] == 0
    assert asked == []
    assert not {
        "script",
        "style",
        "img",
        "svg",
        "iframe",
        "form",
        "object",
        "embed",
        "base",
        "meta",
        "link",
    } & set(found["tags"])
    assert set(found["attributes"]) <= {"href", "title", "rel"}
    assert set(found["protocols"]) <= {"https:", "mailto:"}


def test_the_attack_would_be_seen_without_cleaning(watched: Page) -> None:
    attack(watched, HOSTILE[2])

    watched.wait_for_function("() => window.hit === 1")


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.sampled_from(
            [
                *HOSTILE,
                "<p>",
                "</p>",
                "<",
                ">",
                '"',
                "'",
                "<!--",
                "]]>",
                "<svg>",
                "</svg>",
                "<math>",
                "<table>",
            ]
        ),
        max_size=8,
    ).map("".join)
)
def test_any_mixture_of_hostile_html_does_nothing_once_it_is_cleaned(
    watched: Page, html: str
) -> None:
    found, asked = attack(watched, sanitize_html(html))

    assert (found["hit"], asked) == (0, [])
    assert set(found["attributes"]) <= {"href", "title", "rel"}


def test_good_html_stays_as_it_was() -> None:
    good = (
        "<p>Backlog <strong>cleared</strong> to <em>12</em> minutes.</p>"
        "<ul><li>810</li><li>INVOIC</li></ul>"
        "<table><tbody><tr><td>1</td></tr></tbody></table>"
    )

    assert sanitize_html(good) == good


def test_link_stays_and_tells_nothing_of_where_it_was() -> None:
    assert (
        sanitize_html('<a href="https://status.example/x">see</a>')
        == '<a href="https://status.example/x" rel="noopener noreferrer nofollow">see</a>'
    )
