"""Planted faults of the feed. Each function returns a new fault, with a state of its own."""

from tests.fakes.gateway.faulty import Answer, Document, Fault, Forward, Request, json_answer
from tests.fakes.gateway.faulty_tools import match

FEED = match("GET", "/events")


def _page(request: Request, answer: Answer) -> Document | None:
    """Return the page of events of an answer, or None."""
    return answer.document if FEED(request) and answer.status == 200 else None


def lose_events() -> Fault:
    """Leave out the first event of each page with two or more."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        page = _page(request, answer)
        if page is None or len(page["items"]) < 2:
            return answer
        return answer.with_document({**page, "items": page["items"][1:]})

    return fault


def repeat_events() -> Fault:
    """Begin a page with the last event of the page before."""
    last: list[Document] = []

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        page = _page(request, answer)
        if page is None or not page["items"]:
            return answer
        before = last[-1:] if request.value("cursor") else []
        last[:] = page["items"][-1:]
        return answer.with_document({**page, "items": [*before, *page["items"]]})

    return fault


def repeat_events_in_page() -> Fault:
    """End each page with its first event."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        page = _page(request, answer)
        if page is None:
            return answer
        return answer.with_document({**page, "items": [*page["items"], *page["items"][:1]]})

    return fault


def swap_events() -> Fault:
    """Give the creation of a case after its first change."""
    held: dict[str, Document] = {}

    async def fault(request: Request, forward: Forward) -> Answer:
        while True:
            answer = await forward(request)
            page = _page(request, answer)
            if page is None:
                return answer
            items = _swapped(page["items"], held)
            if items or not page["hasMore"]:
                return answer.with_document({**page, "items": items})
            # Without its creations the page is empty, which a reader takes for the end of the feed.
            request = request.with_query(cursor=page["nextCursor"])

    return fault


def _swapped(events: list[Document], held: dict[str, Document]) -> list[Document]:
    """Return events with the creation of each case after its next event; hold it until then."""
    items = []
    for event in events:
        if event["subject"].startswith("cases/") and event["data"]["version"] == 1:
            held[event["subject"]] = event
            continue
        items.append(event)
        if event["subject"] in held:
            items.append(held.pop(event["subject"]))
    return items


def repeat_sequence() -> Fault:
    """Give every event the sequence 1."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        page = _page(request, answer)
        if page is None:
            return answer
        items = [{**event, "sequence": "1"} for event in page["items"]]
        return answer.with_document({**page, "items": items})

    return fault


def raise_versions() -> Fault:
    """Give events a version that the record does not have yet."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        page = _page(request, answer)
        if page is None:
            return answer
        items = [
            {**event, "data": {**event["data"], "version": event["data"]["version"] + 1}}
            for event in page["items"]
        ]
        return answer.with_document({**page, "items": items})

    return fault


def spoil_data(name: str, value: object) -> Fault:
    """Give events another value of a member that has changed, and of ``changed`` itself."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        page = _page(request, answer)
        if page is None:
            return answer
        items = []
        for event in page["items"]:
            data = event["data"]
            if name == "changed":
                data = {**data, "changed": value}
            elif name in data["after"]:
                data = {**data, "after": {**data["after"], name: value}}
            items.append({**event, "data": data})
        return answer.with_document({**page, "items": items})

    return fault


def begin_now_at_the_oldest() -> Fault:
    """Answer ``cursor=now`` with the oldest events."""

    async def fault(request: Request, forward: Forward) -> Answer:
        now = FEED(request) and request.value("cursor") == "now"
        return await forward(request.with_query(cursor=None) if now else request)

    return fault


def begin_now_earlier() -> Fault:
    """Answer ``cursor=now`` without events, and with a cursor of some events before."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if not FEED(request) or request.value("cursor") != "now":
            return answer
        first = await forward(request.with_query(cursor=None, limit="1"))
        return answer.with_document({**answer.document, "nextCursor": first.document["nextCursor"]})

    return fault


def shuffle_reread_events() -> Fault:
    """Give the events of a page in another order when it is read again."""
    seen: set[str | None] = set()

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        page = _page(request, answer)
        if page is None or not page["items"]:
            return answer
        again = request.value("cursor") in seen
        seen.add(request.value("cursor"))
        return answer.with_document({**page, "items": page["items"][::-1]}) if again else answer

    return fault


def deny_more() -> Fault:
    """Say that there are no more events."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        page = _page(request, answer)
        return answer if page is None else answer.with_document({**page, "hasMore": False})

    return fault


def forgive_old_cursor() -> Fault:
    """Answer an expired cursor with an empty page, which hides what was lost."""

    async def fault(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        if not FEED(request) or answer.status != 410:
            return answer
        now = await forward(request.with_query(cursor="now"))
        return json_answer(200, now.document)

    return fault
