"""Builds the services of ``reconciler`` from its settings."""

from functools import cache

from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.handovers import DynamoDBHandovers
from gridwix.clients.trading_grid.changed import ChangedRecordsClient
from gridwix.clients.wix.portal_changes import PortalChanges
from gridwix.lazy_imports import import_lazily
from gridwix.partner_requests.ending_submission_table import DynamoDBEndingSubmissions
from gridwix.publication.resync import ResyncRequester
from gridwix.reconciler.continuation import SqsContinuation
from gridwix.reconciler.fault_recheck import FaultRecheck
from gridwix.reconciler.queue import Reconciliation
from gridwix.reconciler.settings import ReconcilerSettings
from gridwix.reconciler.sweep import Sweep
from gridwix.runtime.aws import aws_clock, dynamodb, events, sqs
from gridwix.runtime.environment import http, once
from gridwix.runtime.record_faults import fault_log
from gridwix.runtime.refused_items import refused_items
from gridwix.runtime.trading_grid import community, community_authentication
from gridwix.runtime.wix import wix_data

# A sweep, which runs more often than the comparisons, needs nothing of them.
with import_lazily(
    "gridwix.reconciler.full_wiring",
    "gridwix.reconciler.people_wiring",
    "gridwix.reconciler.upload_wiring",
):
    from gridwix.reconciler import full_wiring, people_wiring, upload_wiring


@once
def reconciliation() -> Reconciliation:
    """Return the service for all messages of ``reconciler``, built once per execution environment.

    The parts that a sweep does not need (the full comparison, the end of access of people who have
    left, and the removal of uploads) are built only when their first message arrives.
    """
    settings = ReconcilerSettings.from_environment()
    bus = EventBridgeBus(events(), settings.bus_name)
    continuation = SqsContinuation(sqs(), settings.queue_url)
    gateway, resyncs = (
        community(settings),
        ResyncRequester(bus, company_id=settings.trading_grid_company_id, clock=aws_clock()),
    )
    sweep = Sweep(
        source=ChangedRecordsClient(
            http(),
            community_authentication(settings),
            base_url=str(settings.trading_grid_community_url),
            note=fault_log.note,
        ),
        sources=gateway,
        bus=bus,
        handovers=DynamoDBHandovers(dynamodb(), settings.handover_table, aws_clock()),
        cursors=DynamoDBCursorStore(dynamodb(), settings.cursor_table, aws_clock()),
        continuation=continuation,
        freshness=PortalChanges(wix_data(settings)),
        company_id=settings.trading_grid_company_id,
        clock=aws_clock(),
        overlap=settings.sweep_overlap_seconds,
        recheck=FaultRecheck(gateway, refused_items(), resyncs),
        ending=DynamoDBEndingSubmissions(dynamodb(), settings.submission_table),
    )
    return Reconciliation(
        sweep,
        cache(lambda: full_wiring.full_comparison(settings, resyncs, continuation)),
        cache(lambda: people_wiring.people_services(settings, bus, continuation)),
        cache(lambda: upload_wiring.upload_sweep(settings, continuation)),
    )
