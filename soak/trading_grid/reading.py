"""The profile's reads: lists, records, comments, versions, contents, capabilities, the feed."""

import zlib
from datetime import UTC, datetime
from random import Random

import orjson

from emulators.trading_grid.community import ENTITY_NAMES
from emulators.trading_grid.problems import Problem
from soak.trading_grid.community import Community
from soak.trading_grid.feed import Event
from soak.trading_grid.library import Library, with_versions
from soak.trading_grid.records import Record
from soak.trading_grid.replies import Call, Reply, content_reply, json_reply, record_reply
from soak.trading_grid.spoiling import SPOILS

MAX_LIMIT = 200
DEFAULT_LIMIT = 100
MAX_PARTNER_IDS = 50


class Reading:
    """Answers the profile's reads. All methods raise Problem.

    Attributes:
        without_source: Collections that have no source, as the capabilities say.
        requests_take_comments: False for an older gateway.
        lag: Seconds by which a lagging replica is behind, at most.
        spoilt: For each name of a record (``cases/case_1``) how it is malformed.

    Args:
        community: The records.
        library: The documents.
        random: The seeded source of chance.
    """

    def __init__(self, community: Community, library: Library, random: Random) -> None:
        self._community = community
        self._library = library
        self._random = random
        self._epoch = 0
        self.without_source: set[str] = set()
        self.requests_take_comments = True
        self.lag = 60.0
        self.spoilt: dict[str, str] = {}

    def expire_cursors(self) -> list[Event]:
        """Expire all cursors of lists and of the feed that were given out so far.

        Returns the events that no reader has processed: see :meth:`Feed.expire_cursors`.
        """
        self._epoch += 1
        return self._community.log.feed.expire_cursors()

    def handle(self, call: Call, parts: tuple[str, ...], *, stale: bool) -> Reply:
        """Return the reply to a GET.

        Args:
            call: The request.
            parts: The segments of its path below the profile's base.
            stale: It is answered by a replica that lags.
        """
        replica = self._community.clock() - self.lag * self._random.random() if stale else None
        name = parts[0]
        if name == "events" and len(parts) == 1:
            return self._list_events(call, replica)
        if name == "capabilities" and len(parts) == 1:
            names = [one for one in ENTITY_NAMES if one not in self.without_source]
            return json_reply({"collections": names})
        if name not in ENTITY_NAMES:
            raise Problem("not-found", "There is no such operation.")
        match parts[1:]:
            case ():
                return self._list_records(call, name, replica)
            case (identifier,):
                return self._get_record(call, name, identifier, replica)
            case (identifier, "comments") if name in ("cases", "collaboration-requests"):
                return self._list_comments(name, identifier)
            case (identifier, "versions") if name == "documents":
                versions = map(orjson.dumps, self._library.versions(identifier))
                return Reply(200, self._page(b",".join(versions), None))
            case (identifier, "versions", number, "content") if name == "documents":
                version = self._library.version(identifier, int(number))
                return content_reply(version, self._library.contents[version["sha256"]])
        raise Problem("not-found", "There is no such operation.")

    def _list_records(self, call: Call, name: str, replica: float | None) -> Reply:
        query = call.parameters()
        partner_ids = query.get("partnerId", [])
        if len(partner_ids) > MAX_PARTNER_IDS:
            text = f"partnerId may be repeated {MAX_PARTNER_IDS} times."
            raise Problem("validation", text, errors=[])
        statuses = [one for one in query.get("status", [""])[0].split(",") if one]
        since = _read_moment(query.get("updatedSince", [""])[0])
        limit = _read_limit(query)
        filters = f"{name} {partner_ids} {statuses} {since}"
        digest = f"{zlib.crc32(filters.encode()):08x}"
        cursor = query.get("cursor")
        after = ("", "") if cursor is None else self._read_cursor(cursor[0], digest)
        found = self._community.collections[name].select(
            partner_ids, statuses, since, after, limit + 1
        )
        following: str | None = None
        if len(found) > limit:
            found.pop()
            last = found[-1]
            following = f"{self._epoch}~{digest}~{last.updated}~{last.id}"
        expand = name == "documents" and _expands(query)
        shown = (self._show(name, one, replica, expand=expand) for one in found)
        items = b",".join([body for body in shown if body is not None])
        return Reply(200, self._page(items, following))

    def _get_record(self, call: Call, name: str, identifier: str, replica: float | None) -> Reply:
        record = self._community.find(name, identifier)
        expand = name == "documents" and _expands(call.parameters())
        body = self._show(name, record, replica, expand=expand)
        if body is None:
            raise Problem("not-found", f"There is no {ENTITY_NAMES[name]} {identifier}.")
        lags = body is not record.body and record.seen_since(replica) is not record.body
        return record_reply(body, record.version - 1 if lags else record.version)

    def _show(
        self, name: str, record: Record, replica: float | None, *, expand: bool
    ) -> bytes | None:
        """Return the JSON of a record; None if the replica does not have it yet."""
        body = record.seen_since(replica)
        if body is None:
            return None
        if self.spoilt and (how := self.spoilt.get(f"{name}/{record.id}")) is not None:
            return SPOILS[how](record.document())
        return with_versions(body, self._library.versions(record.id)) if expand else body

    def _list_comments(self, name: str, identifier: str) -> Reply:
        if name != "cases" and not self.requests_take_comments:
            raise Problem("not-found", "There is no such operation.")
        items = b",".join(self._community.comments(name, identifier))
        return Reply(200, self._page(items, None))

    def _page(self, items: bytes, following: str | None) -> bytes:
        """Return the JSON of a page of a list."""
        as_of = self._community.now().encode()
        return b'{"items":[%b],"nextCursor":%b,"asOf":"%b"}' % (
            items,
            orjson.dumps(following),
            as_of,
        )

    def _list_events(self, call: Call, replica: float | None) -> Reply:
        query = call.parameters()
        cursor, limit = query.get("cursor", [""])[0], _read_limit(query)
        now = self._community.clock()
        # A replica of the feed lags, or lets events come twice.
        twice = replica is not None and self._random.random() < 0.5
        page = self._community.log.feed.read(
            cursor, limit, now, None if twice else replica, twice=twice
        )
        return Reply(200, page)

    def _read_cursor(self, cursor: str, digest: str) -> tuple[str, str]:
        parts = cursor.split("~", 3)
        if len(parts) != 4 or parts[1] != digest:
            raise Problem("cursor-invalid", "The cursor is not valid, or of other filters.")
        if parts[0] != str(self._epoch):
            raise Problem("cursor-expired", "The cursor is too old.")
        return parts[2], parts[3]


def _expands(query: dict[str, list[str]]) -> bool:
    wanted = query.get("expand", [None])[0]
    if wanted not in (None, "versions"):
        fault = {"pointer": "", "code": "enum", "detail": "expand"}
        raise Problem("validation", "expand can be versions.", errors=[fault])
    return wanted is not None


def _read_limit(query: dict[str, list[str]]) -> int:
    text = query.get("limit", [str(DEFAULT_LIMIT)])[0]
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_LIMIT):
        fault = {"pointer": "limit", "code": "range", "detail": f"1 to {MAX_LIMIT}"}
        raise Problem("validation", f"limit is 1 to {MAX_LIMIT}.", errors=[fault])
    return int(text)


def _read_moment(text: str) -> str:
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        fault = {"pointer": "updatedSince", "code": "format", "detail": "RFC 3339"}
        raise Problem("validation", "updatedSince is not a time.", errors=[fault]) from None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
