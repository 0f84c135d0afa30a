"""What editors write, and what readers see of it: one table for both sanitizers, that of the server
(``tests/unit/mapping/test_html.py``) and that of the page (``tests/browser/test_rich_text.py``).
"""

from pathlib import Path
from typing import NamedTuple

WRITERS = Path(__file__).parent / "samples/html"
LINK = 'rel="noopener noreferrer nofollow"'


class Row(NamedTuple):
    """A text as it was written, and its sanitized HTML."""

    name: str
    html: str
    clean: str


RULES = (
    Row("blocks", "<div>one</div><div>two</div>", "<div>one</div><div>two</div>"),
    Row("text beside a block", "one<div>two</div>three", "one<div>two</div>three"),
    Row(
        "blocks that are renamed",
        "<section>one</section><article>two</article><center>three</center><form>four</form>",
        "<div>one</div><div>two</div><div>three</div><div>four</div>",
    ),
    Row(
        "figure",
        "<figure><img alt='Dock 4'><figcaption>Dock</figcaption></figure>",
        "<div> Dock 4 <div>Dock</div></div>",
    ),
    Row("rule", "one<hr>two", "one<hr>two"),
    Row(
        "definitions",
        "<dl><dt>Port</dt><dd>4080</dd></dl>",
        "<dl><dt>Port</dt><dd>4080</dd></dl>",
    ),
    Row(
        "caption and foot of a table",
        "<table><caption>Due</caption><tfoot><tr><td>Sum</td></tr></tfoot></table>",
        "<table><caption>Due</caption><tfoot><tr><td>Sum</td></tr></tfoot></table>",
    ),
    Row("old list", "<menu><li>one</li></menu>", "<ul><li>one</li></ul>"),
    Row("headings keep their rank", "<h1>A</h1>b<h3>C</h3>", "<h3>A</h3>b<h5>C</h5>"),
    Row("second headings alone", "<h2>A</h2>b<h3>C</h3>", "<h3>A</h3>b<h4>C</h4>"),
    Row("headings that need no shift", "<h3>A</h3><h6>B</h6>", "<h3>A</h3><h6>B</h6>"),
    Row("lowest heading", "<h1>A</h1><h6>B</h6>", "<h3>A</h3><h6>B</h6>"),
    Row("image", "<p>See<img src=cid:1 alt='the plan'>now</p>", "<p>See the plan now</p>"),
    Row("image without words", "<p>See<img src=cid:1>now<img alt=''></p>", "<p>Seenow</p>"),
    Row(
        "image as a link",
        '<a href="https://a.example/x"><img alt="Guide"></a>',
        f'<a href="https://a.example/x" {LINK}> Guide </a>',
    ),
    Row(
        "image without words as a link",
        '<a href="https://a.example/x"><img src="cid:1"></a>',
        f'<a href="https://a.example/x" {LINK}>https://a.example/x</a>',
    ),
    Row("telephone", '<a href="tel:+15550100">Call us</a>', "Call us (+15550100)"),
    Row("telephone in words", '<a href="tel:+1-555-0100">+1 (555) 0100</a>', "+1 (555) 0100"),
    Row("relative address", '<a href="/kb/12">the guide</a>', "the guide (/kb/12)"),
    Row(
        "address without https",
        '<a href="http://a.example/x?y=1&amp;z=2">here</a>',
        "here (http://a.example/x?y=1&amp;z=2)",
    ),
    Row("address in words", '<a href="http://www.a.example/">a.example</a>', "a.example"),
    Row("no address", '<a href="https://a.b:port/">here</a>', "here (https://a.b:port/)"),
    Row("place in the text", '<a href="#top">up</a><a name="x">y</a>', "upy"),
    Row("script as an address", '<a href="java\tscript:x()">click</a>', "click"),
    Row("address of another program", '<a href="cid:1">a</a><a href="data:,x">b</a>', "ab"),
    Row("link without words", 'a<a href="http://a.example/"></a>b', "ab"),
    Row("words that look like an attribute", "<p>Write href=x</p>", "<p>Write href=x</p>"),
    Row("title", "<head><title>Template 7</title></head>Late", "Late"),
    Row("title in the text", "Late<title>Template 7</title>", "Late"),
    Row("settings of a program", "<xml><w:View>Normal</w:View></xml>Late", "Late"),
    Row("text for other programs", "<p>a<noscript>b</noscript><video>c</video></p>", "<p>a</p>"),
    Row("hidden text", '<p style="color:red;Display: none">a</p><p hidden>b</p>c', "c"),
    Row(
        "hidden text in elements of no list",
        "<small hidden>a</small><x-y style='display:none'>b</x-y><q>c</q><o:p hidden>d</o:p>",
        "c",
    ),
    Row("text for other programs at the beginning", "<noscript>a</noscript>b", "b"),
    Row(
        "struck text",
        '<del>1</del> <strike>2</strike> <span style="text-decoration:line-through">3</span>',
        "<s>1</s> <s>2</s> <s>3</s>",
    ),
    Row("bold that is not", '<b style="font-weight:normal"><p>a</p></b>', "<p>a</p>"),
    Row("digits above and below", "10<sup>3</sup> H<sub>2</sub>O", "10<sup>3</sup> H<sub>2</sub>O"),
    Row("unknown elements", "<p>a<o:p>b</o:p><font>c</font><x-y>d</x-y></p>", "<p>abcd</p>"),
    Row(
        "blocks that lie too deep",
        "<blockquote>" * 40 + "<p>a</p><p>b</p>",
        "<blockquote>" * 40 + "a<br>b<br>" + "</blockquote>" * 40,
    ),
)
"""One rule each."""


def written() -> list[Row]:
    """Return a row for each sample of what programs write."""
    return [
        Row(
            path.name.removesuffix(".html"),
            path.read_text(),
            path.with_suffix(".clean.html").read_text(),
        )
        for path in sorted(WRITERS.glob("*.html"))
        if not path.name.endswith(".clean.html")
    ]
