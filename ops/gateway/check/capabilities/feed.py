"""Rules of the conformance kit on the event feed: each change once, in order per record."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from ops.gateway.check.created_records import MARK, Change, record_path
from ops.gateway.check.exchanges import Document, Exchange
from ops.gateway.check.rules import (
    Capability,
    Need,
    Skipped,
    require,
    require_problem,
    require_status,
)
from ops.gateway.check.session import PAGE, Session

feed = Capability("feed", "Event feed")
SMALL_PAGE = 3
WRITERS = 4
WRITTEN_AT_ONCE = 8
COMPARED = 10
"""Maximum number of records that are read to compare them with their events."""


@dataclass
class Trail:
    """Pages of the event feed that a reader got while other threads wrote records.

    ``before`` is a record that was created before the reader began. ``start`` is the request for
    the first cursor, with its response. ``pages`` are the pages of the feed after that cursor.
    ``writes`` has an entry for each write of the other threads: the record as it was after the
    write.
    """

    before: Change
    start: Exchange
    pages: list[Exchange] = field(default_factory=list)
    writes: list[Change] = field(default_factory=list)

    @property
    def events(self) -> list[Document]:
        return _events(self.pages)

    def page_of(self, event: Document) -> Exchange:
        """Return the page of the feed that contains an event."""
        return next(page for page in self.pages if event in page.document["items"])


@feed.rule("now", "cursor=now gives no events, and a cursor after which only newer ones follow")
def check_now(session: Session) -> None:
    exchange = session.gateway.get("/events", {"cursor": "now"})
    require_status(exchange, 200)
    count = len(exchange.document["items"])
    require(count == 0, f"cursor=now gives {count} events", exchange)
    following = session.gateway.get("/events", {"cursor": exchange.document["nextCursor"]})
    require_status(following, 200)
    known = {event["id"] for event in _events(_kept(session))}
    old = [event["id"] for event in following.document["items"] if event["id"] in known]
    require(not old, f"{', '.join(old[:3])} comes after cursor=now, and is older", following)


@feed.rule("cursor_invalid", "A text that is no cursor is refused with cursor-invalid")
def check_cursor_invalid(session: Session) -> None:
    for text in ("gateway-check", "%00", "bnVsbA=="):
        require_problem(session.gateway.get("/events", {"cursor": text}), "cursor-invalid")


@feed.rule("cursor_expired", "A cursor older than the events is refused with cursor-expired")
def check_cursor_expired(session: Session) -> None:
    cursor = session.options.expired_cursor
    if cursor is None:
        raise Skipped("no old cursor is named (--expired-cursor)")
    require_problem(session.gateway.get("/events", {"cursor": cursor}), "cursor-expired")


@feed.rule("kept_once", "No kept event is on two pages")
def check_kept_once(session: Session) -> None:
    _require_once(_kept(session))


@feed.rule("kept_order", "The kept events of a subject come in the order of sequence and version")
def check_kept_order(session: Session) -> None:
    _require_order(_kept(session))


@feed.rule("kept_again", "A page that is read again has the same events")
def check_kept_again(session: Session) -> None:
    first = _kept(session)[0]
    if not first.document["items"]:
        raise Skipped("the feed has no events")
    _require_same_again(session, first)


@feed.rule("limit", "A page has at most as many events as its limit")
def check_limit(session: Session) -> None:
    if not _events(_kept(session)):
        raise Skipped("the feed has no events")
    exchange = session.gateway.get("/events", {"limit": 1})
    require_status(exchange, 200)
    count = len(exchange.document["items"])
    require(count == 1, f"limit=1 gives {count} events", exchange)


@feed.rule("not_ahead", "A record has at least the version of its events")
def check_not_ahead(session: Session) -> None:
    pages = _kept(session)
    newest = {_record_of(event): event for event in _events(pages)}
    if not newest:
        raise Skipped("the feed has no events")
    for (collection, identifier), event in list(newest.items())[-COMPARED:]:
        exchange = session.gateway.get(record_path(collection, identifier))
        require_status(exchange, 200)
        require(
            exchange.document["version"] >= event["data"]["version"],
            f"{collection}/{identifier} is at version {exchange.document['version']}, its event"
            f" {event['id']} at {event['data']['version']}",
            exchange,
        )


@feed.rule("complete", "Every change is in the feed, also of writers that race", Need.WRITE)
def check_complete(session: Session) -> None:
    trail = _trail(session)
    seen = {(*_record_of(event), event["data"]["version"]) for event in trail.events}
    for write in trail.writes:
        require(
            (write.collection, write.id, write.version) in seen,
            f"the feed has no event of {write.collection}/{write.id} at version {write.version}",
            write.exchange,
            trail.pages[-1],
        )


@feed.rule("once", "No event comes twice to a reader that follows the cursor", Need.WRITE)
def check_once(session: Session) -> None:
    _require_once(_trail(session).pages)


@feed.rule("order", "The events of a subject come in the order of sequence and version", Need.WRITE)
def check_order(session: Session) -> None:
    _require_order(_trail(session).pages)


@feed.rule("only_newer", "No event from before cursor=now follows it", Need.WRITE)
def check_only_newer(session: Session) -> None:
    trail = _trail(session)
    old = [event for event in trail.events if _record_of(event)[1] == trail.before.id]
    if old:
        require(False, f"{old[0]['id']} is older than cursor=now", trail.page_of(old[0]))


@feed.rule("versions", "An event has a version that its record has had", Need.WRITE)
def check_versions(session: Session) -> None:
    trail = _trail(session)
    newest: dict[tuple[str, str], int] = {}
    for write in trail.writes:
        place = (write.collection, write.id)
        newest[place] = max(newest.get(place, 0), write.version)
    for event in trail.events:
        version, most = event["data"]["version"], newest.get(_record_of(event))
        require(
            most is None or version <= most,
            f"{event['id']} has the version {version} of {event['subject']}, which is at {most}",
            trail.page_of(event),
        )


@feed.rule("data", "What an event says is what the record had at that version", Need.WRITE)
def check_data(session: Session) -> None:
    trail = _trail(session)
    written = {(one.collection, one.id, one.version): one for one in trail.writes}
    for event in trail.events:
        write = written.get((*_record_of(event), event["data"]["version"]))
        after = event["data"]["after"]
        # A comment's event says something about the comment.
        if write is None or "comments" in event["data"]["changed"]:
            continue
        for name in event["data"]["changed"]:
            if name in after and name in write.document:
                require(
                    after[name] == write.document[name],
                    f"{event['id']} says another {name} than {event['subject']} had at version"
                    f" {write.version}",
                    write.exchange,
                    trail.page_of(event),
                )


@feed.rule("changed", "An event names the members that have changed", Need.WRITE)
def check_changed(session: Session) -> None:
    trail = _trail(session)
    wanted = {"patch": "priority", "transition": "status"}
    found = {
        (*_record_of(event), event["data"]["version"]): event["data"]["changed"]
        for event in trail.events
    }
    for write in trail.writes:
        kind = "patch" if write.exchange.method == "PATCH" else "transition"
        if kind == "transition" and not write.exchange.target.endswith("/transitions"):
            continue
        changed = found.get((write.collection, write.id, write.version))
        require(
            changed is None or wanted[kind] in changed,
            f"the event of {write.collection}/{write.id} at version {write.version} names"
            f" {changed}, and not {wanted[kind]}",
            write.exchange,
        )


@feed.rule("again", "The feed read again has the same events, up to hasMore: false", Need.WRITE)
def check_again(session: Session) -> None:
    trail = _trail(session)
    wanted = [event["id"] for event in trail.events]
    found: list[str] = []
    cursor = trail.start.document["nextCursor"]
    for _ in range(len(trail.pages) + session.limits.pages):
        page = session.gateway.get("/events", {"cursor": cursor, "limit": SMALL_PAGE - 1})
        require_status(page, 200)
        found += [event["id"] for event in page.document["items"]]
        cursor = page.document["nextCursor"]
        if not page.document["hasMore"]:
            break
    require(
        found[: len(wanted)] == wanted,
        "a second reader gets other events, or in another order",
        page,
    )


@feed.rule("types", "types gives the events of these types, and only these", Need.WRITE)
def check_types(session: Session) -> None:
    trail = _trail(session)
    kinds = list(dict.fromkeys(event["type"] for event in trail.events))
    for chosen in ({kinds[0]}, set(kinds[:2])):
        wanted = [event["id"] for event in trail.events if event["type"] in chosen]
        page = session.gateway.get(
            "/events",
            {
                "cursor": trail.start.document["nextCursor"],
                "types": ",".join(sorted(chosen)),
                "limit": PAGE,
            },
        )
        require_status(page, 200)
        found = [event["id"] for event in page.document["items"]]
        require(
            found[: len(wanted)] == wanted
            and all(event["type"] in chosen for event in page.document["items"]),
            f"types={','.join(sorted(chosen))} gives {len(found)} events, wanted are {len(wanted)}",
            page,
        )


def _trail(session: Session) -> Trail:
    """Return the feed as a reader got it while records were created and changed in parallel.

    The first call in a run of the conformance kit writes the records and reads the feed; later
    calls return the same result.
    """
    return session.keep("trail", lambda: _follow_writes(session))


def _follow_writes(session: Session) -> Trail:
    before = session.records.create_case()
    start = session.gateway.get("/events", {"cursor": "now"})
    require_status(start, 200)
    trail = Trail(before, start)
    with ThreadPoolExecutor(WRITERS) as pool:
        writers: list[Future[list[Change]]] = [pool.submit(_write_case, session)]
        writers.append(pool.submit(_write_request, session))
        writers += [pool.submit(_write_pair, session) for _ in range(WRITTEN_AT_ONCE)]
        # Reads between the writes: a gap shows only to a reader that is close behind.
        while not all(writer.done() for writer in writers):
            _read_page(session, trail)
        for writer in writers:
            trail.writes += writer.result()
    wanted = {(write.collection, write.id, write.version) for write in trail.writes}
    session.wait_until(lambda: _has_followed(session, trail, wanted))
    return trail


def _has_followed(session: Session, trail: Trail, wanted: set[tuple[str, str, int]]) -> bool:
    """Read the feed to its end; return True if it has an event for every wanted record version.

    The pages are added to ``trail``. ``wanted`` has the collection, id and version of each.
    """
    page = _read_page(session, trail)
    # A feed that says so for ever, without events, is at its end.
    while page.document["hasMore"] and page.document["items"]:
        page = _read_page(session, trail)
    return wanted <= {(*_record_of(event), event["data"]["version"]) for event in trail.events}


def _read_page(session: Session, trail: Trail) -> Exchange:
    last = trail.pages[-1] if trail.pages else trail.start
    page = session.gateway.get(
        "/events", {"cursor": last.document["nextCursor"], "limit": SMALL_PAGE}
    )
    require_status(page, 200)
    if page.document["items"] or not trail.pages:
        trail.pages.append(page)
    return page


def _write_case(session: Session) -> list[Change]:
    records = session.records
    changes = [records.create_case()]
    changes.append(records.patch(changes[-1], {"priority": "normal"}))
    changes.append(records.move(changes[-1], "open"))
    written = records.post(f"{changes[-1].path}/comments", {"body": MARK, "visibility": "internal"})
    require_status(written, 201)
    # The profile raises the version with a request's comment; a case's may keep it.
    current = records.read("cases", changes[-1].id)
    if current.version > changes[-1].version:
        changes.append(current)
    changes.append(records.move(changes[-1], "awaiting_internal"))
    changes.append(records.patch(changes[-1], {"priority": "high"}))
    return changes


def _write_request(session: Session) -> list[Change]:
    request = session.records.create_request()
    status = request.document["status"]
    moved = session.records.move(request, "triaged" if status == "received" else "in_progress")
    return [request, moved]


def _write_pair(session: Session) -> list[Change]:
    case = session.records.create_case()
    return [case, session.records.patch(case, {"priority": "normal"})]


def _kept(session: Session) -> list[Exchange]:
    """Return the first pages of the feed, at most five, from the oldest event that it still has.

    They are read at the first call in a run of the conformance kit, and kept for later calls.
    """

    def read() -> list[Exchange]:
        pages = [session.gateway.get("/events", {"limit": PAGE})]
        require_status(pages[0], 200)
        while pages[-1].document["hasMore"] and len(pages) < min(5, session.limits.pages):
            cursor = pages[-1].document["nextCursor"]
            pages.append(session.gateway.get("/events", {"cursor": cursor, "limit": PAGE}))
            require_status(pages[-1], 200)
        return pages

    return session.keep("kept events", read)


def _events(pages: Iterable[Exchange]) -> list[Document]:
    return [event for page in pages for event in page.document["items"]]


def _record_of(event: Document) -> tuple[str, str]:
    collection, _, rest = event["subject"].partition("/")
    return collection, rest.partition("/")[0]


def _require_once(pages: list[Exchange]) -> None:
    if not _events(pages):
        raise Skipped("the feed has no events")
    seen: set[str] = set()
    for page in pages:
        for event in page.document["items"]:
            require(event["id"] not in seen, f"{event['id']} comes twice", page)
            seen.add(event["id"])


def _require_order(pages: list[Exchange]) -> None:
    if not _events(pages):
        raise Skipped("the feed has no events")
    newest: dict[str, Document] = {}
    for page in pages:
        for event in page.document["items"]:
            before = newest.get(event["subject"])
            if before is not None:
                require(
                    _place(before["sequence"]) < _place(event["sequence"])
                    and before["data"]["version"] <= event["data"]["version"],
                    f"{event['subject']}: sequence {event['sequence']} at version"
                    f" {event['data']['version']} comes after {before['sequence']} at"
                    f" {before['data']['version']}",
                    page,
                )
            newest[event["subject"]] = event


def _place(sequence: str) -> tuple[int, str]:
    """Return a sort key for the sequence of an event.

    It sorts as a number if it is one, else as text.
    """
    return (int(sequence), "") if sequence.isascii() and sequence.isdecimal() else (0, sequence)


def _require_same_again(session: Session, page: Exchange) -> None:
    again = session.gateway.get(page.target)
    require_status(again, 200)
    wanted = [event["id"] for event in page.document["items"]]
    found = [event["id"] for event in again.document["items"]][: len(wanted)]
    require(found == wanted, "the same request gives other events", page, again)
