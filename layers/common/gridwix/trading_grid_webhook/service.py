"""What a verified webhook of Trading Grid tells of. Imports little, for it runs at the edge."""

import json
from typing import Any

from gridwix.edge.rejections import rejection
from gridwix.errors import InvalidEvent
from gridwix.mapping.cloud_events import KNOWN_TYPES, to_change


def read_change(body: bytes, *, company_id: str, type_prefix: str) -> dict[str, Any]:
    """The change that a verified body tells of, as the JSON object for the bus. Raises WebhookRejected."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise rejection("malformed-body") from None
    if not isinstance(event, dict):
        raise rejection("malformed-body")
    try:
        change = to_change(event, prefix=type_prefix, via="webhook")
    except InvalidEvent:
        raise rejection("invalid-event") from None
    if change["companyId"] != company_id:
        raise rejection("unknown-company")
    if change["type"] not in KNOWN_TYPES:
        raise rejection("unknown-type")
    return change
