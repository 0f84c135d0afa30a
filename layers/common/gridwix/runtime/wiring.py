"""The only place where services meet their clients. Each builder runs once per sandbox, so that connections and tokens outlive an invocation."""

import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

import boto3
import httpx
from botocore.config import Config

from gridwix.case_opener.service import CaseOpener
from gridwix.clients.aws.budget import DynamoDBCallBudget
from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.aws.queue import SqsRedelivery
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.clients.aws.secrets import SecretStore
from gridwix.clients.files import FileClient
from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import trading_grid_auth
from gridwix.clients.trading_grid.changed import ChangedRecordsClient
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.lens import LensClient
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.automation import MailAutomation
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.freshness import PortalFreshness
from gridwix.clients.wix.inbox import WixInbox
from gridwix.clients.wix.links import PartnerLinks
from gridwix.clients.wix.media import MediaClient
from gridwix.clients.wix.people import PortalPeople
from gridwix.clients.wix.site import WixSite
from gridwix.document_sync.files import DocumentFiles
from gridwix.document_sync.reconciled import ReconciledPartnerDocuments
from gridwix.document_sync.service import DocumentSync
from gridwix.document_sync.transfer_table import DynamoDBTransfers
from gridwix.errors import GridwixError, Unauthenticated
from gridwix.files.attachments import Attachments
from gridwix.form_intake.document_uploads import DocumentUploads
from gridwix.form_intake.request_attachments import RequestAttachments
from gridwix.form_intake.service import FormIntake
from gridwix.models.portal import ONBOARDING_STEPS
from gridwix.notice_publisher.reconciled import ReconciledOpenIssues, ReconciledServiceNotices
from gridwix.notice_publisher.service import NoticePublisher
from gridwix.onboarding_sync.reconciled import ReconciledOnboardingProgress, ReconciledOnboardingSteps
from gridwix.onboarding_sync.service import OnboardingSync
from gridwix.onboarding_sync.shared_rows import SharedRows
from gridwix.partner_messenger.dispatching import Dispatcher
from gridwix.partner_messenger.outbox_table import DynamoDBOutbox
from gridwix.partner_messenger.planning import Planner
from gridwix.partner_messenger.retention import MessageRetention
from gridwix.partner_messenger.sending import Sender
from gridwix.partner_messenger.service import PartnerMessenger
from gridwix.partner_messenger.unlocking import StepUnlocker
from gridwix.ports import PortalCollections
from gridwix.publication.drift import DeleteGuard
from gridwix.publication.merge import Owner
from gridwix.publication.publisher import Publisher
from gridwix.publication.resync import ResyncDesk
from gridwix.reconciler.continuation import SqsContinuation
from gridwix.reconciler.fault_recheck import FaultRecheck
from gridwix.reconciler.queue import Reconciliation
from gridwix.reconciler.report_bucket import S3Documents
from gridwix.reconciler.service import Reconciler
from gridwix.reconciler.sweep import Sweep
from gridwix.request_publisher.reconciled import ReconciledPartnerRequests
from gridwix.request_publisher.service import RequestPublisher, RequestRows
from gridwix.requests.submission_table import DynamoDBSubmissionInbox
from gridwix.runtime.collector import spare_the_collector
from gridwix.runtime.configuration import configuration
from gridwix.runtime.record_faults import fault_log
from gridwix.runtime.settings import (
    DocumentSettings,
    FeedSettings,
    IntakeSettings,
    MessengerSettings,
    MonitorSettings,
    PublisherSettings,
    QueueSettings,
    ReconcilerSettings,
    RefusedItemSettings,
    RequestSettings,
    TradingGridSettings,
    WixSettings,
)
from gridwix.status_publisher.reconciled import ReconciledPartnerStatus
from gridwix.status_publisher.service import PartnerStatusPublisher
from gridwix.trading_grid_feed.service import FeedReader
from gridwix.transaction_monitor.exception_table import DynamoDBKnownExceptions
from gridwix.transaction_monitor.service import TransactionMonitor

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

spare_the_collector()

AWS = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}, parameter_validation=False)
"""Waits are short, since a row may be claimed meanwhile, and the parameters are made by our own code."""


@cache
def feed_reader() -> FeedReader:
    """What ``trading_grid_feed`` runs."""
    settings = FeedSettings.read()
    community = _community(settings)
    bus = EventBridgeBus(_events(), settings.bus_name)
    cursors = DynamoDBCursorStore(_dynamodb(), settings.cursor_table, time.time)
    return FeedReader(
        community,
        community,
        bus,
        cursors,
        company_id=settings.trading_grid_company_id,
        type_prefix=settings.trading_grid_event_type_prefix,
        clock=time.time,
    )


@cache
def status_publisher() -> PartnerStatusPublisher:
    """What ``status_publisher`` runs."""
    settings = PublisherSettings.read()
    ledger = _ledger(settings)
    return PartnerStatusPublisher(_community(settings), ledger, _publisher(settings, ledger, "status_publisher"), configuration())


@cache
def notice_publisher() -> NoticePublisher:
    """What ``notice_publisher`` runs."""
    settings = PublisherSettings.read()
    ledger = _ledger(settings)
    return NoticePublisher(_community(settings), ledger, _publisher(settings, ledger, "notice_publisher"), configuration())


@cache
def onboarding_sync() -> OnboardingSync:
    """What ``onboarding_sync`` runs."""
    settings = PublisherSettings.read()
    ledger, wix = _ledger(settings), _wix(settings)
    shared = SharedRows(wix, {ONBOARDING_STEPS: _step_owners()})
    steps = _publisher(settings, ledger, "onboarding_sync", shared)
    progress = _publisher(settings, ledger, "onboarding_sync", wix)
    return OnboardingSync(_community(settings), wix, configuration(), shared=shared, steps=steps, progress=progress)


@cache
def transaction_monitor() -> TransactionMonitor:
    """What ``transaction_monitor`` runs."""
    settings = MonitorSettings.read()
    return TransactionMonitor(
        _lens(settings),
        DynamoDBKnownExceptions(_dynamodb(), settings.exception_table),
        EventBridgeBus(_events(), settings.bus_name),
        DynamoDBCursorStore(_dynamodb(), settings.cursor_table, time.time),
        configuration().case_rules,
        company_id=settings.trading_grid_company_id,
        clock=time.time,
        overlap=timedelta(seconds=settings.lens_overlap_seconds),
        late=timedelta(hours=settings.lens_late_hours),
    )


@cache
def case_opener() -> CaseOpener:
    """What ``case_opener`` runs."""
    settings = TradingGridSettings.read()
    base_url = str(settings.trading_grid_base_url)
    directory = DirectoryClient(_http(), _trading_grid_auth(settings), base_url=base_url, hub=settings.trading_grid_company_id, note=fault_log.note)
    return CaseOpener(_lens(settings), directory, _community(settings), configuration())


@cache
def form_intake() -> FormIntake:
    """What ``form_intake`` runs."""
    settings = IntakeSettings.read()
    base_url = str(settings.trading_grid_base_url)
    directory = DirectoryClient(_http(), _trading_grid_auth(settings), base_url=base_url, hub=settings.trading_grid_company_id, note=fault_log.note)
    rows = RequestRows(_publisher(settings, _ledger(settings), "form_intake"), configuration())
    inbox = DynamoDBSubmissionInbox(_dynamodb(), settings.submission_table)
    community = _community(settings)
    files = FileClient(exempt=settings.exempt_hosts)
    media, attachments = _media(settings, files), Attachments(files, community)
    documents = DocumentUploads(community, media, attachments, configuration().documents)
    of_requests = RequestAttachments(media, attachments)
    links = PartnerLinks(_wix(settings), note=fault_log.note)
    return FormIntake(inbox, links, directory, community, community, of_requests, documents, rows, configuration(), clock=time.time)


@cache
def request_publisher() -> RequestPublisher:
    """What ``request_publisher`` runs."""
    settings = RequestSettings.read()
    rows = RequestRows(_publisher(settings, _ledger(settings), "request_publisher"), configuration())
    return RequestPublisher(_community(settings), DynamoDBSubmissionInbox(_dynamodb(), settings.submission_table), rows, configuration())


@cache
def document_sync() -> DocumentSync:
    """What ``document_sync`` runs."""
    settings = DocumentSettings.read()
    ledger, community, rules = _ledger(settings), _community(settings), configuration()
    media = _media(settings, FileClient(exempt=settings.exempt_hosts))
    transfers = DynamoDBTransfers(_dynamodb(), settings.transfer_table)
    files = DocumentFiles(community, media, transfers, rules.documents, clock=time.time, hold=settings.claim_seconds)
    publisher = _publisher(settings, ledger, "document_sync")
    return DocumentSync(community, files, ledger, publisher, refused_items(), rules, clock=time.time)


@cache
def partner_messenger() -> PartnerMessenger:
    """What ``partner_messenger`` runs."""
    settings, chosen = MessengerSettings.read(), configuration()
    messaging = chosen.messaging.model_copy(update={"portal_url": settings.portal_url})
    if settings.quiet_hours == "ignore":
        messaging = messaging.model_copy(update={"quiet_hours": None})
    chosen = chosen.model_copy(update={"messaging": messaging})
    community, wix, site = _community(settings), _wix(settings), _wix_site(settings)
    outbox = DynamoDBOutbox(_dynamodb(), settings.dispatch_table, note=fault_log.note)
    mails = MailAutomation(_http(), partial(_secrets().get, settings.wix_automation_secret), clock=time.time, sleep=time.sleep)
    sender = Sender(outbox, wix, WixInbox(site), mails, chosen)
    return PartnerMessenger(
        community,
        PortalPeople(wix, site, note=fault_log.note),
        Planner(outbox, chosen, time.time),
        sender,
        Dispatcher(outbox, sender, chosen, time.time),
        MessageRetention(outbox, wix, timedelta(days=chosen.messaging.keep_days), time.time),
        StepUnlocker(community) if settings.step_cascade == "gridwix" else None,
    )


@cache
def redelivery() -> SqsRedelivery:
    """The queue of this function, to say when a message comes again."""
    return SqsRedelivery(_sqs(), QueueSettings.read().queue_url)


@cache
def reconciliation() -> Reconciliation:
    """What ``reconciler`` runs."""
    settings = ReconcilerSettings.read()
    bus = EventBridgeBus(_events(), settings.bus_name)
    continuation = SqsContinuation(_sqs(), settings.queue_url)
    ledger = _ledger(settings)
    community, desk = _community(settings), ResyncDesk(bus, company_id=settings.trading_grid_company_id, clock=time.time)
    sweep = Sweep(
        _changed_records(settings),
        bus,
        DynamoDBCursorStore(_dynamodb(), settings.cursor_table, time.time),
        continuation,
        PortalFreshness(_wix(settings)),
        company_id=settings.trading_grid_company_id,
        clock=time.time,
        overlap=settings.sweep_overlap_seconds,
        recheck=FaultRecheck(community, refused_items(), desk),
    )
    transfers = DynamoDBTransfers(_dynamodb(), settings.transfer_table)
    reconciler = Reconciler(
        [
            ReconciledPartnerStatus(community, configuration(), desk),
            ReconciledOpenIssues(community, configuration(), desk),
            ReconciledServiceNotices(community, configuration(), desk),
            ReconciledOnboardingSteps(community, configuration(), _step_owners(), desk),
            ReconciledOnboardingProgress(community, configuration(), desk),
            ReconciledPartnerRequests(community, DynamoDBSubmissionInbox(_dynamodb(), settings.submission_table), configuration(), desk),
            ReconciledPartnerDocuments(community, transfers, _media(settings, FileClient()), configuration(), desk),
        ],
        _wix(settings),
        ledger,
        _publisher(settings, ledger, "reconciler"),
        S3Documents(_s3(), settings.report_bucket),
        continuation,
        guard=DeleteGuard(settings.delete_guard_share, settings.delete_guard_allowed),
        clock=time.time,
        rows_per_page=settings.reconcile_rows_per_page,
    )
    return Reconciliation(sweep, reconciler)


def forget_credentials_after(errors: Iterable[GridwixError]) -> None:
    """Have the next invocation read the credentials anew if any of these errors says that they are no longer good: a secret was rotated."""
    if any(isinstance(error, Unauthenticated) for error in errors):
        for builder in (
            feed_reader,
            status_publisher,
            notice_publisher,
            onboarding_sync,
            transaction_monitor,
            case_opener,
            form_intake,
            request_publisher,
            document_sync,
            partner_messenger,
            reconciliation,
            refused_items,
            _secrets,
        ):
            builder.cache_clear()


def _step_owners() -> Mapping[str, Owner]:
    return {field: Owner(master) for field, master in configuration().ownership.onboarding_steps.items()}


def _trading_grid_auth(settings: TradingGridSettings) -> httpx.Auth:
    credentials = _secrets().get(settings.trading_grid_credentials_secret)
    return trading_grid_auth(settings.trading_grid_auth_mode, credentials, base_url=str(settings.trading_grid_base_url))


def _community(settings: TradingGridSettings) -> CommunityClient:
    return CommunityClient(
        _http(),
        _trading_grid_auth(settings),
        base_url=str(settings.trading_grid_community_url),
        partner_ids_per_call=settings.trading_grid_partner_ids_per_call,
        note=fault_log.note,
    )


def _changed_records(settings: TradingGridSettings) -> ChangedRecordsClient:
    return ChangedRecordsClient(_http(), _trading_grid_auth(settings), base_url=str(settings.trading_grid_community_url), note=fault_log.note)


def _lens(settings: TradingGridSettings) -> LensClient:
    return LensClient(_http(), _trading_grid_auth(settings), base_url=str(settings.trading_grid_base_url), note=fault_log.note)


def _ledger(settings: PublisherSettings) -> DynamoDBLedger:
    return DynamoDBLedger(_dynamodb(), settings.ledger_table)


def _publisher(settings: PublisherSettings, ledger: DynamoDBLedger, function: str, collections: PortalCollections | None = None) -> Publisher:
    wix = _wix(settings) if collections is None else collections
    return Publisher(wix, ledger, refused_items(), function=function, clock=time.time, hold=settings.claim_seconds)


@cache
def refused_items() -> DynamoDBRefusedItems:
    """Where what was refused, and what cannot be read, is kept by its name."""
    return DynamoDBRefusedItems(_dynamodb(), RefusedItemSettings.read().refused_item_table)


def _wix(settings: WixSettings) -> WixClient:
    return WixClient(_http(), _wix_auth(settings), _budget(settings), base_url=str(settings.wix_base_url), note=fault_log.note)


def _media(settings: WixSettings, files: FileClient) -> MediaClient:
    return MediaClient(_wix_site(settings), files)


def _wix_site(settings: WixSettings) -> WixSite:
    return WixSite(_http(), _wix_auth(settings), _budget(settings), base_url=str(settings.wix_base_url))


def _wix_auth(settings: WixSettings) -> httpx.Auth:
    return wix_auth(_secrets().get(settings.wix_credentials_secret), settings.wix_site_id, base_url=str(settings.wix_base_url))


def _budget(settings: WixSettings) -> DynamoDBCallBudget:
    return DynamoDBCallBudget(
        _dynamodb(),
        settings.budget_table,
        settings.wix_site_id,
        calls_per_minute=settings.wix_calls_per_minute,
        burst=settings.wix_call_burst,
        clock=time.time,
    )


@cache
def _http() -> httpx.Client:
    return new_client()


@cache
def _secrets() -> SecretStore:
    client: SecretsManagerClient = boto3.client("secretsmanager", config=AWS)
    return SecretStore(client, time.time)


@cache
def _dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=AWS)


@cache
def _events() -> "EventBridgeClient":
    return boto3.client("events", config=AWS)


@cache
def _sqs() -> "SQSClient":
    return boto3.client("sqs", config=AWS)


@cache
def _s3() -> "S3Client":
    return boto3.client("s3", config=AWS)
