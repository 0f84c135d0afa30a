"""Builds the services of ``reconciler`` from its settings.

Only this module knows the reconciled collections of all functions.
"""

import time

from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.handovers import DynamoDBHandovers
from gridwix.clients.files import FileClient
from gridwix.clients.trading_grid.changed import ChangedRecordsClient
from gridwix.clients.wix.freshness import PortalFreshness
from gridwix.document_sync.reconciled import ReconciledPartnerDocuments
from gridwix.document_sync.transfer_table import DynamoDBTransfers
from gridwix.notice_publisher.reconciled import ReconciledOpenIssues, ReconciledServiceNotices
from gridwix.onboarding_sync.reconciled import (
    ReconciledOnboardingProgress,
    ReconciledOnboardingSteps,
)
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.publication.drift import DeleteGuard
from gridwix.publication.resync import ResyncRequester
from gridwix.reconciler.continuation import SqsContinuation
from gridwix.reconciler.fault_recheck import FaultRecheck
from gridwix.reconciler.queue import Reconciliation
from gridwix.reconciler.report_bucket import S3Documents
from gridwix.reconciler.service import Reconciler
from gridwix.reconciler.settings import ReconcilerSettings
from gridwix.reconciler.sweep import Sweep
from gridwix.request_publisher.reconciled import ReconciledPartnerRequests
from gridwix.runtime.aws import dynamodb, events, s3, sqs
from gridwix.runtime.configuration import configuration, step_owners
from gridwix.runtime.environment import http, once
from gridwix.runtime.media import media
from gridwix.runtime.publication import ledger, publisher
from gridwix.runtime.record_faults import fault_log
from gridwix.runtime.refused_items import refused_items
from gridwix.runtime.trading_grid import authentication, community
from gridwix.runtime.wix import wix_data
from gridwix.status_publisher.reconciled import ReconciledPartnerStatus


@once
def reconciliation() -> Reconciliation:
    """Return the sweep and the full comparison, built once per execution environment."""
    settings = ReconcilerSettings.read()
    bus = EventBridgeBus(events(), settings.bus_name)
    continuation = SqsContinuation(sqs(), settings.queue_url)
    gateway, resyncs = (
        community(settings),
        ResyncRequester(bus, company_id=settings.trading_grid_company_id, clock=time.time),
    )
    sweep = Sweep(
        source=ChangedRecordsClient(
            http(),
            authentication(settings),
            base_url=str(settings.trading_grid_community_url),
            note=fault_log.note,
        ),
        bus=bus,
        handovers=DynamoDBHandovers(dynamodb(), settings.handover_table, time.time),
        cursors=DynamoDBCursorStore(dynamodb(), settings.cursor_table, time.time),
        continuation=continuation,
        freshness=PortalFreshness(wix_data(settings)),
        company_id=settings.trading_grid_company_id,
        clock=time.time,
        overlap=settings.sweep_overlap_seconds,
        recheck=FaultRecheck(gateway, refused_items(), resyncs),
    )
    kept, transfers = ledger(settings), DynamoDBTransfers(dynamodb(), settings.transfer_table)
    reconciler = Reconciler(
        collections=[
            ReconciledPartnerStatus(gateway, configuration(), resyncs),
            ReconciledOpenIssues(gateway, configuration(), resyncs),
            ReconciledServiceNotices(gateway, configuration(), resyncs),
            ReconciledOnboardingSteps(gateway, configuration(), step_owners(), resyncs),
            ReconciledOnboardingProgress(gateway, configuration(), resyncs),
            ReconciledPartnerRequests(
                gateway,
                DynamoDBSubmissionInbox(dynamodb(), settings.submission_table),
                configuration(),
                resyncs,
            ),
            ReconciledPartnerDocuments(
                source=gateway,
                transfers=transfers,
                files=media(settings, FileClient()),
                configuration=configuration(),
                resyncs=resyncs,
            ),
        ],
        rows=wix_data(settings),
        ledger=kept,
        publisher=publisher(settings, kept, "reconciler"),
        documents=S3Documents(s3(), settings.report_bucket),
        continuation=continuation,
        guard=DeleteGuard(settings.delete_guard_share, settings.delete_guard_allowed),
        clock=time.time,
        rows_per_page=settings.reconcile_rows_per_page,
    )
    return Reconciliation(sweep, reconciler)
