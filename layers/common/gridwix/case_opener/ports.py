"""What the case opener needs of Trading Grid."""

from typing import Protocol

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.cases import Case, NewCase, TransactionRef
from gridwix.ports import CaseReader


class CaseDesk(CaseReader, Protocol):
    """Cases as they are opened and added to. Raises :class:`gridwix.errors.UpstreamError`."""

    def create_case(self, case: NewCase, key: str) -> Case:
        """Open a case once under a key (a UUID). Raises Refused if the key was used for another case."""

    def put_transaction(self, case_id: str, reference: TransactionRef) -> Case:
        """Have a case refer to a transaction, in the place of what it says of it. Doing so twice changes nothing. Raises Conflict if the case is closed."""


class PartnerDirectory(Protocol):
    """The hub's partner directory."""

    def partner_with(self, trading_address: str, standard: str | None = None) -> PartnerId | None:
        """The partner with an EDI address (``QQ:ID``) of a standard's envelope (``x12``, ``edifact``; None: not known); None if nobody has it. An address that
        the directory knows only in the other standard is nobody's: its qualifier means something else there. Raises UpstreamError."""
