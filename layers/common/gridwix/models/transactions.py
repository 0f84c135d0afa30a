"""Transactions as the Lens search of Trading Grid returns them, and their faults ("exceptions").

Names and codes are those of the Lens transaction search; source:
github.com/opentext/BN-Trading-Grid, ``Lens/``.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

PO_NUMBER, SHIPMENT_ID, INVOICE_NUMBER = (
    "purchase order number",
    "shipment identification",
    "invoice number",
)
CONTENT_KEYS = (PO_NUMBER, SHIPMENT_ID, INVOICE_NUMBER)
"""Content keys to query in Lens: document numbers that both trading partners know."""


class Direction(StrEnum):
    """Direction seen from the hub: a partner sent an inbound document, the hub an outbound one."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class ExceptionKind(StrEnum):
    """Kind of a transaction exception (a transaction's fault), worst first.

    ``ACKNOWLEDGMENT`` means the functional acknowledgment: 997 or 999 in X12, CONTRL in EDIFACT.
    """

    DELIVERY_FAILED = "delivery_failed"
    VALIDATION_ERROR = "validation_error"
    ACKNOWLEDGMENT_REJECTED = "acknowledgment_rejected"
    ACKNOWLEDGMENT_OVERDUE = "acknowledgment_overdue"
    PROCESSING_ERROR = "processing_error"


class ContentKey(BaseModel):
    """A value in a document by which Lens can search, such as the purchase order number."""

    model_config = ConfigDict(
        defer_build=True, hide_input_in_errors=True, frozen=True, extra="ignore"
    )

    key: str
    value: str


class LensEntry(BaseModel):
    """One entry of the Lens transaction search: a file or a document that was processed.

    Entries of one process share the ``correlation_id``. ``status`` and ``fa_status`` are raw Lens
    values: a code or its name. ``arrived_at`` never changes; only a search by time of arrival fills
    it. Fields with content of the document are excluded from ``repr``.
    """

    model_config = ConfigDict(
        defer_build=True,
        hide_input_in_errors=True,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
    )

    transaction_id: str = Field(alias="transactionid", min_length=1, max_length=200)
    correlation_id: str | None = Field(default=None, alias="correlationid")
    level: str | None = Field(default=None, alias="transactionlevel")
    document_type: str | None = Field(default=None, alias="editype")
    envelope_type: str | None = Field(default=None, alias="envelopetype")
    arrived_at: datetime | None = Field(default=None, alias="arrivaltime")
    status: str | None = None
    status_date: datetime | None = Field(default=None, alias="statusdate")
    delivery_status: str | None = Field(default=None, alias="deliverystatus")
    fa_status: str | None = Field(default=None, alias="fastatus")
    fa_status_date: datetime | None = Field(default=None, alias="fastatusdate")
    error_code: str | None = Field(default=None, alias="errorcode")
    error_message: str | None = Field(default=None, alias="externalerrormessage", repr=False)
    sender_address: str | None = Field(default=None, alias="senderaddress")
    receiver_address: str | None = Field(default=None, alias="receiveraddress")
    content_keys: tuple[ContentKey, ...] = Field(default=(), alias="contentkeys", repr=False)

    @field_validator("content_keys", mode="before")
    @classmethod
    def _replace_null(cls, value: Any) -> Any:
        """Replace null content keys by an empty tuple.

        Lens may return null for an entry without content keys.
        """
        return () if value is None else value

    @field_validator("error_code", mode="before")
    @classmethod
    def _stringify(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value

    @field_validator("arrived_at", "status_date", "fa_status_date")
    @classmethod
    def _assume_utc(cls, value: datetime | None) -> datetime | None:
        """Add UTC to a time without an offset, so that times can be compared.

        Lens returns times in UTC.
        """
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value

    @property
    def process(self) -> str:
        """Id of the entry's process: its correlation id, or its transaction id if it has none."""
        return self.correlation_id or self.transaction_id

    @property
    def changed_at(self) -> datetime | None:
        """Time of the last change of the processing or acknowledgment status; None if unknown."""
        return max(
            (moment for moment in (self.status_date, self.fa_status_date) if moment is not None),
            default=None,
        )


@dataclass(frozen=True, slots=True)
class TransactionException:
    """A transaction exception: the fault of one process, and the document that the fault is about.

    A process is all entries with the same correlation id in Lens, the transaction search of Trading
    Grid. ``kind`` is None once nothing is wrong any more. Addresses are EDI addresses (``QQ:ID``).
    ``message`` is the vendor's text and may quote the document.
    """

    correlation_id: str
    kind: ExceptionKind | None
    transaction_id: str
    document_type: str | None
    standard: str | None
    sender_address: str | None
    receiver_address: str | None
    po_number: str | None
    shipment_id: str | None
    invoice_number: str | None
    error_code: str | None
    message: str | None = field(repr=False)
    fa_status: str | None
    occurred_at: datetime | None
