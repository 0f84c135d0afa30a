"""What the target sender needs: channels, the dead-letter queue, and reads of what items show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gridwix_gateway.community.counterparts import Counterpart
from gridwix_gateway.documents import Document
from gridwix_gateway.targets.partner_items import ItemKind


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
    """The target will never take it as it is, or nobody knows whether it did. For a person."""

    reason: str


type DeliveryResult = Delivered | Postponed | Rejected


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """What a channel sends.

    Args:
        delivery_id: The delivery's reference, the same in every attempt.
        kind: The item's kind.
        variables: The variables of the target's expressions.
    """

    delivery_id: str
    kind: ItemKind
    variables: Mapping[str, Any]


class TargetChannel(Protocol):
    """Delivers to one target.

    ``is_repeatable``: a second attempt, after one whose outcome nobody knows, cannot deliver twice.
    """

    @property
    def is_repeatable(self) -> bool:
        """Whether an attempt may follow one with an unknown outcome."""

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        """Deliver an item. Raises TemplateFault if an expression has no value."""


class DeadLetters(Protocol):
    """The dead-letter queue of deliveries."""

    def send(self, message: Document) -> None:
        """Add a message. It may come twice."""


class ItemReader(Protocol):
    """Reads what the parts of records that are no records of their own show."""

    def list_comments(self, collection: str, record_id: str) -> Sequence[Document]:
        """Return the comments of a record, oldest first."""

    def list_versions(self, document_id: str) -> Sequence[Document]:
        """Return the versions of a document, oldest first."""
