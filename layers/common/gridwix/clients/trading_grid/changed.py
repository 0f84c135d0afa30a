"""Lists records of the community gateway that were updated since a time (``updatedSince``)."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from gridwix.clients.json_values import json_object, safe_field_name
from gridwix.clients.trading_grid.gateway import Gateway
from gridwix.clients.trading_grid.paths import PATHS, CommunityPaths
from gridwix.clients.trading_grid.record_pages import (
    LIST_LIMIT,
    list_time,
    page_items,
    updated_since,
)
from gridwix.errors import RecordFault
from gridwix.models.ids import PartnerId
from gridwix.models.reconciliation import ChangedPage, ChangedRecord

OF_THE_HUB = frozenset(
    {"onboarding-programs", "service-notices", "collaboration-requests", "documents"}
)
"""Kinds of records that belong to the hub, so that they need no partner."""

MAX_ID = 100
"""Maximum length of a record's id, in characters."""


class ChangedRecordsClient:
    """Lists records of the community gateway that were updated recently.

    Implements the port ``gridwix.reconciler.sweep.ChangedRecords``.

    Only id, version and partner of a record are read, so a record with another malformed field is
    still listed. A record that lacks one of the three is passed to ``note`` as a fault, and left
    out.

    Args:
        http: The httpx client that all vendors share.
        auth: Authentication with the community gateway.
        base_url: Base URL of the community gateway, which is not that of OpenText's services.
        paths: Paths of the gateway's collections.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds between attempts.
        note: Receives the fault of each record that cannot be listed.
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
        """Return one page of the records of a kind that were updated since a time.

        Tombstones (deleted records) are included.

        Args:
            kind: A collection of the community gateway, such as ``cases``.
            since: Inclusive lower bound of the update time.
            cursor: The next page's cursor from the page before; None for the first page.

        Returns:
            At most 200 records; the cursor of the next page, None after the last page; and the time
            up to which the list has all changes (high-water mark).

        Raises:
            CursorExpired: The cursor is too old.
            UpstreamError: The call failed.
        """
        operation = f"list of changed {kind}"
        position = [] if cursor is None else [("cursor", cursor)]
        response = self._gateway.get_json(
            operation,
            self._paths[kind],
            [updated_since(since), ("limit", str(LIST_LIMIT)), *position],
        )
        items, next_cursor = page_items(operation, response)
        records: list[ChangedRecord] = []
        for found in (_changed_record(kind, item) for item in items):
            if isinstance(found, RecordFault):
                self._note(found)
            else:
                records.append(found)
        return ChangedPage(records, next_cursor, list_time(operation, response))


def _changed_record(kind: str, item: object) -> ChangedRecord | RecordFault:
    record = json_object(item)
    identifier, version = record.get("id"), record.get("version")
    partner_id = identifier if kind == "partners" else record.get("partnerId")
    has_owner = kind in OF_THE_HUB or _is_id(partner_id)
    if not (
        _is_id(identifier)
        and has_owner
        and isinstance(version, int)
        and not isinstance(version, bool)
        and version >= 1
    ):
        return RecordFault(
            f"{kind}/{safe_field_name(identifier)}", "id, partnerId or version is none"
        )
    named = PartnerId(str(partner_id)) if _is_id(partner_id) else None
    return ChangedRecord(
        f"{kind}/{identifier}", None if kind in OF_THE_HUB else named, version, named
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID and "/" not in value
