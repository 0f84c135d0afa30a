"""Plans the messages about invitations that a partner's administrator made on the portal.

The portal stores an invitation as a row and puts no event on the bus. The portal cannot make the
invitation's code, either. So if a row lacks the hash of a code, its messages are not planned yet. A
run plans the messages, and then stores the hash.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError
from gridwix.models.deadline import Deadline
from gridwix.models.ids import CompanyId
from gridwix.partner_messenger.invitations import InvitationCodes, InvitationRow
from gridwix.partner_messenger.planning import Planner, PlanReport
from gridwix.partner_messenger.ports import InvitationStore
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.people.events import invitation_event, inviting_campaigns
from gridwix.ports import Clock

MOST = 100
"""Maximum number of invitations that one run announces, with one query and one bulk write."""


@dataclass(frozen=True, slots=True)
class AnnouncementReport:
    """Result of planning the messages about new invitations.

    ``plan`` is the result of the planning. ``stopped`` is the error that ended the run early; None
    if there was none.
    """

    plan: PlanReport = field(default_factory=PlanReport)
    stopped: GridwixError | None = None


class PortalInvitations:
    """Plans messages about invitations that were made on the portal, and marks these as announced.

    The portal stores an invitation as a row without a code, the secret by which the invitation is
    accepted. The invitation counts as announced once the row has the hash of the code that gridwix
    makes. Idempotent: if a run ends after it has planned the messages and before it has stored the
    hash, the next run finds the messages in the outbox, plans none twice, and stores the hash.
    Without an active campaign for invitations nothing is read, and the invitations wait for such a
    campaign until they expire.
    """

    def __init__(
        self,
        *,
        invitations: InvitationStore,
        codes: InvitationCodes,
        planner: Planner,
        configuration: Configuration,
        company_id: CompanyId,
        clock: Clock,
    ) -> None:
        self._invitations = invitations
        self._codes = codes
        self._planner = planner
        self._has_campaign = bool(inviting_campaigns(configuration.campaigns))
        self._company_id = company_id
        self._clock = clock

    def announce_invitations(self, records: RecordCache, deadline: Deadline) -> AnnouncementReport:
        """Plan messages about at most ``MOST`` invitations, and mark the invitations as announced.

        An error is part of the report, and not raised.
        """
        if not self._has_campaign:
            return AnnouncementReport()
        plan = PlanReport()
        try:
            now = datetime.fromtimestamp(self._clock(), UTC)
            waiting = self._invitations.unannounced_invitations(now, MOST)
            plan = self._plan(waiting, now, records, deadline)
            self._invitations.store_code_hashes(
                {
                    one.id: self._codes.derive_code(one).hash
                    for one in waiting
                    if one.event_id not in plan.failures
                }
            )
        except GridwixError as error:
            return AnnouncementReport(plan, error)
        return AnnouncementReport(plan)

    def _plan(
        self,
        waiting: Sequence[InvitationRow],
        now: datetime,
        records: RecordCache,
        deadline: Deadline,
    ) -> PlanReport:
        if not waiting:
            return PlanReport()
        return self._planner.plan_occasions(
            [invitation_event(one.id, one.partner_id, self._company_id, now) for one in waiting],
            records,
            deadline,
        )
