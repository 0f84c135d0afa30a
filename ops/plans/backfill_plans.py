"""Plans of backfills: records of Trading Grid that would be read and published again."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import override

from gridwix.models.ids import CollectionId, PartnerId
from gridwix.models.portal.collection_ids import (
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    OPEN_ISSUES,
    PARTNER_DOCUMENTS,
    PARTNER_REQUESTS,
    PARTNER_STATUS,
    SERVICE_NOTICES,
)
from gridwix.ports import RecordReader
from gridwix.publication.resync import ResyncRequester
from gridwix.reconciler.sweep import ChangedRecords
from ops.plans.application import Outcome, PlanKind
from ops.plans.files import PlanError
from ops.plans.header import check_size, new_header
from ops.plans.models import BackfillPlan, RecordRequest
from ops.stack import Stack
from ops.waiting import wait_for

BATCH = 100
"""Number of records that are requested at once."""

MAX_WAITING = 500
"""Number of messages in the publishers' queues above which a backfill pauses, so that current
changes do not wait behind it.
"""

PUBLISHERS = (
    "status_publisher",
    "notice_publisher",
    "onboarding_sync",
    "request_publisher",
    "document_sync",
)
"""Functions that handle resync requests."""

KINDS: Mapping[CollectionId, Sequence[str]] = {
    PARTNER_STATUS: ("partners", "enrollments", "compliance-checks", "cases"),
    ONBOARDING_STEPS: ("onboarding-programs",),
    ONBOARDING_PROGRESS: ("enrollments",),
    OPEN_ISSUES: ("cases",),
    SERVICE_NOTICES: ("service-notices",),
    PARTNER_REQUESTS: ("collaboration-requests",),
    PARTNER_DOCUMENTS: ("documents",),
}
"""Kinds of records that the rows of a collection are made from. The first kind is that of the
record which a row belongs to.
"""

POLL = 1.0
"""Seconds between two polls of the publishers' queues."""

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class BackfillPlans(PlanKind[BackfillPlan]):
    """Makes plans of backfills, and requests that the records of a plan are published again.

    Plans are made by listing records in Trading Grid. Records are requested in the order of the
    plan. Requests are idempotent: the same record of the same plan is the same event.

    Args:
        stack: The deployed stack.
        records: Lists records of Trading Grid.
        partners: Reads one partner from Trading Grid.
        resyncs: Requests the publication of records.
        count_waiting: Returns the number of messages in the publishers' queues.
        timeout: Seconds without progress of the publishers' queues after which to give up.
        report: Receives a sentence on progress, and the numbers of done and of all records.
    """

    def __init__(
        self,
        stack: Stack,
        records: ChangedRecords,
        partners: RecordReader,
        resyncs: ResyncRequester,
        *,
        count_waiting: Callable[[], int],
        timeout: float,
        report: Callable[[str, int, int], None] = lambda *_: None,
    ) -> None:
        self._stack = stack
        self._records = records
        self._partners = partners
        self._resyncs = resyncs
        self._count_waiting = count_waiting
        self._timeout = timeout
        self._report = report

    def make(
        self,
        partner: PartnerId | None,
        since: datetime | None,
        collection: CollectionId | None,
    ) -> BackfillPlan:
        """Return a plan of a backfill. Requests nothing.

        Args:
            partner: Select records of this partner; without other arguments, all of them.
            since: Select records that were updated at this time or later.
            collection: Select records that rows of this portal collection are made from.

        Raises:
            PlanError: No argument is given, more records are selected than a plan holds, or the
                partner is unknown.
            UpstreamError: Trading Grid cannot be read.
        """
        if partner is None and since is None and collection is None:
            raise PlanError(
                "it is not said which records to read",
                "select them with --partner, --since or --collection; `gridwix resync` reads all",
            )
        changes: dict[str, RecordRequest] = {}
        for change in self._select(partner, since, collection):
            changes.setdefault(change.record, change)
            check_size(len(changes), "choose a later --since, or `gridwix resync` for all")
        return BackfillPlan(
            **new_header(self._stack),
            partner=partner,
            since=since,
            collection=collection,
            changes=tuple(changes.values()),
        ).seal()

    def _select(
        self,
        partner: PartnerId | None,
        since: datetime | None,
        collection: CollectionId | None,
    ) -> Iterator[RecordRequest]:
        owner = None if partner is None else self._partners.record(f"partners/{partner}")
        if partner is not None and owner is None:
            raise PlanError(f"Trading Grid has no partner {partner}", "correct --partner")
        if owner is not None and since is None and collection in (None, PARTNER_STATUS):
            # This request covers all records of a partner.
            yield RecordRequest(record=owner.record, partner=partner, version=owner.version)
            return
        for kind in selected_kinds(collection, since):
            self._report(f"Listing {kind}", 0, 0)
            cursor: str | None = None
            while True:
                page = self._records.changed(kind, since or _EVER, cursor)
                for record in page.records:
                    if partner is None or record.named_partner == partner:
                        yield RecordRequest(
                            record=record.record,
                            partner=record.partner_id,
                            version=record.version,
                        )
                cursor = page.cursor
                if cursor is None:
                    break

    @override
    def remake(self, plan: BackfillPlan) -> BackfillPlan:
        return self.make(plan.partner, plan.since, plan.collection)

    @override
    def carry_out(self, plan: BackfillPlan, pending: Collection[str]) -> Outcome:
        todo = [change for change in plan.changes if change.name in pending]
        run = f"backfill-{plan.digest[:16]}"
        done = 0
        for batch in batched(todo, BATCH, strict=False):
            self._wait_for_publishers()
            self._resyncs.request_resync({one.record: one.partner for one in batch}, run)
            done += len(batch)
            self._report("Requesting records", done, len(todo))
        return Outcome(
            done,
            notes=[
                "The publishers read them now:"
                f" `gridwix status --stack {self._stack.name}` shows their queues"
            ],
        )

    def _wait_for_publishers(self) -> None:
        wait_for(
            lambda: self._count_waiting() <= MAX_WAITING,
            f"at most {MAX_WAITING} messages in the queues of the publishers",
            progress=self._count_waiting,
            standstill=self._timeout,
            poll=POLL,
        )


def selected_kinds(collection: CollectionId | None, since: datetime | None) -> Sequence[str]:
    """Return the kinds of records, such as ``cases``, that a backfill lists, each kind once.

    A row of a collection is made from records of one or several kinds. With ``since``, all of them
    are listed. Without ``since``, the first kind in ``KINDS`` is enough: a request to publish such
    a record again makes gridwix read the other records of the row, too.

    >>> selected_kinds(PARTNER_STATUS, None)
    ('partners',)

    Args:
        collection: The portal collection of the rows; None for all collections.
        since: Lower bound of the records' time of update; None for no bound.
    """
    wanted = KINDS.values() if collection is None else [KINDS[collection]]
    kinds = [kind for each in wanted for kind in (each if since is not None else each[:1])]
    return tuple(dict.fromkeys(kinds))
