"""Ports of the target sender: channels, the dead-letter queue, and reads of what items show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gridwix_gateway.community.counterparts import Counterpart
from gridwix_gateway.documents import Document
from gridwix_gateway.targets.partner_items import ItemKind

SEND_SECONDS = 60.0
"""Seconds that a delivery may take, unless its channel needs more."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The target has it."""

    counterpart: Counterpart = field(default_factory=Counterpart)


@dataclass(frozen=True, slots=True)
class Postponed:
    """It was not delivered, or the channel finds out whether it was: to be tried again.

    Args:
        reason: Code of the reason.
        wait: Seconds that the target asks for; None if it does not say.
        is_general: Whether the reason concerns the target and not this delivery. Then nothing else
            is sent for a while, and the attempt does not count.
    """

    reason: str
    wait: float | None = None
    is_general: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """The target never accepts it as it is, or the outcome is unknown. A person must decide."""

    reason: str


type DeliveryResult = Delivered | Postponed | Rejected


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """The bytes of a document's version, which are kept elsewhere.

    Args:
        blob: Key of the object.
        size: Its bytes.
        sha256: Digest of its bytes, in hexadecimal digits.
        media_type: Media type that a header may have.
        file_name: The file's name, as the partner wrote it.
    """

    blob: str
    size: int
    sha256: str
    media_type: str
    file_name: str


class ContentFault(Exception):
    """The bytes of a document cannot be read.

    Args:
        reason: Code of the reason.
        is_lost: Whether a later attempt will find the same, so that a person is needed.
    """

    def __init__(self, reason: str, *, is_lost: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_lost = is_lost

    @property
    def result(self) -> Postponed | Rejected:
        """The result of the delivery."""
        return Rejected(self.reason) if self.is_lost else Postponed(self.reason)


class ContentReader(Protocol):
    """Reads the bytes of documents."""

    def check(self, content: DocumentContent) -> None:
        """Check that the bytes are there, without reading them. Raises ContentFault."""

    def read_pieces(self, content: DocumentContent) -> Iterator[bytes]:
        """Yield the bytes in small pieces.

        Raises:
            ContentFault: They cannot be read, or are others than were uploaded. It is raised before
                the last piece.
        """


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """Content that a channel sends.

    Args:
        delivery_id: The delivery's reference, the same in every attempt.
        kind: The item's kind.
        variables: The variables of the target's expressions.
        content: The bytes of a document; None for the other kinds.
    """

    delivery_id: str
    kind: ItemKind
    variables: Mapping[str, Any]
    content: DocumentContent | None = None


class TargetChannel(Protocol):
    """Delivers to one target.

    ``is_repeatable``: a second attempt, after one with an unknown outcome, cannot deliver twice.
    """

    @property
    def is_repeatable(self) -> bool:
        """True if deliveries are idempotent: an attempt may follow one with an unknown outcome."""

    def seconds_needed(self, kind: ItemKind) -> float:  # noqa: ARG002 - others differ by it
        """Return the seconds that the delivery of a kind can take at most."""
        return SEND_SECONDS

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        """Deliver an item. Raises TemplateFault if an expression has no value."""


class DeadLetters(Protocol):
    """The dead-letter queue of deliveries."""

    def send(self, message: Document) -> None:
        """Add a message. It may come twice."""


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version of a document.

    Args:
        version: The version as the profile shows it.
        blob: Key of its object.
    """

    version: Document
    blob: str


class ItemReader(Protocol):
    """Reads what the parts of records that are no records of their own show."""

    def list_comments(self, collection: str, record_id: str) -> Sequence[Document]:
        """Return the comments of a record, oldest first."""

    def find_version(self, document_id: str, event: int) -> StoredVersion | None:
        """Return the version of a document that an event told of, or None.

        Args:
            document_id: The document.
            event: Number of the event.
        """
