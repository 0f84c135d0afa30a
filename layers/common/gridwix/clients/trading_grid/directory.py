"""Client of OpenText's partner directory (Community Management, ``TGCommunityServices/v1``).

It only reads. Source of the paths: github.com/opentext/BN-Trading-Grid, Postman collections of
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
    """Reads OpenText's partner directory. All methods raise UpstreamError if a call fails.

    Implements the ports ``PartnerDirectory`` and ``IdentifierDirectory`` of several use cases.

    Args:
        http: The httpx client that all vendors share.
        auth: Authentication with OpenText's API gateway.
        base_url: The API gateway's base URL, such as ``https://apigrid.opentext.com``.
        hub: The company (hub) with the trading partners to look up.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds between attempts.
        note: Receives faults for the log: one if a response has entries that are no objects, and
            one for each of several partners with the same address or identifier.
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
        """Return the trading partners of a hub: all of them, or those that match one criterion.

        Args:
            company_id: The hub.
            partner_company_id: Only the partner with this company id (BUID).
            partner_company_name: Only partners with this company name.
            trading_address: Only partners with this trading address, such as
                ``ZZ:PRAIRIEGOLD``.

        Raises:
            ValueError: More than one criterion is given. OpenText does not document how it would
                combine them.
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
        """Look up the hub's partner with an EDI address, which may be in any notation.

        X12 and EDIFACT use the same qualifiers for different numbers, so an address counts only
        within its standard. Reads the whole directory, which is cached, because only the whole
        directory shows that two partners have the same address. An address that the cache lacks is
        looked up by a request of its own, so a new partner is found at once.

        Args:
            trading_address: The address as ``QQ:ID``.
            standard: The standard of the address's envelope, ``x12`` or ``edifact``; None if
                unknown.

        Returns:
            The partner's id. None if no partner has the address, if the directory states no id for
            the partner, or if several partners have the address. In the last case each of them is
            reported to the client's ``note``.

        Raises:
            ValueError: The client has no hub.
        """
        wanted = wanted_address(trading_address, standard)
        return self._only_partner(self._cache.holders(wanted))

    def listed_partner_with(
        self, trading_address: str, standard: str | None = None
    ) -> PartnerId | None:
        """Look up the hub's partner with an EDI address, in a copy of the directory in memory.

        It differs from :meth:`partner_with` in one point: if the copy lacks the address, no request
        is sent. So it suits a caller with many addresses. A partner that is new in the directory is
        found after at most ``FRESH_SECONDS``. Returns None if no partner or several have the
        address.
        """
        wanted = wanted_address(trading_address, standard)
        return self._only_partner(self._cache.listed_holders(wanted))

    def partner_known_by(self, scheme: IdentifierScheme, identifier: str) -> PartnerId | None:
        """Look up the hub's partner with an identifier; None if no partner or several have it.

        A GLN or D-U-N-S number is looked up as the trading addresses that it has in envelopes of
        X12 and EDIFACT, and among the identifiers that the directory may list. If several partners
        have it, each is reported to the client's ``note``. A D-U-N-S number with a suffix also
        matches a company that is listed with the first nine digits, unless the number could be a
        GLN that was entered in the wrong field.

        Args:
            scheme: The identifier's scheme, such as GLN.
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
        """Return all users of a company, in any status.

        If the list cannot be read completely, an error is raised, because a user who is missing in
        the list may lose access to the portal.

        Raises:
            Forbidden, NotFound: OpenText does not let the hub read this company's users.
            Unavailable: The response is not understood, or the list is not complete.
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
        """Return the names of a user's roles; None if the directory has no such user."""
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
        """Return the partner if a lookup has found exactly one company with an id, else None.

        If the lookup has found several companies, none is chosen, and each (up to
        ``MAX_REPORTED``) is reported to the client's ``note``.
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
        """Look partners up by one query parameter of the directory; return an index of the results.

        The directory may also return partners that match only in part, so the caller has to compare
        the results again.
        """
        return self._read_entries(self._required_hub(), [(parameter, value)], DirectoryIndex)

    def _read_entries[Collector: EntryCollector](
        self,
        company_id: CompanyId,
        params: Sequence[tuple[str, str]],
        new_collector: Callable[[], Collector],
    ) -> Collector:
        """Request partners from the directory, and collect the entries while the response arrives.

        Returns the collector; it is empty for a 404. Items of the response's list that are no
        entries are left out, and their number is reported as a fault to the client's ``note``.
        Raises Unavailable if a list has only such items.

        Args:
            company_id: The hub.
            params: The query, by which the directory selects partners; empty for all.
            new_collector: Returns an empty collector.
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
