"""Renders comments in Markdown. Pure."""

from markdown_it import MarkdownIt

MAX_NESTING = 20
"""Levels of lists and quotations, after which the text is taken as it is."""


def rendered_markdown(text: str) -> str:
    r"""Render Markdown (CommonMark, with tables and struck text) to HTML that is not sanitized.

    An end of a line stays one: who writes a comment means it. HTML in the text stays as it is.

    >>> rendered_markdown("Send **810** again\nby 10:00")
    '<p>Send <strong>810</strong> again<br />\nby 10:00</p>\n'
    """
    parser = MarkdownIt("commonmark", {"breaks": True, "maxNesting": MAX_NESTING})
    rendered: str = parser.enable(["table", "strikethrough"]).render(text)
    return rendered
