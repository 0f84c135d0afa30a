"""Ports of the case opener: cases, and the partner directory of Trading Grid."""

from typing import Protocol

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.cases import Case, NewCase, TransactionRef
from gridwix.ports import CaseReader


class CaseWriter(CaseReader, Protocol):
    """Reads, opens and updates cases. Methods raise :class:`gridwix.errors.UpstreamError`."""

    def create_case(self, case: NewCase, key: str) -> Case:
        """Open a case, and return it. Idempotent: one case per idempotency key ``key`` (a UUID).

        Raises Refused if the key was used with other content.
        """

    def put_transaction(self, case_id: str, reference: TransactionRef) -> Case:
        """Add a transaction to a case, or replace the case's entry of it. Idempotent.

        Returns the case. Raises UpstreamConflict if the case is closed.
        """


class PartnerDirectory(Protocol):
    """Looks partners up in the hub's partner directory, by EDI address."""

    def partner_with(self, trading_address: str, standard: str | None = None) -> PartnerId | None:
        """Look up a partner by its EDI address; None if no partner or several have the address.

        Raises UpstreamError if the directory cannot be read.

        An address that the directory has only for another standard does not match: the same
        qualifier means something else in that standard.

        Args:
            trading_address: Qualifier and id of the envelope, as ``QQ:ID``.
            standard: Standard of the envelope, ``x12`` or ``edifact``; None if it is not known.
        """
