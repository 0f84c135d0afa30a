"""Use case 4: what partners send from the portal reaches Trading Grid, each once, and in order for each partner.

``docs/adr/0009-the-inbox-is-the-queue.md`` gives the reasons.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http import HTTPStatus

from gridwix.configuration.everything import Configuration
from gridwix.configuration.files import AttachmentRules
from gridwix.configuration.forms import FormDefinition
from gridwix.errors import Conflict, FileRefused, GridwixError, InvalidEvent, NotFound, RecordFault, Refused, SourceBehind, Unavailable
from gridwix.form_intake.document_uploads import DocumentUploads
from gridwix.form_intake.follow_up_orders import follow_up, record_of
from gridwix.form_intake.follow_ups import FollowUps
from gridwix.form_intake.forms import locale_of, read_submission
from gridwix.form_intake.matching import match
from gridwix.form_intake.ports import FollowUpDesk, IdentifierDirectory, MemberLinks, RequestDesk
from gridwix.form_intake.projection import faults_said, file_refusal, held_refusal, new_request
from gridwix.form_intake.request_attachments import RequestAttachments
from gridwix.form_intake.routing import route
from gridwix.form_intake.submission_rows import SubmissionRows
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.references import idempotency_key
from gridwix.mapping.texts import PartnerText, Texts
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.files import AttachedFile
from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.models.trading_grid.requests import RequestAttachment
from gridwix.partner_requests.orders import FollowUp, RequestOrder
from gridwix.partner_requests.ports import SubmissionInbox
from gridwix.partner_requests.projection import definition_of
from gridwix.partner_requests.submissions import FieldFault, HoldReason, Outcome, Reading, Stage, Submission
from gridwix.ports import Clock

PAGE = 100
"""Submissions that are looked at together."""


PATIENCE = timedelta(hours=4)
"""How long a submission waits for a record of Trading Grid that cannot be read, or is not found; then a person has to look at it. A person who
releases it has it wait anew."""


@dataclass(slots=True)
class IntakeReport:
    """What a run did. ``failures`` are by submission, with why it is not in Trading Grid yet; the others are done: ``delivered``, or held for a person.
    ``refusals`` say why Trading Grid would not have some of what is held; ``not_shown`` says why rows of the portal could not be written; ``record_faults``
    name what could not be read or mapped."""

    delivered: dict[str, Outcome] = field(default_factory=dict)
    unmatched: int = 0
    held: dict[str, HoldReason] = field(default_factory=dict)
    failures: dict[str, GridwixError] = field(default_factory=dict)
    refusals: list[GridwixError] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    not_shown: list[GridwixError] = field(default_factory=list)
    record_faults: list[RecordFault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A submission with what Trading Grid is asked for. ``note`` tells the sender what could not be used. ``lane``: what has the same lane is delivered one
    after the other."""

    submission: Submission
    order: RequestOrder | FollowUp
    note: PartnerText | None = None

    @property
    def lane(self) -> str:
        return self.order.partner_id or self.submission.id


@dataclass(frozen=True, slots=True)
class _Misfit:
    """Answers that do not fit their questions: what the member is told of each."""

    faults: tuple[FieldFault, ...] = field(repr=False)


class FormIntake:
    """Delivers what waits in the inbox, oldest first.

    An event on the bus only rings: whatever is rung, everything that is older is delivered first, so a partner's requests come in the order in which they were
    accepted. What Trading Grid is asked for is kept before it is asked, under a key that is made from the submission; so whoever asks again, after a crash
    or at the same time, asks for the same, and one submission makes one request. A partner whose request cannot be made now waits, and holds up nobody else.

    A submission that cannot be read or mapped, whatever it holds, is held for a person at once; one that is about a record which cannot be read waits for it
    (``PATIENCE``) and is then held. Neither holds up another one, not even of the same partner.
    """

    def __init__(
        self,
        inbox: SubmissionInbox,
        links: MemberLinks,
        directory: IdentifierDirectory,
        desk: RequestDesk,
        follow_ups: FollowUpDesk,
        attachments: RequestAttachments,
        documents: DocumentUploads,
        rows: SubmissionRows,
        configuration: Configuration,
        *,
        clock: Clock,
        at_once: int = 8,
    ) -> None:
        self._clock = clock
        self._inbox = inbox
        self._links = links
        self._directory = directory
        self._desk = desk
        self._records = follow_ups
        self._follow_ups = FollowUps(follow_ups, documents)
        self._attachments = attachments
        self._documents = documents
        self._rows = rows
        self._configuration = configuration
        self._texts = Texts(configuration)
        self._at_once = at_once

    def run(self, rung: Collection[str] = (), deadline: Deadline = NO_DEADLINE) -> IntakeReport:
        """Deliver what waits; ``rung`` are the submissions that somebody wants to know of. Raises UpstreamError if the inbox cannot be read.

        Submissions whose partners cannot be looked up stay in the inbox, with all that came after them.
        """
        report = IntakeReport()
        cursor: str | None = None
        stuck: set[str] = set()
        while True:
            page = self._inbox.waiting(Stage.OPEN, cursor, PAGE)
            for fault in page.faults:
                self._hold_unreadable(fault.record.partition("/")[2], fault, report)
            try:
                self._take(page.submissions, stuck, report)
            except GridwixError as error:
                waiting = [submission for submission in page.submissions if submission.id not in report.delivered | report.held]
                report.failures |= {submission.id: error for submission in waiting}
                # Trading Grid may be down for long; whoever has sent something has a reference all the same.
                self._show(waiting, report)
                break
            cursor = page.cursor
            if cursor is None or deadline.is_near():
                break
        self._look_after(rung, report)
        return report

    def _show(self, submissions: Sequence[Submission], report: IntakeReport, faults: Mapping[str, PartnerText] | None = None) -> None:
        """Bring their rows up to date. A row that could not be written is no reason to ask Trading Grid again: it comes with the request's own event."""
        try:
            shown = self._rows.show(submissions, report.delivered, faults)
        except GridwixError as error:
            report.not_shown.append(error)
        else:
            report.unknown += shown.unknown
            report.not_shown += dict.fromkeys(shown.reasons.values())

    def _look_after(self, rung: Collection[str], report: IntakeReport) -> None:
        """Have those that were rung for, and not come to, rung for again."""
        missing = [identifier for identifier in rung if identifier not in report.delivered | report.held | report.failures]
        found = self._inbox.read(missing) if missing else {}
        report.failures |= {identifier: SourceBehind() for identifier in missing if identifier not in found or found[identifier].stage is Stage.OPEN}

    def _take(self, submissions: Sequence[Submission], stuck: set[str], report: IntakeReport) -> None:
        """``stuck`` are the lanes that nothing more goes through in this run."""
        ready = self._ready(submissions, stuck, report)
        lanes: defaultdict[str, list[_Ready]] = defaultdict(list)
        for one in ready:
            lanes[one.lane].append(one)
        for lane in stuck & lanes.keys():
            report.failures |= {one.submission.id: SourceBehind("an older one of the same partner waits") for one in lanes.pop(lane)}
        with ThreadPoolExecutor(self._at_once) as pool:
            for lane, outcome in zip(lanes, pool.map(self._deliver, lanes.values()), strict=True):
                report.delivered |= outcome.delivered
                report.held |= outcome.held
                report.failures |= outcome.failures
                report.refusals += outcome.refusals
                report.record_faults += outcome.record_faults
                if any(not isinstance(error, RecordFault) for error in outcome.failures.values()):
                    stuck.add(lane)
        report.unmatched += sum(one.order.partner_id is None and one.submission.id in report.delivered for one in ready)
        # Whoever has sent something has a reference all the same, also where it waits, or a person has to read it first.
        waiting = {one.id: one for one in submissions if one.id in report.failures or report.held.get(one.id) is HoldReason.UNREADABLE}
        self._show(list((waiting | {one.submission.id: one.submission for one in ready}).values()), report)

    def _deliver(self, lane: Sequence[_Ready]) -> IntakeReport:
        """Do what a lane asks for, one after the other; one that has to wait holds up the rest."""
        outcome = IntakeReport()
        for position, one in enumerate(lane):
            try:
                with confine_to_record(_name(one.submission)):
                    settled = self._carry_out(one)
                self._inbox.settle(one.submission.id, settled)
            except RecordFault as fault:
                self._wait_or_hold(one.submission, fault, outcome)
            except GridwixError as error:
                if self._is_refused(one.submission, error):
                    self._inbox.hold(one.submission.id, HoldReason.REFUSED)
                    outcome.held[one.submission.id] = HoldReason.REFUSED
                    outcome.refusals.append(error)
                    continue
                outcome.failures |= {waiting.submission.id: error for waiting in lane[position:]}
                break
            else:
                outcome.delivered[one.submission.id] = settled
        return outcome

    def _is_refused(self, submission: Submission, error: GridwixError) -> bool:
        """Whether trying again is of no use. That something is not found, or in conflict, may pass, as long as nobody has waited for it for long."""
        passing = isinstance(error, NotFound | Conflict) and error.system == "trading_grid"
        return isinstance(error, Refused) or (passing and self._has_waited(submission))

    def _has_waited(self, submission: Submission) -> bool:
        since = submission.released_at or submission.received_at
        return self._clock() - since.timestamp() > PATIENCE.total_seconds()

    def _carry_out(self, one: _Ready) -> Outcome:
        if not isinstance(one.order, RequestOrder):
            return self._follow_ups.carry_out(one.submission.id, one.order)
        request = self._desk.create_request(one.order.request, idempotency_key(one.submission.id))
        # The request is made: a file that Wix will not remove is no reason to say that it was refused.
        with suppress(Refused):
            self._attachments.forget(one.order.file_ids)
        note = one.note or PartnerText("")
        return Outcome(request.record, request.number, request=request, note=note.text, note_sentence=note.sentence)

    def _ready(self, submissions: Sequence[Submission], stuck: set[str], report: IntakeReport) -> list[_Ready]:
        """Those that can be delivered, with what is asked for. Raises UpstreamError if it cannot be found out whose they are."""
        read, ready = self._looked_at(submissions, report)
        members = {submission.member_id for submission, _, _ in read if submission.member_id}
        links = self._links.partners_of(members) if members else {}
        requests = [one for one in read if self._configuration.forms[one[1]].action == "request"]
        owners = self._owners(reading for submission, _, reading in requests if _unsure(submission, links))
        for submission, key, reading in read:
            partners = links.get(submission.member_id or "", frozenset())
            try:
                with confine_to_record(_name(submission)):
                    order = self._order(submission, key, reading, partners, owners)
                    kept = None if order is None else self._inbox.keep_order(submission.id, order)
            except FileRefused as refusal:
                self._hold(submission, HoldReason.ATTACHMENTS, report, file_fault=refusal.fault)
            except Refused as error:
                self._hold(submission, HoldReason.REFUSED, report)
                report.refusals.append(error)
            except RecordFault as fault:
                self._wait_or_hold(submission, fault, report)
            except GridwixError as error:
                report.failures[submission.id] = error
                stuck.update(partners)
            else:
                if kept is None:
                    self._hold(submission, HoldReason.NOT_THEIRS, report)
                else:
                    ready.append(_Ready(submission, kept, faults_said(key, reading.doubts, self._texts)))
        return sorted(ready, key=lambda one: one.submission.received_at)

    def _looked_at(self, submissions: Sequence[Submission], report: IntakeReport) -> tuple[list[tuple[Submission, str, Reading]], list[_Ready]]:
        """The submissions to be worked out, each with its form's key and what was answered, and those of which it is kept already what they ask for."""
        read: list[tuple[Submission, str, Reading]] = []
        ready: list[_Ready] = []
        for submission in submissions:
            try:
                with confine_to_record(_name(submission)):
                    looked_at = self._look_at(submission)
            except RecordFault as fault:
                self._wait_or_hold(submission, fault, report)
                continue
            match looked_at:
                case HoldReason():
                    self._hold(submission, looked_at, report)
                case _Misfit(faults):
                    self._hold(submission, HoldReason.INVALID, report, faults)
                case _Ready():
                    ready.append(looked_at)
                case (key, reading):
                    read.append((submission, key, reading))
        return read, ready

    def _look_at(self, submission: Submission) -> HoldReason | _Misfit | _Ready | tuple[str, Reading]:
        """Why a person has to look at a submission; or what it asks for, if that is kept already; or the key of its form and what was answered."""
        form = definition_of(submission.form, self._configuration.forms)
        if form is None:
            return HoldReason.UNKNOWN_FORM
        reading = read_submission(form[1], submission.values, locale=locale_of(submission), plain=submission.plain)
        reason = self._held_for(submission, form[1], reading)
        if reason is HoldReason.INVALID:
            return _Misfit(reading.faults)
        if reason is not None:
            return reason
        return (form[0], reading) if submission.order is None else _Ready(submission, submission.order, faults_said(form[0], reading.doubts, self._texts))

    def _order(
        self,
        submission: Submission,
        key: str,
        reading: Reading,
        partners: frozenset[PartnerId],
        owners: Mapping[tuple[IdentifierScheme, str], PartnerId | RecordFault | None],
    ) -> RequestOrder | FollowUp | None:
        """What Trading Grid is asked for; None if it is about nothing of these partners'. Raises FileRefused, RecordFault and UpstreamError."""
        definition = self._configuration.forms[key]
        if definition.action == "request":
            return self._request(submission, key, reading, partners, owners)
        return self._follow_up(definition, reading, partners)

    def _wait_or_hold(self, submission: Submission, fault: RecordFault, report: IntakeReport) -> None:
        """Leave a submission waiting for a record that cannot be read; hold it if the record is the submission itself, or has been waited for long enough."""
        if fault.record == _name(submission) or self._has_waited(submission):
            self._hold_unreadable(submission.id, fault, report)
        else:
            report.record_faults.append(fault)
            report.failures[submission.id] = fault

    def _hold_unreadable(self, submission_id: str, fault: RecordFault, report: IntakeReport) -> None:
        self._inbox.hold(submission_id, HoldReason.UNREADABLE)
        report.held[submission_id] = HoldReason.UNREADABLE
        report.record_faults.append(fault)

    def _hold(self, submission: Submission, reason: HoldReason, report: IntakeReport, faults: Sequence[FieldFault] = (), file_fault: str = "") -> None:
        """Keep a submission for a person. ``faults`` are what the member is told of answers that do not fit; ``file_fault`` is what is wrong with a file."""
        self._inbox.hold(submission.id, reason, file_fault)
        report.held[submission.id] = reason
        form = definition_of(submission.form, self._configuration.forms)
        held = replace(submission, stage=Stage.HELD, held_for=reason, file_fault=file_fault)
        refused = form is not None and (file_refusal(held) if form[1].action == "request" else held_refusal(held))
        if submission.member_id and (refused or (reason is HoldReason.INVALID and faults)):
            said = faults_said(form[0], faults, self._texts) if form is not None else None
            self._show([held], report, {submission.id: said} if said else {})

    def _request(
        self,
        submission: Submission,
        key: str,
        reading: Reading,
        partners: frozenset[PartnerId],
        owners: Mapping[tuple[IdentifierScheme, str], PartnerId | RecordFault | None],
    ) -> RequestOrder:
        definition = self._configuration.forms[key]
        known: dict[IdentifierScheme, PartnerId | None] = {}
        for identifier in reading.identifiers.items():
            owner = owners.get(identifier)
            if isinstance(owner, RecordFault):
                raise owner
            known[identifier[0]] = owner
        whose = match(partners, known, submission.partner_id)
        way = route(definition.type, reading.answers, submission.received_at, self._configuration.routing)
        attachments = self._copied(submission, key, reading)
        return RequestOrder(
            partner_id=whose.partner_id,
            request=new_request(submission, key, definition, reading, whose, way, attachments),
            file_ids=tuple(file.file_id for file in reading.files if file.file_id) if attachments else (),
        )

    def _copied(self, submission: Submission, key: str, reading: Reading) -> Sequence[RequestAttachment]:
        """The files of a submission, in Trading Grid. What somebody has released goes there all the same, with its files where Wix keeps them."""
        try:
            return self._attachments.copied(submission, key, reading.files, self._configuration.intake.attachments)
        except FileRefused:
            if not submission.released:
                raise
            return ()

    def _follow_up(self, definition: FormDefinition, reading: Reading, partners: frozenset[PartnerId]) -> FollowUp | None:
        """What a member asks for; None if it is about nothing of these partners'. Raises UpstreamError."""
        try:
            if definition.action == "document_version":
                return self._documents.order(reading, partners) if partners else None
            entity = self._records.record(record_of(definition, reading)) if partners else None
        except InvalidEvent:
            return None
        return follow_up(definition, reading, entity, partners)

    def _held_for(self, submission: Submission, definition: FormDefinition, reading: Reading) -> HoldReason | None:
        """Why a person has to look at it first; None if nobody has to, or somebody has."""
        if submission.released or submission.order is not None:
            return None
        if reading.trapped:
            return HoldReason.HONEYPOT
        if reading.faults:
            return HoldReason.INVALID
        # What is uploaded as a version of a document has the rules of documents.
        is_version = definition.action == "document_version" and any(file.file_id for file in reading.files)
        if not is_version and not _may_come_along(reading.files, self._configuration.intake.attachments):
            return HoldReason.ATTACHMENTS
        hour = f"{submission.received_at:%Y-%m-%dT%H}"
        within = self._inbox.count(_submitter(submission, reading), hour, submission.id, self._configuration.intake.submissions_per_hour)
        return None if within else HoldReason.TOO_MANY

    def _owners(self, readings: Iterable[Reading]) -> Mapping[tuple[IdentifierScheme, str], PartnerId | RecordFault | None]:
        """Whose each identifier is; each is looked up once. Nobody's is one that the directory refuses; a fault stands for an answer that cannot be read.

        Raises UpstreamError if there is no answer.
        """
        identifiers = dict.fromkeys(identifier for reading in readings for identifier in reading.identifiers.items())
        return {identifier: self._owner(*identifier) for identifier in identifiers}

    def _owner(self, scheme: IdentifierScheme, identifier: str) -> PartnerId | RecordFault | None:
        record = f"partners/{scheme.value}"
        try:
            with confine_to_record(record):
                return self._directory.partner_known_by(scheme, identifier)
        except Refused:
            return None
        except RecordFault as fault:
            return fault
        except Unavailable as error:
            if error.status != HTTPStatus.OK:
                raise
            # The directory is there, and what it says of this identifier is not understood.
            return RecordFault(record, error.vendor_code or error.code)


def _name(submission: Submission) -> str:
    return f"submissions/{submission.id}"


def _unsure(submission: Submission, links: Mapping[str, Collection[PartnerId]]) -> bool:
    """Whether only identifiers can tell whose a submission is: the member's links do not, and the member has not said."""
    acting = links.get(submission.member_id or "", ())
    return not acting or (len(acting) > 1 and submission.partner_id is None)


def _submitter(submission: Submission, reading: Reading) -> str:
    """Who is counted, without saying who it is: the member, or the visitor's e-mail address."""
    who = submission.member_id or reading.email.casefold() or "nobody"
    return hashlib.blake2b(who.encode(), digest_size=12).hexdigest()


def _may_come_along(files: Sequence[AttachedFile], rules: AttachmentRules) -> bool:
    return len(files) <= rules.most and all((file.size or 0) <= rules.most_bytes and file.name.rpartition(".")[2].lower() in rules.types for file in files)
