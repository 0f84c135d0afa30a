"""Keeps comments from a partner whose record has moved to another one.

A record is read first, and its comments after it. In between it may have become another partner's,
and somebody may have written to that one.
"""

from collections.abc import Iterable

from gridwix.errors import SourceBehind
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.ports import RecordReader


def require_owner(
    source: RecordReader, record: Case | CollaborationRequest, comments: Iterable[Comment]
) -> None:
    """Raise SourceBehind if a record has become another partner's before its comments were read.

    It is read again only if one of the comments is newer than the record: a comment raises the
    version of its record.

    Args:
        source: Reads the record.
        record: The record as it was read before the comments.
        comments: Its comments.
    """
    newest = max((one.created_at for one in comments if one.created_at is not None), default=None)
    if newest is None or newest <= record.updated_at:
        return
    current = source.record(record.record)
    if (
        not isinstance(current, Case | CollaborationRequest)
        or current.partner_id != record.partner_id
    ):
        raise SourceBehind
