"""The full comparison of portal collections with their records in Trading Grid.

``docs/functions/reconciler.md`` describes a run.

A run is a chain of messages. Each message stands for one page, a part of the run's work, which ends
by sending the next message. For each collection, a run lists the keys of the source (``listing``)
and compares the portal's rows range by range (``comparison``). Last, it removes extra rows and
repairs lost files (``removal``), if the mass-delete guard, a limit on the number of such changes,
allows it for the whole collection. An interrupted page is repeated from its message.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gridwix.errors import ConfigurationError
from gridwix.models.ids import CollectionId
from gridwix.models.reconciliation import FullPage, Phase, RunRequest
from gridwix.ports import Clock
from gridwix.publication.drift import DeleteGuard
from gridwix.publication.ports import PublicationLedger
from gridwix.publication.publisher import Publisher
from gridwix.publication.reconciled import (
    Continuation,
    PortalRows,
    ReconciledCollection,
    RunDocuments,
)
from gridwix.reconciler.checkpoints import Checkpoints
from gridwix.reconciler.comparison import ComparePhase
from gridwix.reconciler.listing import ListPhase
from gridwix.reconciler.page_report import PageReport
from gridwix.reconciler.removal import RemovePhase
from gridwix.reconciler.repair import RowRepair


class Reconciler:
    """Compares portal collections with their source and has rows that differ published again.

    Guaranteed: an equal row is neither written nor published again; a row is removed, and a lost
    file copied again, only after the mass-delete guard has seen the whole collection; a page (the
    work of one message) is idempotent: it can be repeated any number of times, also after a crash
    at any point; a dry run changes nothing on the portal, in the publication ledger or on the event
    bus; a run with a plan acts only on rows that the plan names and that still are as the plan
    says. Reading costs one call to Wix per page, and one more if its rows point to files.

    Args:
        collections: The collections, in the order in which a run compares them by default.
        rows: Reads the portal's rows.
        ledger: Stores the versions from which each row was last published.
        publisher: Removes rows.
        documents: Stores checkpoints and reports.
        continuation: Sends the message for the next page.
        guard: Thresholds above which nothing is removed.
        clock: Returns the time in Unix seconds.
        rows_per_page: Most rows that one page compares, up to the 1000 that Wix returns at once.
    """

    def __init__(
        self,
        *,
        collections: Sequence[ReconciledCollection],
        rows: PortalRows,
        ledger: PublicationLedger,
        publisher: Publisher,
        documents: RunDocuments,
        continuation: Continuation,
        guard: DeleteGuard,
        clock: Clock,
        rows_per_page: int = 500,
    ) -> None:
        checkpoints, repair = Checkpoints(documents), RowRepair(ledger, clock)
        self._collections = {collection.name: collection for collection in collections}
        self._phases: Mapping[Phase, ListPhase | ComparePhase | RemovePhase] = {
            Phase.LIST: ListPhase(checkpoints, continuation),
            Phase.COMPARE: ComparePhase(
                rows=rows,
                ledger=ledger,
                checkpoints=checkpoints,
                continuation=continuation,
                repair=repair,
                clock=clock,
                rows_per_page=rows_per_page,
            ),
            Phase.REMOVE: RemovePhase(
                publisher=publisher,
                checkpoints=checkpoints,
                continuation=continuation,
                repair=repair,
                guard=guard,
                clock=clock,
            ),
        }

    @property
    def collections(self) -> Sequence[CollectionId]:
        """The portal collections that a run compares with Trading Grid by default, in this order.

        A request for a run may name a single collection instead.
        """
        return list(self._collections)

    def first_page(self, request: RunRequest, *, run: str, begun: datetime) -> FullPage:
        """Return the first message (page) of a run that compares the portal with Trading Grid.

        ``run`` is the name of the run, ``begun`` the time at which it was requested. Raises
        ConfigurationError if the request names a collection that is not reconciled.
        """
        names = list(self._collections) if request.collection is None else [request.collection]
        self._collection(names[0])
        return FullPage(
            run=run,
            begun=begun,
            collection=names[0],
            waiting=tuple(names[1:]),
            dry_run=request.dry_run,
            accept_shrink=request.accept_shrink,
            plan=request.plan,
        )

    def handle(self, page: FullPage) -> PageReport:
        """Process one message (page) of a run that compares the portal with Trading Grid.

        The page lists keys, compares rows, or removes and repairs rows of a collection. Unless it
        is the last one, the next message is sent. Raises UpstreamError or BudgetExhausted: the
        message must be repeated.
        """
        return self._phases[page.phase].handle(page, self._collection(page.collection))

    def _collection(self, name: CollectionId) -> ReconciledCollection:
        if name not in self._collections:
            raise ConfigurationError(
                f"is {name}, which is not reconciled",
                setting="collection of the requested run",
                remedy=f"request one of {', '.join(self._collections)}",
            )
        return self._collections[name]
