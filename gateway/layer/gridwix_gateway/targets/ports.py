"""Ports of the target sender, which delivers items from partners to systems of the hub.

They are channels, the dead-letter queue, and readers of content, comments and versions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gridwix_gateway.community.counterparts import Counterpart
from gridwix_gateway.documents import Document
from gridwix_gateway.targets.partner_items import ItemKind

SEND_SECONDS = 60.0
"""Maximum seconds of a delivery, unless its channel needs more."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Result of a delivery attempt: the target has accepted the item.

    ``counterpart`` has the id, number and status of the object that the target has created, if any.
    """

    counterpart: Counterpart = field(default_factory=Counterpart)


@dataclass(frozen=True, slots=True)
class Postponed:
    """Result of an attempt to deliver to an external system (target) that is to be retried.

    If the outcome is unknown, for example after a lost response, only a channel with idempotent
    deliveries returns this: the target may have accepted the item, and the retry does no harm.

    Args:
        reason: Code of the reason.
        wait: Seconds that the target asks to wait (``Retry-After``); None if it does not say.
        is_general: Whether the failure concerns the whole target and not this delivery alone. Then
            the target is paused (circuit breaker), and the attempt does not count.
    """

    reason: str
    wait: float | None = None
    is_general: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Result of a delivery attempt that must not be retried: a dead letter, for a person to decide.

    The target never accepts the item, or the outcome is unknown and a retry could duplicate it.
    ``reason`` is the code of the reason.
    """

    reason: str


type DeliveryResult = Delivered | Postponed | Rejected


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """Location, size, digest and name of the bytes of a document's version.

    Args:
        blob: Key of the object in the bucket with the bytes of documents.
        size: Size in bytes.
        sha256: SHA-256 in hexadecimal digits.
        media_type: Media type, safe for a header.
        file_name: The file's name, as the partner wrote it.
    """

    blob: str
    size: int
    sha256: str
    media_type: str
    file_name: str


class ContentFault(Exception):
    """The bytes of a document cannot be read, or are not those that were uploaded.

    Args:
        reason: Code of the reason.
        is_lost: Whether a retry is useless, so that a person is needed.
    """

    def __init__(self, reason: str, *, is_lost: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_lost = is_lost

    @property
    def result(self) -> Postponed | Rejected:
        """Result of the delivery attempt: Rejected if the bytes are lost, else Postponed."""
        return Rejected(self.reason) if self.is_lost else Postponed(self.reason)


class ContentReader(Protocol):
    """Port: reads the bytes of documents that are sent to external systems (targets)."""

    def check(self, content: DocumentContent) -> None:
        """Check that a document's bytes exist and are intact, before a delivery.

        Raises ContentFault.
        """

    def read_pieces(self, content: DocumentContent) -> Iterator[bytes]:
        """Yield a document's bytes in small pieces.

        All are verified before the last piece is yielded.

        Raises:
            ContentFault: The bytes cannot be read, or differ from those that were uploaded.
        """


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """The data of one delivery to an external system (target), for the request or message.

    Args:
        delivery_id: Id of the delivery, the same in every attempt.
        kind: Kind of the item.
        variables: Values of the variables in the target's expressions.
        content: Location and facts of a document's bytes; None for other kinds of items.
    """

    delivery_id: str
    kind: ItemKind
    variables: Mapping[str, Any]
    content: DocumentContent | None = None


class TargetChannel(Protocol):
    """Port: sends items from partners to one target, a system of the hub, one item per call.

    ``is_repeatable`` says whether deliveries are idempotent.
    """

    @property
    def is_repeatable(self) -> bool:
        """True if deliveries are idempotent: an attempt with unknown outcome can be retried."""

    def seconds_needed(self, kind: ItemKind) -> float:  # noqa: ARG002 - others differ by it
        """Return the maximum seconds that a delivery of an item of this kind takes."""
        return SEND_SECONDS

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        """Attempt to send an item to the target, and return the result. Raises TemplateFault."""


class DeadLetters(Protocol):
    """Port: the dead-letter queue for permanently failed deliveries to external systems."""

    def send(self, message: Document) -> None:
        """Add a message about a failed delivery. After a crash it may be added twice."""


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A document version as stored in the table.

    Args:
        version: The version as clients of the gateway's API see it.
        blob: Key of the version's bytes in the bucket of content.
    """

    version: Document
    blob: str


class ItemReader(Protocol):
    """Port: reads comments and document versions, which are stored apart from their records."""

    def list_comments(self, collection: str, record_id: str) -> Sequence[Document]:
        """Return the comments of a record, oldest first."""

    def find_version(self, document_id: str, event: int) -> StoredVersion | None:
        """Return the document version that an event has announced; None if it is missing.

        Args:
            document_id: Id of the document.
            event: Number of the event.
        """
