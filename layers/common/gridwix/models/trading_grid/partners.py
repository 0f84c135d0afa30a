"""Models of trading partners in the community gateway profile.

The profile is the API contract that the gateway to Trading Grid serves.
"""

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.entities import Entity, Payload


class TransactionType(Payload):
    """A type of EDI transaction that a partner exchanges, such as 850."""

    code: str
    standard: str
    direction: str
    state: str


class Partner(Entity):
    """A trading partner (spoke) of the hub.

    ``status``: invited, onboarding, active, suspended, terminated.
    """

    COLLECTION = "partners"

    name: str
    country: str | None = None
    role: str
    status: str
    transaction_types: tuple[TransactionType, ...] = ()

    @property
    def partner_id(self) -> PartnerId:
        """The id of this record, typed as a partner's id."""
        return PartnerId(self.id)
