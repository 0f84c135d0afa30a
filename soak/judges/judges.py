"""All judges of the soak test behind one interface."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from soak.inputs import (
    CommentAdded,
    FileReady,
    Input,
    MemberChanged,
    MemberJoined,
    MemberLeft,
    RecordChanged,
    RoleChanged,
    SettingChanged,
    SubmissionAccepted,
    SubmissionRefused,
    TransactionShown,
    Uncertain,
    VersionAdded,
    VersionDecided,
)
from soak.judges.budget import BudgetJudge, CallLimits
from soak.judges.counts import CountJudge
from soak.judges.deliveries import DeliveryJudge, Made
from soak.judges.expected import Row
from soak.judges.facts import Facts
from soak.judges.library_rows import FileJudge
from soak.judges.messages import Message, MessageJudge
from soak.judges.people import People
from soak.judges.portal import PortalJudge, Rows
from soak.judges.running import RowJudge
from soak.judges.settings import Settings
from soak.judges.transactions import TransactionJudge
from soak.judges.verdict import Findings, Kind, Verdict
from soak.judges.world import World


@dataclass(frozen=True, slots=True)
class Outputs:
    """The state of the site at the end of a run, which the judges compare with the inputs.

    ``rows`` by collection and ``_id``; ``files``: the digest (SHA-256, hexadecimal) of each file of
    the site by its id; ``folder``: those in the folder of the functions, None to leave them out;
    ``labels``: the label of each, which names its document, for the words of a finding.
    Anything that the functions reported may be missing: ``held`` has records (``collection/id``),
    refused rows (``collection/_id``), submissions and correlation ids that are quarantined, wait
    for a person, or lie in a dead-letter queue, and messages (``campaign about collection/id``)
    that Wix refused. ``until``: a message or a case for an event after this time, in Unix seconds,
    may not be there yet.
    """

    rows: Rows
    files: Mapping[str, str] = field(default_factory=dict)
    folder: Mapping[str, str] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    until: float = float("inf")


class Judges:
    """Collects inputs and outputs of the functions as they come, and gives a verdict in the end.

    Inputs come by :meth:`accept`; changes, events and acts of Trading Grid by
    :meth:`observe_stored`, :meth:`observe_event` and :meth:`observe_made`; what reaches Wix, by the
    other methods. For one change the order is: stored, event, accept, then outputs.

    Args:
        settings: The configuration.
        grace: Seconds by which clocks may be wrong and calls late, for messages.
        limits: How often Wix may be called.
    """

    def __init__(
        self, settings: Settings, grace: float = 120.0, limits: CallLimits | None = None
    ) -> None:
        self._settings = settings
        self._running = Findings()
        self.world = World()
        self.people = People()
        self.budget = BudgetJudge(self._running, limits or CallLimits())
        self.counts = CountJudge(self._running)
        self._row_judge = RowJudge(self.world, self._running)
        self._files = FileJudge(self.world, self._running)
        self._messages = MessageJudge(self.world, self.people, settings, self._running, grace)
        self._final = Findings()
        self._deliveries = DeliveryJudge(self.world, self.people, self._final)
        self._transactions = TransactionJudge(self.world, self._final)
        self.world.on_changed.append(self._note_change)
        sent = self._deliveries.observe_sent
        self._takers: Mapping[type, Callable[[Any], None]] = {
            RecordChanged: self.world.apply_change,
            CommentAdded: self.world.apply_comment,
            VersionAdded: self.world.apply_version,
            VersionDecided: self.world.decide_version,
            TransactionShown: self._transactions.observe_transaction,
            SubmissionAccepted: lambda given: sent(given.submission, accepted=True),
            Uncertain: lambda given: sent(given.submission, accepted=False),
            SubmissionRefused: lambda given: self._deliveries.observe_refused(given.submission),
            FileReady: self._deliveries.observe_file,
            MemberJoined: self.people.join,
            MemberChanged: self.people.change,
            RoleChanged: self.people.change_role,
            SettingChanged: self.people.choose,
            MemberLeft: self.people.leave,
        }

    def accept(self, given: Input) -> None:
        """Record an accepted input."""
        self._takers[type(given)](given)

    def observe_stored(self, collection: str, document: Mapping[str, Any], at: float) -> None:
        """Record the new state of a record in Trading Grid, changed by people or by the functions.
        Idempotent.

        Args:
            collection: Its collection.
            document: The record as it is now. Nothing of it is kept.
            at: Unix seconds.
        """
        self.world.apply_document(collection, document, at)

    def observe_event(self, event: Mapping[str, Any]) -> None:
        """Record an event of Trading Grid, as a CloudEvent, once: occasions of messages follow from
        it.
        """
        self._messages.observe_event(event)

    def observe_dropped(self, event: Mapping[str, Any]) -> None:
        """Record an event that has left the feed before any reader got it there.

        Messages that it would have caused are not promised (docs/guarantees.md).
        """
        self._messages.observe_dropped(event)

    def observe_made(self, made: Made) -> None:
        """Record something that a call of the functions has made in Trading Grid."""
        self._deliveries.observe_made(made)
        record_id = made.record.partition("/")[2]
        if made.kind == "comment":
            if made.document.get("visibility", "public") == "public":
                self.world.add_partners_comment(
                    record_id, made.document["id"], made.document["body"], made.at
                )
        elif made.kind == "version":
            document = made.document
            self.world.offer_version(
                record_id.partition("/")[0], document["number"], document["sha256"]
            )

    def observe_write(
        self, collection: str, identifier: str, old: Row | None, new: Row | None, at: float
    ) -> None:
        """Judge a write of a row as the site carries it out.

        Args:
            collection: The collection.
            identifier: The row's ``_id``.
            old: The row before; None if there was none.
            new: The row after; None if it was removed.
            at: Unix seconds.
        """
        self._row_judge.observe_write(collection, identifier, old, new, at)
        if collection == "PartnerMessages" and new is not None:
            self._messages.observe_row(identifier, new, at)

    def observe_bytes(self, name: str, sha256: str) -> None:
        """Judge a file that the functions have uploaded to the site, by its digest."""
        self._files.observe_bytes(name, sha256)

    def observe_call(self, at: float) -> None:
        """Judge a call of Wix's REST API by its arrival, in Unix seconds."""
        self.budget.observe_call(at)

    def observe_throttled(self, at: float) -> None:
        """Record a 429 that Wix gave because of its quota, not as a planned fault."""
        self.budget.observe_throttled(at)

    def observe_message(self, message: Message) -> None:
        """Judge a message in Wix Inbox or by email as it is sent."""
        self._messages.observe_message(message)

    def observe_metrics(self, function: str, metrics: Mapping[str, float]) -> None:
        """Record the metrics of one invocation of a function."""
        self.counts.observe_metrics(function, metrics)

    def observe_report(self, report: Mapping[str, Any]) -> None:
        """Judge a drift report of the reconciler."""
        self.counts.observe_report(report)

    def report_endless(self, at: float) -> None:
        """Report that the functions were still at work when there was nothing left to do."""
        self._running.add(Kind.UNBALANCED, f"messages are still on their way at {at:.0f}")

    def running_verdict(self) -> Verdict:
        """Return the verdict on all observations so far, without the final state."""
        return self._running.verdict(Findings())

    def verdict(self, outputs: Outputs) -> Verdict:
        """Return the verdict on the whole run. Call it once, when nothing is in progress any
        more.
        """
        portal = PortalJudge(
            self.world, self._settings, self._final, self._deliveries, outputs.held
        )
        portal.judge(outputs.rows, outputs.files)
        if outputs.folder is not None:
            FileJudge(self.world, self._final).judge_leftovers(
                outputs.rows.get("PartnerDocuments", {}),
                outputs.folder,
                outputs.held,
                outputs.labels,
            )
        self._deliveries.judge(outputs.rows.get("PartnerRequests", {}), outputs.held)
        self._transactions.judge(outputs.until, outputs.held)
        self._messages.judge_lost(outputs.until, outputs.held)
        self.counts.judge(self._row_judge.writes)
        return self._running.verdict(self._final)

    def _note_change(
        self, collection: str, identifier: str, before: Facts | None, now: Facts, at: float
    ) -> None:
        del before, at
        self._deliveries.note_settled(collection, identifier, now.head.status)
