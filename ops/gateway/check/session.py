"""State that the rules of one run of the conformance kit share."""

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
    """Options of the person who runs the kit.

    ``partner``: the partner with records that may be written. ``enrollment``: its enrollment with
    steps that may be moved. ``deleted``: a record that was deleted within 30 days, as
    ``collection/id``. ``expired_cursor``: a cursor of the feed that is older than the events.
    """

    write: bool = False
    partner: str | None = None
    enrollment: str | None = None
    deleted: str | None = None
    expired_cursor: str | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Listing:
    """A list that was read page by page. ``complete`` is false if it has more pages."""

    pages: tuple[Exchange, ...]
    complete: bool

    @property
    def items(self) -> list[Document]:
        return [item for page in self.pages for item in page.document["items"]]


@dataclass
class Session:
    """Shared state of the rules of one run: the gateway, and everything that was read or created
    already.

    ``endpoints`` are the paths of the webhook endpoints that the run has registered and not yet
    deleted.
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
        """The records that the run creates. Raises Skipped if the run may not write."""
        if self.options.partner is None:
            raise Skipped("no partner is named to write to (--partner)")
        return self.keep("records", lambda: CreatedRecords(self.gateway, str(self.options.partner)))

    @property
    def created(self) -> CreatedRecords | None:
        """The records that the run has created, or None if it has created none."""
        return self._kept.get("records")

    def keep[T](self, name: str, make: Callable[[], T]) -> T:
        """Return a value that rules share: it is made at the first call with a name, and cached for
        the run.

        Args:
            name: The name.
            make: Makes the value.

        Returns:
            The value.

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
        """Return the records of a collection, at most 1,000, as the run has read them first."""
        if collection not in self._listings:
            self._listings[collection] = self.read_list(
                f"/{collection}", {}, max_pages=min(5, self.limits.pages)
            )
        return self._listings[collection]

    def sample(self, collection: str) -> Document:
        """Return a record of the collection. Raises Skipped if it has none."""
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
            params: Its filters.
            limit: The records per page.
            max_pages: The most pages to read; None for the limit of the run.

        Returns:
            The pages.

        Raises:
            Broken: A page has not the status 200.
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
        """Read a record again. Return the exchange, with any status."""
        return self.gateway.get(record_path(collection, str(record["id"])))

    def wait_until(self, ask: Callable[[], bool], seconds: float | None = None) -> bool:
        """Poll until ``ask`` returns True.

        Args:
            ask: Reads from the gateway, and returns True if the wait is over.
            seconds: The longest wait; None for the run's patience.

        Returns:
            The last answer of ``ask``.
        """
        return self.gateway.wait_until(ask, self.limits.patience if seconds is None else seconds)


def parsed_time(text: str) -> datetime:
    """Return the time that a text of the profile denotes. Raises ValueError for other texts."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)
