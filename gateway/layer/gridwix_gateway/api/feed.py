"""The route of the event feed, and the cursors that lead from page to page."""

import base64
import binascii

from gridwix_gateway.api.lists import fitting_count, read_limit, read_words
from gridwix_gateway.api.messages import Response
from gridwix_gateway.api.routing import Call, Router
from gridwix_gateway.problems import Problem

router = Router()

MAX_DIGITS = 12
"""Maximum digits of an event's number in a cursor."""


def feed_cursor(position: int) -> str:
    """Return the cursor for the page of the feed that begins after the event with this number.

    >>> feed_cursor(12)
    'ZmVlZDoxMg=='
    """
    return base64.urlsafe_b64encode(f"feed:{position}".encode()).decode()


def feed_position(cursor: str) -> int:
    """Return the number of the event after which a cursor continues.

    >>> feed_position("ZmVlZDoxMg==")
    12

    Raises:
        Problem: ``cursor-invalid``: the text is not a cursor of the event feed.
    """
    try:
        kind, _, number = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
    except (binascii.Error, ValueError):
        kind = number = ""
    if kind != "feed" or not (number.isascii() and number.isdigit()) or len(number) > MAX_DIGITS:
        raise Problem("cursor-invalid", "The cursor is not valid.")
    return int(number)


@router.read("GET", "/events")
def handle_events(call: Call, /) -> Response:
    """Return a page of the event feed. Without a cursor, it begins with the oldest stored event."""
    limit, cursor = read_limit(call.request), call.request.query_value("cursor")
    feed = call.services.feed
    if cursor == "now":
        page = {"items": [], "nextCursor": feed_cursor(feed.last_number()), "hasMore": False}
        return Response(200, page)
    position = feed_position(cursor) if cursor else feed.start()
    found = feed.read_page(position, limit, sorted(read_words(call.request, "types")))
    count = fitting_count(found.events)
    events = list(found.events[:count])
    if count < len(found.events):
        last, has_more = int(events[-1]["sequence"]), True
    else:
        last, has_more = found.position, found.has_more
    return Response(200, {"items": events, "nextCursor": feed_cursor(last), "hasMore": has_more})
