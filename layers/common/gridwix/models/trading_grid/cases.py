"""Models of cases in the community gateway profile, the API contract that the gateway serves.

A case is an issue that the hub tracks with a partner, with references to EDI transactions.
"""

from pydantic import Field

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.entities import Entity, Moment, Payload


class TransactionRef(Payload):
    """Reference of a case to an EDI transaction, with the fault of the transaction.

    ``exception`` is the kind of the fault, or ``over`` once the transaction has none any more.

    ``message`` is the vendor's error text. As it may quote the document, gridwix never shows it on
    the portal.
    """

    lens_transaction_id: str | None = None
    correlation_id: str | None = None
    exception: str | None = None
    editype: str | None = None
    standard: str | None = None
    direction: str | None = None
    po_number: str | None = None
    shipment_id: str | None = None
    invoice_number: str | None = None
    error_code: str | None = None
    message: str | None = Field(default=None, repr=False)
    fa_status: str | None = None


class StatusChange(Payload):
    """One change of a case's status: the case reached ``status`` at ``at``.

    ``visibility``: public, internal. Only a public change may leave Trading Grid. gridwix does not
    read who changed the status.
    """

    status: str
    at: Moment
    visibility: str


class RoutedBy(Payload):
    """The rule that routed a case to a team.

    ``rule_key`` is None if the hub's system does not state the rule.
    """

    rule_key: str | None = None


class Team(Payload):
    """A team of the hub that handles cases."""

    key: str


class Case(Entity):
    """An issue that the hub tracks with a partner.

    ``status``: new, open, awaiting_partner, awaiting_internal, resolved, closed, cancelled.

    ``next_step`` is written for the partner. ``next_step_owner`` is the side that takes it
    (partner, hub), None if the gateway does not state it. ``status_history`` holds the changes of
    the status; None if the gateway keeps no history.
    """

    COLLECTION = "cases"

    partner_id: PartnerId
    number: str
    subject: str
    category: str
    priority: str
    status: str
    due_at: Moment | None = None
    next_step: str | None = None
    next_step_owner: str | None = None
    routed_by: RoutedBy | None = None
    transaction_refs: tuple[TransactionRef, ...] = ()
    status_history: tuple[StatusChange, ...] | None = None


class NewCase(Payload):
    """Request body that opens a case in Trading Grid."""

    partner_id: PartnerId
    subject: str = Field(min_length=1, max_length=300)
    category: str
    priority: str
    next_step: str | None = Field(default=None, max_length=1000)
    due_at: Moment | None = None
    routed_by: RoutedBy | None = None
    assignee_team: Team | None = None
    transaction_refs: tuple[TransactionRef, ...] = ()
