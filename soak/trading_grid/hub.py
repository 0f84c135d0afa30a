"""Acts of the hub's own people and systems in Trading Grid, outside of HTTP."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import orjson

from soak.trading_grid.community import Community, Made
from soak.trading_grid.desk import Desk
from soak.trading_grid.directory import Directory
from soak.trading_grid.feed import Event
from soak.trading_grid.lens import Lens
from soak.trading_grid.library import Library
from soak.trading_grid.reading import Reading
from soak.trading_grid.records import Document
from soak.trading_grid.spoiling import SPOILS


class Hub:
    """The hub in the Trading Grid model: its records, documents and transactions, and the changes
    that people make.

    Attributes:
        reading: Capabilities, lag of replicas, expiry of cursors, malformed records.
        library: Documents, uploads and their bytes.
        lens: The transactions.
        desk: The rules of the profile's writes.
        community: Records and the feed.
        on_event: Called with each new event: whoever sends webhooks.
        on_made: Called with what each call of the product has made.
        on_dropped: Called with each event that is no longer in the feed, and was not read there.

    Args:
        clock: Returns Unix seconds.
        random: The seeded source of chance.
        company_id: The hub.
    """

    def __init__(self, clock: Callable[[], float], random: Random, company_id: str) -> None:
        self.community = Community(clock, company_id)
        self.library = Library(self.community)
        self.desk = Desk(self.community)
        self.reading = Reading(self.community, self.library, random)
        self.lens = Lens(clock)
        self.directory = Directory(self.community.collections["partners"])
        self.on_event: list[Callable[[Event], None]] = self.community.log.on_event
        self.on_made: list[Callable[[Made], None]] = self.community.on_made
        self.on_dropped: list[Callable[[Event], None]] = []
        self.community.on_stored.append(self._note_stored)

    def put(
        self, collection: str, document: Document, *, event: str | None = None, quiet: bool = False
    ) -> list[Event]:
        """Create a record, or change members of one: see :meth:`Community.put`."""
        return self.community.put(collection, document, event=event, quiet=quiet)

    def delete(self, collection: str, identifier: str) -> list[Event]:
        """Turn a record into a tombstone. Returns its event."""
        deleted = {"id": identifier, "deletedAt": self.community.now()}
        return self.community.put(collection, deleted)

    def get(self, collection: str, identifier: str) -> Document:
        """Return a record as a new dictionary. Raises KeyError if there is none."""
        return self.community.collections[collection].records[identifier].document()

    def version(self, collection: str, identifier: str) -> int:
        """Return the version of a record; 0 if there is none."""
        record = self.community.collections[collection].records.get(identifier)
        return 0 if record is None else record.version

    def records(self, collection: str) -> Iterator[Document]:
        """Yield all records of a collection, each as a new dictionary."""
        for record in self.community.collections[collection].records.values():
            yield record.document()

    def transition(self, collection: str, identifier: str, to: str, **wish: Any) -> list[Event]:
        """Move a record to another status.

        Args:
            collection: The record's collection.
            identifier: The record.
            to: The status.
            **wish: Other members of the profile's schema ``Transition``.

        Raises:
            Problem: Its status machine does not allow it.
        """
        return [self.desk.transition(collection, identifier, {"to": to, **wish})[1]]

    def move_step(self, identifier: str, key: str, to: str, **wish: Any) -> list[Event]:
        """Move a step of an enrollment, and unlock or lock those that depend on it.

        Args:
            identifier: The enrollment.
            key: The step.
            to: The status.
            **wish: Other members of the profile's schema ``Transition``.

        Raises:
            Problem: Its status machine does not allow it.
        """
        return self.desk.move_step(identifier, key, {"to": to, **wish})[1]

    def comment(
        self,
        identifier: str,
        body: str,
        *,
        collection: str = "cases",
        visibility: str = "public",
        author_kind: str = "internal",
        author_name: str = "Partner desk",
    ) -> tuple[Document, list[Event]]:
        """Comment on a case or a request on behalf of the hub.

        Args:
            identifier: The case or the request.
            body: The text.
            collection: ``cases`` or ``collaboration-requests``.
            visibility: ``public`` or ``internal``.
            author_kind: ``internal``, ``system`` or ``partner``.
            author_name: Name of the author.

        Returns:
            The comment and the event.
        """
        wish = {
            "body": body,
            "visibility": visibility,
            "authorKind": author_kind,
            "authorName": author_name,
        }
        comment, _, event = self.desk.add_comment(collection, identifier, wish)
        return comment, [event]

    def comments(self, collection: str, identifier: str) -> list[Document]:
        """Return the comments of a case or a request, oldest first."""
        return [orjson.loads(one) for one in self.community.comments(collection, identifier)]

    def publish_version(
        self,
        identifier: str,
        file_name: str,
        content: bytes,
        *,
        media_type: str = "application/pdf",
        quiet: bool = False,
    ) -> tuple[Document, list[Event]]:
        """Add a version to a document on behalf of the hub: approved, and current at once.

        Args:
            identifier: The document.
            file_name: Name of the file.
            content: Its bytes.
            media_type: Its media type.
            quiet: Append no event.

        Returns:
            The version and the events.
        """
        return self.library.publish(identifier, file_name, content, media_type, quiet=quiet)

    def decide_approval(self, identifier: str, decision: str, comment: str = "") -> list[Event]:
        """Approve (``approved``) or reject (``rejected``) a pending version of a document."""
        return self.library.decide(identifier, decision, comment)

    def put_transaction(self, entry: Document, *, shown_after: float = 0.0) -> Document:
        """Add or change a transaction in Lens: see :meth:`Lens.put_entry`."""
        return self.lens.put_entry(entry, shown_after=shown_after)

    def spoil(self, collection: str, identifier: str, how: str) -> None:
        """Show a record as a malformed one from now on, regardless of later changes.

        Args:
            collection: Its collection, or ``transactions`` for an entry of Lens.
            identifier: The record.
            how: A name of :data:`soak.trading_grid.spoiling.SPOILS`.
        """
        assert how in SPOILS
        spoilt = self.lens.spoilt if collection == "transactions" else self.reading.spoilt
        name = identifier if collection == "transactions" else f"{collection}/{identifier}"
        spoilt[name] = how

    def mend(self, collection: str, identifier: str) -> None:
        """Show a malformed record correctly again."""
        if collection == "transactions":
            self.lens.spoilt.pop(identifier, None)
        else:
            self.reading.spoilt.pop(f"{collection}/{identifier}", None)

    def spoil_feed(self) -> None:
        """Append an item to the feed that is no event."""
        self.community.log.append_malformed()

    def expire_cursors(self) -> None:
        """Expire all cursors of lists and of the feed that were given out so far."""
        for event in self.reading.expire_cursors():
            for listener in self.on_dropped:
                listener(event)

    def _note_stored(self, collection: str, document: Document) -> None:
        if collection == "partners":
            self.directory.note_partner(document)
