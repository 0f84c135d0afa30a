"""Rules for each element of a rich text: the one list of both sanitizers. Pure.

The server's sanitizer (``gridwix.mapping.html``) reads it from here, and ``make config`` writes it
for the page's (``portal/element/html-rules.js``). Elements in no list are removed, and their
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
"""Elements that a sanitized text may have."""

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
"""Elements that become others. A block stays one, so that the words of two lines never meet."""

DROPPED = frozenset(
    {
        *("script", "style", "title", "template", "xml"),
        *("noscript", "noframes", "noembed", "iframe", "object", "embed", "applet", "frameset"),
        *("svg", "math", "audio", "video", "canvas"),
        *("textarea", "select", "datalist", "xmp"),
    }
)
"""Elements that are removed with their content, which no reader of the original sees as text.

``title`` names a document. ``xml`` holds the settings of Word and Outlook.
"""

HIGH_HEADINGS = {"h1": 1, "h2": 2}
"""Headings above those that are kept. A text that has one is shifted as a whole."""

TOP_HEADING, LOWEST_HEADING = 3, 6
"""Levels of the headings that are kept. Levels above them belong to the page."""

BLOCKS = frozenset(
    {
        *("p", "div", "hr", "blockquote", "pre", "h3", "h4", "h5", "h6"),
        *("ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "tr"),
    }
)
"""Elements of ``KEPT`` that begin and end a line."""

SCHEMES = ("https://", "mailto:")
"""Beginnings of the addresses that a link may have."""

SILENT_SCHEMES = frozenset(
    {
        *("about", "blob", "chrome", "cid", "data", "filesystem", "javascript", "livescript"),
        *("mhtml", "vbscript", "view-source", "x-apple-data-detectors"),
    }
)
"""Schemes of addresses that tell a reader nothing."""

SPOKEN_SCHEMES = frozenset({"tel", "sms", "callto", "sip", "sips", "mailto"})
"""Schemes that are not written out: a reader knows a telephone number by its look."""

MAX_DEPTH = 40
"""Maximum number of elements of ``KEPT`` around a text. Deeper ones are removed, and a block leaves
the end of its line."""
