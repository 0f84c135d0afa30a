"""For each alarm on a metric of gridwix: the sentence that promises it, and a fault that has to
ring it.

Each fault goes through the code of the function that meets it, up to the metrics that it prints.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from functions.trading_grid_webhook import handler as trading_grid_webhook
from functions.wix_webhook import handler as wix_webhook
from gridwix.activity_publisher.queue import ActivityQueue
from gridwix.activity_publisher.service import ActivityReport
from gridwix.document_sync.queue import DocumentQueue
from gridwix.document_sync.service import DocumentReport
from gridwix.edge.rejections import rejection
from gridwix.errors import ConfigurationError, Forbidden, GridwixError, RecordFault, Unavailable
from gridwix.form_intake.queue import IntakeQueue
from gridwix.mapping.secret_entries import read_signing_key
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.people_runs import CompanyCounts, EndReason, PeopleReport, RowCounts
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.models.reconciliation import DriftReport, GuardReason, NamedRows
from gridwix.models.wix import Refusal
from gridwix.partner_messenger.attempts import MAIL_PACE
from gridwix.partner_messenger.dispatching import DispatchReport
from gridwix.partner_messenger.queue import MessengerQueue
from gridwix.partner_messenger.service import MessengerReport
from gridwix.portal_ringer.queue import RingerQueue
from gridwix.portal_ringer.service import RingReport
from gridwix.publication.changes import ChangeReport
from gridwix.publication.publisher import RowReport
from gridwix.reconciler.page_report import PageReport
from gridwix.reconciler.people_service import PeoplePageReport
from gridwix.reconciler.queue import ReconcilerQueue
from gridwix.reconciler.sweep import SweepReport
from gridwix.runtime import configuration
from gridwix.runtime.observability import logger
from gridwix.runtime.publisher_runner import PublisherRunner
from gridwix.runtime.record_faults import report_record_faults
from gridwix.runtime.secret_entries import EntryWatch
from gridwix.wix_webhook.service import WixReceiver
from tests.factories import BALTIC, change
from tests.fakes.invocation import sqs_record
from tests.fakes.redelivery import Redelivery
from tests.fakes.stores import FakeRefusedItems
from tests.fakes.wix_webhooks import INSTANCE, NOW, claims, event, token
from tests.unit.form_intake.intake_bench import GLN, VALUES, Bench
from tests.unit.wix_webhook.test_handler import Edge

AT = datetime(2026, 3, 12, tzinfo=UTC)
SCHEDULED = sqs_record("m-1", {"reason": "schedule"})
CHANGE = change("evt-1")
CHANGED = sqs_record(
    "m-1", {"detail": CHANGE.model_dump(mode="json", by_alias=True), "source": "x"}
)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
REFUSED = RowReport.of_refused(
    [Refusal(CollectionId("PartnerStatus"), WixItemId("row-1"), "WDE0080", "too long")]
)

type Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise that somebody is told.

    Attributes:
        sentence: It stands in ``document``, whatever its lines.
        service: The function that writes the metric.
        fault: Its work when the fault is there.
        normal: Its work without the fault.
        document: The page, from the project's folder.
    """

    sentence: str
    service: str
    fault: Work
    normal: Work
    document: str = "docs/runbook.md"


def _answers(result: object) -> Callable[..., Any]:
    """A function that returns a result or raises it, if it is an error."""

    def answer(*_: object, **__: object) -> object:
        if isinstance(result, Exception):
            raise result
        return result

    return answer


def _process(queue: Any, message: Mapping[str, Any]) -> Any:
    return queue.process({"Records": [message]})


def trading_grid(error: Exception | None = None) -> Work:
    """A webhook of Trading Grid."""
    receipt = SimpleNamespace(duplicate=False, ignored=False, response_body=dict)

    def work() -> None:
        with pytest.MonkeyPatch.context() as patch:
            receiver = SimpleNamespace(receive=_answers(error or receipt))
            patch.setattr(trading_grid_webhook, "webhook_receiver", lambda: receiver)
            trading_grid_webhook.handler({"headers": {}, "body": "{}"}, None)

    return work


def wix(*, signer: str = "wix", error: GridwixError | None = None) -> Work:
    """A webhook of Wix. ``error`` is met when the secret is read."""

    def work() -> None:
        edge = Edge()
        if error is not None:
            edge.secret = _answers(error)  # type: ignore[method-assign]
        receiver = WixReceiver(edge, instance_id=INSTANCE, clock=lambda: NOW)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(wix_webhook, "wix_receiver", lambda: receiver)
            wix_webhook.handler(
                {"headers": {}, "body": token(claims(event()), signer=signer)}, None
            )

    return work


def publisher(report: ChangeReport) -> Work:
    """A change that a publishing function reads from its queue."""
    service = SimpleNamespace(publish=_answers(report.for_changes([CHANGE]) + report))
    return lambda: _process(PublisherRunner(lambda: service, Redelivery), CHANGED)


def documents(report: DocumentReport) -> Work:
    """A change of a document."""
    service = SimpleNamespace(
        publish=_answers(report.for_changes([CHANGE]) + report),
        resume_transfers=_answers(DocumentReport()),
    )
    queue = DocumentQueue(lambda: service, Redelivery, NO_DEADLINE)  # type: ignore[arg-type, return-value]
    return lambda: _process(queue, CHANGED)


def activity(report: ActivityReport) -> Work:
    service = SimpleNamespace(publish_activity=_answers(report))
    queue = ActivityQueue(lambda: service, Redelivery, NO_DEADLINE)  # type: ignore[arg-type, return-value]
    return lambda: _process(queue, SCHEDULED)


def intake(prepare: Callable[[Bench], object]) -> Work:
    """A scheduled run of the real form intake, over an inbox that ``prepare`` fills."""

    def work() -> None:
        bench = Bench()
        prepare(bench)
        _process(IntakeQueue(lambda: bench.intake, Redelivery, NO_DEADLINE), SCHEDULED)

    return work


def unread_inbox(bench: Bench) -> None:
    bench.inbox.list_submissions = _answers(Forbidden(system="aws"))


def ordinary_requests(bench: Bench) -> None:
    """Requests of a member, and of strangers with a hint and without one."""
    bench.accept("sub-1")
    for member in (None, "member-without-a-partner"):
        bench.accept(f"hint-of-{member}", member=member, values={**VALUES, "gln": GLN})
        bench.accept(f"none-of-{member}", member=member)


def refused_rows(bench: Bench) -> None:
    bench.portal.refuse = lambda _: True
    bench.accept("sub-1")


def unreachable_desk(bench: Bench) -> None:
    bench.lookups.down = True
    bench.accept("sub-1")


def messenger(**dispatches: Any) -> Work:
    """A scheduled run of the messenger, with this report of its dispatches."""
    return messenger_run(MessengerReport(dispatches=DispatchReport(**dispatches)))


def messenger_run(result: object) -> Work:
    service = SimpleNamespace(process_changes=_answers(result))
    queue = MessengerQueue(lambda: service, Redelivery, NO_DEADLINE)  # type: ignore[arg-type, return-value]
    return lambda: _process(queue, SCHEDULED)


def reconciler(page: SweepReport | PageReport | PeoplePageReport) -> Work:
    service = SimpleNamespace(handle=_answers(page))
    queue = ReconcilerQueue(lambda: service, Redelivery)  # type: ignore[arg-type, return-value]
    return lambda: _process(queue, sqs_record("m-1", {"mode": "sweep"}))


def compared(guard: GuardReason | None) -> PageReport:
    names = "rows equal drifted missing extra unsettled removed kept repaired"
    return PageReport(
        report=DriftReport(
            run="full-1",
            collection=PARTNER_STATUS,
            begun=AT,
            finished=AT,
            dry_run=False,
            listed=40,
            previously_listed=100,
            guard=guard,
            ids=NamedRows(),
            **dict.fromkeys(names.split(), 0),
        )
    )


def people(*stopped: EndReason) -> PeoplePageReport:
    ended = {EndReason.DIRECTORY: RowCounts(links=30)}
    return PeoplePageReport(
        report=PeopleReport(
            run="people-1",
            begun=AT,
            finished=AT,
            dry_run=False,
            total=RowCounts(links=40),
            found=ended,
            waiting=0,
            ended={},
            companies=CompanyCounts(),
            stopped=stopped,
        )
    )


def ringer(**report: Any) -> Work:
    service = SimpleNamespace(send_rings=_answers(RingReport(**report)))
    queue = RingerQueue(lambda: service, Redelivery, NO_DEADLINE, clock=AT.timestamp)  # type: ignore[arg-type, return-value]
    return lambda: _process(queue, sqs_record("m-1", {}))


def version_in_effect(fault: str | None) -> Work:
    """A look at the published configuration, which is not used for ``fault``."""
    found = (
        None
        if fault is None
        else SimpleNamespace(reason=fault, version="v", detail="d", error=None)
    )
    look: Any = SimpleNamespace(loaded=SimpleNamespace(version="v"), changed=False, fault=found)

    def work() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CONFIGURATION_TABLE", "table")
            configuration._report(look)
        logger.remove_keys(["config_version"])

    return work


def secret_entries(*entries: object) -> Work:
    """A list of signing secrets that a webhook function reads."""
    watch = EntryWatch("secrets", read_signing_key)
    return lambda: watch.watch({"secrets": list(entries)})


def record_faults(faults: Iterable[GridwixError]) -> Work:
    return lambda: report_record_faults(faults, FakeRefusedItems)


ROWS_REFUSED = "`gridwix refused --stack <stack>` lists the rows with Wix's error code."

REFUSING_PUBLISHER = (publisher(ChangeReport() + REFUSED), publisher(ChangeReport()))

PROMISES: Mapping[str, Promise] = {
    "TradingGridWebhookFailedAlarm": Promise(
        "*Alarm: webhooks are answered with 503* (metric `WebhooksFailed`)",
        "trading_grid_webhook",
        trading_grid(ConfigurationError("has no value", secret="wix/webhook", remedy="store it")),
        trading_grid(),
    ),
    "TradingGridWebhookUntrustedAlarm": Promise(
        "*Alarm: webhooks are turned away for a secret, an id or a clock*",
        "trading_grid_webhook",
        trading_grid(rejection("invalid-signature")),
        # What strangers send.
        trading_grid(rejection("missing-header")),
    ),
    "WixWebhookFailedAlarm": Promise(
        "*Alarm: webhooks and forms are answered with 503* (metric `WebhooksFailed`)",
        "wix_webhook",
        wix(error=Forbidden(system="aws")),
        wix(),
    ),
    "WixWebhookUntrustedAlarm": Promise(
        "With a wrong secret **every submission of every partner is turned away**",
        "wix_webhook",
        wix(signer="another"),
        wix(),
    ),
    **{
        f"{name}RefusedItemAlarm": Promise(ROWS_REFUSED, service, faulty, normal)
        for name, service, faulty, normal in (
            ("StatusPublisher", "status_publisher", *REFUSING_PUBLISHER),
            ("OnboardingSync", "onboarding_sync", *REFUSING_PUBLISHER),
            ("NoticePublisher", "notice_publisher", *REFUSING_PUBLISHER),
            ("RequestPublisher", "request_publisher", *REFUSING_PUBLISHER),
            (
                "ActivityPublisher",
                "activity_publisher",
                activity(ActivityReport() + REFUSED),
                activity(ActivityReport()),
            ),
            (
                "DocumentSync",
                "document_sync",
                documents(DocumentReport() + REFUSED),
                documents(DocumentReport()),
            ),
            (
                "FormIntake",
                "form_intake",
                intake(refused_rows),
                intake(lambda bench: bench.accept("sub-1")),
            ),
        )
    },
    "MassDeleteGuardAlarm": Promise(
        "*Alarm: the mass-delete guard stopped a run.*",
        "reconciler",
        reconciler(compared(GuardReason.SHRUNK)),
        reconciler(compared(None)),
    ),
    "LeavingGuardAlarm": Promise(
        "*Alarm: too many people would have lost access.*",
        "reconciler",
        reconciler(people(EndReason.DIRECTORY)),
        reconciler(people()),
    ),
    "SubmissionEndingAlarm": Promise(
        "*Alarm: held submissions end* (metric `SubmissionsEnding`)",
        "reconciler",
        reconciler(SweepReport(finished=True, ending=1)),
        reconciler(SweepReport(finished=True, ending=0)),
    ),
    "OnboardingSyncConflictAlarm": Promise(
        "*Alarm: a field was edited on both sides* (metric `FieldConflicts`).",
        "onboarding_sync",
        publisher(
            ChangeReport(
                conflicts=((CollectionId("OnboardingSteps"), WixItemId("step-1"), "title"),)
            )
        ),
        publisher(ChangeReport()),
    ),
    "FormIntakeWaitingAlarm": Promise(
        "*Alarm: submissions wait in the inbox.*",
        "form_intake",
        intake(unreachable_desk),
        intake(lambda bench: bench.accept("sub-1")),
    ),
    "FormIntakeRunAlarm": Promise(
        "*Alarm: the inbox cannot be processed* (metric `RunsFailed`, for a quarter of an hour).",
        "form_intake",
        intake(unread_inbox),
        intake(lambda bench: bench.accept("sub-1")),
    ),
    "FormIntakeReviewAlarm": Promise(
        "*Alarm: submissions are held* (metric `SubmissionsToReview`)",
        "form_intake",
        intake(lambda bench: bench.accept("sub-1", form="unheard-of")),
        # Spam is held as well.
        intake(
            lambda bench: bench.accept(
                "sub-1", values={**VALUES, "website": "https://spam.example"}
            )
        ),
    ),
    "FormIntakeUnmatchedAlarm": Promise(
        "*Alarm: requests of members have no partner* (metric `RequestsUnmatched`).",
        "form_intake",
        # The link to the partner that the member has chosen was taken away.
        intake(lambda bench: bench.accept("sub-1", partner_id=BALTIC)),
        intake(ordinary_requests),
    ),
    "DocumentSyncFileAlarm": Promise(
        "*Alarm: files were refused.*",
        "document_sync",
        documents(DocumentReport(faults=Counter(macros=1))),
        documents(DocumentReport(copied=1)),
    ),
    "PartnerMessengerFailedAlarm": Promise(
        "*Alarm: messages could not be sent* (metric `DispatchesFailed`, by `reason`).",
        "partner_messenger",
        messenger(failed=Counter(upstream_refused=1)),
        messenger(sent=Counter(portal=1)),
    ),
    "PartnerMessengerUnknownAlarm": Promise(
        "with an alarm",
        "partner_messenger",
        messenger(unknown=1),
        messenger(sent=Counter(portal=1)),
        document="docs/guarantees.md",
    ),
    "PartnerMessengerTemplateAlarm": Promise(
        "*Alarm: the texts of a campaign are broken* (metric `TemplatesBroken`).",
        "partner_messenger",
        messenger(faults={"welcome": "line 3"}),
        messenger(),
    ),
    "PartnerMessengerRunAlarm": Promise(
        "*Alarm: planned messages are not sent* (metric `RunsFailed`, for a quarter of an hour)",
        "partner_messenger",
        messenger(stopped=Unavailable(system="aws")),
        messenger(),
    ),
    "PartnerMessengerPaceAlarm": Promise(
        "*Alarm: for three hours*",
        "partner_messenger",
        messenger(postponed=Counter({MAIL_PACE: 40})),
        messenger(postponed=Counter(quiet_hours=40)),
    ),
    "PortalRingerFailedAlarm": Promise(
        "*Alarm: rings have failed for a quarter of an hour* (metric `RingsFailed`)",
        "portal_ringer",
        ringer(failed=1),
        ringer(rung=1),
    ),
    "ConfigurationFaultAlarm": Promise(
        "`ConfigurationFaultAlarm`: functions do not use the version",
        "status_publisher",
        version_in_effect("damaged"),
        version_in_effect(None),
    ),
    "SecretEntryAlarm": Promise(
        "`SecretEntryAlarm`: a list of",
        "trading_grid_webhook",
        secret_entries(SECRET, "whsec_?"),
        secret_entries(SECRET),
    ),
    "RecordFaultAlarm": Promise(
        "*Alarm: records cannot be read or mapped.*",
        "case_opener",
        record_faults([RecordFault("cases/case_7", "version int_parsing")]),
        record_faults([Unavailable(system="aws")]),
    ),
    "UnknownValueAlarm": Promise(
        "*Alarm: Trading Grid uses values that no label is configured for.*",
        "notice_publisher",
        publisher(ChangeReport(unknown=Counter({"case.status=on_hold": 2}))),
        publisher(ChangeReport()),
    ),
}
"""By the logical id of the alarm."""
