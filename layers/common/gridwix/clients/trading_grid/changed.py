"""The community gateway profile's lists of what was updated lately (``updatedSince``)."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx

from gridwix.clients.http import field_name, members
from gridwix.clients.trading_grid.community import LIST_LIMIT
from gridwix.clients.trading_grid.faults import unusable
from gridwix.clients.trading_grid.gateway import Gateway, Read
from gridwix.clients.trading_grid.paths import PATHS, CommunityPaths
from gridwix.errors import RecordFault
from gridwix.models.ids import PartnerId
from gridwix.models.reconciliation import ChangedPage, ChangedRecord

OF_THE_HUB = frozenset({"onboarding-programs", "service-notices", "collaboration-requests", "documents"})
"""Kinds whose records belong to no partner, or need not."""

MAX_ID = 100
"""Longest id that is taken for one."""


class ChangedRecordsClient:
    """Implements the port ``gridwix.reconciler.sweep.ChangedRecords``.

    Of a record only its id, version and partner are read, so one that is malformed elsewhere is still announced. One that has none of them is handed to
    ``note`` and left out. ``base_url`` is the profile's own.
    """

    def __init__(
        self,
        http: httpx.Client,
        auth: httpx.Auth,
        *,
        base_url: str,
        paths: CommunityPaths = PATHS,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        note: Callable[[RecordFault], None] = lambda _: None,
    ) -> None:
        self._gateway = Gateway(http, auth, base_url=base_url, clock=clock, sleep=sleep)
        self._note = note
        self._paths = {
            "partners": paths.partners,
            "enrollments": paths.enrollments,
            "compliance-checks": paths.compliance_checks,
            "cases": paths.cases,
            "onboarding-programs": paths.programs,
            "service-notices": paths.notices,
            "collaboration-requests": paths.requests,
            "documents": paths.documents,
        }

    def changed(self, kind: str, since: datetime, cursor: str | None) -> ChangedPage:
        """At most 200 records of a kind (a collection of the profile, such as ``cases``), tombstones included, that were updated at or after ``since``.

        Raises UpstreamError, and CursorExpired for a cursor that is too old.
        """
        operation = f"list of changed {kind}"
        moment = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        position = [] if cursor is None else [("cursor", cursor)]
        read = self._gateway.get(operation, self._paths[kind], [("updatedSince", moment), ("limit", str(LIST_LIMIT)), *position])
        document = members(read.document)
        items, following = document.get("items"), document.get("nextCursor")
        if not isinstance(items, list) or not (following is None or isinstance(following, str)):
            raise unusable(operation, "the answer is no page of a list", read.request_id)
        records: list[ChangedRecord] = []
        for found in (_record(kind, item) for item in items):
            if isinstance(found, RecordFault):
                self._note(found)
            else:
                records.append(found)
        return ChangedPage(records, following or None, _as_of(operation, document.get("asOf"), read))


def _record(kind: str, item: object) -> ChangedRecord | RecordFault:
    record = members(item)
    identifier, version = record.get("id"), record.get("version")
    partner_id = identifier if kind == "partners" else record.get("partnerId")
    owned = kind in OF_THE_HUB or _is_id(partner_id)
    if not (_is_id(identifier) and owned and isinstance(version, int) and not isinstance(version, bool) and version >= 1):
        return RecordFault(f"{kind}/{field_name(identifier)}", "id, partnerId or version is none")
    return ChangedRecord(f"{kind}/{identifier}", None if kind in OF_THE_HUB else PartnerId(str(partner_id)), version)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID and "/" not in value


def _as_of(operation: str, value: object, read: Read) -> datetime:
    moment = None
    if isinstance(value, str):
        with suppress(ValueError):
            moment = datetime.fromisoformat(value)
    if moment is None or moment.tzinfo is None:
        raise unusable(operation, "asOf is no time", read.request_id)
    return moment
