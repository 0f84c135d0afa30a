"""Compares a response of a gateway with the gateway's OpenAPI contract (profile).

Compared are the status, schema, media type and timestamps of each response that a check of the
conformance kit receives.
"""

import re
from typing import Any

from ops.gateway.check.exchanges import Exchange
from ops.gateway.check.profile import (
    CAPABILITIES_PATH,
    NO_SUCH_OPERATION,
    PROBLEM_STATUSES,
    Profile,
)

SCHEMA = "responses.schema"
STATUS = "responses.status"
MEDIA_TYPE = "responses.media_type"
TIMES = "responses.times"
PROBLEM_FORM = "problems.media_type"
PROBLEM_SCHEMA = "problems.schema"
PROBLEM_STATUS = "problems.status"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_TIME_MEMBERS = frozenset({"asOf", "createdAt", "updatedAt", "deletedAt", "time"})


def find_faults(profile: Profile, exchange: Exchange) -> list[tuple[str, str]]:
    """Compare one response of the gateway with the community gateway profile, its OpenAPI contract.

    Args:
        profile: The community gateway profile.
        exchange: A request to a path of the profile, and its response.

    Returns:
        A pair for each fault: the name of the rule that the response breaks, and a text.
    """
    if exchange.status >= 400:
        return _problem_faults(profile, exchange)
    operation = profile.find_operation(exchange.method, exchange.target.partition("?")[0])
    if operation is None:
        return []
    name = operation.name
    if exchange.status not in operation.statuses:
        wanted = ", ".join(str(status) for status in sorted(operation.statuses))
        return [(STATUS, f"{name} answers {exchange.status}; the profile has {wanted}")]
    if exchange.status not in operation.validators:
        return []
    found = [
        (SCHEMA, f"{name}: {fault}")
        for fault in profile.response_faults(operation, exchange.status, exchange.document)
    ]
    if exchange.media_type != "application/json":
        found.append((MEDIA_TYPE, f"{name} answers with the media type {exchange.media_type!r}"))
    return found + [(TIMES, f"{name}: {fault}") for fault in _time_faults(exchange.document)]


def _problem_faults(profile: Profile, exchange: Exchange) -> list[tuple[str, str]]:
    # The profile describes no body for a range that does not exist, and a gateway without an
    # optional operation answers as it does for any path that it does not know.
    if exchange.status == 416 or _is_absent_operation(exchange):
        return []
    if exchange.media_type != "application/problem+json":
        fault = f"an error {exchange.status} has the media type {exchange.media_type!r}"
        return [(PROBLEM_FORM, fault)]
    faults = [(PROBLEM_SCHEMA, fault) for fault in profile.problem_faults(exchange.document)]
    if faults or not isinstance(exchange.document, dict):
        return faults
    stated, code = exchange.document["status"], exchange.document["code"]
    if stated != exchange.status:
        faults.append((PROBLEM_STATUS, f"the status is {exchange.status}, in the body {stated}"))
    if PROBLEM_STATUSES[code] != exchange.status:
        faults.append(
            (
                PROBLEM_STATUS,
                f"{code} comes with the status {exchange.status}, not {PROBLEM_STATUSES[code]}",
            )
        )
    return faults


def _is_absent_operation(exchange: Exchange) -> bool:
    return exchange.target == CAPABILITIES_PATH and exchange.status in NO_SUCH_OPERATION


def _time_faults(document: Any) -> list[str]:
    """Return a text for each time in a response that is not in UTC with milliseconds.

    The times of records, lists and events are checked.
    """
    # Deeper members are not looked at: the answers of a form may have a member "time".
    items = document.get("items", []) if isinstance(document, dict) else []
    return [
        f"{name} is {value[:60]!r}, not UTC with milliseconds"
        for record in (document, *(items if isinstance(items, list) else []))
        if isinstance(record, dict)
        for name, value in record.items()
        if name in _TIME_MEMBERS and isinstance(value, str) and not _TIME.fullmatch(value)
    ]
