"""Allow-list and rules for the HTML elements of rich texts, shared by both sanitizers. Pure.

The server's sanitizer (``gridwix.mapping.html``) imports this module, and ``make config`` generates
the page's copy (``portal/element/html-rules.js``). Elements without a rule are removed, and their
content stays.
"""

KEPT = frozenset(
    {
        *("p", "div", "br", "hr", "blockquote", "pre"),
        *("h3", "h4", "h5", "h6"),
        *("strong", "b", "em", "i", "u", "s", "code", "sub", "sup", "a"),
        *("ul", "ol", "li", "dl", "dt", "dd"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    }
)
"""Elements that a sanitized text may have (allow-list)."""

RENAMED = {
    **dict.fromkeys(
        (
            *("address", "article", "aside", "center", "details", "dialog", "fieldset"),
            *("figcaption", "figure", "footer", "form", "header", "hgroup", "legend", "main"),
            *("nav", "optgroup", "search", "section", "summary"),
        ),
        "div",
    ),
    **dict.fromkeys(("dir", "menu"), "ul"),
    **dict.fromkeys(("kbd", "listing", "samp", "tt"), "code"),
    **dict.fromkeys(("del", "strike"), "s"),
    "ins": "u",
}
"""Elements that are replaced by another one. A block is replaced by a block, so that words of two
lines are never joined.
"""

DROPPED = frozenset(
    {
        *("script", "style", "title", "template", "xml"),
        *("noscript", "noframes", "noembed", "iframe", "object", "embed", "applet", "frameset"),
        *("svg", "math", "audio", "video", "canvas"),
        *("textarea", "select", "datalist", "xmp"),
    }
)
"""Elements that are removed with their content, because browsers do not show it as text.

``title`` has the title of a document, ``xml`` the settings of Word and Outlook.
"""

HIGH_HEADINGS = {"h1": 1, "h2": 2}
"""Levels of headings above ``TOP_HEADING``, by element. If a text has one, all its headings are
shifted down together.
"""

TOP_HEADING, LOWEST_HEADING = 3, 6
"""Levels of headings that a sanitized text may have. The levels above are for the portal's page
itself.
"""

BLOCKS = frozenset(
    {
        *("p", "div", "hr", "blockquote", "pre", "h3", "h4", "h5", "h6"),
        *("ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "tr"),
    }
)
"""Block elements of ``KEPT``: they begin and end a line."""

SCHEMES = ("https://", "mailto:")
"""Beginnings of the addresses that a link may have (allow-list of schemes)."""

SILENT_SCHEMES = frozenset(
    {
        *("about", "blob", "chrome", "cid", "data", "filesystem", "javascript", "livescript"),
        *("mhtml", "vbscript", "view-source", "x-apple-data-detectors"),
    }
)
"""Schemes of addresses that mean nothing to a reader: the address of a removed link is not written
out.
"""

SPOKEN_SCHEMES = frozenset({"tel", "sms", "callto", "sip", "sips", "mailto"})
"""Schemes that are left out when the address of a removed link is written as text: a telephone
number is recognizable without ``tel:``.
"""

MAX_DEPTH = 40
"""Maximum nesting depth of elements of ``KEPT``. Deeper elements are removed, and a removed block
leaves a line break."""
