"""Computes one portal row with the product's own code, to explain it.

That is the code of the reconciler. Only the row of a form submission from which Trading Grid has
made no collaboration request yet is computed with the code of the form intake.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from gridwix.configuration.everything import Configuration
from gridwix.document_sync.reconciled import ReconciledPartnerDocuments
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import CollectionId
from gridwix.models.portal import collection_ids as ids
from gridwix.models.reconciliation import RowVerdict
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.wix import DataItem
from gridwix.notice_publisher.reconciled import ReconciledOpenIssues, ReconciledServiceNotices
from gridwix.onboarding_sync.reconciled import (
    ReconciledOnboardingProgress,
    ReconciledOnboardingSteps,
)
from gridwix.publication.hub_partners import HubPartners
from gridwix.publication.merge import Owner
from gridwix.publication.models import LedgerEntry, RowKey, Versions
from gridwix.publication.reconciled import ExpectedRow, ReconciledCollection
from gridwix.request_publisher.reconciled import RECORDS as REQUESTS
from gridwix.request_publisher.reconciled import ReconciledPartnerRequests
from gridwix.status_publisher.reconciled import ReconciledPartnerStatus
from ops.explanation.reads import RowReads
from ops.explanation.submissions import submission_projection

SUBMISSIONS = "submissions"

RECORDS_OF: Mapping[CollectionId, str] = {
    ids.PARTNER_STATUS: Partner.COLLECTION,
    ids.OPEN_ISSUES: Case.COLLECTION,
    ids.SERVICE_NOTICES: ServiceNotice.COLLECTION,
    ids.ONBOARDING_PROGRESS: Enrollment.COLLECTION,
    ids.ONBOARDING_STEPS: OnboardingProgram.COLLECTION,
    ids.PARTNER_REQUESTS: SUBMISSIONS,
    ids.PARTNER_DOCUMENTS: Document.COLLECTION,
}
"""Trading Grid collection of the record that a row is about, by the row's collection."""


class _NoResyncs:
    """A resync queue for the reconciler's code that raises an error if it is used.

    An explanation only reads, so nothing may request that records are published again.
    """

    def request_resync(self, records: Mapping[str, Any], run: str) -> None:
        raise AssertionError(f"{run} requests a resync of {len(records)} records")


def reconciled_collection(
    collection: CollectionId, reads: RowReads, configuration: Configuration
) -> ReconciledCollection:
    """Return the adapter by which the reconciler computes and compares rows of one collection.

    The adapter reads records from ``reads``. Raises KeyError for a collection with rows that are
    not computed from records.
    """
    source, resyncs = cast(Any, reads), cast(Any, _NoResyncs())
    match collection:
        case ids.PARTNER_STATUS:
            return ReconciledPartnerStatus(source, configuration, resyncs)
        case ids.OPEN_ISSUES:
            return ReconciledOpenIssues(source, configuration, resyncs)
        case ids.SERVICE_NOTICES:
            return ReconciledServiceNotices(
                source, HubPartners(source, time.time), configuration, resyncs
            )
        case ids.ONBOARDING_PROGRESS:
            return ReconciledOnboardingProgress(source, configuration, resyncs)
        case ids.ONBOARDING_STEPS:
            return ReconciledOnboardingSteps(
                source, configuration, step_owners(configuration), resyncs
            )
        case ids.PARTNER_REQUESTS:
            return ReconciledPartnerRequests(source, source, configuration, resyncs)
        case ids.PARTNER_DOCUMENTS:
            return ReconciledPartnerDocuments(
                source=source,
                partners=HubPartners(source, time.time),
                transfers=source,
                files=source,
                configuration=configuration,
                resyncs=resyncs,
            )
    raise KeyError(collection)


def step_owners(configuration: Configuration) -> Mapping[str, Owner]:
    """Return the owner of each field of onboarding steps that Trading Grid and the portal write.

    The key is the field's name. If both sides have changed the field, the owner's value wins.
    """
    return {name: Owner(owner) for name, owner in configuration.ownership.onboarding_steps.items()}


def own_record(key: RowKey, entry: LedgerEntry | None, shown: Mapping[str, Any] | None) -> str:
    """Return the name of the record that a row is about (``collection/id``).

    Args:
        key: The row.
        entry: The row's ledger entry. It names the record if the row's id is a hash.
        shown: The row's fields in Wix; None if there is no row.
    """
    collection = RECORDS_OF[key.collection]
    row, live = shown or {}, () if entry is None else tuple(entry.published.live)
    if key.collection == ids.PARTNER_REQUESTS:
        named = row.get("record")
        of_shown = [named] if isinstance(named, str) and row.get("kind") == "request" else []
        requests = [record for record in [*of_shown, *live] if record.startswith(f"{REQUESTS}/")]
        return requests[0] if requests else f"{SUBMISSIONS}/{key.item_id}"
    if key.collection == ids.ONBOARDING_STEPS:
        programs = [record for record in live if record.startswith(f"{collection}/")]
        return programs[0] if programs else f"{collection}/{row.get('programId', '?')}"
    return next(
        (
            record
            for record in live
            if record.startswith(f"{collection}/")
            and item_id(record.partition("/")[2]) == key.item_id
        ),
        f"{collection}/{key.item_id}",
    )


@dataclass(frozen=True, slots=True)
class RowMaker:
    """Computes one portal row, again and again, to find what each field of the row depends on.

    Each time it can use other settings, or leave out some of the records.

    Attributes:
        key: Collection and id of the row.
        reads: Reads the records that the row is computed from, and keeps them for the next time.
    """

    key: RowKey
    reads: RowReads

    def expected_row(
        self, configuration: Configuration, without: Collection[str] | None = None
    ) -> ExpectedRow | None:
        """Return the row as it should be by Trading Grid's records and the configuration.

        Returns None if Trading Grid has no record for the row.

        Args:
            configuration: The configuration.
            without: Names of inputs (records, comments, submissions) that count as deleted, to see
                which fields depend on them. Unless None, nothing is read: the row is computed from
                the responses that ``reads`` has kept from an earlier call with None.

        Raises:
            RecordFault: A record cannot be read or mapped.
            UpstreamError: A read failed.
        """
        reads = self.reads if without is None else self.reads.seal(without)
        with confine_to_record(self.reads.own):
            if self.reads.own.startswith(f"{SUBMISSIONS}/"):
                return self._submission_row(reads, configuration)
            adapter = reconciled_collection(self.key.collection, reads, configuration)
            natural = self._natural_key(adapter, reads)
            answer = None if natural is None else adapter.expected_rows([natural]).get(natural)
        if isinstance(answer, RecordFault):
            raise answer
        if answer is not None and self.key.collection == ids.ONBOARDING_STEPS:
            # Only the step tells its program.
            self.reads.own = next(iter(answer.versions.live))
        return answer

    def verdict(
        self,
        configuration: Configuration,
        expected: DataItem | None,
        shown: Mapping[str, Any] | None,
    ) -> RowVerdict:
        """Return what the reconciler would find about the row in Wix, such as equal or drifted.

        :meth:`expected_row` has to be called first, since it reads the records.

        Args:
            configuration: The configuration.
            expected: The row as it should be; None if there should be none.
            shown: The fields of the row in Wix; None if Wix has no such row.
        """
        reads = self.reads.seal()
        adapter = reconciled_collection(self.key.collection, reads, configuration)
        if self.key.collection == ids.ONBOARDING_STEPS:
            # The adapter has to know whether all programs can be read.
            adapter.list_keys(None)
        in_wix = None if shown is None else DataItem(self.key.item_id, dict(shown))
        return adapter.row_verdict(expected, in_wix)

    def _submission_row(self, reads: RowReads, configuration: Configuration) -> ExpectedRow | None:
        identifier = self.reads.own.partition("/")[2]
        submission = reads.read_submissions([identifier]).get(identifier)
        made = None if submission is None else submission_projection(submission, configuration)
        return None if made is None else ExpectedRow(made.item, Versions(live={self.reads.own: 1}))

    def _natural_key(self, adapter: ReconciledCollection, reads: RowReads) -> str | None:
        """Return the key by which the reconciler lists the row in its collection.

        Returns None if the row's record does not exist.
        """
        identifier = self.reads.own.partition("/")[2]
        match self.key.collection:
            case ids.OPEN_ISSUES | ids.ONBOARDING_PROGRESS:
                entity = reads.record(self.reads.own)
                return (
                    f"{entity.partner_id}/{identifier}"
                    if isinstance(entity, Case | Enrollment)
                    else None
                )
            case ids.PARTNER_REQUESTS:
                return f"{identifier}/{self.key.item_id}"
            case ids.ONBOARDING_STEPS:
                keys, _ = adapter.list_keys(None)
                return next((key for key in keys if item_id(key) == self.key.item_id), None)
        return identifier
