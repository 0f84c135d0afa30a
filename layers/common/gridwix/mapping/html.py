"""HTML sanitizer for rich text from outside, with an allow-list of tags and attributes. Pure.

Word, Outlook, web mailers and help desks use different elements for the same content. The sanitizer
keeps the words, the line breaks and the meaning, and drops the styling. The page sanitizes again,
by the same list (``portal/element/sanitize.js``); both run the same test cases
(``tests/samples/html``).
"""

import re
from functools import lru_cache
from html import escape, unescape
from html.parser import HTMLParser
from typing import NamedTuple

import nh3

from gridwix.mapping.cuts import beginning, utf16_width
from gridwix.mapping.html_cuts import cut_html
from gridwix.mapping.html_rules import (
    BLOCKS,
    DROPPED,
    HIGH_HEADINGS,
    KEPT,
    LOWEST_HEADING,
    MAX_DEPTH,
    RENAMED,
    SCHEMES,
    SILENT_SCHEMES,
    SPOKEN_SCHEMES,
    TOP_HEADING,
)
from gridwix.mapping.html_sources import MAX_SOURCE, shorten_source

ATTRIBUTES = {"a": {"href", "title"}}
"""Allowed attributes, by element."""
MAX_HTML = 20_000
"""Maximum length of one sanitized text, in UTF-16 code units (as JavaScript counts): the portal's
page reads no more.
"""

# Elements that are looked at, and in no list.
_SEEN = frozenset({"img", "span", "font"})
_VOID = frozenset({"br", "hr", "img"})
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_BEFORE_NAME = re.compile(r"^(?:https?:)?//(?:www\.)?", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x1f]+")
_NO_WORD = re.compile(r"[\W_]+")
_STYLE = re.compile(
    r"(?:^|;)\s*(display|font-weight|text-decoration|text-decoration-line)\s*:\s*([^;!]+)",
    re.IGNORECASE,
)
_LINE_ENDS = re.compile(rf"(?:</?(?:{'|'.join(sorted(BLOCKS))})(?:\s[^>]*)?>)+")
_BREAKS = re.compile(r"<br ?/?>")
_CELL_ENDS = re.compile(r"</t[hd]>(?=\s*<t[hd])")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")
_BROKEN_REFERENCE = re.compile(r"&#?\w{0,32}\Z")


class RichText(NamedTuple):
    """Sanitized HTML of a rich text.

    ``shortened``: the end of the text is missing, and ``html`` ends with the mark ``…``.
    """

    html: str
    shortened: bool


def sanitize_html(html: str) -> str:
    """Sanitize HTML by the allow-list; no visible word is lost.

    The result has no script, style, image, frame, form or event handler, and no link other than to
    an absolute ``https:`` or ``mailto:`` address.

    A removed block leaves a line break, headings keep their relative levels, an image leaves its
    alternative text, and a removed link leaves its address if that says more than its words.

    A text that is too long is cut, as :func:`read_rich_text` says.

    >>> sanitize_html('<p onclick="x()">Hello <script>y()</script><b>you</b>')
    '<p>Hello <b>you</b></p>'
    >>> sanitize_html('<section>Call <a href="tel:+15550100">us</a></section>')
    '<div>Call us (+15550100)</div>'
    """
    return read_rich_text(html).html


def read_rich_text(html: str) -> RichText:
    """Sanitize HTML as :func:`sanitize_html` does, and tell whether the text was cut.

    At most ``MAX_HTML`` of the source is parsed, and the result has at most this length, too. If
    the source is longer, its styling is removed; if it is still longer, its end is cut off. A cut
    is at a word, and never inside a tag, a character reference or a letter. The result is
    well-formed, and ends with ``…`` if it is cut.

    >>> read_rich_text(f"<p>{'word ' * MAX_HTML}</p>").html[-10:]
    ' word…</p>'
    """
    source = html if len(html) <= MAX_HTML else shorten_source(html)
    is_beginning = len(html) > MAX_SOURCE or len(source) > MAX_HTML
    read = _beginning_of_source(source) if is_beginning else source
    renamed = _HREF.sub(rf"{_MARK}\g<0>", read)
    clean = _STRICT.clean(_Rewriter(_parser_for(_other_elements(read)).clean(renamed)).rewritten())
    shown = cut_html(clean, MAX_HTML, utf16_width, is_beginning=is_beginning)
    return RichText(shown, shown != clean)


def _beginning_of_source(html: str) -> str:
    """Return the beginning of an HTML source that is too long to be parsed.

    A tag that is cut in two stays, because the parser drops it. A character reference that is cut
    in two is removed, because the parser would show it.
    """
    found = _BROKEN_REFERENCE.sub("", beginning(html, MAX_HTML))
    # The reference may be an accent, without which its letter is another one.
    return beginning(found, len(found) - 1) if html.startswith("&", len(found)) else found


def html_text(html: str) -> str:
    r"""Return the plain text of sanitized HTML: each block on its own lines, table cells separated.

    >>> html_text("<p>One &amp; two</p><ul><li>a</li></ul><div>b<br>c</div>")
    'One & two\na\nb\nc'
    """
    lines = _BREAKS.sub("\n", _LINE_ENDS.sub("\n", _CELL_ENDS.sub(" ", html)))
    return _BLANK_LINES.sub("\n\n", unescape(nh3.clean(lines, tags=set()))).strip()


def _filter_address(_tag: str, attribute: str, value: str) -> str | None:
    return value if attribute != "href" or value.strip().lower().startswith(SCHEMES) else None


# nh3 removes an address of another scheme, and says nothing of it, so the parser sees the attribute
# by another name.
_MARK = "data-gridwix-"
_HREF = re.compile(r"(?<![\w-])href(?=\s*=)", re.IGNORECASE)

_TAG_NAME = re.compile(r"<([a-z][a-z0-9:_.-]*)", re.IGNORECASE)
_NEVER_OPEN = frozenset(
    {
        *("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img"),
        *("input", "keygen", "link", "meta", "param", "source", "track", "wbr"),
        # Everything behind it is its text.
        "plaintext",
    }
)
"""Names of elements without an end tag."""


def _other_elements(html: str) -> frozenset[str]:
    """Return the names of the elements that occur in an HTML source and can contain words.

    Left out are elements that are removed with their content (``DROPPED``), and those without an
    end tag.
    """
    names = {name.lower() for name in _TAG_NAME.findall(html)}
    return frozenset(names - DROPPED - _NEVER_OPEN)


@lru_cache(maxsize=64)
def _parser_for(others: frozenset[str]) -> nh3.Cleaner:
    """Return an HTML parser that keeps the elements ``others`` and all that have a rule.

    ``gridwix.mapping.html_rules`` has the rules, such as the allowed elements and those that are
    replaced. The parser works as a browser does. Its result is well-formed, but not yet safe to
    show: a stricter cleaner has to follow.
    """
    return nh3.Cleaner(
        tags={*KEPT, *RENAMED, *HIGH_HEADINGS, *_SEEN, *others},
        clean_content_tags=set(DROPPED),
        attributes={"*": {"style", "hidden"}, "a": {f"{_MARK}href", "title"}, "img": {"alt"}},
        link_rel=None,
        strip_comments=True,
    )


# Whatever was rewritten, this decides what leaves.
_STRICT = nh3.Cleaner(
    tags=set(KEPT),
    clean_content_tags=set(DROPPED),
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    attribute_filter=_filter_address,
    link_rel="noopener noreferrer nofollow",
    strip_comments=True,
)


def _may_stay(address: str) -> bool:
    return " href=" in _STRICT.clean(f'<a href="{escape(address)}">x</a>')


def address_beside(address: str, words: str) -> str:
    """Return the address of a removed link, to show beside the link's words.

    "" if the address says no more than ``words``, or nothing to a reader.

    >>> address_beside("http://edi.example/guide", "the guide")
    'http://edi.example/guide'
    >>> address_beside("tel:+1-555-0100", "+1 (555) 0100"), address_beside("#top", "up")
    ('', '')
    """
    shown = _INVISIBLE.sub("", address).strip()
    found = _SCHEME.match(shown)
    scheme = found[1].lower() if found else ""
    if not shown or shown.startswith("#") or scheme in SILENT_SCHEMES:
        return ""
    if scheme in SPOKEN_SCHEMES:
        shown = shown[len(scheme) + 1 :]
    says = _NO_WORD.sub("", _BEFORE_NAME.sub("", shown).lower())
    return "" if says in _NO_WORD.sub("", words.lower()) else shown


class _Element:
    """State of an element that the rewriter has begun and not ended.

    The element's content begins at index ``first_output`` of the rewriter's list of written
    strings, and at index ``first_word`` of its list of words. ``ends`` is the string to
    write at its end, "" for nothing. ``stays``: the element itself is kept. ``address`` is that of
    a link, else None. ``has_image``: the element contains an image.
    """

    __slots__ = ("address", "ends", "first_output", "first_word", "has_image", "stays")

    def __init__(self, first_output: int, first_word: int) -> None:
        self.first_output = first_output
        self.first_word = first_word
        self.stays = False
        self.ends = ""
        self.address: str | None = None
        self.has_image = False


class _Rewriter(HTMLParser):
    """Rewrites parsed HTML, which is well-formed, to the elements of ``KEPT``."""

    def __init__(self, parsed: str) -> None:
        super().__init__(convert_charrefs=True)
        self._parsed = parsed
        levels = [level for tag, level in HIGH_HEADINGS.items() if f"<{tag}" in parsed]
        self._shift = TOP_HEADING - min(levels, default=TOP_HEADING)
        self._out: list[str] = []
        self._words: list[str] = []
        self._open: list[_Element] = []
        self._depth = 0
        self._hidden = 0

    def rewritten(self) -> str:
        self.feed(self._parsed)
        self.close()
        return "".join(self._out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        members = {name.removeprefix(_MARK): _unmarked(value or "") for name, value in attrs}
        void = tag in _VOID
        style = {name.lower(): value.strip().lower() for name, value in _styles(members)}
        if self._hidden or "hidden" in members or style.get("display") == "none":
            self._hidden += not void
        elif tag == "img":
            self._add_image(members.get("alt", "").strip())
        elif void:
            self._out.append(f"<{tag}>")
            self._words.append(" ")
        else:
            self._begin(self._written_tag(tag, style), members)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if self._hidden:
            self._hidden -= 1
            return
        element = self._open.pop()
        if element.address is not None:
            words = "".join(self._words[element.first_word :])
            if words.strip() or element.has_image:
                self._end_link(element, words)
        self._depth -= element.stays
        is_empty = len(self._out) == element.first_output
        # One end of a line, however many blocks end there.
        if element.stays or (element.ends and not is_empty and self._out[-1] != element.ends):
            self._out.append(element.ends)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._write(_unmarked(data))

    def _write(self, words: str) -> None:
        self._out.append(escape(words, quote=False))
        self._words.append(words)

    def _begin(self, tag: str | None, members: dict[str, str]) -> None:
        element = _Element(len(self._out), len(self._words))
        element.address = members.get("href") if tag == "a" else None
        if (
            tag in KEPT
            and self._depth < MAX_DEPTH
            and (tag != "a" or _may_stay(element.address or ""))
        ):
            self._depth += 1
            self._out.append(f"<{tag}{_link_attributes(members) if tag == 'a' else ''}>")
            element.stays, element.ends = True, f"</{tag}>"
        elif tag in BLOCKS:
            element.ends = "<br>"
        self._open.append(element)

    def _end_link(self, element: _Element, words: str) -> None:
        if element.stays and words.strip():
            return
        beside = address_beside(element.address or "", words)
        if beside:
            self._write(f" ({beside})" if words.strip() else beside)

    def _add_image(self, alternative: str) -> None:
        for element in self._open:
            element.has_image = True
        if alternative:
            self._write(f" {alternative} ")

    def _written_tag(self, tag: str, style: dict[str, str]) -> str | None:
        level = HIGH_HEADINGS.get(tag) or (int(tag[1]) if re.fullmatch("h[3-6]", tag) else 0)
        if level:
            return f"h{min(LOWEST_HEADING, level + self._shift)}"
        # Google Docs wraps a whole text so.
        if tag in {"b", "strong"} and style.get("font-weight") in {"normal", "400"}:
            return None
        if tag in _SEEN:
            decoration = style.get("text-decoration-line") or style.get("text-decoration") or ""
            return "s" if "line-through" in decoration else None
        return RENAMED.get(tag, tag)


def _unmarked(text: str) -> str:
    return text.replace(_MARK, "")


def _styles(members: dict[str, str]) -> list[tuple[str, str]]:
    return _STYLE.findall(members.get("style", ""))


def _link_attributes(members: dict[str, str]) -> str:
    return "".join(
        f' {name}="{escape(members[name])}"' for name in ("href", "title") if name in members
    )
