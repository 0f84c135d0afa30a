"""Inbox of submissions, Trading Grid's request desk and lookups in memory, with faults."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO, Any

from gridwix.errors import (
    FileRefused,
    FileUnreachable,
    InvalidEvent,
    NotFound,
    Refused,
    Unavailable,
    UpstreamConflict,
)
from gridwix.form_intake.forms import normalized_identifier
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.files import FileFacts, FileFault, FileState, MediaFile, UploadTarget
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment, NewComment
from gridwix.models.trading_grid.documents import Document, DocumentVersion, NewDocumentVersion
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.requests import CollaborationRequest, NewRequest
from gridwix.models.trading_grid.transitions import Transition
from gridwix.partner_requests.orders import FollowUp, RequestOrder, decode_order, encode_order
from gridwix.partner_requests.submissions import (
    HoldReason,
    Outcome,
    Stage,
    Submission,
    SubmissionPage,
)
from tests.factories import NOW, request


@dataclass
class FakeInbox:
    """Implements ``SubmissionInbox``.

    Of that many settlements, ``lose`` loses the responses and ``drop`` the requests. ``unmarked``:
    number of marks of due rows that cannot be taken away.
    """

    submissions: dict[str, Submission] = field(default_factory=dict)
    counted: defaultdict[tuple[str, str], set[str]] = field(
        default_factory=lambda: defaultdict(set)
    )
    lose: int = 0
    drop: int = 0
    unmarked: int = 0

    def accept(self, submission: Submission) -> None:
        """Store a submission once, as the webhook function does."""
        self.submissions.setdefault(submission.id, submission)

    def list_submissions(self, stage: Stage, cursor: str | None, limit: int) -> SubmissionPage:
        return self._page((one for one in self._all() if one.stage is stage), cursor, limit)

    def list_due_rows(self, cursor: str | None, limit: int) -> SubmissionPage:
        return self._page((one for one in self._all() if one.row_due), cursor, limit)

    def clear_due_rows(self, submissions: Iterable[Submission]) -> None:
        for one in submissions:
            if self.unmarked:
                self.unmarked -= 1
                raise Unavailable(system="aws")
            if self.submissions[one.id].revision == one.revision:
                self.submissions[one.id] = replace(self.submissions[one.id], row_due=False)

    def _all(self) -> Iterable[Submission]:
        return self.submissions.values()

    def _page(
        self, submissions: Iterable[Submission], cursor: str | None, limit: int
    ) -> SubmissionPage:
        found = sorted(submissions, key=lambda one: (one.received_at, one.id))
        keys = [f"{one.received_at.isoformat()}#{one.id}" for one in found]
        start = (
            0
            if cursor is None
            else next((number for number, key in enumerate(keys) if key > cursor), len(keys))
        )
        page = found[start : start + limit]
        return SubmissionPage(
            tuple(page), keys[start + limit - 1] if start + limit < len(found) else None
        )

    def read_submissions(self, ids: Collection[str]) -> Mapping[str, Submission]:
        return {
            identifier: self.submissions[identifier]
            for identifier in ids
            if identifier in self.submissions
        }

    def keep_order(
        self, submission_id: str, order: RequestOrder | FollowUp
    ) -> RequestOrder | FollowUp:
        submission = self.submissions[submission_id]
        if submission.order is None:
            self.submissions[submission_id] = replace(
                submission, order=decode_order(encode_order(order))
            )
        kept = self.submissions[submission_id].order
        assert kept is not None
        return kept

    def note_file_try(self, submission_id: str, tries: int, at: datetime | None) -> None:
        submission = self.submissions[submission_id]
        if submission.stage is Stage.OPEN:
            self.submissions[submission_id] = replace(
                submission, file_tries=tries, file_tried_at=at
            )

    def count_submission(self, submitter: str, hour: str, submission_id: str, limit: int) -> bool:
        counted = self.counted[submitter, hour]
        if submission_id not in counted and len(counted) >= limit:
            return False
        counted.add(submission_id)
        return True

    def hold_submission(
        self,
        submission_id: str,
        reason: HoldReason,
        file_fault: str = "",
        *,
        detail: str = "",
        row_due: bool = False,
    ) -> Submission | None:
        submission = self.submissions[submission_id]
        if submission.stage is not Stage.OPEN:
            return None
        held = replace(
            submission,
            stage=Stage.HELD,
            held_for=reason,
            file_fault=file_fault,
            held_detail=detail,
            revision=submission.revision + 1,
            row_due=row_due,
        )
        self.submissions[submission_id] = held
        return held

    def release_submission(self, submission_id: str, at: datetime = NOW) -> bool:
        submission = self.submissions[submission_id]
        if submission.stage is not Stage.HELD:
            return False
        self.submissions[submission_id] = replace(
            submission,
            stage=Stage.OPEN,
            held_for=None,
            file_fault="",
            held_detail="",
            released=True,
            released_at=at,
            order=None,
            order_fault="",
            file_tried_at=None,
            revision=submission.revision + 1,
            row_due=False,
        )
        return True

    def remove_submission(self, submission_id: str) -> bool:
        submission = self.submissions[submission_id]
        if submission.stage not in (Stage.OPEN, Stage.HELD):
            return False
        self.submissions[submission_id] = replace(
            submission,
            stage=Stage.REMOVED,
            held_for=None,
            file_fault="",
            held_detail="",
            values={},
            order=None,
            revision=submission.revision + 1,
            row_due=True,
        )
        return True

    def settle_submission(self, submission_id: str, outcome: Outcome) -> Submission:
        if self.drop:
            self.drop -= 1
            raise Unavailable(system="aws")
        submission = self.submissions[submission_id]
        known = submission.outcome if outcome.refusal else None
        settled = replace(
            submission,
            stage=Stage.DELIVERED,
            held_for=None,
            file_fault="",
            values={},
            order=None,
            outcome=known or replace(outcome, request=None),
            revision=submission.revision + 1,
            row_due=True,
        )
        self.submissions[submission_id] = settled
        if self.lose:
            self.lose -= 1
            raise Unavailable(system="aws", ambiguous=True)
        return settled


@dataclass
class FakeRequestDesk:
    """Implements ``RequestDesk``, with its idempotency keys, and ``RequestReader``.

    ``down``: calls that fail before they have an effect. ``lose``: number of responses that are
    lost after the effect. ``refuse``: requests that are invalid. ``unread``: reads fail.
    """

    made: list[tuple[str, NewRequest]] = field(default_factory=list)
    keys: dict[str, tuple[NewRequest, CollaborationRequest]] = field(default_factory=dict)
    down: Callable[[NewRequest], bool] = lambda _: False
    refuse: Callable[[NewRequest], bool] = lambda _: False
    lose: int = 0
    calls: int = 0
    records: dict[str, CollaborationRequest] = field(default_factory=dict)
    unread: bool = False

    def record(self, record: str) -> CollaborationRequest | None:
        if self.unread:
            raise Unavailable(system="trading_grid", status=503)
        return self.records.get(record)

    def request_comments(self, request_id: str) -> Listing[Comment] | None:
        return Listing(())

    def create_request(self, order: NewRequest, key: str) -> CollaborationRequest:
        self.calls += 1
        if self.down(order):
            raise Unavailable(system="trading_grid", status=503)
        if self.refuse(order):
            raise Refused(system="trading_grid", status=422, vendor_code="validation")
        if key in self.keys:
            before, answer = self.keys[key]
            if before != order:
                raise Refused(
                    system="trading_grid", status=422, vendor_code="idempotency-key-reused"
                )
        else:
            number = len(self.made) + 1
            answer = request(
                f"req_{number}",
                number=f"CR-{number}",
                partnerId=order.partner_id,
                sourceSubmissionId=order.source_submission_id,
            )
            self.made.append((key, order))
            self.keys[key] = order, answer
            self.records[answer.record] = answer
        if self.lose:
            self.lose -= 1
            raise Unavailable(system="trading_grid", ambiguous=True)
        return answer

    def sources(self, partner_id: str | None = None) -> list[str]:
        """The submissions whose requests were created, in order; those of one partner if it is
        given.
        """
        return [
            order.source_submission_id
            for _, order in self.made
            if partner_id is None or order.partner_id == partner_id
        ]


CASE_MOVES = {("awaiting_partner", "open"), ("resolved", "closed"), ("resolved", "open")}
REQUEST_MOVES = {("waiting_on_partner", "in_progress")}
STEP_MOVES = {
    ("available", "in_progress"),
    ("changes_requested", "in_progress"),
    ("in_progress", "submitted"),
}


@dataclass
class FakeFollowUpDesk:
    """Implements ``FollowUpDesk``, with its idempotency keys and versions.

    ``races``: number of writes that meet a version conflict. ``down``: reads fail. ``lose``: number
    of responses that are lost after the effect. ``lenient``: any state allows anything. ``done``:
    what was carried out, in order.
    """

    records: dict[str, Entity] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    done: list[tuple[str, str]] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    comments: list[NewComment] = field(default_factory=list)
    down: bool = False
    races: int = 0
    lose: int = 0
    lenient: bool = False

    def put(self, *entities: Entity) -> None:
        self.records |= {entity.record: entity for entity in entities}

    def record(self, record: str) -> Entity | None:
        if self.down:
            raise Unavailable(system="trading_grid", status=503)
        if record.partition("/")[2] in ("", ".", ".."):
            raise InvalidEvent("record", "has no proper id")
        return self.records.get(record)

    def add_comment(self, case_id: str, comment: NewComment, key: str) -> None:
        case = self.records.get(f"cases/{case_id}")
        if not isinstance(case, Case):
            raise NotFound(system="trading_grid", status=404)
        if key not in self.keys:
            if case.status == "closed" and not self.lenient:
                raise UpstreamConflict(
                    system="trading_grid", status=409, vendor_code="invalid-transition"
                )
            self.put(case.model_copy(update={"version": case.version + 1}))
            self.comments.append(comment)
        self._note(key, f"cases/{case_id}", "comment")

    def add_request_comment(self, request_id: str, comment: NewComment, key: str) -> None:
        request = self.records.get(f"collaboration-requests/{request_id}")
        if not isinstance(request, CollaborationRequest):
            raise NotFound(system="trading_grid", status=404)
        if key not in self.keys:
            if request.status == "completed" and not self.lenient:
                raise UpstreamConflict(
                    system="trading_grid", status=409, vendor_code="invalid-transition"
                )
            self.put(request.model_copy(update={"version": request.version + 1}))
            self.comments.append(comment)
        self._note(key, f"collaboration-requests/{request_id}", "comment")

    def move(self, record: str, transition: Transition, *, version: int, key: str) -> None:
        if key not in self.keys:
            entity = self.records["/".join(record.split("/")[:2])]
            if self.races or entity.version != version:
                self.races -= 1
                self.put(entity.model_copy(update={"version": entity.version + 1}))
                raise UpstreamConflict(
                    system="trading_grid", status=412, vendor_code="version-conflict"
                )
            self.put(_moved(entity, record, transition.to, lenient=self.lenient))
            self.transitions.append(transition)
        self._note(key, record, transition.to)

    def _note(self, key: str, record: str, what: str) -> None:
        if key not in self.keys:
            self.keys.add(key)
            self.done.append((record, what))
        if self.lose:
            self.lose -= 1
            raise Unavailable(system="trading_grid", ambiguous=True)


def _moved(entity: Entity, record: str, to: str, *, lenient: bool) -> Entity:
    if isinstance(entity, Enrollment):
        steps = {step.key: step for step in entity.steps}
        step = steps[record.rpartition("/")[2]]
        allowed = (step.status, to) in STEP_MOVES
        update: dict[str, Any] = {
            "steps": tuple(
                other.model_copy(update={"status": to}) if other is step else other
                for other in entity.steps
            )
        }
    else:
        assert isinstance(entity, Case | CollaborationRequest)
        allowed, update = (
            (entity.status, to) in (CASE_MOVES if isinstance(entity, Case) else REQUEST_MOVES),
            {"status": to},
        )
    if not allowed and not lenient:
        raise UpstreamConflict(system="trading_grid", status=409, vendor_code="invalid-transition")
    return entity.model_copy(update={**update, "version": entity.version + 1})


@dataclass
class FakeFiles:
    """Implements ``FileTransfer``, ``UploadDesk`` and ``UploadedFiles``.

    ``content`` is by address; an address without any is GONE, but a page if it ends in ``.html``.
    ``marked`` are the labels of uploaded files, by id. ``down``: every download fails; ``dead``:
    those of these addresses. ``fetched``: the addresses that were asked for, in order.
    """

    content: dict[str, bytes] = field(default_factory=dict)
    marked: dict[str, frozenset[str]] = field(default_factory=dict)
    announced: dict[str, FileFacts] = field(default_factory=dict)
    uploaded: dict[str, bytes] = field(default_factory=dict)
    down: bool = False
    dead: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)

    def file(self, file_id: str) -> MediaFile | None:
        return (
            MediaFile(file_id, FileState.READY, 1, self.marked[file_id])
            if file_id in self.marked
            else None
        )

    def download_url(self, file_id: str, minutes: int) -> str:
        assert minutes > 0
        return f"https://files.example/{file_id}"

    def remove(self, ids: Collection[str]) -> None:
        for file_id in ids:
            self.marked.pop(file_id, None)

    def fetch(
        self, url: str, into: IO[bytes], most: int, deadline: Deadline = NO_DEADLINE
    ) -> FileFacts:
        self.fetched.append(url)
        if self.down or url in self.dead:
            raise FileUnreachable(system="files")
        content = (
            b"<html><body>Please log in.</body></html>"
            if url.endswith(".html")
            else self.content.get(url)
        )
        if content is None or len(content) > most:
            raise FileRefused(FileFault.GONE if content is None else FileFault.TOO_LARGE)
        into.write(content)
        return FileFacts(hashlib.sha256(content).hexdigest(), len(content))

    def announce_upload(
        self, file_name: str, media_type: str, facts: FileFacts, purpose: str
    ) -> UploadTarget:
        assert file_name
        assert media_type
        assert purpose
        identifier = f"upl_{len(self.announced) + 1}"
        self.announced[identifier] = facts
        return UploadTarget(identifier, f"https://trading-grid.example/{identifier}")

    def put(
        self,
        url: str,
        pieces: Iterable[bytes],
        size: int,
        media_type: str,
        deadline: Deadline = NO_DEADLINE,
    ) -> bytes:
        assert media_type
        identifier, content = url.rpartition("/")[2], b"".join(pieces)
        facts = self.announced[identifier]
        assert (size, hashlib.sha256(content).hexdigest()) == (facts.size, facts.sha256)
        self.uploaded[identifier] = content
        return b""


@dataclass
class FakeDocumentDesk:
    """Implements ``DocumentDesk``.

    ``lose``: number of lost responses. ``over``: documents that accept no versions.
    """

    kept: dict[str, Document] = field(default_factory=dict)
    shelf: dict[str, list[DocumentVersion]] = field(default_factory=dict)
    added: list[tuple[str, str, NewDocumentVersion]] = field(default_factory=list)
    over: set[str] = field(default_factory=set)
    lose: int = 0

    def record(self, record: str) -> Entity | None:
        return self.kept.get(record)

    def versions(self, document: Document) -> Sequence[DocumentVersion]:
        return self.shelf.get(document.id, [])

    def add_version(
        self, document_id: str, version: NewDocumentVersion, key: str
    ) -> DocumentVersion:
        if document_id in self.over:
            raise UpstreamConflict(
                system="trading_grid", status=409, vendor_code="invalid-transition"
            )
        if (document_id, key, version) not in self.added:
            assert not [one for one in self.added if one[1] == key]
            self.added.append((document_id, key, version))
        if self.lose:
            self.lose -= 1
            raise Unavailable(system="trading_grid", ambiguous=True)
        facts = {
            "fileName": "a.pdf",
            "mediaType": "application/pdf",
            "sizeBytes": 1,
            "sha256": "0" * 64,
            "source": "portal",
            "status": "in_review",
        }
        return DocumentVersion.model_validate({"number": 2, **facts})


@dataclass
class FakeLookups:
    """Implements ``MemberLinks`` and ``IdentifierDirectory``. ``down``: every call fails.

    ``roles`` are by member and partner; a link without one has the role ``edi``.
    """

    links: dict[str, frozenset[PartnerId]] = field(default_factory=dict)
    roles: dict[tuple[str, str], str] = field(default_factory=dict)
    identifiers: dict[tuple[IdentifierScheme, str], PartnerId] = field(default_factory=dict)
    down: bool = False
    asked: list[tuple[IdentifierScheme, str]] = field(default_factory=list)

    def partners_of(self, member_ids: Collection[str]) -> Mapping[str, Mapping[PartnerId, str]]:
        self._answer()
        return {
            member: {
                partner: self.roles.get((member, partner), "edi") for partner in self.links[member]
            }
            for member in member_ids
            if member in self.links
        }

    def partner_known_by(self, scheme: IdentifierScheme, identifier: str) -> PartnerId | None:
        self._answer()
        assert identifier == normalized_identifier(scheme, identifier)
        self.asked.append((scheme, identifier))
        return self.identifiers.get((scheme, identifier))

    def _answer(self) -> None:
        if self.down:
            raise Unavailable(system="trading_grid", status=503)
