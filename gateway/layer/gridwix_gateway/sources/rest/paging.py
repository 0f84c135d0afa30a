"""Paging of REST sources: the URL of a page, and how the next page is identified. Pure.

A page's place is what identifies it in its list: an offset, page number, cursor or URL.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.http import JsonPage
from gridwix_gateway.sources.mapping.time_zones import time_zone
from gridwix_gateway.sources.rest.declaration import (
    SINCE,
    CursorPaging,
    LinkPaging,
    NextPaging,
    NumberPaging,
    OffsetPaging,
    Paging,
    RestDeclaration,
    Since,
    SinglePage,
    SizedPaging,
)
from gridwix_gateway.sources.rest.rows import find_member

type Place = str | int | None
"""Place of a page in a list: an offset, a page number, a cursor or a URL. None: the first page."""

MAX_CURSOR = 4_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REPEATED = timedelta(hours=2)
_EPOCH_FACTORS = {"epoch": 1, "epoch_ms": 1_000}


def page_url(declaration: RestDeclaration, since: datetime | None, place: Place) -> httpx.URL:
    """Return the URL of a page of a REST source.

    Args:
        declaration: Declaration of the source.
        since: Time of the oldest update to read; None for a list that is not read by time of
            update.
        place: What identifies the page: an offset, page number, cursor or URL; None for the first
            page.

    Returns:
        The URL. If the API itself links to the page, this link.

    Raises:
        SourceFault: ``foreign-link``: the link is no URL.
    """
    paging = declaration.paging
    if isinstance(paging, LinkPaging | NextPaging) and place is not None:
        try:
            return httpx.URL(str(place))
        except httpx.InvalidURL:
            raise SourceFault("foreign-link", "a link is no URL") from None
    parameters = dict(declaration.query)
    if declaration.since is not None and since is not None:
        text = since_text(declaration.since, since)
        parameters[declaration.since.parameter] = declaration.since.value.replace(SINCE, text)
    if isinstance(paging, SizedPaging) and paging.limit is not None:
        parameters[paging.limit] = str(paging.size)
    if isinstance(paging, OffsetPaging):
        parameters[paging.parameter] = str(place or 0)
    elif isinstance(paging, NumberPaging):
        parameters[paging.parameter] = str(paging.first if place is None else place)
    elif isinstance(paging, CursorPaging) and place is not None:
        parameters[paging.parameter] = str(place)
    return httpx.URL(declaration.url).copy_merge_params(parameters)


def next_place(paging: Paging, place: Place, page: JsonPage, rows: int) -> Place:
    """Return what identifies the next page of a list, its place; None at the list's end.

    Depending on the kind of paging, a place is an offset, a page number, a cursor or a URL.

    Args:
        paging: Declaration of how pages are requested.
        place: Place of the present page; None for the first page.
        page: The present page.
        rows: Number of rows on the present page.

    Returns:
        The place of the next page; None if the present page is the last one.

    Raises:
        SourceFault: ``foreign-link``: the link or cursor in the response is malformed.
    """
    last = getattr(paging, "last", None)
    if last is not None and _member(page.document, last) is True:
        return None
    match paging:
        case SinglePage():
            return None
        case LinkPaging():
            return _absolute(page, _next_link(page.headers))
        case NextPaging():
            return _absolute(page, _member(page.document, paging.next))
        case CursorPaging():
            return _checked_cursor(_member(page.document, paging.next))
        case OffsetPaging():
            return int(place or 0) + rows if rows else None
        case NumberPaging():
            number = paging.first if place is None else int(place)
            return number + 1 if rows else None


def _checked_cursor(cursor: Any) -> str | int | None:
    if cursor is None or cursor == "":
        return None
    if isinstance(cursor, bool) or not isinstance(cursor, str | int):
        raise SourceFault("foreign-link", "the cursor of the next page is no text")
    if len(str(cursor)) > MAX_CURSOR:
        raise SourceFault("foreign-link", "the cursor of the next page is too long")
    return cursor


def since_text(since: Since, moment: datetime) -> str:
    """Return a time in the format of the API's filter, rounded down to the format's precision.

    >>> since = Since(column="updated", parameter="q", format="%Y/%m/%d %H:%M", zone="Asia/Tokyo")
    >>> since_text(since, datetime(2026, 3, 12, 14, 2, 11, tzinfo=UTC))
    '2026/03/12 23:02'

    Args:
        since: Declaration of the filter.
        moment: The time.

    Returns:
        The time as a text.
    """
    factor = _EPOCH_FACTORS.get(since.format)
    if factor is not None:
        return str((moment - _EPOCH) // timedelta(seconds=1 / factor))
    return _unambiguous(since, moment).strftime(since.format)


def asked_time(since: Since, moment: datetime) -> datetime:
    """Return the time that the API understands if it is asked for rows updated since ``moment``.

    This is ``moment`` itself, or an earlier time for two reasons: the filter's format can lack
    seconds, and in the hour that is repeated when summer time ends, a local time is ambiguous, so
    a time two hours earlier is asked for.

    >>> since = Since(column="updated", parameter="q", format="%Y/%m/%d %H:%M")
    >>> asked_time(since, datetime(2026, 3, 12, 14, 2, 11, tzinfo=UTC)).isoformat()
    '2026-03-12T14:02:00+00:00'

    Args:
        since: Declaration of the filter.
        moment: The time from which rows are wanted.

    Returns:
        The time, in UTC.
    """
    text, factor = since_text(since, moment), _EPOCH_FACTORS.get(since.format)
    if factor is not None:
        return _EPOCH + timedelta(seconds=int(text) / factor)
    read = datetime.strptime(text, since.format)  # noqa: DTZ007 - the zone is the declaration's
    if read.tzinfo is None:
        read = read.replace(tzinfo=time_zone(since.zone))
    return read.astimezone(UTC)


def rounded_time(since: Since, moment: datetime) -> datetime:
    """Return a time rounded down to the precision of the API's filter.

    Monotonic: a later time never gives an earlier result.

    Args:
        since: Declaration of the filter, with its format.
        moment: The time.

    Returns:
        The time, in UTC.
    """
    # In UTC, since the hour that summer time's end repeats would run back.
    return asked_time(since.model_copy(update={"zone": "UTC"}), moment)


def _unambiguous(since: Since, moment: datetime) -> datetime:
    """Return a time in the API's zone that no change of summer time makes ambiguous.

    When summer time ends, an hour is repeated, and the API could take the later of two equal local
    times: rows between them would never be read. So an earlier time is returned.
    """
    local = moment.astimezone(time_zone(since.zone))
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return local
    return (moment - _REPEATED).astimezone(time_zone(since.zone))


def _member(document: Any, path: str) -> Any:
    return find_member(document, path)[1] if isinstance(document, Mapping) else None


def _next_link(headers: httpx.Headers) -> str | None:
    return httpx.Response(200, headers=headers).links.get("next", {}).get("url")


def _absolute(page: JsonPage, link: Any) -> str | None:
    if link is None or link == "":
        return None
    if not isinstance(link, str):
        raise SourceFault("foreign-link", "the link to the next page is no text")
    try:
        return str(page.url.join(link))
    except httpx.InvalidURL:
        raise SourceFault("foreign-link", "the link to the next page is no URL") from None
