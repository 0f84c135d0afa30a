"""OpenText's own Community Management Services (``TGCommunityServices/v1``): companies, the partner directory, users, roles and entitlements. Reads only.

Source of the paths: github.com/opentext/BN-Trading-Grid, Postman collections of Community Management. OpenText publishes no answer's schema, so answers are
read tolerantly: what is recognised has a name, and ``raw`` holds the whole. ``raw`` stays out of ``repr``, as it holds names and e-mail addresses.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from stdnum import ean

from gridwix.clients.http import members, path_segment
from gridwix.clients.trading_grid.faults import unusable
from gridwix.clients.trading_grid.gateway import Gateway
from gridwix.errors import NotFound, RecordFault
from gridwix.models.ids import CompanyId, PartnerId
from gridwix.models.qualifiers import IdentifierScheme, envelope_addresses

SERVICE = "/TGCommunityServices/v1"

DUNS_LENGTH = 9

KEPT_SECONDS = 300.0
"""For how long the whole directory is good for looking up who somebody is."""

type Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Company:
    """A company. ``company_id`` is its BUID; "" if the answer has none that is recognised."""

    company_id: CompanyId
    name: str
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class DirectoryPartner:
    """A trading partner. ``trading_addresses`` are EDI addresses as ``QQ:ID``; ``standards`` says of some in which standard's envelopes they stand (``x12``,
    ``edifact``)."""

    company_id: CompanyId
    name: str
    trading_addresses: tuple[str, ...]
    raw: Raw = field(repr=False)
    standards: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def has(self, address: str, standard: str | None = None, *, stated: bool = False) -> bool:
        """Whether it has an address, in a standard's envelopes if one is named. An address of which no standard is known is of any, unless it has to be
        ``stated``."""
        known = self.standards.get(address, frozenset())
        return address in self.trading_addresses and (standard is None or standard in known or not (known or stated))


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """A user. Key on ``user_id``: the ``login_id`` looks like an e-mail address, and its owner can change it."""

    user_id: str
    login_id: str = field(repr=False)
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entitlement:
    name: str
    raw: Raw = field(repr=False)


class DirectoryClient:
    """Reads the directory. ``base_url`` is the gateway's, such as ``https://apigrid.opentext.com``; ``hub`` is the company whose partners are looked for.

    All methods raise UpstreamError. Implements the ports ``PartnerDirectory`` and ``IdentifierDirectory``.
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
        self._clock = clock
        self._kept: tuple[float, Sequence[DirectoryPartner]] | None = None
        self._gateway = Gateway(http, auth, base_url=base_url.rstrip("/") + SERVICE, clock=clock, sleep=sleep)

    def company(self, company_id: CompanyId) -> Company | None:
        """A company by its BUID; None if there is none."""
        raw = self._one("get of a company", f"/companies/{path_segment(company_id)}", _COMPANY_ID)
        return None if raw is None else Company(CompanyId(_text(raw, _COMPANY_ID)), _text(raw, _COMPANY_NAME), raw)

    def partner_directory(
        self,
        company_id: CompanyId,
        *,
        partner_company_id: CompanyId | None = None,
        partner_company_name: str | None = None,
        trading_address: str | None = None,
    ) -> Sequence[DirectoryPartner]:
        """The trading partners of a hub; of these, the one with a BUID, a company name or a trading address (``ZZ:PRAIRIEGOLD``). Raises ValueError if more
        than one of these is given: how OpenText would combine them is not documented."""
        lookups = {"partnerCompanyId": partner_company_id, "partnerCompanyName": partner_company_name, "tradingAddress": trading_address}
        params = [(name, value) for name, value in lookups.items() if value is not None]
        if len(params) > 1:
            raise ValueError("look a partner up by one thing at a time")
        path = f"/companies/{path_segment(company_id)}/partnerDirectory"
        found = self._many("read of the partner directory", path, params, within=("partners", "partnerDirectory", "tradingPartners"), known_by=_PARTNER_ID)
        return [DirectoryPartner(CompanyId(_text(raw, _PARTNER_ID)), _text(raw, _PARTNER_NAME), tuple(_addresses(raw)), raw, _standards(raw)) for raw in found]

    def partner_with(self, trading_address: str, standard: str | None = None) -> PartnerId | None:
        """The hub's partner with an EDI address, which is of a standard's envelope (``x12``, ``edifact``) if that is known; None if nobody has it, or the
        directory does not say who. Raises ValueError if it was made without a hub.

        The standards use the same qualifiers for different numbers, so an address of the other one is another address.
        """
        return self._holder(trading_address, standard)

    def partner_known_by(self, scheme: IdentifierScheme, identifier: str) -> PartnerId | None:
        """The hub's partner that a normalised identifier names; None if nobody has it, or several have. Raises ValueError if it was made without a hub.

        A GLN or D-U-N-S number is looked up as the trading addresses that envelopes make of it, each in its own standard, and then among the identifiers that
        the directory may show. A D-U-N-S number with a suffix is the company's of its first nine digits, too, unless it can be a GLN that stands in the wrong
        place.
        """
        if scheme is IdentifierScheme.TRADING_ADDRESS:
            return self.partner_with(identifier)
        for number in _numbers(scheme, identifier):
            for standard, address in envelope_addresses(scheme, number):
                if (partner_id := self._holder(address, standard, stated=_can_be_gln(scheme, number))) is not None:
                    return partner_id
            named = {partner.company_id for partner in self._directory() if number in _identifiers(partner.raw, scheme)}
            if named:
                return PartnerId(named.pop()) if len(named) == 1 else None
        return None

    def _holder(self, address: str, standard: str | None, *, stated: bool = False) -> PartnerId | None:
        if self._hub is None:
            raise ValueError("a directory without a hub cannot look for its partners")
        found = self.partner_directory(self._hub, trading_address=address)
        return next((PartnerId(partner.company_id) for partner in found if partner.company_id and partner.has(address, standard, stated=stated)), None)

    def _directory(self) -> Sequence[DirectoryPartner]:
        """The hub's whole directory, at most ``KEPT_SECONDS`` old."""
        if self._hub is None:
            raise ValueError("a directory without a hub cannot look for its partners")
        now = self._clock()
        if self._kept is None or now - self._kept[0] > KEPT_SECONDS:
            self._kept = now, self.partner_directory(self._hub)
        return self._kept[1]

    def users(self, company_id: CompanyId, *, login_id: str | None = None) -> Sequence[DirectoryUser]:
        """The users of a company, or those with a login id."""
        params = [] if login_id is None else [("loginId", login_id)]
        found = self._many("list of users", f"/companies/{path_segment(company_id)}/users", params, within=("users",), known_by=_USER_ID)
        return [_user(raw) for raw in found]

    def user(self, company_id: CompanyId, user_id: str) -> DirectoryUser | None:
        """A user by id; None if there is none."""
        raw = self._one("get of a user", f"/companies/{path_segment(company_id)}/users/{path_segment(user_id)}", _USER_ID)
        return None if raw is None else _user(raw)

    def roles(self, company_id: CompanyId, login_id: str) -> Sequence[Role]:
        """The roles of a user. Read the user's login id anew before: it changes."""
        path = f"/companies/{path_segment(company_id)}/users/{path_segment(login_id)}/roles"
        return [Role(_text(raw, _ROLE_NAME), raw) for raw in self._many("list of roles", path, [], within=("roles",), known_by=_ROLE_NAME)]

    def company_entitlements(self, company_id: CompanyId) -> Sequence[Entitlement]:
        return self._entitlements(f"/companies/{path_segment(company_id)}/entitlements")

    def user_entitlements(self, login_id: str) -> Sequence[Entitlement]:
        return self._entitlements(f"/users/{path_segment(login_id)}/entitlements")

    def _entitlements(self, path: str) -> Sequence[Entitlement]:
        found = self._many("list of entitlements", path, [], within=("entitlements",), known_by=_ENTITLEMENT_NAME)
        return [Entitlement(_text(raw, _ENTITLEMENT_NAME), raw) for raw in found]

    def _one(self, operation: str, path: str, known_by: Sequence[str]) -> Raw | None:
        """The object of an answer, also where it lies alone in another; None for a 404."""
        try:
            document, request_id = self._gateway.get(operation, path, gone=NotFound)
        except NotFound:
            return None
        inner = [value for value in members(document).values() if isinstance(value, dict)]
        found = inner[0] if len(inner) == 1 and not _text(members(document), known_by) else members(document)
        if not found:
            raise unusable(operation, "the answer is not an object", request_id)
        return found

    def _many(self, operation: str, path: str, params: Sequence[tuple[str, str]], *, within: Sequence[str], known_by: Sequence[str]) -> Sequence[Raw]:
        """The objects of an answer: a list, a list ``within`` an object, or a single object that one of the members ``known_by`` shows to be one of them.
        A bare name counts as an object with a ``name``; there is nothing in a 404. An entry that is neither is handed to ``note`` and left out, but a list of
        nothing else is not understood."""
        try:
            document, request_id = self._gateway.get(operation, path, params, gone=NotFound)
        except NotFound:
            return []
        envelope = members(document)
        found = document if isinstance(document, list) else next((envelope[name] for name in (*within, *_ENVELOPES) if name in envelope), None)
        if found is None and (_text(envelope, known_by) or document == {}):
            found = [envelope] if envelope else []
        entries = [item for item in found if isinstance(item, dict | str)] if isinstance(found, list) else []
        if not isinstance(found, list) or (found and not entries):
            raise unusable(operation, "the answer is no list that is understood", request_id)
        if len(entries) < len(found):
            self._note(RecordFault("directory/?", f"{len(found) - len(entries)} of {len(found)} entries are no objects"))
        return [{"name": item} if isinstance(item, str) else item for item in entries]


_COMPANY_ID = ("companyId", "buid", "id")
_COMPANY_NAME = ("companyName", "name")
_PARTNER_ID = ("partnerCompanyId", *_COMPANY_ID)
_PARTNER_NAME = ("partnerCompanyName", *_COMPANY_NAME)
_USER_ID = ("uniqueId", "userId", "id")
_LOGIN_ID = ("loginId",)
_ROLE_NAME = ("roleName", "name")
_ENTITLEMENT_NAME = ("entitlementName", "name")
_ENVELOPES = ("items", "entries", "response", "results", "data")
_ADDRESSES = ("tradingAddresses", "tradingAddress")


def _numbers(scheme: IdentifierScheme, identifier: str) -> Sequence[str]:
    """The numbers that an identifier is known by, the most exact first."""
    has_suffix = scheme is IdentifierScheme.DUNS and len(identifier) > DUNS_LENGTH
    return [identifier, identifier[:DUNS_LENGTH]] if has_suffix and not _can_be_gln(scheme, identifier) else [identifier]


def _can_be_gln(scheme: IdentifierScheme, number: str) -> bool:
    """Whether a D-U-N-S number with a suffix can be a GLN by its check digit. ``14:`` and such a number is the one in X12 and the other in EDIFACT, so only an
    address whose standard is known tells whose it is."""
    return scheme is IdentifierScheme.DUNS and len(number) > DUNS_LENGTH and number.isdigit() and ean.is_valid(number)


def _identifiers(raw: Raw, scheme: IdentifierScheme) -> Iterable[str]:
    """The identifiers of a scheme that an entry shows: as a member of its name, or in a list of schemes and values."""
    names = (scheme.value, "duns4") if scheme is IdentifierScheme.DUNS else (scheme.value,)
    yield from (own for name in names if isinstance(own := raw.get(name), str))
    listed = raw.get("identifiers")
    for entry in listed if isinstance(listed, list) else ():
        if _text(members(entry), ("scheme", "type")).lower() in names:
            yield _text(members(entry), ("value", "id"))


def _standards(raw: Raw) -> Mapping[str, frozenset[str]]:
    """In which standards' envelopes the addresses of an entry stand, where it says so."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name in _ADDRESSES:
        value = raw.get(name)
        for entry in value if isinstance(value, list) else [value]:
            standard = _text(members(entry), ("standard",)).lower()
            if standard and (address := _address(members(entry))):
                found[address].add(standard)
    return {address: frozenset(standards) for address, standards in found.items()}


def _address(entry: Raw) -> str:
    qualifier, identifier = _text(entry, ("qualifier",)), _text(entry, ("id", "address"))
    return f"{qualifier}:{identifier}" if qualifier and identifier else identifier


def _text(raw: Raw, names: Iterable[str]) -> str:
    return next((value for name in names if isinstance(value := raw.get(name), str) and value), "")


def _user(raw: Raw) -> DirectoryUser:
    return DirectoryUser(_text(raw, _USER_ID), _text(raw, _LOGIN_ID), raw)


def _addresses(raw: Raw) -> Iterable[str]:
    for name in _ADDRESSES:
        value = raw.get(name)
        for address in value if isinstance(value, list) else [value]:
            if found := address if isinstance(address, str) else _address(members(address)):
                yield found
