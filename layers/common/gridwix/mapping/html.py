"""Rich text from outside, made harmless: what is not on the list does not get through."""

import nh3

TAGS = frozenset(
    {"p", "br", "strong", "b", "em", "i", "u", "s", "ul", "ol", "li", "a", "code", "pre", "blockquote", "h3", "h4"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = ("https://", "mailto:")
MAX_HTML = 20_000
"""Characters of one text that are kept at most."""


def sanitize_html(html: str) -> str:
    """The same text with no script, style, image, frame, form, event handler, or address other than a whole one of ``https:`` or ``mailto:``.

    A text that is too long is cut before it is cleaned, so that what remains is whole HTML.
    """
    return nh3.clean(
        html[:MAX_HTML],
        tags=set(TAGS),
        clean_content_tags={"script", "style"},
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_address,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def is_too_long(html: str) -> bool:
    """Whether :func:`sanitize_html` leaves the end of a text away."""
    return len(html) > MAX_HTML


def _address(_tag: str, attribute: str, value: str) -> str | None:
    return value if attribute != "href" or value.strip().lower().startswith(SCHEMES) else None
