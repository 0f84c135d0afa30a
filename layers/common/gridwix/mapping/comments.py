"""Public comments of cases and requests, trimmed to the size of a row. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from gridwix.mapping.cuts import cut_text
from gridwix.models.portal.comments import ShownComment
from gridwix.models.portal.rows import MAX_ROW_BYTES
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.entities import UNKNOWN_TIME

MAX_COMMENTS = 100
"""Maximum number of comments in a row; the newest are kept."""

MAX_TEXT = 10_000
"""Maximum length of one comment, in characters: the limit of the profile."""

MAX_ATTACHMENTS = 20
"""Maximum number of attached documents that are listed with a comment."""


class Conversation(NamedTuple):
    """Public comments for a row, oldest first, and the number of older ones left out."""

    comments: tuple[ShownComment, ...]
    earlier: int | None


def public_comments(comments: Iterable[Comment]) -> list[Comment]:
    """Return the comments that may leave Trading Grid, oldest first.

    An unknown visibility counts as not public. Comments without a known time come first, in their
    given order.

    >>> hidden = Comment.model_construct(id="cmt_1", visibility="internal")
    >>> public_comments([hidden, Comment.model_construct(id="cmt_2", visibility="unheard_of")])
    []
    """
    return sorted(
        (comment for comment in comments if comment.visibility == "public"),
        key=_comment_order,
    )


def conversation(comments: Iterable[Comment]) -> Conversation:
    """Return the newest public comments, as many as one row may have, and the number of older ones.

    The newest public comment is always included. If the row is too large, more comments are left
    out later (``gridwix.mapping.row_sizes``).

    >>> conversation([])
    Conversation(comments=(), earlier=None)
    """
    public = public_comments(comments)
    shown: list[ShownComment] = []
    # A row has no room for more, so their Markdown need not be rendered.
    room = MAX_ROW_BYTES
    for comment in reversed(public[-MAX_COMMENTS:]):
        one = _comment_entry(comment)
        sent = (one.text, one.html or "", *(one.attachments or ()))
        room -= len("".join(sent).encode(errors="replace"))
        if shown and room < 0:
            break
        shown.append(one)
    return Conversation(tuple(reversed(shown)), len(public) - len(shown) or None)


def last_author_side(comments: Iterable[Comment]) -> str:
    """Return the side that wrote the newest public comment, ``partner`` or ``hub``; "" without one.

    System notes, and comments of an unknown author, are ignored.

    >>> from gridwix.models.trading_grid.comments import CommentAuthor
    >>> said = {"visibility": "public", "author": CommentAuthor(kind="partner"), "created_at": 1}
    >>> last_author_side([Comment.model_construct(id="cmt_1", **said)])
    'partner'
    """
    said = [
        comment.author_kind
        for comment in public_comments(comments)
        if comment.author_kind not in ("", "system")
    ]
    return _side(said[-1]) if said else ""


def _comment_entry(comment: Comment) -> ShownComment:
    body, attached = cut_text(comment.body, MAX_TEXT), comment.attachments
    text, html, is_cut = (
        _read_markdown(body) if comment.format == "markdown" else (body, None, False)
    )
    return ShownComment(
        author=_side(comment.author_kind) if comment.author_kind else None,
        text=text,
        created_at=comment.created_at,
        shortened=True if is_cut or len(comment.body) > MAX_TEXT else None,
        html=html,
        attachments=attached[:MAX_ATTACHMENTS] or None,
        more_attachments=max(0, len(attached) - MAX_ATTACHMENTS) or None,
    )


def _comment_order(comment: Comment) -> tuple[datetime, str]:
    if comment.created_at is None:
        return UNKNOWN_TIME, ""
    return comment.created_at, comment.id


def _read_markdown(body: str) -> tuple[str, str, bool]:
    """Render Markdown to plain text and sanitized HTML, and tell whether the HTML was cut.

    The plain text is for the search, and for browser tabs that still run the portal page of an
    earlier release, which shows no HTML.
    """
    # Most comments are plain text, and several functions start without these libraries.
    from gridwix.mapping.html import html_text, read_rich_text
    from gridwix.mapping.markdown import rendered_markdown

    rich = read_rich_text(rendered_markdown(body))
    return html_text(rich.html), rich.html, rich.shortened


def _side(kind: str) -> str:
    return "partner" if kind == "partner" else "hub"
