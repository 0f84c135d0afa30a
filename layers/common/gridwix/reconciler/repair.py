"""Repairs rows: has their publisher write them again, even if the ledger has them as up to date."""

import uuid
from collections.abc import Mapping, Sequence

from gridwix.models.ids import WixItemId
from gridwix.models.reconciliation import RowFinding
from gridwix.ports import Clock
from gridwix.publication.models import Claim, LedgerEntry, RowKey
from gridwix.publication.ports import PublicationLedger
from gridwix.publication.reconciled import ReconciledCollection

DISTRUST_SECONDS = 30.0
"""Seconds for which a row stays claimed if the reconciler dies between the two halves of
:meth:`RowRepair.distrust`.
"""


class RowRepair:
    """Requests that rows are written to the portal again, even if they seem to be up to date.

    They seem so if the publication ledger, which stores the versions that each row was last written
    from, has the current ones.
    """

    def __init__(self, ledger: PublicationLedger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def request(
        self, rows: Mapping[WixItemId, str | None], collection: ReconciledCollection, run: str
    ) -> None:
        """Request that rows are published again. ``rows`` maps row ids to record keys.

        A row without a key (None) belongs to no record and cannot be repaired. ``run`` names the
        run. Raises UpstreamError.
        """
        known = {identifier: key for identifier, key in rows.items() if key is not None}
        if known:
            self.distrust([RowKey(collection.name, identifier) for identifier in known])
            collection.request_resync(list(known.values()), run)

    def distrust(self, keys: Sequence[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        """Mark rows in the ledger as if the response to their last write was lost.

        The next publication then writes the rows even if they seem unchanged. Each row is claimed,
        and the claim is released at once. A row that another worker is writing is left to that
        worker. Returns the ledger entries as they were before. Raises UpstreamError.
        """
        entries = self._ledger.read_entries(keys)
        claims = [
            Claim(key, entry.revision, entry.floor)
            for key in dict.fromkeys(keys)
            if (entry := entries.get(key) or LedgerEntry(key)).intended is None
        ]
        holder, now = uuid.uuid4().hex, self._clock()
        self._ledger.release(
            self._ledger.claim(claims, holder=holder, now=now, until=now + DISTRUST_SECONDS),
            holder=holder,
        )
        return entries


def permitted_findings(
    findings: Sequence[RowFinding], planned: Mapping[WixItemId, RowFinding] | None
) -> Sequence[RowFinding]:
    """Return the findings that a run may act on, by its plan.

    Without a plan (``planned`` None) these are all findings, else those that are exactly as
    planned.
    """
    if planned is None:
        return findings
    return [finding for finding in findings if planned.get(finding.id) == finding]
