"""The community gateway profile: partners, enrollments, compliance checks, cases, programs, notices and the change feed."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import batched
from typing import Any, TypeIs

import httpx
from pydantic import BaseModel, ValidationError

from gridwix.clients.http import field_name, members, path_segment
from gridwix.clients.trading_grid.faults import unusable
from gridwix.clients.trading_grid.gateway import Gateway, Read
from gridwix.clients.trading_grid.paths import PATHS, CommunityPaths
from gridwix.errors import InvalidEvent, NotFound, RecordFault, UpstreamError
from gridwix.mapping.record_faults import fields_of
from gridwix.models.files import FileFacts, UploadTarget
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.cases import Case, NewCase, TransactionRef
from gridwix.models.trading_grid.comments import Comment, NewComment
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Approval, Document, DocumentVersion, NewDocumentVersion
from gridwix.models.trading_grid.entities import Entity, Payload
from gridwix.models.trading_grid.event_feed import EventPage
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.trading_grid.requests import CollaborationRequest, NewRequest
from gridwix.models.trading_grid.transitions import Transition

LIST_LIMIT = 200
"""Most records in one page, as the profile has it."""

MAX_PAGES = 500
NO_SUCH_OPERATION = frozenset({404, 405, 501})
"""Statuses of a gateway that lacks an operation of the profile."""

OPEN_CASES = ("new", "open", "awaiting_partner", "awaiting_internal", "resolved")

type Param = tuple[str, str]

WITH_VERSIONS: Sequence[Param] = [("expand", "versions")]
"""Asks for documents with their versions, which saves a read for each."""


class CommunityClient:
    """Speaks the profile. Implements the ports ``CommunityReader``, ``RecordLists``, ``RequestLists``, ``NoticeReader``, ``CaseDesk``, ``RequestDesk``,
    ``FollowUpDesk``, ``UploadDesk``, ``DocumentReader`` and ``EventFeed``.

    ``base_url`` is the profile's own, apart from the gateway of OpenText's services. ``partner_ids_per_call`` is how many ``partnerId`` parameters one list
    call may have: 1 for a gateway that takes no more. Where a list says the same record twice, the greater version counts.

    All methods raise UpstreamError. A record that is not what the profile says never spoils a list: it is a :class:`RecordFault` among the listing's faults
    that names the record and the fields, and no value; where one record is asked for, that fault is raised. Each fault of a list is handed to ``note`` as well,
    so that none goes unnamed.
    """

    def __init__(
        self,
        http: httpx.Client,
        auth: httpx.Auth,
        *,
        base_url: str,
        paths: CommunityPaths = PATHS,
        partner_ids_per_call: int = 50,
        max_pages: int = MAX_PAGES,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        note: Callable[[RecordFault], None] = lambda _: None,
    ) -> None:
        self._gateway = Gateway(http, auth, base_url=base_url, clock=clock, sleep=sleep)
        self._note = note
        self._paths = paths
        self._partner_ids_per_call = partner_ids_per_call
        self._max_pages = max_pages
        self._records: Mapping[str, tuple[str, type[Entity]]] = {
            "partners": (paths.partners, Partner),
            "enrollments": (paths.enrollments, Enrollment),
            "compliance-checks": (paths.compliance_checks, ComplianceCheck),
            "cases": (paths.cases, Case),
            "onboarding-programs": (paths.programs, OnboardingProgram),
            "service-notices": (paths.notices, ServiceNotice),
            "collaboration-requests": (paths.requests, CollaborationRequest),
            "documents": (paths.documents, Document),
            "approvals": (paths.approvals, Approval),
        }

    def partners(self, ids: Collection[PartnerId]) -> Listing[Partner]:
        """The partners of these ids, tombstones included; an unknown id is left out. A fault's owner is its partner."""
        return self._of_partners(Partner, self._paths.partners, ids)

    def enrollments(self, partner_ids: Collection[PartnerId]) -> Listing[Enrollment]:
        """Every enrollment of these partners, tombstones included. A fault's owner is its partner, here and in the other lists of partners' records."""
        return self._of_partners(Enrollment, self._paths.enrollments, partner_ids)

    def compliance_checks(self, partner_ids: Collection[PartnerId]) -> Listing[ComplianceCheck]:
        """Every compliance check of these partners, tombstones included."""
        return self._of_partners(ComplianceCheck, self._paths.compliance_checks, partner_ids)

    def open_cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        """The cases of these partners that are not closed or cancelled."""
        return self._of_partners(Case, self._paths.cases, partner_ids, ("status", ",".join(OPEN_CASES)))

    def cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        """Every case of these partners, closed ones and tombstones included."""
        return self._of_partners(Case, self._paths.cases, partner_ids)

    def comments(self, case_id: str) -> Listing[Comment]:
        """The comments of a case, internal ones included. Nothing of who wrote them is read but the side."""
        return self._list(Comment, "comments", f"{self._paths.cases}/{path_segment(case_id)}/comments", [])

    def request_comments(self, request_id: str) -> Listing[Comment] | None:
        """The comments of a collaboration request, internal ones included; None from a gateway that has no comments on requests, which are younger than the
        rest of the profile, and for a request that does not exist."""
        try:
            return self._list(Comment, "comments", f"{self._paths.requests}/{path_segment(request_id)}/comments", [])
        except UpstreamError as error:
            if isinstance(error, NotFound) or error.status in NO_SUCH_OPERATION:
                return None
            raise

    def create_case(self, case: NewCase, key: str) -> Case:
        """Open a case, once under ``key`` (a UUID): the same case is answered as it came about before, another one under the same key raises Refused."""
        body = case.model_dump(mode="json", by_alias=True, exclude_none=True)
        read = self._gateway.write("opening of a case", "POST", self._paths.cases, body, idempotency_key=key)
        return _validated(Case, "opening of a case", read.document, read.request_id)

    def create_request(self, request: NewRequest, key: str) -> CollaborationRequest:
        """Make a request, once under ``key`` (a UUID): the same one is answered as it came about before, another one under the same key raises Refused."""
        operation = "making of a request"
        body = request.model_dump(mode="json", by_alias=True, exclude_none=True)
        read = self._gateway.write(operation, "POST", self._paths.requests, body, idempotency_key=key)
        return _validated(CollaborationRequest, operation, read.document, read.request_id)

    def announce_upload(self, file_name: str, media_type: str, facts: FileFacts, purpose: str) -> UploadTarget:
        """Where the bytes of a file go. An announcement is not repeated under a key, as its address expires."""
        wish = {"fileName": file_name, "mediaType": media_type, "sizeBytes": facts.size, "sha256": facts.sha256, "purpose": purpose}
        read = self._gateway.write("announcement of an upload", "POST", self._paths.uploads, wish)
        found = members(read.document)
        if not all(isinstance(found.get(name), str) and found[name] for name in ("uploadId", "putUrl")):
            raise unusable("announcement of an upload", "the answer names no place", read.request_id)
        return UploadTarget(found["uploadId"], found["putUrl"])

    def documents(self) -> Listing[Document]:
        """Every document, those that are over and tombstones included."""
        return self._every(Document, self._paths.documents, WITH_VERSIONS)

    def documents_of(self, partner_ids: Collection[PartnerId]) -> Listing[Document]:
        """Every document of these partners, tombstones included."""
        return self._of_partners(Document, self._paths.documents, partner_ids)

    def versions(self, document: Document) -> Sequence[DocumentVersion]:
        """The versions of a document, oldest first: those that came with it, or else, from a gateway that leaves them out, by a read of their own.

        Raises RecordFault if one of them cannot be read: which one is current could not be told.
        """
        found: Sequence[DocumentVersion] | None = document.versions
        if found is None:
            listing = self._list(DocumentVersion, "document-versions", f"{self._paths.documents}/{path_segment(document.id)}/versions", [])
            if listing.faults:
                raise RecordFault(document.record, f"version: {listing.faults[0].reason}")
            found = listing.records
        return sorted(found, key=lambda version: version.number)

    def content(self, document_id: str, number: int) -> AbstractContextManager[Iterator[bytes]]:
        """The bytes of a version, piece by piece. Raises UpstreamError, also between two pieces."""
        return self._gateway.open("content of a document", f"{self._paths.documents}/{path_segment(document_id)}/versions/{number}/content")

    def add_version(self, document_id: str, version: NewDocumentVersion, key: str) -> DocumentVersion:
        """Add a version that waits for approval, once under ``key`` (a UUID). Bytes that the document has already make none: the version that has them is
        answered. Raises Conflict if the document takes none, and Refused if the upload is not there or is infected."""
        operation = "new version of a document"
        body = version.model_dump(mode="json", by_alias=True, exclude_none=True)
        path = f"{self._paths.documents}/{path_segment(document_id)}/versions"
        read = self._gateway.write(operation, "POST", path, body, idempotency_key=key)
        return _validated(DocumentVersion, operation, read.document, read.request_id)

    def add_comment(self, case_id: str, comment: NewComment, key: str) -> None:
        """Add a comment to a case, once under ``key`` (a UUID). Raises Conflict if the case takes none."""
        body = comment.model_dump(mode="json", by_alias=True, exclude_none=True)
        self._gateway.write("comment on a case", "POST", f"{self._paths.cases}/{path_segment(case_id)}/comments", body, idempotency_key=key)

    def add_request_comment(self, request_id: str, comment: NewComment, key: str) -> None:
        """Add a comment to a collaboration request, once under ``key`` (a UUID). Raises Conflict if the request takes none, and NotFound if there is no such
        request or operation."""
        body = comment.model_dump(mode="json", by_alias=True, exclude_none=True)
        path = f"{self._paths.requests}/{path_segment(request_id)}/comments"
        self._gateway.write("comment on a request", "POST", path, body, idempotency_key=key)

    def move(self, record: str, transition: Transition, *, version: int, key: str) -> None:
        """Have a case (``cases/id``), a request (``collaboration-requests/id``) or a step (``enrollments/id/steps/key``) go to another status, once under
        ``key`` (a UUID), if the record is of that version.

        Raises Conflict: ``vendor_code`` is ``version-conflict`` if it is of another one, and else says that it cannot go there."""
        collection, _, rest = record.partition("/")
        path = "/".join([self._records[collection][0], *map(path_segment, rest.split("/")), "transitions"])
        body = transition.model_dump(mode="json", by_alias=True, exclude_none=True)
        self._gateway.write(f"move of {collection}", "POST", path, body, idempotency_key=key, version=version)

    def put_transaction(self, case_id: str, reference: TransactionRef) -> Case:
        """Have a case refer to a transaction, in the place of what it says of it. Raises Conflict if it is closed, ValueError without a correlation id."""
        operation = "reference to a transaction"
        path = f"{self._paths.cases}/{path_segment(case_id)}/transaction-refs/{path_segment(reference.correlation_id or '')}"
        read = self._gateway.write(operation, "PUT", path, reference.model_dump(mode="json", by_alias=True, exclude_none=True))
        return _validated(Case, operation, read.document, read.request_id)

    def notices(self) -> Listing[ServiceNotice]:
        """Every service notice, those that are over and tombstones included."""
        return self._every(ServiceNotice, self._paths.notices)

    def every_partner(self) -> Listing[Partner]:
        """Every partner of the hub, tombstones included."""
        return self._every(Partner, self._paths.partners)

    def programs(self) -> Listing[OnboardingProgram]:
        """Every onboarding program, retired ones included."""
        return self._every(OnboardingProgram, self._paths.programs)

    def record(self, record: str) -> Entity | None:
        """The record named ``collection/id``, read by itself; None if there is none. Raises InvalidEvent for a collection that is not read here, and
        RecordFault for a record that is malformed, or is another one than was asked for."""
        collection, _, identifier = record.partition("/")
        if collection not in self._records or identifier in ("", ".", ".."):
            raise InvalidEvent("the record is of an unknown collection, or has no proper id")
        path, model = self._records[collection]
        operation = f"get of {collection}"
        try:
            read = self._gateway.get(operation, f"{path}/{path_segment(identifier)}", WITH_VERSIONS if model is Document else (), gone=NotFound)
        except NotFound:
            return None
        found = _read_record(model, collection, read.document)
        if isinstance(found, RecordFault):
            raise RecordFault(record, found.reason, owner=found.owner)
        if found.id != identifier:
            raise RecordFault(record, "id is another record's")
        return found

    def partner_ids(self, page: str | None) -> tuple[Sequence[PartnerId], str | None]:
        """One page of all partners' ids, and the next page's cursor (None after the last). Raises CursorExpired for a cursor that is too old."""
        found, following = self._names("partners", "id", page)
        return [partner_id for partner_id, _ in found], following

    def owned_ids(self, collection: str, page: str | None) -> tuple[Sequence[tuple[PartnerId, str]], str | None]:
        """One page of the records of ``enrollments`` or ``cases``, each as its partner and its id, and the next page's cursor (None after the last).

        Raises CursorExpired for a cursor that is too old.
        """
        return self._names(collection, "partnerId", page)

    def sent_ids(self, page: str | None) -> tuple[Sequence[tuple[str, str]], str | None]:
        """One page of the collaboration requests that came from the portal, each as its id and its submission's, and the next page's cursor (None after the
        last). Raises CursorExpired for a cursor that is too old."""
        operation = "list of collaboration-requests"
        read = self._page(operation, self._paths.requests, [], page)
        items, following = _items(operation, read)
        found: list[tuple[str, str]] = []
        for item in items:
            request, source = members(item).get("id"), members(item).get("sourceSubmissionId")
            if not _is_name(request) or not (source is None or isinstance(source, str)):
                self._note(_unnamed("collaboration-requests", item, "id or sourceSubmissionId is none"))
            elif source:
                found.append((request, source))
        return found, following

    def head(self) -> str:
        """A cursor behind which only events lie that are still to come."""
        return self._events("now", 1).next_cursor

    def read(self, cursor: str, limit: int) -> EventPage:
        """At most ``limit`` (and 200) events after a cursor, oldest first. Raises CursorExpired when they are no longer kept."""
        return self._events(cursor, min(limit, LIST_LIMIT))

    def _names(self, collection: str, owner: str, page: str | None) -> tuple[Sequence[tuple[PartnerId, str]], str | None]:
        """Of each record only whose it is and its id, so that one that is malformed elsewhere is still listed. One without them is noted and left out."""
        operation = f"list of {collection}"
        read = self._page(operation, self._records[collection][0], [], page)
        items, following = _items(operation, read)
        found = []
        for item in items:
            partner_id, identifier = members(item).get(owner), members(item).get("id")
            if _is_name(partner_id) and _is_name(identifier):
                found.append((PartnerId(partner_id), identifier))
            else:
                self._note(_unnamed(collection, item, f"id or {owner} is none"))
        return found, following

    def _events(self, cursor: str, limit: int) -> EventPage:
        operation = "read of the event feed"
        read = self._gateway.get(operation, self._paths.events, [("cursor", cursor), ("limit", str(limit))])
        page = _validated(EventPage, operation, read.document, read.request_id)
        if not page.next_cursor:
            raise unusable(operation, "nextCursor is empty", read.request_id)
        return page

    def _every[E: Entity](self, model: type[E], path: str, params: Sequence[Param] = ()) -> Listing[E]:
        return _newest(self._list(model, model.COLLECTION, path, params))

    def _of_partners[E: (Partner, Enrollment, ComplianceCheck, Case, Document)](
        self, model: type[E], path: str, ids: Iterable[PartnerId], *params: Param
    ) -> Listing[E]:
        """The records of these partners. A fault whose partner cannot be read off it is attributed by asking for the partners of its group one by one."""
        found: Listing[E] = Listing()
        for group in batched(dict.fromkeys(ids), self._partner_ids_per_call, strict=False):
            listing = self._of_group(model, path, group, params)
            if len(group) > 1 and any(fault.owner not in group for fault in listing.faults):
                listing = sum((self._of_group(model, path, (partner_id,), params) for partner_id in group), Listing[E]())
            found += listing
        return found

    def _of_group[E: (Partner, Enrollment, ComplianceCheck, Case, Document)](
        self, model: type[E], path: str, group: Sequence[PartnerId], params: Sequence[Param]
    ) -> Listing[E]:
        listing = self._list(model, model.COLLECTION, path, [*params, *(("partnerId", identifier) for identifier in group)])
        if len(group) == 1:
            faults = [fault if fault.owner == group[0] else RecordFault(fault.record, fault.reason, owner=group[0]) for fault in listing.faults]
            listing = Listing(listing.records, faults)
        return _newest(listing.filter(lambda entity: entity.partner_id in group))

    def _list[E: Payload](self, model: type[E], collection: str, path: str, params: Sequence[Param]) -> Listing[E]:
        operation = f"list of {collection}"
        cursor: str | None = None
        records: list[E] = []
        faults: list[RecordFault] = []
        for _ in range(self._max_pages):
            items, following = _items(operation, self._page(operation, path, params, cursor))
            for item in items:
                found = _read_record(model, collection, item)
                if isinstance(found, RecordFault):
                    self._note(found)
                    faults.append(found)
                else:
                    records.append(found)
            if following is None:
                return Listing(records, faults)
            if following == cursor:
                break
            cursor = following
        raise unusable(operation, "the pages do not end")

    def _page(self, operation: str, path: str, params: Sequence[Param], cursor: str | None) -> Read:
        position = [] if cursor is None else [("cursor", cursor)]
        return self._gateway.get(operation, path, [*params, ("limit", str(LIST_LIMIT)), *position])


def _items(operation: str, read: Read) -> tuple[list[Any], str | None]:
    document = members(read.document)
    items, following = document.get("items"), document.get("nextCursor")
    if not isinstance(items, list) or not (following is None or isinstance(following, str)):
        raise unusable(operation, "the answer is no page of a list", read.request_id)
    return items, following or None


def _read_record[M: Payload](model: type[M], collection: str, item: object) -> M | RecordFault:
    """The record of a list's item; the fault of one that is malformed, with its id and its partner as far as they can be read."""
    # pydantic's error carries the values, so it must not become the context of another.
    try:
        return model.model_validate(item)
    except ValidationError as error:
        reason = fields_of(error)
    except Exception as error:
        reason = type(error).__name__
    owner = members(item).get("id" if collection == Partner.COLLECTION else "partnerId")
    return RecordFault(f"{collection}/{field_name(members(item).get('id'))}", reason, owner=owner if isinstance(owner, str) else "")


def _validated[M: BaseModel](model: type[M], operation: str, item: object, request_id: str) -> M:
    """The one object that an answer consists of."""
    try:
        return model.model_validate(item)
    except ValidationError as error:
        reason = fields_of(error)
    raise unusable(operation, f"record {field_name(members(item).get('id'))} is malformed: {reason}", request_id)


def _unnamed(collection: str, item: object, reason: str) -> RecordFault:
    return RecordFault(f"{collection}/{field_name(members(item).get('id'))}", reason)


def _is_name(value: Any) -> TypeIs[str]:
    return isinstance(value, str) and value != ""


def _newest[E: Entity](listing: Listing[E]) -> Listing[E]:
    """Each record once. One that changes while its list is being read moves to the end of it, and comes again."""
    found: dict[str, E] = {}
    for entity in listing.records:
        known = found.get(entity.id)
        if known is None or known.version < entity.version:
            found[entity.id] = entity
    return Listing(list(found.values()), listing.faults)
