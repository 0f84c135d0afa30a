"""Rules of the conformance kit on lists: their order, their pages and their filters."""

import email.utils
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil

from ops.gateway.check.exchanges import Document, Exchange
from ops.gateway.check.profile import COLLECTIONS, OF_PARTNERS
from ops.gateway.check.rules import (
    Broken,
    Capability,
    Need,
    Skipped,
    require,
    require_problem,
    require_status,
)
from ops.gateway.check.session import PAGE, Listing, Session, parsed_time

lists = Capability("lists", "Lists")
OVERLAP = timedelta(minutes=2)
"""Time by which a reader's ``updatedSince`` lies before the ``asOf`` of the list that it read
last.
"""
WALKED = 40
"""Maximum number of records of a collection that are read in small pages."""
WALKED_PAGES = 6


@lists.collection_rule("order", "Records come ordered by (updatedAt, id)", COLLECTIONS)
def check_order(session: Session, collection: str) -> None:
    for page in session.list_records(collection).pages:
        places = [_place(record) for record in page.document["items"]]
        for before, after in itertools.pairwise(places):
            require(before < after, f"{after[1]} comes after {before[1]}", page)


@lists.collection_rule("limit", "A page has at most as many records as its limit", COLLECTIONS)
def check_limit(session: Session, collection: str) -> None:
    session.sample(collection)
    page = session.gateway.get(f"/{collection}", {"limit": 1})
    require_status(page, 200)
    count = len(page.document["items"])
    require(count == 1, f"limit=1 gives {count} records", page)


@lists.collection_rule("default_limit", "A page has at most 100 records by default", COLLECTIONS)
def check_default_limit(session: Session, collection: str) -> None:
    page = session.gateway.get(f"/{collection}")
    require_status(page, 200)
    count = len(page.document["items"])
    require(count <= 100, f"a page without a limit has {count} records", page)


@lists.collection_rule("no_repeats", "No record is on two pages", COLLECTIONS)
def check_no_repeats(session: Session, collection: str) -> None:
    seen: dict[str, int] = {}
    for page in _small_pages(session, collection).pages:
        for record in page.document["items"]:
            # A record that has changed since moves to the end of the list.
            repeated = seen.get(record["id"]) == record["version"]
            require(not repeated, f"{record['id']} is on two pages", page)
            seen[record["id"]] = record["version"]


@lists.collection_rule("no_losses", "No record is left out between two pages", COLLECTIONS)
def check_no_losses(session: Session, collection: str) -> None:
    listing = _small_pages(session, collection)
    seen = {record["id"] for record in listing.items}
    end = _place(listing.items[-1])
    whole = session.read_list(f"/{collection}", {}, max_pages=1)
    for record in whole.items:
        missing = record["id"] not in seen and (listing.complete or _place(record) <= end)
        # What has changed after the small pages were read is behind their end.
        changed = parsed_time(record["updatedAt"]) >= parsed_time(listing.pages[0].document["asOf"])
        require(not missing or changed, f"{record['id']} is on no page", *listing.pages[-2:])


@lists.collection_rule(
    "cursor_of_filters", "A cursor is refused with cursor-invalid under other filters", COLLECTIONS
)
def check_cursor_of_filters(session: Session, collection: str) -> None:
    cursor = _cursor(session, collection)
    others = [{"status": "gateway-check"}, {"updatedSince": "2000-01-01T00:00:00.000Z"}]
    if collection in OF_PARTNERS:
        others.append({"partnerId": "gateway-check"})
    for other in others:
        exchange = session.gateway.get(f"/{collection}", {"limit": 1, "cursor": cursor, **other})
        require_problem(exchange, "cursor-invalid")


@lists.collection_rule(
    "cursor_invalid", "A text that is no cursor is refused with cursor-invalid", COLLECTIONS
)
def check_cursor_invalid(session: Session, collection: str) -> None:
    for text in ("gateway-check", "%00", "bnVsbA=="):
        exchange = session.gateway.get(f"/{collection}", {"cursor": text})
        require_problem(exchange, "cursor-invalid")


@lists.collection_rule(
    "updated_since_closed", "updatedSince includes what was updated at that time", COLLECTIONS
)
def check_updated_since_closed(session: Session, collection: str) -> None:
    session.sample(collection)
    record = session.list_records(collection).items[-1]
    page = _page_since(session, collection, record["updatedAt"])
    # In the order of a list, the records of that time come first.
    if page.document["nextCursor"] is not None and all(
        item["updatedAt"] == record["updatedAt"] for item in page.document["items"]
    ):
        raise Skipped(f"{PAGE} records of {collection} were updated at that time")
    if _has_changed(session, collection, record):
        raise Skipped(f"{record['id']} has changed meanwhile")
    ids = {item["id"] for item in page.document["items"]}
    require(
        record["id"] in ids,
        f"updatedSince={record['updatedAt']} leaves out {record['id']}, updated at that time",
        page,
    )


@lists.collection_rule(
    "updated_since_filters", "updatedSince leaves out what was updated before", COLLECTIONS
)
def check_updated_since_filters(session: Session, collection: str) -> None:
    # A time after every record: a gateway that ignores the filter cannot be right by chance.
    newest = session.list_records(collection)
    if not newest.items:
        raise Skipped(f"{collection} is empty")
    moment = parsed_time(newest.items[-1]["updatedAt"]) + timedelta(milliseconds=1)
    page = _page_since(session, collection, _text(moment))
    for item in page.document["items"]:
        require(
            parsed_time(item["updatedAt"]) >= moment,
            f"updatedSince={_text(moment)} returns {item['id']}, updated at {item['updatedAt']}",
            page,
        )


@lists.rule("updated_since_form", "A text that is no time is refused with validation")
def check_updated_since_form(session: Session) -> None:
    exchange = session.gateway.get("/cases", {"updatedSince": "yesterday"})
    require_problem(exchange, "validation")


@lists.collection_rule(
    "partner_filter", "partnerId returns the records of that partner, and only these", OF_PARTNERS
)
def check_partner_filter(session: Session, collection: str) -> None:
    ids = _partner_ids(session, collection)
    _compare_filtered(session, collection, {"partnerId": ids[0]}, {ids[0]}, _partner_of)


@lists.collection_rule(
    "partner_filter_repeated", "partnerId can be repeated, which returns all of these", OF_PARTNERS
)
def check_partner_filter_repeated(session: Session, collection: str) -> None:
    ids = _partner_ids(session, collection)
    if len(ids) < 2:
        raise Skipped(f"{collection} has the records of one partner only")
    _compare_filtered(session, collection, {"partnerId": ids[:2]}, set(ids[:2]), _partner_of)


@lists.collection_rule(
    "status_filter", "status returns the records in that status, and only these", COLLECTIONS
)
def check_status_filter(session: Session, collection: str) -> None:
    status = session.sample(collection)["status"]
    _compare_filtered(session, collection, {"status": status}, {status}, _status_of)


@lists.collection_rule(
    "status_filter_several", "status can have several, separated by commas", COLLECTIONS
)
def check_status_filter_several(session: Session, collection: str) -> None:
    found = list(dict.fromkeys(map(_status_of, session.list_records(collection).items)))
    if len(found) < 2:
        raise Skipped(f"the records of {collection} are all in one status")
    wanted = set(found[:2])
    _compare_filtered(session, collection, {"status": ",".join(found[:2])}, wanted, _status_of)


@lists.collection_rule("as_of", "asOf is the time of the list, and not later", COLLECTIONS)
def check_as_of(session: Session, collection: str) -> None:
    page = session.gateway.get(f"/{collection}", {"limit": 1})
    require_status(page, 200)
    moment = parsed_time(page.document["asOf"])
    # The gateway's own clock, where it says so: nobody needs to have the same time.
    stated = page.headers.get("date")
    now = email.utils.parsedate_to_datetime(stated) if stated else datetime.now(UTC)
    require(
        moment - now <= OVERLAP,
        f"asOf is {page.document['asOf']}, and the time is {_text(now)}: the next list would"
        " miss what changes until then",
        page,
    )


@lists.rule(
    "overlap",
    "updatedSince two minutes before asOf returns what changed after the list",
    Need.WRITE,
)
def check_overlap(session: Session) -> None:
    before = session.gateway.get("/cases", {"limit": 1})
    require_status(before, 200)
    case = session.records.create_case()
    since = _text(parsed_time(before.document["asOf"]) - OVERLAP)

    def find_case() -> bool:
        return case.id in _ids(session, {"updatedSince": since})

    require(
        session.wait_until(find_case),
        f"cases with updatedSince={since} leave out {case.id}, created after the list with"
        f" asOf={before.document['asOf']}",
        before,
        case.exchange,
    )


@lists.rule(
    "paging_while_changing",
    "Paging repeats and loses nothing while records change",
    Need.WRITE,
)
def check_paging_while_changing(session: Session) -> None:
    cases = [session.records.create_case() for _ in range(6)]
    filters = {
        "partnerId": session.records.partner_id,
        "updatedSince": cases[0].document["updatedAt"],
    }
    wanted = {case.id for case in cases}
    require(
        session.wait_until(lambda: wanted <= _ids(session, filters)),
        "new cases are not in the list",
        cases[-1].exchange,
    )
    seen: list[tuple[str, int]] = []
    cursor: str | None = None
    for number in range(session.limits.pages):
        query = {**filters, "limit": 2, **({} if cursor is None else {"cursor": cursor})}
        page = session.gateway.get("/cases", query)
        require_status(page, 200)
        for record in page.document["items"]:
            place = (record["id"], record["version"])
            require(place not in seen, f"{place[0]} is on two pages at one version", page)
            seen.append(place)
        cursor = page.document["nextCursor"]
        if cursor is None:
            break
        if number == 0:
            # One that was read, and one that was not: both move to the end.
            for case in (cases[0], cases[4]):
                session.records.patch(case, {"priority": "normal"})
    else:
        raise Skipped("the list of the partner's new cases does not end within the run's pages")
    lost = wanted - {identifier for identifier, _ in seen}
    require(not lost, f"{', '.join(sorted(lost))} is on no page", page)


def _place(record: Document) -> tuple[datetime, str]:
    return parsed_time(record["updatedAt"]), str(record["id"])


def _text(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _small_pages(session: Session, collection: str) -> Listing:
    """Return the first records of a collection, read in a few small pages.

    They are read at the first call in a run of the conformance kit. Raises Skipped if the
    collection has fewer than two records.
    """

    def read() -> Listing:
        count = min(len(session.list_records(collection).items), WALKED)
        if count < 2:
            raise Skipped(f"{collection} has less than two records")
        limit = max(1, ceil(count / WALKED_PAGES))
        return session.read_list(f"/{collection}", {}, limit=limit, max_pages=WALKED_PAGES)

    return session.keep(f"small pages of {collection}", read)


def _cursor(session: Session, collection: str) -> str:
    page = session.gateway.get(f"/{collection}", {"limit": 1})
    require_status(page, 200)
    if page.document["nextCursor"] is None:
        raise Skipped(f"{collection} has less than two records")
    return str(page.document["nextCursor"])


def _page_since(session: Session, collection: str, since: str) -> Exchange:
    page = session.gateway.get(f"/{collection}", {"updatedSince": since, "limit": PAGE})
    require_status(page, 200)
    return page


def _has_changed(session: Session, collection: str, record: Document) -> bool:
    exchange = session.read_record(collection, record)
    return exchange.status != 200 or exchange.document["version"] != record["version"]


def _partner_of(record: Document) -> str:
    return str(
        record["id"] if "partnerId" not in record and "role" in record else record.get("partnerId")
    )


def _status_of(record: Document) -> str:
    return str(record["status"])


def _partner_ids(session: Session, collection: str) -> list[str]:
    items = session.list_records(collection).items
    found = list(dict.fromkeys(_partner_of(item) for item in items if _partner_of(item) != "None"))
    if not found:
        raise Skipped(f"{collection} has no record of a partner")
    return found


def _ids(session: Session, filters: dict[str, str]) -> set[str]:
    return {record["id"] for record in session.read_list("/cases", filters).items}


def _compare_filtered(
    session: Session,
    collection: str,
    filters: dict[str, str | list[str]],
    wanted: set[str],
    value_of: Callable[[Document], str],
) -> None:
    """Raise Broken if a filtered list differs from the records of the whole list that pass.

    A record passes if ``value_of`` returns one of the ``wanted`` values for it. ``filters`` are the
    query parameters of the filtered list.
    """
    whole = session.list_records(collection)
    filtered = session.read_list(f"/{collection}", filters)
    for record in filtered.items:
        require(
            value_of(record) in wanted,
            f"{filters} returns {record['id']}, which has {value_of(record)}",
            *filtered.pages[-1:],
        )
    if not filtered.complete:
        return
    ids = {record["id"] for record in filtered.items}
    for record in whole.items:
        if value_of(record) not in wanted or record["id"] in ids:
            continue
        # It can have changed since the whole list was read.
        exchange = session.read_record(collection, record)
        current = exchange.document if exchange.status == 200 else record
        if value_of(current) in wanted:
            raise Broken(f"{filters} leaves out {record['id']}", *filtered.pages[-1:])
