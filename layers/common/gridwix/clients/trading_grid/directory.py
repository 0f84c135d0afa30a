"""OpenText's Community Management Services (``TGCommunityServices/v1``): the partner directory.

Read-only. Source of the paths: github.com/opentext/BN-Trading-Grid, Postman collections of
Community Management. OpenText publishes no schema of the responses:
:mod:`gridwix.clients.trading_grid.directory_listing` finds the entries, and
:mod:`gridwix.clients.trading_grid.directory_entries` reads them.
"""

import time
from collections.abc import Callable, Collection, Sequence

import httpx

from gridwix.clients.http_messages import path_segment
from gridwix.clients.trading_grid.directory_cache import (
    DirectoryCache,
    wanted_address,
    wanted_number,
)
from gridwix.clients.trading_grid.directory_entries import (
    DirectoryPartner,
    RawEntry,
    directory_partner,
    equivalent_numbers,
)
from gridwix.clients.trading_grid.directory_index import DirectoryIndex
from gridwix.clients.trading_grid.directory_listing import EntryCollector, read_listing
from gridwix.clients.trading_grid.directory_users import (
    DirectoryUser,
    UserCollector,
    read_roles,
    read_user_page,
)
from gridwix.clients.trading_grid.gateway import Gateway
from gridwix.clients.vendor_errors import TRADING_GRID_ERRORS
from gridwix.errors import NotFound, RecordFault
from gridwix.mapping.record_faults import readable_id
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.models.qualifiers import IdentifierScheme

SERVICE = "/TGCommunityServices/v1"

MAX_USER_PAGES = 200
"""Maximum number of pages of a company's list of users."""

MAX_REPORTED = 10
"""Maximum number of partners that are reported for an ambiguous address or identifier."""


class DirectoryClient:
    """Reads OpenText's partner directory. All methods raise UpstreamError.

    Implements the ports ``PartnerDirectory`` and ``IdentifierDirectory`` of their use cases.

    Args:
        http: The client that all vendors share.
        auth: Authentication with OpenText's gateway.
        base_url: The gateway's base URL, such as ``https://apigrid.opentext.com``.
        hub: The company of the partners that are looked up.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds between attempts.
        note: Receives a fault for entries of a response that are no objects, and for each of
            several partners with the same address.
    """

    def __init__(
        self,
        http: httpx.Client,
        auth: httpx.Auth,
        *,
        base_url: str,
        hub: CompanyId | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        note: Callable[[RecordFault], None] = lambda _: None,
    ) -> None:
        self._hub = hub
        self._note = note
        self._cache = DirectoryCache(self._read_index, self._look_up, clock)
        self._gateway = Gateway(
            http, auth, base_url=base_url.rstrip("/") + SERVICE, clock=clock, sleep=sleep
        )

    def partner_directory(
        self,
        company_id: CompanyId,
        *,
        partner_company_id: CompanyId | None = None,
        partner_company_name: str | None = None,
        trading_address: str | None = None,
    ) -> Sequence[DirectoryPartner]:
        """The trading partners of a hub, all of them or those that match one lookup.

        Args:
            company_id: The hub.
            partner_company_id: Looks up a BUID.
            partner_company_name: Looks up a company name.
            trading_address: Looks up a trading address, such as ``ZZ:PRAIRIEGOLD``.

        Raises:
            ValueError: More than one lookup is given. How OpenText would combine them is not
                documented.
        """
        lookups = {
            "partnerCompanyId": partner_company_id,
            "partnerCompanyName": partner_company_name,
            "tradingAddress": trading_address,
        }
        params = [(name, value) for name, value in lookups.items() if value is not None]
        if len(params) > 1:
            raise ValueError("look a partner up by one thing at a time")
        entries: list[RawEntry] = self._read_entries(company_id, params, list)
        return [directory_partner(raw) for raw in entries]

    def partner_with(self, trading_address: str, standard: str | None = None) -> PartnerId | None:
        """Look up the hub's partner with an EDI address, in any notation of the directory.

        X12 and EDIFACT use the same qualifiers for different numbers, so an address counts only
        within its standard. Reads the whole directory, which is cached, because only the whole
        shows that two partners have the same address. An address that the cache lacks is looked up
        by itself, so a new partner is found at once.

        Args:
            trading_address: The address as ``QQ:ID``.
            standard: The standard of its envelope, ``x12`` or ``edifact``; None if unknown.

        Returns:
            None if no partner has the address, or if the directory states no id for the partner.
            None also if several partners have it; each of them is then reported to ``note``.

        Raises:
            ValueError: The client has no hub.
        """
        wanted = wanted_address(trading_address, standard)
        return self._only_partner(self._cache.holders(wanted))

    def listed_partner_with(
        self, trading_address: str, standard: str | None = None
    ) -> PartnerId | None:
        """As :meth:`partner_with`, without a lookup for an address that the cached directory lacks.

        For many addresses. A partner that is new in the directory is found after at most
        ``FRESH_SECONDS``.
        """
        wanted = wanted_address(trading_address, standard)
        return self._only_partner(self._cache.listed_holders(wanted))

    def partner_known_by(self, scheme: IdentifierScheme, identifier: str) -> PartnerId | None:
        """Look up the hub's partner with an identifier; None if no partner or several have it.

        A GLN or D-U-N-S number is looked up as the trading addresses that it has in envelopes of
        X12 and EDIFACT, and among the identifiers that the directory may list. Several partners are
        reported to ``note``. A D-U-N-S number with a suffix also matches the company of its first
        nine digits, unless it could be a GLN in the wrong field.

        Args:
            scheme: The identifier's scheme.
            identifier: The normalized identifier.

        Raises:
            ValueError: The client has no hub.
        """
        if scheme is IdentifierScheme.TRADING_ADDRESS:
            return self.partner_with(identifier)
        for number in equivalent_numbers(scheme, identifier):
            if holders := self._cache.holders(wanted_number(scheme, number)):
                return self._only_partner(holders)
        return None

    def company_users(self, company_id: CompanyId) -> Sequence[DirectoryUser]:
        """All users of a company, in any status.

        The list is complete, else an error is raised: a user who is missing in it may lose access.

        Raises:
            Forbidden, NotFound: The tenant does not let the hub read this company's users.
            Unavailable: The list is not understood, or not complete.
        """
        operation = "read of a company's users"
        path = f"/companies/{path_segment(company_id)}/users"
        collector = UserCollector()
        params: Sequence[tuple[str, str]] = ()
        for _ in range(MAX_USER_PAGES):
            document, request_id, *_ = self._gateway.get_json(
                operation, path, params, gone=NotFound
            )
            page = read_user_page(document)
            if page is None:
                reason = "the answer is no list that is understood"
                raise TRADING_GRID_ERRORS.malformed_response(
                    operation, reason, request_id=request_id
                )
            following = collector.add_page(page)
            if following is None:
                return collector.users
            if isinstance(following, str):
                raise TRADING_GRID_ERRORS.malformed_response(
                    operation, following, request_id=request_id
                )
            params = following
        raise TRADING_GRID_ERRORS.malformed_response(operation, "the pages do not end")

    def user_roles(self, company_id: CompanyId, login_id: str) -> Sequence[str] | None:
        """The names of a user's roles; None if the user is gone. Raises UpstreamError."""
        operation = "read of a user's roles"
        path = f"/companies/{path_segment(company_id)}/users/{path_segment(login_id)}/roles"
        try:
            document, request_id, *_ = self._gateway.get_json(operation, path, gone=NotFound)
        except NotFound:
            return None
        roles = read_roles(document)
        if roles is None:
            raise TRADING_GRID_ERRORS.malformed_response(
                operation, "the answer is no list that is understood", request_id=request_id
            )
        return roles

    def _only_partner(self, holders: Collection[CompanyId]) -> PartnerId | None:
        """The partner, if a lookup found exactly one company and it has an id; else None.

        If it found several, none of them is chosen, and each is reported to ``note``, up to
        ``MAX_REPORTED``.
        """
        if len(holders) == 1:
            return PartnerId(next(iter(holders))) or None
        for company_id in sorted(holders)[:MAX_REPORTED]:
            reason = f"{len(holders)} partners have one address or identifier"
            record = f"directory/{readable_id(company_id)}"
            self._note(RecordFault(record, reason, owner=company_id))
        return None

    def _required_hub(self) -> CompanyId:
        if self._hub is None:
            raise ValueError("a directory without a hub cannot look for its partners")
        return self._hub

    def _read_index(self) -> DirectoryIndex:
        return self._read_entries(self._required_hub(), (), DirectoryIndex)

    def _look_up(self, parameter: str, value: str) -> DirectoryIndex:
        """Look partners up by one query parameter of the directory.

        The directory may match parts of texts, so the caller compares the results again.
        """
        return self._read_entries(self._required_hub(), [(parameter, value)], DirectoryIndex)

    def _read_entries[Collector: EntryCollector](
        self,
        company_id: CompanyId,
        params: Sequence[tuple[str, str]],
        new_collector: Callable[[], Collector],
    ) -> Collector:
        """Collect the directory entries of a response while it arrives; none for a 404.

        Items of a list that are no entries are reported to ``note`` and left out. Raises
        Unavailable if a list has only such items.
        """
        operation = "read of the partner directory"
        path = f"/companies/{path_segment(company_id)}/partnerDirectory"
        try:
            listing, request_id = self._gateway.read_json(
                operation,
                path,
                params,
                lambda stream: read_listing(stream, new_collector),
                gone=NotFound,
            )
        except NotFound:
            return new_collector()
        if listing is None:
            raise TRADING_GRID_ERRORS.malformed_response(
                operation, "the answer is no list that is understood", request_id=request_id
            )
        if listing.odd:
            reason = f"{listing.odd} of {listing.odd + listing.taken} entries are no objects"
            self._note(RecordFault("directory/?", reason))
        return listing.entries
