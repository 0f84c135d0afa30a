"""Wix Data items v2 in bulk: 200 even when items fail, with a result for each item in the order of the request."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from emulators.kit.faults import Fault
from emulators.wix.errors import WixError
from emulators.wix.items import MAX_BULK_ITEMS, Data, checked
from emulators.wix.items_api import answered
from emulators.wix.patch import patched
from emulators.wix.query import at
from emulators.wix.requests import Body, flag, guarded
from emulators.wix.site import Site

MEMBERS = {"insert": "dataItems", "update": "dataItems", "save": "dataItems", "patch": "patches", "remove": "dataItemIds"}

type Write = tuple[str, str, Data | None]


def routes(site: Site) -> list[Route]:
    """The routes under ``/wix-data/v2/bulk/items``."""
    return [Route(f"/wix-data/v2/bulk/items/{verb}", guarded(site, BulkApi(site, verb).call), methods=["POST"]) for verb in MEMBERS]


class BulkApi:
    """One bulk call. Faults: ``refuse_items`` (options ``ids`` or ``everyNth``, ``code``, ``description``), ``half_bulk``, ``ghost_write`` (``seconds``)."""

    def __init__(self, site: Site, verb: str) -> None:
        self._site = site
        self._verb = verb

    async def call(self, request: Request, body: Body) -> Body:
        collection = body.get("dataCollectionId")
        if not isinstance(collection, str) or not collection:
            raise WixError("WDE0001", "dataCollectionId is missing")
        self._site.collections.get(collection)
        elements = body.get(MEMBERS[self._verb])
        if not isinstance(elements, list):
            raise WixError("WDE0080", f"{MEMBERS[self._verb]} is missing")
        if len(elements) > MAX_BULK_ITEMS:
            raise WixError("WDE0069" if self._verb == "remove" else "WDE0006", f"At most {MAX_BULK_ITEMS} items in one call")
        if self._site.faults.take("half_bulk", path=request.url.path) is not None:
            self._carry_out(collection, elements[: len(elements) // 2], body, None)
            raise WixError("WDE0028", "The operation took too long")
        if (fault := self._site.faults.take("ghost_write", path=request.url.path)) is not None:
            self._site.carry_out_later(fault.seconds, lambda: self._carry_out(collection, elements, body, None))
            await asyncio.sleep(fault.seconds)
            raise WixError("WDE0028", "The operation took too long")
        return self._carry_out(collection, elements, body, self._site.faults.take("refuse_items", path=request.url.path))

    def _carry_out(self, collection: str, elements: list[Any], body: Body, refuse: Fault | None) -> Body:
        known = self._site.items.get_many(collection, [identifier for element in elements if (identifier := _id_of(element))], consistent=True)
        taken = self._taken(collection)
        writes: list[Write] = []
        results = []
        for index, element in enumerate(elements):
            try:
                if _is_refused(refuse, _id_of(element), index):
                    raise WixError(refuse.options.get("code", "WDE0080"), refuse.options.get("description", "Validation failed"))  # type: ignore[union-attr]
                action, identifier, stored = self._one(collection, element, known, taken)
            except WixError as error:
                metadata: Body = {"originalIndex": index, "success": False, "error": {"code": error.code, "description": error.description}}
                if (identifier_of_failed := _id_of(element)) is not None:
                    metadata["id"] = identifier_of_failed
                results.append({"action": self._verb.upper().replace("SAVE", "INSERT").replace("REMOVE", "DELETE"), "itemMetadata": metadata})
            else:
                shown = known.get(identifier) if stored is None else stored
                writes.append((action, identifier, stored))
                if stored is None:
                    known.pop(identifier, None)
                else:
                    known[identifier] = stored
                result: Body = {"action": action.replace("REMOVE", "DELETE"), "itemMetadata": {"id": identifier, "originalIndex": index, "success": True}}
                if flag(body.get("returnEntity")) and shown is not None:
                    result["dataItem"] = answered(collection, shown)
                results.append(result)
        self._site.items.write(collection, writes)
        counts = {"totalSuccesses": len(writes), "totalFailures": len(elements) - len(writes)}
        return {"results": results, "bulkActionMetadata": {**counts, "undetailedFailures": 0}}

    def _one(self, collection: str, element: Any, known: dict[str, Data], taken: "Taken") -> Write:
        if self._verb in ("patch", "remove"):
            identifier = _id_of(element)
            existing = None if identifier is None else known.get(identifier)
            if identifier is None or existing is None:
                raise WixError("WDE0073", "The item does not exist")
            if self._verb == "remove":
                return "REMOVE", identifier, None
            return "PATCH", identifier, self._site.items.fresh(identifier, patched(existing, element.get("fieldModifications") or []), existing)[1]
        wanted, data = checked(element)
        existing = None if wanted is None else known.get(wanted)
        if self._verb == "insert" and existing is not None:
            raise WixError("WDE0074", "The item exists already")
        if self._verb == "update" and existing is None:
            raise WixError("WDE0073", "The item does not exist")
        identifier, stored = self._site.items.fresh(wanted, data, existing)
        if self._site.refusals and (rule := self._site.refusal(collection, identifier)) is not None:
            raise WixError(rule.code, rule.description)
        taken.claim(identifier, stored)
        return ("UPDATE" if existing else "INSERT"), identifier, stored

    def _taken(self, collection: str) -> "Taken":
        field = self._site.collections.unique_field(collection)
        return Taken(field, {} if field is None else {repr(at(item, field)): item["_id"] for item in self._site.items.all(collection)})


class Taken:
    """The values of the collection's unique field, and whose they are."""

    def __init__(self, field: str | None, owners: dict[str, str]) -> None:
        self._field = field
        self._owners = owners

    def claim(self, identifier: str, data: Data) -> None:
        """Raises WixError if another item has the value."""
        if self._field is None or (value := at(data, self._field)) is None:
            return
        if self._owners.setdefault(repr(value), identifier) != identifier:
            raise WixError("WDE0123", f"{self._field} is unique, and taken")


def _id_of(element: Any) -> str | None:
    if isinstance(element, str):
        return element
    if not isinstance(element, dict):
        return None
    data = element.get("data")
    found = element.get("id") or element.get("dataItemId") or (data.get("_id") if isinstance(data, dict) else None)
    return found if isinstance(found, str) else None


def _is_refused(fault: Fault | None, identifier: str | None, index: int) -> bool:
    if fault is None:
        return False
    every = fault.options.get("everyNth", 0)
    return identifier in fault.options.get("ids", ()) or bool(every and index % every == every - 1)
