"""Orders: the stored calls to Trading Grid, each of which delivers one form submission.

An order is stored before the first attempt, so that every retry makes the same call. It carries the
version of its format, by which a later release knows how to read it.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gridwix.mapping.record_faults import fields_of
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.documents import NewDocumentVersion
from gridwix.models.trading_grid.requests import NewRequest

ORDER_VERSION = 3
"""Version of the format in which this release stores orders.

Orders of version 1 have no number. Those before version 3 have no ``partner_id`` in the claimed
identifiers of a request, and may have a partner that was matched by such an identifier alone.
"""


class NewerOrder(ValueError):
    """Raised for a stored order (a call to Trading Grid) that a later release has written.

    The order has members that this release does not know. If this release made the call without
    these members, the call would differ under the same idempotency key, and Trading Grid would
    refuse it.
    """


class _Order(BaseModel):
    # Fields of a later release are left out: orders are stored.
    model_config = ConfigDict(
        defer_build=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    order_version: int = ORDER_VERSION
    partner_id: PartnerId | None
    """The partner that the order belongs to; None if a person has to find out."""


class RequestOrder(_Order):
    """Order (stored call to Trading Grid) that creates a collaboration request.

    ``file_ids`` are the member's files on the portal that are already copied to Trading Grid.
    """

    kind: Literal["request"] = "request"
    request: NewRequest
    file_ids: tuple[str, ...] = ()


class CommentOrder(_Order):
    """Order (stored call to Trading Grid) that adds a comment to a case."""

    kind: Literal["case_comment"] = "case_comment"
    case_id: str
    body: str = Field(repr=False)
    author: str = Field(repr=False)


class RequestCommentOrder(_Order):
    """Order (stored call to Trading Grid) that adds a comment to a collaboration request.

    The comment is, for example, the answer to a question of the hub's team.
    """

    kind: Literal["request_comment"] = "request_comment"
    request_id: str
    body: str = Field(repr=False)
    author: str = Field(repr=False)


class ResolutionOrder(_Order):
    """Order (stored call to Trading Grid) that closes a resolved case, or reopens it.

    ``accepted`` is the partner's answer whether the case is resolved; ``reason`` says why it is
    not.
    """

    kind: Literal["case_resolution"] = "case_resolution"
    case_id: str
    accepted: bool
    reason: str = Field(repr=False)


class StepOrder(_Order):
    """Order (stored call to Trading Grid) that submits an onboarding step.

    ``answers`` are the answers in the form of the step.
    """

    kind: Literal["step_submission"] = "step_submission"
    enrollment_id: str
    step_key: str
    note: str = Field(repr=False)
    answers: dict[str, Any] = Field(repr=False)


class DocumentOrder(_Order):
    """Order (stored call to Trading Grid) that adds a version to a document.

    ``file_id`` is the uploaded file on the portal. ``known``: the document already has a version
    with the same bytes, so none is added.
    """

    kind: Literal["document_version"] = "document_version"
    document_id: str
    file_id: str
    known: bool = False
    version: NewDocumentVersion


type FollowUp = CommentOrder | RequestCommentOrder | ResolutionOrder | StepOrder | DocumentOrder
type Order = Annotated[RequestOrder | FollowUp, Field(discriminator="kind")]

_ORDER: TypeAdapter[RequestOrder | FollowUp] = TypeAdapter(
    Order, config=ConfigDict(hide_input_in_errors=True)
)


def encode_order(order: RequestOrder | FollowUp) -> str:
    """Encode an order as the JSON to store. Raises ValueError for text that is no valid Unicode."""
    return order.model_dump_json()


def decode_order(text: str) -> RequestOrder | FollowUp:
    """Decode an order from its stored JSON, in this or an earlier version of the format.

    Raises:
        NewerOrder: The order was stored by a later release.
        ValueError: The JSON is no order. The error contains no value of it.
    """
    stored = json.loads(text)
    version = stored.get("order_version", 1) if isinstance(stored, dict) else 1
    if isinstance(version, int) and version > ORDER_VERSION:
        raise NewerOrder(f"version {version}")
    # What an earlier version lacks has a default.
    try:
        return _ORDER.validate_json(text)
    except ValidationError as error:
        # pydantic's own message repeats a kind that it does not know, which may be anything.
        raise ValueError(fields_of(error)) from None
