"""Model of compliance checks in the community gateway profile.

The profile is the API contract that the gateway to Trading Grid serves.
"""

from datetime import date

from gridwix.models.ids import EntityId, PartnerId
from gridwix.models.trading_grid.entities import Entity


class ComplianceCheck(Entity):
    """Result of one compliance rule for a partner.

    ``status``: not_started, pending, passed, failed, waived, expired. ``valid_until`` is taken from
    the gateway and never computed.
    """

    COLLECTION = "compliance-checks"

    partner_id: PartnerId
    enrollment_id: EntityId | None = None
    rule_key: str
    title: str
    category: str
    status: str
    severity: str | None = None
    due_on: date | None = None
    valid_until: date | None = None
    required_document_type: str | None = None
    case_id: EntityId | None = None
    next_action: str | None = None
