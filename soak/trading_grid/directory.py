"""A model of the partner directory of OpenText's Community Management Services."""

from collections.abc import Iterable, Sequence

import orjson

from soak.trading_grid.records import Collection, Document, compact_json


class Directory:
    """The partners as OpenText's directory lists them.

    Args:
        partners: The hub's partners.
    """

    def __init__(self, partners: Collection) -> None:
        self._partners = partners
        self._entries: dict[str, bytes] = {}
        self._addresses: dict[str, tuple[str, ...]] = {}
        self._holders: dict[str, list[str]] = {}

    def note_partner(self, partner: Document) -> None:
        """Add a new partner to the directory, or update it."""
        identifier = partner["id"]
        addresses: Sequence[str] = ()
        if partner.get("deletedAt"):
            self._entries.pop(identifier, None)
        else:
            addresses = [
                f"{one['qualifier']}:{one['id']}" for one in partner.get("tradingAddresses", ())
            ]
            entry = {
                "partnerCompanyId": identifier,
                "partnerCompanyName": partner.get("name"),
                "tradingAddresses": addresses,
                "identifiers": partner.get("identifiers", []),
                "status": partner.get("status"),
            }
            self._entries[identifier] = compact_json(entry)
        known, fresh = self._addresses.get(identifier, ()), tuple(addresses)
        if known != fresh:
            for address in known:
                self._holders[address].remove(identifier)
            for address in fresh:
                self._holders.setdefault(address, []).append(identifier)
            self._addresses[identifier] = fresh

    def list(self, lookups: Document) -> bytes:
        """Return the JSON of the partners that match a lookup, or of all.

        Args:
            lookups: ``partnerCompanyId``, ``partnerCompanyName`` or ``tradingAddress``.
        """
        if "tradingAddress" in lookups:
            found = self._sort(self._holders.get(lookups["tradingAddress"], ()))
        elif "partnerCompanyId" in lookups:
            found = [lookups["partnerCompanyId"]]
        else:
            found = self._sort(self._partners.records)
        entries = [self._entries[identifier] for identifier in found if identifier in self._entries]
        if "partnerCompanyName" in lookups:
            name = orjson.dumps(lookups["partnerCompanyName"])
            member = b'"partnerCompanyName":%b,' % name
            entries = [entry for entry in entries if member in entry]
        return b'{"partners":[%b]}' % b",".join(entries)

    def _sort(self, identifiers: Iterable[str]) -> Sequence[str]:
        records = self._partners.records
        return sorted(identifiers, key=lambda one: (records[one].updated, one))
