"""From the comments of a case or a request to those that a partner may read. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from gridwix.models.portal.comments import ShownComment
from gridwix.models.trading_grid.comments import Comment

MAX_COMMENTS = 100
"""The newest comments that a row holds."""

MAX_TEXT = 10_000
"""Characters of one comment: as many as the profile lets anybody write."""

MAX_BYTES = 300_000
"""Bytes of all texts of a row together, in UTF-8, so that it stays far below Wix's 500 KB."""


class Conversation(NamedTuple):
    """Public comments, oldest first, and how many still older ones a row has no room for (None for none)."""

    comments: tuple[ShownComment, ...]
    earlier: int | None


def public_comments(comments: Iterable[Comment]) -> list[Comment]:
    """The comments that may leave Trading Grid, oldest first. One of a visibility that nobody knows is none of them."""
    return sorted((comment for comment in comments if comment.visibility == "public"), key=lambda comment: (comment.created_at, comment.id))


def conversation(comments: Iterable[Comment]) -> Conversation:
    """The newest public comments that a row has room for. The limits count public comments only, and the newest one is always there."""
    public = public_comments(comments)
    shown: list[ShownComment] = []
    room = MAX_BYTES
    for comment in reversed(public[-MAX_COMMENTS:]):
        one = _shown(comment)
        room -= len(one.text.encode(errors="replace"))
        if shown and room < 0:
            break
        shown.append(one)
    return Conversation(tuple(reversed(shown)), len(public) - len(shown) or None)


def last_author_side(comments: Iterable[Comment]) -> str:
    """Which side wrote the newest public comment: partner or hub; "" for no comment. What a system notes is nobody's word."""
    said = [comment.author.kind for comment in public_comments(comments) if comment.author.kind != "system"]
    return _side(said[-1]) if said else ""


def _shown(comment: Comment) -> ShownComment:
    return ShownComment(
        author=_side(comment.author.kind),
        text=comment.body[:MAX_TEXT],
        created_at=comment.created_at,
        shortened=True if len(comment.body) > MAX_TEXT else None,
    )


def _side(kind: str) -> str:
    return "partner" if kind == "partner" else "hub"
