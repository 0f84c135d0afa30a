"""Parses entries of OpenText's partner directory and its users, tolerantly. Pure.

OpenText publishes no schema, so each value has several possible names. Unreadable values are left
out and counted; an entry without a readable id or name is refused.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridwix_gateway.documents import Document
from gridwix_gateway.sources.directory.declaration import NewPartner
from gridwix_gateway.sources.faults import SourceFault
from gridwix_gateway.sources.mapping import CellFault, MappedRecord, MappedRow
from gridwix_gateway.sources.mapping.columns import DunsColumn, GlnColumn, Refusal, TextColumn
from gridwix_gateway.sources.mapping.members import RULES
from gridwix_gateway.sources.rest.rows import content_key
from gridwix_gateway.sources.runs import SourceRow

LIST_NAMES = (
    "partners",
    "partnerDirectory",
    "tradingPartners",
    "users",
    "items",
    "entries",
    "response",
    "results",
    "data",
)
"""Names of the member that may hold the list in a response, in order of precedence."""

PARTNER_IDS = ("partnerCompanyId", "companyId", "buid", "id")
PARTNER_NAMES = ("partnerCompanyName", "companyName", "name")
USER_IDS = ("userId", "uniqueId", "id")

TERMINATED = "terminated"

MAX_ENTRIES = 100_000
MAX_ADDRESSES = 200
MAX_CONTACTS = 50

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@~+-]{0,99}")
_TEXT = TextColumn(type="text", path="x", max_length=300)
_NUMBERS: Mapping[str, GlnColumn | DunsColumn] = {
    "gln": GlnColumn(type="gln", path="x"),
    "duns": DunsColumn(type="duns", path="x"),
}


@dataclass(frozen=True, slots=True)
class DirectoryReading:
    """Result of parsing the directory: rows to commit, and counts of unreadable parts.

    Attributes:
        rows: One row for each partner, by id, and one for each entry without a readable id.
        omitted: Number of unreadable addresses, identifiers and contacts.
        unidentified: Number of entries without a readable id.
    """

    rows: tuple[SourceRow, ...]
    omitted: int
    unidentified: int


def list_entries(document: Any) -> Sequence[Any]:
    """Return the list of entries in a response of the directory.

    >>> list_entries({"partners": [{"id": "GC1"}]})
    [{'id': 'GC1'}]

    Args:
        document: The response's JSON: a list, or an object that holds one.

    Returns:
        The entries, not yet validated.

    Raises:
        SourceFault: ``no-rows`` or ``too-many-rows``.
    """
    found = document
    if isinstance(document, Mapping):
        found = next((document[name] for name in LIST_NAMES if name in document), None)
    if not isinstance(found, list):
        raise SourceFault("no-rows", "the answer has no list that is understood")
    if len(found) > MAX_ENTRIES:
        raise SourceFault("too-many-rows", f"the directory has more than {MAX_ENTRIES:,} entries")
    return found


def read_directory(
    entries: Sequence[Any], new_partner: NewPartner, said: Mapping[str, MappedRecord]
) -> DirectoryReading:
    """Parse entries of OpenText's directory as partners. Entries of one company become one partner.

    Args:
        entries: The entries of the directory.
        new_partner: Role of new partners, and their status if the directory gives none.
        said: The partners' records as the source gave them last, by partner id. A known partner
            keeps the role in this record, and the status if the directory gives none.

    Returns:
        The rows, and counts of the parts that could not be read.
    """
    partners: dict[str, _Partner] = {}
    refused: dict[str, SourceRow] = {}
    for entry in entries:
        identifier = _first_text(entry, PARTNER_IDS)
        if _ID.fullmatch(identifier) is None:
            reason = "it has no id" if isinstance(entry, Mapping) else "it is no JSON object"
            fault = CellFault("id", "", "record", reason)
            key = content_key(entry)
            refused[key] = SourceRow(key, MappedRow(faults=(fault,)))
        else:
            partners.setdefault(identifier, _Partner(identifier)).add_entry(entry)
    rows = [
        partners[identifier].make_row(new_partner, said.get(identifier))
        for identifier in sorted(partners)
    ]
    omitted = sum(partner.omitted for partner in partners.values())
    return DirectoryReading((*rows, *refused.values()), omitted, len(refused))


def read_contacts(entries: Sequence[Any]) -> tuple[list[Document], int]:
    """Parse users of a company as contacts, and count the users that cannot be read.

    Users that are not active are left out.

    >>> read_contacts([{"userId": "u1", "firstName": "Dana", "lastName": "Whitfield",
    ...                 "contactInformation": {"email": "dana@prairie.example"}}])[0][0]["name"]
    'Dana Whitfield'

    Args:
        entries: The users of a company.

    Returns:
        The contacts, sorted by id, and the number of users left out because they have no readable
        id or exceed 50.
    """
    contacts: dict[str, Document] = {}
    omitted = 0
    for entry in entries:
        identifier = _first_text(entry, USER_IDS)
        if _ID.fullmatch(identifier) is None:
            omitted += 1
            continue
        if _first_text(entry, ("status",)).lower() not in ("", "active"):
            continue
        information = _member(entry, "contactInformation")
        parts = (_first_text(entry, (name,)) for name in ("firstName", "lastName"))
        contacts[identifier] = {
            "id": identifier,
            "userId": identifier,
            "role": _first_text(entry, ("role",)) or "edi",
            "name": " ".join(filter(None, parts)) or _first_text(entry, ("name",)),
            "email": _first_text(information, ("email",)) or _first_text(entry, ("email",)),
        }
    ordered = [contacts[identifier] for identifier in sorted(contacts)]
    return ordered[:MAX_CONTACTS], omitted + max(0, len(ordered) - MAX_CONTACTS)


class _Partner:
    """A partner, collected from one or several entries of the directory."""

    def __init__(self, identifier: str) -> None:
        self._id = identifier
        self._name = self._status = ""
        self._addresses: dict[tuple[str, str, str], Document] = {}
        self._identifiers: dict[tuple[str, str], Document] = {}
        self._contacts: list[Document] | None = None
        self.omitted = 0

    def add_entry(self, entry: Mapping[str, Any]) -> None:
        """Add the data of a directory entry to the partner.

        The first readable name and the first known status win; addresses, identifiers and contacts
        are collected.
        """
        self._name = self._name or _first_text(entry, PARTNER_NAMES)
        status = _first_text(entry, ("status",)).lower()
        if not self._status and status in RULES["partners"].statuses:
            self._status = status
        for name in ("tradingAddresses", "tradingAddress"):
            for value in _as_list(entry.get(name)):
                self._add_address(value)
        for value in _as_list(entry.get("identifiers")):
            scheme = _first_text(value, ("scheme", "type")).lower()
            self._add_identifier(scheme, _first_text(value, ("value", "id")))
        for scheme in _NUMBERS:
            if entry.get(scheme) is not None:
                self._add_identifier(scheme, _text(entry[scheme]))
        if isinstance(entry.get("contacts"), list):
            found, omitted = read_contacts(entry["contacts"])
            self._contacts = [*(self._contacts or []), *found][:MAX_CONTACTS]
            self.omitted += omitted

    def make_row(self, new_partner: NewPartner, said: MappedRecord | None) -> SourceRow:
        """Return the partner as a row to commit. If no entry has a name, the row is refused.

        Args:
            new_partner: Role of a new partner, and its status if the directory gives none.
            said: The partner's record as the source gave it last; None if the partner is new.
        """
        if not self._name:
            fault = CellFault("name", "", "missing", "the entry has no name")
            return SourceRow(self._id, MappedRow(faults=(fault,)))
        before = {} if said is None else said.fields
        status = before.get("status", TERMINATED)
        fields: Document = {
            "partnerCompanyId": self._id,
            "name": self._name,
            "role": before.get("role", new_partner.role),
            # A partner that was missing for a while is new again.
            "status": self._status or (status if status != TERMINATED else new_partner.status),
            "tradingAddresses": [self._addresses[key] for key in sorted(self._addresses)],
            "identifiers": [self._identifiers[key] for key in sorted(self._identifiers)],
        }
        if self._contacts is not None:
            fields["contacts"] = self._contacts
        return SourceRow(self._id, MappedRow((MappedRecord("partners", self._id, fields),)))

    def _add_address(self, value: Any) -> None:
        if isinstance(value, Mapping):
            qualifier = _first_text(value, ("qualifier",))
            identifier = _first_text(value, ("id", "address"))
            if not qualifier:
                qualifier, _, identifier = identifier.partition(":")
            told = {name: _first_text(value, (name,)) for name in ("usage", "standard", "van")}
        else:
            qualifier, _, identifier = _text(value).partition(":")
            told = {}
        if not qualifier or not identifier or len(self._addresses) >= MAX_ADDRESSES:
            self.omitted += 1
            return
        known = {name: text.lower() for name, text in told.items() if text}
        key = (qualifier, identifier, known.get("standard", ""))
        self._addresses[key] = {"qualifier": qualifier, "id": identifier, **known}

    def _add_identifier(self, scheme: str, value: str) -> None:
        number = _NUMBERS.get(scheme)
        try:
            value = str(number.read_value(value)) if number is not None and value else value
        except Refusal:
            value = ""
        if not scheme or not value or len(self._identifiers) >= MAX_ADDRESSES:
            self.omitted += 1
            return
        self._identifiers[scheme, value] = {"scheme": scheme, "value": value}


def _as_list(value: Any) -> Sequence[Any]:
    if value is None or value == "":
        return ()
    return value if isinstance(value, list) else (value,)


def _member(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, Mapping) else None


def _first_text(entry: Any, names: Iterable[str]) -> str:
    if not isinstance(entry, Mapping):
        return ""
    return next((text for name in names if (text := _text(entry.get(name)))), "")


def _text(value: Any) -> str:
    """Return a trimmed text; "" if the value is no text, too long, or has control characters."""
    if not isinstance(value, str):
        return ""
    try:
        return str(_TEXT.read_value(value) or "")
    except Refusal:
        return ""
