"""Shared state of one run of the conformance kit: the gateway, options, and cached reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ops.gateway.check.created_records import CreatedRecords, record_path
from ops.gateway.check.exchanges import Document, Exchange
from ops.gateway.check.gateway import Gateway, Limits, Params
from ops.gateway.check.profile import Profile
from ops.gateway.check.receiver import Receiver
from ops.gateway.check.rules import Broken, Skipped, require_status

PAGE = 200
"""The largest ``limit`` of a list that the profile allows."""


@dataclass(frozen=True)
class Options:
    """Options of the person who runs the conformance kit.

    ``write`` allows writes. Records of the partner ``partner`` may be written, and steps of
    ``enrollment``, an enrollment of this partner, may be moved. ``deleted`` is a record that was
    deleted within 30 days, as ``collection/id``. ``expired_cursor`` is a cursor of the feed that is
    older than the feed's events.
    """

    write: bool = False
    partner: str | None = None
    enrollment: str | None = None
    deleted: str | None = None
    expired_cursor: str | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Listing:
    """A list of records that was read page by page. ``complete`` is False if it has more pages."""

    pages: tuple[Exchange, ...]
    complete: bool

    @property
    def items(self) -> list[Document]:
        return [item for page in self.pages for item in page.document["items"]]


@dataclass
class Session:
    """Shared state of the rules in one run of the conformance kit.

    It has the gateway, and everything that the rules have read or created so far. ``endpoints`` are
    the paths of the webhook endpoints that the run has registered and not yet deleted.
    """

    gateway: Gateway
    profile: Profile
    options: Options
    receiver: Receiver | None = None
    endpoints: set[str] = field(default_factory=set)
    _listings: dict[str, Listing] = field(default_factory=dict)
    _kept: dict[str, Any] = field(default_factory=dict)

    @property
    def limits(self) -> Limits:
        return self.options.limits

    @property
    def records(self) -> CreatedRecords:
        """Creates and holds the test records of the run. Raises Skipped if no partner is named."""
        if self.options.partner is None:
            raise Skipped("no partner is named to write to (--partner)")
        return self.keep("records", lambda: CreatedRecords(self.gateway, str(self.options.partner)))

    @property
    def created(self) -> CreatedRecords | None:
        """The test records of the run; None if no rule has asked for them, so there are none."""
        return self._kept.get("records")

    def keep[T](self, name: str, make: Callable[[], T]) -> T:
        """Return a value that several rules of a run share, and make it at the first call.

        Args:
            name: The name of the value.
            make: Makes the value.

        Returns:
            The value. Later calls with the same name get the same value.

        Raises:
            Broken: ``make`` has raised it.
            Skipped: ``make`` has raised it, or has raised Broken for an earlier rule.
        """
        known = self._kept.get(name)
        if isinstance(known, Broken):
            raise Skipped(f"what it needs did not succeed: {known.text}")
        if isinstance(known, Skipped):
            raise known
        if known is None:
            try:
                known = self._kept[name] = make()
            except (Broken, Skipped) as error:
                self._kept[name] = error
                raise
        value: T = known
        return value

    def list_records(self, collection: str) -> Listing:
        """Return the records of a collection, at most 1,000. They are read once in a run."""
        if collection not in self._listings:
            self._listings[collection] = self.read_list(
                f"/{collection}", {}, max_pages=min(5, self.limits.pages)
            )
        return self._listings[collection]

    def sample(self, collection: str) -> Document:
        """Return one record of a collection. Raises Skipped if the collection has none."""
        items = self.list_records(collection).items
        if not items:
            raise Skipped(f"{collection} is empty")
        return items[0]

    def read_list(
        self, path: str, params: Params, *, limit: int = PAGE, max_pages: int | None = None
    ) -> Listing:
        """Read a list page by page.

        Args:
            path: The list's path after the base URL.
            params: The filters of the list.
            limit: The number of records per page.
            max_pages: Maximum number of pages to read; None for the limit of the run.

        Returns:
            The list, which may be incomplete.

        Raises:
            Broken: A page has another status than 200.
        """
        pages: list[Exchange] = []
        cursor: str | None = None
        while len(pages) < (self.limits.pages if max_pages is None else max_pages):
            query = {**params, "limit": limit, **({} if cursor is None else {"cursor": cursor})}
            page = self.gateway.get(path, query)
            require_status(page, 200)
            pages.append(page)
            cursor = page.document["nextCursor"]
            if cursor is None:
                return Listing(tuple(pages), True)
        return Listing(tuple(pages), False)

    def read_record(self, collection: str, record: Mapping[str, Any]) -> Exchange:
        """Read a record again; return the request and its response, which may have any status."""
        return self.gateway.get(record_path(collection, str(record["id"])))

    def wait_until(self, ask: Callable[[], bool], seconds: float | None = None) -> bool:
        """Poll until ``ask`` returns True, or the time is over.

        Args:
            ask: Reads from the gateway, and returns True if the wait is over.
            seconds: The longest wait; None for the ``patience`` of the run.

        Returns:
            The last answer of ``ask``: False if the time was over.
        """
        return self.gateway.wait_until(ask, self.limits.patience if seconds is None else seconds)


def parsed_time(text: str) -> datetime:
    """Return the time of a text in ISO 8601 with a time zone, in UTC.

    Raises ValueError for another text.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)
