"""Judges that messages on the portal are not lost, for campaigns with a simple rule."""

from collections.abc import Mapping
from typing import NamedTuple

from soak.judges.facts import Enrollment, Facts
from soak.judges.settings import Settings
from soak.judges.verdict import Findings, Kind
from soak.judges.world import World, is_member

SIMPLE: Mapping[str, str] = {
    "case-awaiting-partner": "cases",
    "compliance-review-completed": "compliance-checks",
    "step-unlocked": "enrollments",
}
"""Campaigns that are judged, with the collection of their records.

Each event makes a row of PartnerMessages, unless the record no longer meets the campaign's
condition by then.
"""


class _Awaited(NamedTuple):
    since: float
    step: str


class AwaitedMessages:
    """Expected rows of PartnerMessages: one for each event that starts a simple campaign.

    Args:
        world: The newest state of the records.
        settings: The configuration.
        findings: Gets the messages that are lost.
    """

    def __init__(self, world: World, settings: Settings, findings: Findings) -> None:
        self._world = world
        self._settings = settings
        self._findings = findings
        self._awaited: dict[tuple[str, str], _Awaited] = {}
        self._partners: dict[str, float] = {}
        world.on_changed.append(self._note_change)

    def partner_changed(self, partner_id: str) -> float:
        """Return the time of the last change of a partner; 0 for one that has not changed."""
        return self._partners.get(partner_id, 0.0)

    def expect(self, campaign: str, record_id: str, step: str, at: float) -> None:
        """Expect a campaign's message about a record, unless one is expected already.

        Args:
            campaign: The campaign that an event starts.
            record_id: The record.
            step: Key of the step, or "".
            at: Time of the event, in Unix seconds.
        """
        collection = SIMPLE.get(campaign)
        if collection is None or (campaign, record_id) in self._awaited:
            return
        facts = self._world.records[collection].get(record_id)
        if facts is not None and self._fits(campaign, facts, step):
            self._awaited[campaign, record_id] = _Awaited(at, step)

    def forgive(self, campaign: str, record_id: str) -> None:
        """Stop expecting a campaign's message about a record.

        Args:
            campaign: Its campaign.
            record_id: The record that it is about.
        """
        self._awaited.pop((campaign, record_id), None)

    def arrive(self, campaign: str, record_id: str, at: float) -> None:
        """Record that a message has arrived on the portal.

        Args:
            campaign: Its campaign.
            record_id: The record that it is about.
            at: Unix seconds.
        """
        awaited = self._awaited.get((campaign, record_id))
        if awaited is not None and awaited.since <= at:
            del self._awaited[campaign, record_id]

    def judge_lost(self, until: float, held: frozenset[str]) -> None:
        """Report each expected message that never arrived.

        A message to a partner that has changed since may have been suppressed.

        Args:
            until: Unix seconds; an event after that time may still be under way.
            held: Records (``collection/id``) whose events lie in a dead-letter queue, and
                messages (``campaign about collection/id``) that Wix refused.
        """
        partners = self._world.records["partners"]
        for (campaign, record_id), awaited in self._awaited.items():
            name = f"{SIMPLE[campaign]}/{record_id}"
            partner = self._world.records[SIMPLE[campaign]][record_id].head.partner
            facts = partners.get(partner)
            if (
                awaited.since <= until
                and facts is not None
                and is_member(facts)
                and self._partners.get(partner, 0.0) < awaited.since
                and not self._world.has_trouble("partners", partner)
                and not self._world.has_trouble(SIMPLE[campaign], record_id)
                and held.isdisjoint((name, f"{campaign} about {name}"))
            ):
                self._findings.add(
                    Kind.LOST, f"no message {campaign} about {name} since {awaited.since:.3f}"
                )

    def _note_change(
        self, collection: str, identifier: str, before: Facts | None, now: Facts, at: float
    ) -> None:
        """Record a change, and stop expecting messages about a record that no longer meets the
        campaign's condition.
        """
        del before
        if collection == "partners":
            self._partners[identifier] = at
        for campaign, own in SIMPLE.items():
            awaited = self._awaited.get((campaign, identifier)) if own == collection else None
            if awaited is not None and not self._fits(campaign, now, awaited.step):
                del self._awaited[campaign, identifier]

    def _fits(self, campaign: str, facts: Facts, step: str) -> bool:
        """Return True if a record meets the condition of its campaign."""
        rule = self._settings.campaigns.get(campaign)
        if rule is None or facts.head.deleted:
            return False
        wanted = rule.when.get("status", frozenset())
        if not isinstance(facts, Enrollment):
            return facts.head.status in wanted
        return facts.head.status in rule.when.get("enrollment_status", frozenset()) and any(
            one.key == step and one.status in wanted for one in facts.steps
        )
