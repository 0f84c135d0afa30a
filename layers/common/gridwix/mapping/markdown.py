"""Renders comments that are written in Markdown to HTML. Pure."""

from markdown_it import MarkdownIt

MAX_NESTING = 20
"""Maximum nesting of lists and quotations. Deeper markup is shown as plain text."""


def rendered_markdown(text: str) -> str:
    r"""Render Markdown (CommonMark, with tables and struck text) to HTML that is not sanitized.

    A line break in the source becomes one in the result, because authors of comments expect it.
    HTML in the source stays as it is.

    >>> rendered_markdown("Send **810** again\nby 10:00")
    '<p>Send <strong>810</strong> again<br />\nby 10:00</p>\n'
    """
    parser = MarkdownIt("commonmark", {"breaks": True, "maxNesting": MAX_NESTING})
    rendered: str = parser.enable(["table", "strikethrough"]).render(text)
    return rendered
