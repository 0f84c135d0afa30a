"""Use case 6: unlocks onboarding steps, plans messages for events, and sends due messages."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from gridwix.configuration.campaigns import Channel
from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError
from gridwix.mapping.texts import Texts
from gridwix.models.deadline import Deadline
from gridwix.models.events import Change
from gridwix.models.ids import CompanyId
from gridwix.partner_messenger.announcing import AnnouncementReport, PortalInvitations
from gridwix.partner_messenger.dispatching import Dispatcher, DispatchReport
from gridwix.partner_messenger.erasure import ErasureReport, MemberErasure
from gridwix.partner_messenger.expansion import Expander
from gridwix.partner_messenger.invitations import InvitationCodes
from gridwix.partner_messenger.mail_pace import PacedMails
from gridwix.partner_messenger.planning import Planner
from gridwix.partner_messenger.portal_rows import PortalMessageRows
from gridwix.partner_messenger.ports import (
    DatedCollections,
    EnrollmentGateway,
    InvitationStore,
    MailPace,
    MemberChannel,
    MemberDirectory,
    MessageSource,
    Outbox,
)
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.relevance import RelevanceCheck
from gridwix.partner_messenger.retention import HISTORY, RetentionReport, RowRetention
from gridwix.partner_messenger.sending import DispatchSender
from gridwix.partner_messenger.unlocking import StepUnlocker, UnlockReport
from gridwix.ports import Clock
from gridwix.publication.ports import SILENT_BELL, PortalBell


@dataclass(frozen=True, slots=True)
class MessengerReport:
    """Result of a run of the partner messenger.

    ``unlocked`` counts unlocked onboarding steps, and ``planned`` new occasions (reasons to write
    to a partner). ``old`` counts, by campaign, the events that were too old. ``dispatches`` is the
    result of sending. ``announced`` is the error that ended the planning of messages about
    invitations made on the portal; None if there was none. ``unannounced`` has the errors, each
    once, because of which messages about single invitations are not planned yet: the next run of
    the schedule retries them. ``retention``, ``history`` and ``erasure`` are the results of
    removing old messages, old records of who gave or took away access to a partner (history of
    people), and data of members who are gone. ``failures`` holds the error of each change that
    needs a retry, by event id. A planned message that fails is not among them, because it is
    retried from the outbox. ``unknown`` counts the values of Trading Grid without a label.
    """

    unlocked: int = 0
    planned: int = 0
    old: Counter[str] = field(default_factory=Counter)
    dispatches: DispatchReport = field(default_factory=DispatchReport)
    announced: GridwixError | None = None
    unannounced: tuple[GridwixError, ...] = ()
    retention: RetentionReport = field(default_factory=RetentionReport)
    history: RetentionReport = field(default_factory=RetentionReport)
    erasure: ErasureReport = field(default_factory=ErasureReport)
    failures: Mapping[str, GridwixError] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)


class PartnerMessenger:
    """Sends messages to partners, each exactly once.

    There is one message per campaign, occasion, partner, channel and recipient. An occasion is a
    campaign's reason to write to a partner, such as an event.

    Args:
        source: Records that messages are about.
        directory: Members who act for partners.
        outbox: Planned messages (dispatches) and their results.
        portal: Rows of ``PartnerMessages``.
        bell: Tells open pages of the rows that were written or removed.
        channels: Channels to persons, such as Wix Inbox and email.
        invitations: Invitations that messages are about.
        codes: Derives the codes of invitations.
        pace: Rate limit of emails.
        enrollments: Unlocks steps. None where Trading Grid unlocks them itself.
        configuration: Campaigns, texts, labels and messaging settings.
        company_id: Trading Grid's id of the hub company.
        clock: Returns Unix seconds.
    """

    def __init__(
        self,
        *,
        source: MessageSource,
        directory: MemberDirectory,
        outbox: Outbox,
        portal: DatedCollections,
        channels: Mapping[Channel, MemberChannel],
        invitations: InvitationStore,
        codes: InvitationCodes,
        pace: MailPace,
        enrollments: EnrollmentGateway | None,
        configuration: Configuration,
        company_id: CompanyId,
        clock: Clock,
        bell: PortalBell = SILENT_BELL,
    ) -> None:
        self._source = source
        self._directory = directory
        self._invitations = invitations
        self._labels = Texts(configuration)
        check = RelevanceCheck(outbox, self._labels, configuration)
        self._unlocker = None if enrollments is None else StepUnlocker(enrollments)
        self._planner = Planner(outbox, configuration, clock)
        self._portal_invitations = PortalInvitations(
            invitations=invitations,
            codes=codes,
            planner=self._planner,
            configuration=configuration,
            company_id=company_id,
            clock=clock,
        )
        paced = PacedMails(pace, configuration.messaging.emails_per_minute, clock)
        self._dispatcher = Dispatcher(
            outbox=outbox,
            expander=Expander(outbox, check, configuration, clock),
            channels=channels,
            portal_rows=PortalMessageRows(portal, bell, check, configuration, clock),
            sender=DispatchSender(
                outbox=outbox,
                channels=channels,
                check=check,
                invitations=invitations,
                codes=codes,
                pace=paced,
                configuration=configuration,
            ),
            pace=paced,
            configuration=configuration,
            clock=clock,
        )
        self._retention = RowRetention(
            outbox, portal, bell, timedelta(days=configuration.messaging.keep_days), clock
        )
        self._history = RowRetention(
            outbox,
            portal,
            bell,
            timedelta(days=configuration.people.history_days),
            clock,
            rows=HISTORY,
        )
        self._erasure = MemberErasure(outbox, portal, directory, clock)

    def process_changes(
        self, changes: Sequence[Change], deadline: Deadline, *, scheduled: bool = False
    ) -> MessengerReport:
        """Unlock onboarding steps, plan messages for changes, send due messages, remove old data.

        A change succeeds once the onboarding steps that depend on it are unlocked, and its
        occasions (reasons to write to a partner) are stored in the outbox, the table of planned
        messages. Sending is retried from there, by this run and later ones. Idempotent.

        Args:
            changes: Events, in any order; duplicates are planned once.
            deadline: Time limit of this run.
            scheduled: True for the run of the schedule. Only this run looks for invitations made on
                the portal, and removes old rows and the data of members who are gone.
        """
        unlocking = (
            UnlockReport()
            if self._unlocker is None
            else self._unlocker.unlock_steps(changes, deadline)
        )
        records = RecordCache(self._source, self._directory, self._invitations)
        plan = self._planner.plan_occasions(changes, records, deadline)
        announced = (
            self._portal_invitations.announce_invitations(records, deadline)
            if scheduled and not deadline.is_near()
            else AnnouncementReport()
        )
        dispatches = self._dispatcher.dispatch_due(
            (*plan.due, *announced.plan.due), records, deadline
        )
        # After a rate limit the calls of the following would not get through either.
        retention, history, erasure = (
            self._remove_old_data(deadline)
            if scheduled and dispatches.stopped is None
            else (RetentionReport(), RetentionReport(), ErasureReport())
        )
        unknown = self._labels.unknown.copy()
        self._labels.unknown.clear()
        return MessengerReport(
            unlocked=unlocking.unlocked,
            planned=plan.planned + announced.plan.planned,
            old=plan.old,
            dispatches=dispatches,
            announced=announced.stopped,
            unannounced=_distinct_errors(announced.plan.failures.values()),
            retention=retention,
            history=history,
            erasure=erasure,
            failures={**unlocking.failures, **plan.failures},
            unknown=unknown,
        )

    def _remove_old_data(
        self, deadline: Deadline
    ) -> tuple[RetentionReport, RetentionReport, ErasureReport]:
        """Remove old messages, old rows of the history of people, and data of members who left.

        The history of people records who gave or took away access to a partner. After an error, or
        near the deadline, nothing more is removed, and the remaining reports are empty.
        """
        done = [RetentionReport(), RetentionReport()]
        for place, retention in enumerate((self._retention, self._history)):
            if not deadline.is_near() and all(one.stopped is None for one in done):
                done[place] = retention.remove_old_rows(deadline)
        messages, history = done
        if deadline.is_near() or any(one.stopped is not None for one in done):
            return messages, history, ErasureReport()
        return messages, history, self._erasure.erase_next_part()


def _distinct_errors(errors: Iterable[GridwixError]) -> tuple[GridwixError, ...]:
    """Return one of all errors with the same class and message, in order."""
    return tuple({(type(error), str(error)): error for error in errors}.values())
