"""Ports of the case opener: cases, and the partner directory of Trading Grid."""

from typing import Protocol

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.cases import Case, NewCase, TransactionRef
from gridwix.ports import CaseReader


class CaseWriter(CaseReader, Protocol):
    """Reads, opens and updates cases. Raises :class:`gridwix.errors.UpstreamError`."""

    def create_case(self, case: NewCase, key: str) -> Case:
        """Open a case. Idempotent: one case per idempotency key ``key`` (a UUID).

        Raises Refused if the key was used for another case.
        """

    def put_transaction(self, case_id: str, reference: TransactionRef) -> Case:
        """Add a transaction to a case, or replace its entry there. Idempotent.

        Raises Conflict if the case is closed.
        """


class PartnerDirectory(Protocol):
    """The hub's partner directory."""

    def partner_with(self, trading_address: str, standard: str | None = None) -> PartnerId | None:
        """Look up a partner by its EDI address; None if none or several have it.

        Raises UpstreamError.

        An address that the directory has only for the other standard does not match: its qualifier
        means something else there.

        Args:
            trading_address: Qualifier and id of the envelope, as ``QQ:ID``.
            standard: Standard of the envelope, ``x12`` or ``edifact``; None if it is not known.
        """
