"""Ports of the target sender: channels, dead-letter queue, content, comments and versions."""

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
    """Result of an attempt: the target has accepted the item."""

    counterpart: Counterpart = field(default_factory=Counterpart)


@dataclass(frozen=True, slots=True)
class Postponed:
    """Result of an attempt that failed and is to be retried.

    Its outcome may be unknown if the channel is repeatable.

    Args:
        reason: Code of the reason.
        wait: Seconds that the target asks to wait (``Retry-After``); None if it does not say.
        is_general: Whether the failure concerns the whole target and not this delivery. Then the
            target is paused (circuit breaker), and the attempt does not count.
    """

    reason: str
    wait: float | None = None
    is_general: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Result of an attempt that must not be retried: a dead letter, for a person to decide.

    The target never accepts the item, or the outcome is unknown and a retry could duplicate it.
    """

    reason: str


type DeliveryResult = Delivered | Postponed | Rejected


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """Location and facts of the content of a document's version.

    Args:
        blob: Key of the object in the bucket of content.
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
    """The content of a document cannot be read.

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
        """Result of the attempt: Rejected if the content is lost, else Postponed."""
        return Rejected(self.reason) if self.is_lost else Postponed(self.reason)


class ContentReader(Protocol):
    """Reads the content of documents."""

    def check(self, content: DocumentContent) -> None:
        """Check that the content exists and is intact, before it is sent. Raises ContentFault."""

    def read_pieces(self, content: DocumentContent) -> Iterator[bytes]:
        """Yield the content in small pieces, verified before the last one.

        Raises:
            ContentFault: The content cannot be read, or differs from what was uploaded. Raised
                before the last piece is yielded.
        """


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """The data that a channel sends in one delivery.

    Args:
        delivery_id: Id of the delivery, the same in every attempt.
        kind: Kind of the item.
        variables: Values of the variables in the target's expressions.
        content: The document's content; None for other kinds of items.
    """

    delivery_id: str
    kind: ItemKind
    variables: Mapping[str, Any]
    content: DocumentContent | None = None


class TargetChannel(Protocol):
    """Channel to one target: sends one item per call.

    ``is_repeatable`` says whether deliveries are idempotent.
    """

    @property
    def is_repeatable(self) -> bool:
        """True if deliveries are idempotent: an attempt with unknown outcome can be retried."""

    def seconds_needed(self, kind: ItemKind) -> float:  # noqa: ARG002 - others differ by it
        """Return the maximum seconds of a delivery of this kind of item."""
        return SEND_SECONDS

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        """Send an item, and return the result. Raises TemplateFault."""


class DeadLetters(Protocol):
    """The dead-letter queue of deliveries to targets."""

    def send(self, message: Document) -> None:
        """Add a message. After a crash it may be added twice."""


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A document version as stored in the table.

    Args:
        version: The version as the profile shows it.
        blob: Key of its content in the bucket.
    """

    version: Document
    blob: str


class ItemReader(Protocol):
    """Reads comments and document versions, which are stored apart from their records."""

    def list_comments(self, collection: str, record_id: str) -> Sequence[Document]:
        """Return the comments of a record, oldest first."""

    def find_version(self, document_id: str, event: int) -> StoredVersion | None:
        """Return the document version that an event has announced, or None.

        Args:
            document_id: Id of the document.
            event: Number of the event.
        """
