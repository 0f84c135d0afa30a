"""Builds the full comparison of the portal with Trading Grid from the settings of ``reconciler``.

Only this module imports the classes of all portal collections that are compared, each from the
package of the function that publishes the collection. It is loaded for a message of a full
comparison. A sweep, the run over recently updated records, is far more frequent and needs none of
them.
"""

from gridwix.clients.files import FileClient
from gridwix.document_sync.reconciled import ReconciledPartnerDocuments
from gridwix.document_sync.transfer_table import DynamoDBTransfers
from gridwix.notice_publisher.reconciled import ReconciledOpenIssues, ReconciledServiceNotices
from gridwix.onboarding_sync.reconciled import (
    ReconciledOnboardingProgress,
    ReconciledOnboardingSteps,
)
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.publication.drift import DeleteGuard
from gridwix.publication.reconciled import Continuation
from gridwix.publication.resync import ResyncRequester
from gridwix.reconciler.report_bucket import S3Documents
from gridwix.reconciler.service import Reconciler
from gridwix.reconciler.settings import ReconcilerSettings
from gridwix.request_publisher.reconciled import ReconciledPartnerRequests
from gridwix.runtime.aws import aws_clock, dynamodb, s3
from gridwix.runtime.configuration import configuration, step_owners
from gridwix.runtime.media import media
from gridwix.runtime.publication import hub_partners, ledger, publisher
from gridwix.runtime.trading_grid import community
from gridwix.runtime.wix import wix_data
from gridwix.status_publisher.reconciled import ReconciledPartnerStatus


def full_comparison(
    settings: ReconcilerSettings, resyncs: ResyncRequester, continuation: Continuation
) -> Reconciler:
    """Return a new service that compares all collections of the portal with Trading Grid."""
    gateway = community(settings)
    partners = hub_partners(settings, gateway)
    kept, transfers = ledger(settings), DynamoDBTransfers(dynamodb(), settings.transfer_table)
    return Reconciler(
        collections=[
            ReconciledPartnerStatus(gateway, configuration(), resyncs),
            ReconciledOpenIssues(gateway, configuration(), resyncs),
            ReconciledServiceNotices(gateway, partners, configuration(), resyncs),
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
                partners=partners,
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
        clock=aws_clock(),
        rows_per_page=settings.reconcile_rows_per_page,
    )
