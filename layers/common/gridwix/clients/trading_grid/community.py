"""Client of the community gateway: partners and their records, documents, event feed."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from itertools import batched
from typing import Any, TypeIs

import httpx

from gridwix.clients.http_messages import path_segment
from gridwix.clients.json_values import json_object
from gridwix.clients.trading_grid.community_writes import CommunityWrites
from gridwix.clients.trading_grid.gateway import Gateway, StreamContent
from gridwix.clients.trading_grid.paths import PATHS, CommunityPaths
from gridwix.clients.trading_grid.record_pages import (
    LIST_LIMIT,
    MAX_PAGES,
    Param,
    RecordPages,
    newest_versions,
    page_items,
    read_object,
    read_record,
    record_name,
    updated_since,
)
from gridwix.clients.trading_grid.step_definitions import needs_definitions, with_definitions
from gridwix.clients.vendor_errors import TRADING_GRID_ERRORS
from gridwix.errors import InvalidEvent, NotFound, RecordFault, UpstreamError
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing, ListPage
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Approval, Document, DocumentVersion
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.event_feed import EventPage
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.ports import (
    CaseReader,
    CommunityReader,
    PartnerPages,
    PartnerReader,
    RecordLists,
    VersionReader,
)

NO_SUCH_OPERATION = frozenset({404, 405, 501})
"""HTTP statuses with which a gateway responds to an operation of the profile that it lacks."""

FEED = "read of the event feed"

OPEN_CASES = ("new", "open", "awaiting_partner", "awaiting_internal", "resolved")

WITH_VERSIONS: Sequence[Param] = [("expand", "versions")]
"""Query parameter that requests documents with their versions, which saves one call per document.
"""


class CommunityClient(
    CommunityWrites,
    CommunityReader,
    PartnerReader,
    PartnerPages,
    CaseReader,
    VersionReader,
    RecordLists,
):
    """Reads and writes records of the community gateway, by the API that gridwix defines for it.

    All methods raise UpstreamError if a call fails.

    A malformed record does not make a list fail: it becomes a :class:`RecordFault` among the
    listing's faults, which names the record and the malformed fields, and no value. If a single
    record is requested and malformed, its fault is raised. Each fault of a list is also passed to
    ``note``, which logs it. If a list has the same record twice, the greater version counts.

    Also implements the ports of use cases: ``RequestLists``, ``NoticeReader``, ``RequestReader``,
    ``CaseDesk``, ``RequestDesk``, ``DocumentDesk``, ``FollowUpDesk``, ``DocumentReader``,
    ``MessageSource`` and ``EventFeed``.

    Args:
        http: The httpx client that all vendors share.
        auth: Authentication with the community gateway.
        base_url: Base URL of the community gateway, which is not that of OpenText's services.
        paths: Paths of the gateway's collections.
        partner_ids_per_call: Maximum number of ``partnerId`` parameters in one list call: 1 for a
            gateway that accepts no more.
        max_pages: Maximum number of pages of one list.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds between attempts.
        note: Receives each fault of a list, for the log.
        moved_content: Streams content from an address at another origin, to which the gateway
            redirects.
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
        moved_content: StreamContent | None = None,
    ) -> None:
        gateway = Gateway(
            http, auth, base_url=base_url, clock=clock, sleep=sleep, moved_content=moved_content
        )
        super().__init__(gateway, paths)
        self._note = note
        self._pages = RecordPages(self._gateway, note=note, max_pages=max_pages)
        self._partner_ids_per_call = partner_ids_per_call
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
        return self._list_of_partners(Partner, self._paths.partners, ids)

    def enrollments(self, partner_ids: Collection[PartnerId]) -> Listing[Enrollment]:
        found = self._list_of_partners(Enrollment, self._paths.enrollments, partner_ids)
        return Listing(self._with_definitions(found.records), found.faults)

    def compliance_checks(self, partner_ids: Collection[PartnerId]) -> Listing[ComplianceCheck]:
        return self._list_of_partners(ComplianceCheck, self._paths.compliance_checks, partner_ids)

    def open_cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        return self._list_of_partners(
            Case, self._paths.cases, partner_ids, ("status", ",".join(OPEN_CASES))
        )

    def cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        return self._list_of_partners(Case, self._paths.cases, partner_ids)

    def comments(self, case_id: str) -> Listing[Comment]:
        """Return the comments of a case, including the hub's internal ones.

        Of an author only the side (partner or hub) is read, and no name.
        """
        return self._pages.list_records(
            Comment, "comments", f"{self._paths.cases}/{path_segment(case_id)}/comments", []
        )

    def request_comments(self, request_id: str) -> Listing[Comment] | None:
        """Return the comments of a collaboration request, including the hub's internal ones.

        Returns None if the request does not exist, or if the gateway has no comments on requests,
        which are a later addition to its API.
        """
        try:
            return self._pages.list_records(
                Comment,
                "comments",
                f"{self._paths.requests}/{path_segment(request_id)}/comments",
                [],
            )
        except UpstreamError as error:
            if isinstance(error, NotFound) or error.status in NO_SUCH_OPERATION:
                return None
            raise

    def documents(self) -> Listing[Document]:
        """Return every document once, including expired and deleted ones (tombstones)."""
        return self._list_all(Document, self._paths.documents, WITH_VERSIONS)

    def document_pages(self) -> Iterator[Listing[Document]]:
        """Yield every document, page by page, without the documents' versions."""
        return self._pages.list_pages(Document, Document.COLLECTION, self._paths.documents, [])

    def documents_of(self, partner_ids: Collection[PartnerId]) -> Listing[Document]:
        """Return every document of some partners, including deleted ones (tombstones)."""
        return self._list_of_partners(Document, self._paths.documents, partner_ids)

    def versions(self, document: Document) -> Sequence[DocumentVersion]:
        """Return the versions of a document, oldest first.

        If the gateway has not sent the versions with the document, they are read by a further call.
        Raises RecordFault if a version cannot be read, because it could be the current one.
        """
        found: Sequence[DocumentVersion] | None = document.versions
        if found is None:
            path = f"{self._paths.documents}/{path_segment(document.id)}/versions"
            listing = self._pages.list_records(DocumentVersion, "document-versions", path, [])
            if listing.faults:
                raise RecordFault(document.record, f"version: {listing.faults[0].reason}")
            found = listing.records
        return sorted(found, key=lambda version: version.number)

    def content(self, document_id: str, number: int) -> AbstractContextManager[Iterator[bytes]]:
        """Stream the bytes of version ``number`` of a document, in pieces.

        Raises UpstreamError if the call fails, perhaps between two pieces, and FileRefused if the
        gateway redirects to an address that the SSRF policy forbids.
        """
        path = f"{self._paths.documents}/{path_segment(document_id)}/versions/{number}/content"
        return self._gateway.stream_content("content of a document", path)

    def notices(self) -> Listing[ServiceNotice]:
        """Return every service notice, including expired and deleted ones (tombstones)."""
        return self._list_all(ServiceNotice, self._paths.notices)

    def every_partner(self) -> Listing[Partner]:
        """Return every partner of the hub in one listing, each once, in its newest version.

        All partners are in memory, so use it only for a hub of known size, as in the demo.
        """
        return self._list_all(Partner, self._paths.partners)

    def partner_pages(self) -> Iterator[Listing[Partner]]:
        return self._pages.list_pages(Partner, Partner.COLLECTION, self._paths.partners, [])

    def partner_page(self, since: datetime | None, cursor: str | None) -> ListPage[Partner]:
        params = [] if since is None else [updated_since(since)]
        return self._pages.list_page(
            Partner, Partner.COLLECTION, self._paths.partners, params, cursor
        )

    def programs(self) -> Listing[OnboardingProgram]:
        return self._list_all(OnboardingProgram, self._paths.programs)

    def record(self, record: str) -> Entity | None:
        """Read one record by its name, ``collection/id``. Returns None if there is none.

        Raises:
            InvalidEvent: The collection is unknown, or the id is empty, ``.`` or ``..``.
            RecordFault: The record is malformed, or has another id than was requested.
        """
        collection, _, identifier = record.partition("/")
        if collection not in self._records or identifier in ("", ".", ".."):
            raise InvalidEvent("record", "is of an unknown collection, or has no proper id")
        path, model = self._records[collection]
        params = WITH_VERSIONS if model is Document else ()
        try:
            response = self._gateway.get_json(
                f"get of {collection}", f"{path}/{path_segment(identifier)}", params, gone=NotFound
            )
        except NotFound:
            return None
        found = read_record(model, collection, response.document)
        if isinstance(found, RecordFault):
            raise RecordFault(record, found.reason, owner=found.owner)
        if found.id != identifier:
            raise RecordFault(record, "id is another record's")
        return self._with_definitions([found])[0] if isinstance(found, Enrollment) else found

    def partner_ids(self, page: str | None) -> tuple[Sequence[PartnerId], str | None]:
        """Return one page of the ids of all partners, and the cursor of the next page.

        ``page`` is the cursor of the page to read, None for the first page. The returned cursor is
        None after the last page. Raises CursorExpired if ``page`` is too old.
        """
        found, next_cursor = self._list_names("partners", "id", page)
        return [partner_id for partner_id, _ in found], next_cursor

    def document_ids(self, page: str | None) -> tuple[Sequence[str], str | None]:
        """Return one page of the ids of all documents, and the cursor of the next page.

        ``page`` is the cursor of the page to read, None for the first page. The returned cursor is
        None after the last page. Deleted documents (tombstones) are left out, because a gateway
        need not list them. Raises CursorExpired if ``page`` is too old.
        """
        operation = "list of documents"
        items, next_cursor = page_items(
            operation, self._pages.get_page(operation, self._paths.documents, [], page)
        )
        found: list[str] = []
        for item in items:
            members = json_object(item)
            identifier = members.get("id")
            if not _is_nonempty_text(identifier):
                self._note(RecordFault(record_name("documents", item), "id is none"))
            elif not members.get("deletedAt"):
                found.append(identifier)
        return found, next_cursor

    def owned_ids(
        self, collection: str, page: str | None
    ) -> tuple[Sequence[tuple[PartnerId, str]], str | None]:
        return self._list_names(collection, "partnerId", page)

    def sent_ids(self, page: str | None) -> tuple[Sequence[tuple[str, str]], str | None]:
        """Return one page of the collaboration requests that were submitted on the portal.

        ``page`` is the cursor of the page to read, None for the first page.

        Returns:
            For each request its id and the id of its submission; and the cursor of the next page,
            None after the last page.

        Raises:
            CursorExpired: ``page`` is too old.
        """
        operation = "list of collaboration-requests"
        items, next_cursor = page_items(
            operation, self._pages.get_page(operation, self._paths.requests, [], page)
        )
        found: list[tuple[str, str]] = []
        for item in items:
            request, source = (
                json_object(item).get("id"),
                json_object(item).get("sourceSubmissionId"),
            )
            if not _is_nonempty_text(request) or not (source is None or isinstance(source, str)):
                self._note(
                    RecordFault(
                        record_name("collaboration-requests", item),
                        "id or sourceSubmissionId is none",
                    )
                )
            # A request without a submission was not made on the portal.
            elif source:
                found.append((request, source))
        return found, next_cursor

    def collections_with_source(self) -> frozenset[str] | None:
        """Return the names of the collections for which the gateway has a source of records.

        Some of the names may be unknown to gridwix. Returns None if the gateway lacks this
        operation, a later addition to its API: then every collection counts as having a source.
        """
        operation = "read of the capabilities"
        try:
            response = self._gateway.get_json(operation, self._paths.capabilities, gone=NotFound)
        except UpstreamError as error:
            if isinstance(error, NotFound) or error.status in NO_SUCH_OPERATION:
                return None
            raise
        names = json_object(response.document).get("collections")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise TRADING_GRID_ERRORS.malformed_response(
                operation, "collections is no list of texts", request_id=response.request_id
            )
        return frozenset(names)

    def head(self) -> str:
        """Return the cursor after the newest event of the event feed (high-water mark)."""
        page, request_id = self._read_events("now", 1)
        # Without a cursor the next read would begin anywhere.
        if not page.next_cursor:
            raise TRADING_GRID_ERRORS.malformed_response(
                FEED, "nextCursor is empty", request_id=request_id
            )
        return page.next_cursor

    def read_events(self, cursor: str | None, limit: int) -> EventPage:
        """Read a page of the event feed: the oldest events after a cursor, ``limit`` at most.

        A page has at most 200 events, even if ``limit`` is greater. If ``cursor`` is None, the page
        begins with the oldest event that the gateway keeps.

        If the response does not say whether more events follow, more follow if the page is full and
        has a next cursor. If the last page has no next cursor, the returned page has ``cursor`` in
        its place, so the next reading repeats the events of the page.

        Raises CursorExpired if the gateway no longer keeps the events after the cursor, and
        Unavailable if the response says that more events follow but has no next cursor.
        """
        wanted = min(limit, LIST_LIMIT)
        page, request_id = self._read_events(cursor, wanted)
        is_told = "has_more" in page.model_fields_set
        has_more = (
            page.has_more if is_told else bool(page.next_cursor) and len(page.items) >= wanted
        )
        if has_more and not page.next_cursor:
            raise TRADING_GRID_ERRORS.malformed_response(
                FEED, "nextCursor is empty", request_id=request_id
            )
        return page.model_copy(
            update={"next_cursor": page.next_cursor or cursor or "", "has_more": has_more}
        )

    def _with_definitions(self, enrollments: Sequence[Enrollment]) -> Sequence[Enrollment]:
        """Return the enrollments with the title, owner and kind of their steps, from the programs.

        An enrollment is a partner's progress through an onboarding program. If a program cannot be
        read, the steps of its enrollments stay as they are.
        """
        wanted = {one.program_id for one in enrollments if needs_definitions(one)}
        programs: dict[str, OnboardingProgram] = {}
        for program_id in sorted(wanted):
            with suppress(RecordFault, InvalidEvent):
                program = self.record(f"{OnboardingProgram.COLLECTION}/{program_id}")
                if isinstance(program, OnboardingProgram):
                    programs[program_id] = program
        return [
            with_definitions(one, programs[one.program_id])
            if one.program_id in programs and needs_definitions(one)
            else one
            for one in enrollments
        ]

    def _list_names(
        self, collection: str, owner: str, page: str | None
    ) -> tuple[Sequence[tuple[PartnerId, str]], str | None]:
        """Return a page of a collection: each record's partner id and id, and the next cursor.

        No other member of a record is read, so a record with another malformed member is still
        listed. A record without partner or id is passed to ``note`` as a fault, and left out.
        ``owner`` is the name of the member that holds the partner's id. ``page`` is the cursor of
        the page to read, None for the first page.
        """
        operation = f"list of {collection}"
        items, next_cursor = page_items(
            operation, self._pages.get_page(operation, self._records[collection][0], [], page)
        )
        found = []
        for item in items:
            partner_id, identifier = json_object(item).get(owner), json_object(item).get("id")
            if _is_nonempty_text(partner_id) and _is_nonempty_text(identifier):
                found.append((PartnerId(partner_id), identifier))
            else:
                self._note(RecordFault(record_name(collection, item), f"id or {owner} is none"))
        return found, next_cursor

    def _read_events(self, cursor: str | None, limit: int) -> tuple[EventPage, str]:
        """Return one page of the event feed as the gateway sent it, and the id of the request."""
        position = [] if cursor is None else [("cursor", cursor)]
        response = self._gateway.get_json(
            FEED, self._paths.events, [*position, ("limit", str(limit))]
        )
        return read_object(EventPage, FEED, response), response.request_id

    def _list_all[E: Entity](
        self, model: type[E], path: str, params: Sequence[Param] = ()
    ) -> Listing[E]:
        return newest_versions(self._pages.list_records(model, model.COLLECTION, path, params))

    def _list_of_partners[E: (Partner, Enrollment, ComplianceCheck, Case, Document)](
        self, model: type[E], path: str, ids: Iterable[PartnerId], *params: Param
    ) -> Listing[E]:
        """List the records of some partners in one collection.

        A malformed record becomes a fault, and each fault names the record's partner as its
        ``owner``. If the gateway's list for several partners has a malformed record that does not
        show its partner, the records of these partners are listed again, partner by partner.
        """
        found: Listing[E] = Listing()
        for group in batched(dict.fromkeys(ids), self._partner_ids_per_call, strict=False):
            listing = self._list_of_group(model, path, group, params)
            if len(group) > 1 and any(fault.owner not in group for fault in listing.faults):
                listing = sum(
                    (
                        self._list_of_group(model, path, (partner_id,), params)
                        for partner_id in group
                    ),
                    Listing[E](),
                )
            found += listing
        return found

    def _list_of_group[E: (Partner, Enrollment, ComplianceCheck, Case, Document)](
        self, model: type[E], path: str, group: Sequence[PartnerId], params: Sequence[Param]
    ) -> Listing[E]:
        listing = self._pages.list_records(
            model,
            model.COLLECTION,
            path,
            [*params, *(("partnerId", identifier) for identifier in group)],
        )
        # In the list of one partner each fault is that partner's.
        if len(group) == 1:
            faults = [
                fault
                if fault.owner == group[0]
                else RecordFault(fault.record, fault.reason, owner=group[0])
                for fault in listing.faults
            ]
            listing = Listing(listing.records, faults)
        # A gateway may ignore the filter: other partners' records must not get through.
        return newest_versions(listing.filter(lambda entity: entity.partner_id in group))


def _is_nonempty_text(value: Any) -> TypeIs[str]:
    return isinstance(value, str) and value != ""
