"""Judges messages: on the portal, in Wix Inbox, by email.

Rules: docs/functions/partner_messenger.md and ``config/campaigns/``. A message is identified by the
record that it is about (the first token in its words), its campaign, its recipient and its channel.
It may be sent as often as Trading Grid has had an event of the campaign about that record.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from soak.judges.awaited import AwaitedMessages
from soak.judges.facts import Case, Facts, Library, Notice, mark_of
from soak.judges.people import Member, People
from soak.judges.settings import Campaign, Settings
from soak.judges.tokens import moment_of, parts_of, tokens_in
from soak.judges.verdict import Findings, Kind
from soak.judges.world import World, is_hidden

DIGEST = "digest-"
"""Prefix of the campaign of a digest, a message that replaces several."""

ABOUT = frozenset("ckendt")
"""Kinds of tokens, by letter, of the records that messages are about."""

_NUMBER = re.compile(r"\bTG-[0-9-]+\b")


@dataclass(frozen=True, slots=True)
class Message:
    """A message that the functions have sent.

    ``channel``: portal, inbox, email. ``recipient`` is a member or contact; for the portal, the
    partner. ``identifier`` is the same for a repeated call ("" if the channel has none).
    ``campaign`` is "" in Wix Inbox. ``words`` are the title and the body.
    """

    at: float
    channel: str
    recipient: str
    identifier: str
    campaign: str
    words: str


class MessageJudge:
    """Judges each message as it is sent, and in the end the messages that were never sent.

    Args:
        world: The newest state of the records.
        people: The members.
        settings: The configuration.
        findings: Gets what is wrong.
        grace: Seconds within which an earlier state may still hold: of a link, a role, an
            audience; and by which a message may reach into quiet hours. Clocks that run wrong need
            as much.
    """

    def __init__(
        self,
        world: World,
        people: People,
        settings: Settings,
        findings: Findings,
        grace: float = 120.0,
    ) -> None:
        self._world = world
        self._people = people
        self._settings = settings
        self._findings = findings
        self._grace = grace
        self._occasions: dict[int, int] = {}
        self._sent: dict[int, int] = {}
        self._seen: set[int] = set()
        self._awaited = AwaitedMessages(world, settings, findings)

    def observe_event(self, event: Mapping[str, Any]) -> None:
        """Record an event of Trading Grid, as a CloudEvent of its feed."""
        name = ".".join(str(event["type"]).split(".")[-2:])
        collection, _, rest = str(event["subject"]).partition("/")
        identifier, _, step = rest.partition("/steps/")
        facts: Facts | None = self._world.records[collection].get(identifier)
        if facts is None:
            return
        status = (event["data"].get("after") or {}).get("status")
        at = (moment_of(event["time"]) or 0) / 1000
        for campaign in self._settings.campaigns.values():
            wanted = campaign.when.get("status")
            if name in campaign.events and (not wanted or not status or status in wanted):
                self._add_occasions(campaign, about_record(facts))
                self._awaited.expect(campaign.key, identifier, step, at)

    def observe_dropped(self, event: Mapping[str, Any]) -> None:
        """Expect no message for an event that has left the feed unread."""
        identifier = str(event["subject"]).partition("/")[2].partition("/steps/")[0]
        name = ".".join(str(event["type"]).split(".")[-2:])
        for campaign in self._settings.campaigns.values():
            if name in campaign.events:
                self._awaited.forgive(campaign.key, identifier)

    def observe_message(self, message: Message) -> None:
        """Judge a message in Wix Inbox or by email."""
        if message.identifier:
            # The receiver leaves out what has an id that it knows.
            known = hash((message.channel, message.identifier))
            if known in self._seen:
                return
            self._seen.add(known)
        name = f"{message.channel} to {message.recipient} at {message.at:.3f}"
        partner = message.recipient if message.channel == "portal" else ""
        if message.channel != "portal":
            partner = self._judge_recipient(name, message)
        self._judge_words(name, message, partner)
        self._judge_count(name, message)

    def observe_row(self, identifier: str, row: Mapping[str, Any], at: float) -> None:
        """Judge a message on the portal.

        Args:
            identifier: The ``_id`` of a row of PartnerMessages.
            row: The row.
            at: Unix seconds.
        """
        texts = row.get("texts") or {}
        words: Mapping[str, Any] = texts.get("en") or next(iter(texts.values()), {})
        campaign, text = str(row.get("campaign")), f"{words.get('title')}\n{words.get('body')}"
        partner = str(row.get("partnerId"))
        self.observe_message(Message(at, "portal", partner, identifier, campaign, text))
        collection, _, record_id = str(row.get("record")).partition("/")
        self._awaited.arrive(campaign, record_id, at)
        self._judge_audience(identifier, collection, record_id, partner, at)

    def judge_lost(self, until: float, held: frozenset[str] = frozenset()) -> None:
        """Report each expected message that was never sent.

        Args:
            until: Unix seconds; an event after that time may still be under way.
            held: Records (``collection/id``) whose events lie in a dead-letter queue, and
                messages (``campaign about collection/id``) that Wix refused.
        """
        self._awaited.judge_lost(until, held)

    def _add_occasions(self, campaign: Campaign, about: str) -> None:
        times = max(1, len(campaign.after_hours), len(campaign.ahead))
        names = [campaign.key]
        names += [""] if "inbox" in campaign.channels else []
        names += [DIGEST] if campaign.digest else []
        for name in names:
            key = hash((name, about))
            self._occasions[key] = self._occasions.get(key, 0) + times

    def _judge_audience(
        self, identifier: str, collection: str, record_id: str, partner: str, at: float
    ) -> None:
        """Judge that a partner belongs to the audience of the record that a message is about."""
        facts = self._world.records[collection].get(record_id)
        recent = at - self._grace
        if (
            not isinstance(facts, Notice | Library)
            or facts.head.partner
            or facts.audience.all
            or (facts.head.updated or 0) / 1000 > recent
            or self._awaited.partner_changed(partner) > recent
        ):
            return
        if not self._world.is_addressed(facts, partner, self._settings.regions):
            self._findings.add(
                Kind.FOREIGN,
                f"PartnerMessages/{identifier} of {partner} is about {collection}/{record_id},"
                " which is not for it",
            )

    def _judge_recipient(self, name: str, message: Message) -> str:
        """Judge that the member may get the message, and at this time. Returns the member's
        partner.
        """
        partner = _partner_of(message.words, self._world)
        found = self._people.find(message.recipient)
        if found is None:
            self._findings.add(Kind.FOREIGN, f"{name}: nobody knows this member")
            return partner
        _, member = found
        if not partner and len(member.links) == 1:
            partner = next(iter(member.links))
        if partner and not self._acts_for(member, partner, message):
            self._findings.add(Kind.FOREIGN, f"{name} is about {partner}, which is not its")
        self._judge_time(name, message, member, partner)
        return partner

    def _acts_for(self, member: Member, partner: str, message: Message) -> bool:
        recent = message.at - self._grace
        if member.changed > recent or member.left.get(partner, 0.0) > recent:
            return True
        campaign = self._settings.campaigns.get(message.campaign)
        role = member.links.get(partner)
        return role is not None and (
            campaign is None or not campaign.roles or role in campaign.roles
        )

    def _judge_time(self, name: str, message: Message, member: Member, partner: str) -> None:
        campaign = self._settings.campaigns.get(message.campaign)
        if campaign is not None and not campaign.quiet:
            return
        periods = []
        facts = self._world.records["partners"].get(partner)
        recent = message.at - self._grace
        if (
            self._settings.quiet is not None
            and facts is not None
            and self._awaited.partner_changed(partner) < recent
        ):
            zone = self._settings.zone_of(partner, facts.country)
            periods.append((self._settings.quiet, zone))
        if member.quiet is not None and member.settled < recent:
            periods.append(member.quiet)
        for quiet, zone in periods:
            # It was not quiet when the message was sent, so it may arrive a little later.
            if quiet.covers(message.at, zone) and quiet.covers(message.at - self._grace, zone):
                self._findings.add(
                    Kind.IN_QUIET_HOURS, f"{name}: {quiet.begins} to {quiet.ends} in {zone}"
                )

    def _judge_words(self, name: str, message: Message, partner: str) -> None:
        number = self._world.partner_number(partner) if partner else None
        for token in tokens_in(message.words):
            if is_hidden(token) or parts_of(token).kind in "bs":
                self._findings.add(Kind.INTERNAL, f"{name} tells {token}")
            elif number is not None and parts_of(token).partner not in (0, number):
                self._findings.add(Kind.FOREIGN, f"{name}, of {partner}, tells {token}")

    def _judge_count(self, name: str, message: Message) -> None:
        digest = message.campaign.startswith(DIGEST)
        words: list[str] = message.words.split("<h4>")[1:] if digest else [message.words]
        campaign = DIGEST if digest else message.campaign
        for part in words:
            about = _about_words(part)
            if not about:
                continue
            key = hash((campaign, about, message.recipient, message.channel))
            sent = self._sent[key] = self._sent.get(key, 0) + 1
            occasions = self._occasions.get(hash((campaign, about)), 0)
            if sent > occasions:
                self._findings.add(
                    Kind.DOUBLED,
                    f"{name}: message {sent} of {campaign or 'inbox'} about {about},"
                    f" for {occasions} events",
                )


def about_record(facts: Facts) -> str:
    """Return the key by which a message is matched to its record: the mark that both have in their
    texts (``p17.c4``), else the number of a case, else "".
    """
    return mark_of(facts) or (facts.number if isinstance(facts, Case) else "")


def _about_words(words: str) -> str:
    for token in tokens_in(words):
        parts = parts_of(token)
        if parts.kind in ABOUT:
            return parts.mark
    number = _NUMBER.search(words)
    return "" if number is None else number[0]


def _partner_of(words: str, world: World) -> str:
    """Return the partner that a message's words are about; "" if they are about no single
    partner.
    """
    for token in tokens_in(words):
        if parts_of(token).partner:
            return world.partner_ids.get(parts_of(token).partner, "")
    return ""
