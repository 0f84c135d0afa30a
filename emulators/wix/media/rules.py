"""Named rules of the Media Manager that requests can violate, and its size limits."""

from dataclasses import dataclass

from emulators.common.faults import FaultPlan
from emulators.wix.errors import InvalidRequest

RULES = {
    "SITE_QUOTA_EXCEEDED": "is more than the site's storage has room for",
    "FILE_SIZE_OVER_LIMIT": "is more than a file may have",
    "ZERO_FILE_SIZE": "is nothing",
    "MISMATCH_MIME_TYPE": "contradicts the file's name or type",
    "UNSUPPORTED_FILE_FORMAT": "is not supported",
    "RESOURCE_NOT_FOUND": "is not there",
    "INVALID_ASSET_KEY": "is not one of the file's assets",
    "FIELD_MASK_IS_EMPTY_OR_MISSING": "names nothing to change",
    "UNSUPPORTED_MEDIA_TYPE": "is not a type of media",
    "UNSUPPORTED_SORT_VALUE": "is not something to sort by",
}


@dataclass(slots=True)
class Limits:
    """Size limits of the Media Manager in bytes, and the processing time of a file in seconds."""

    ready_seconds: float = 0.2
    file_bytes: int = 1024**3
    storage_bytes: int = 20 * 1024**3


def rule_violation(rule: str, field: str) -> InvalidRequest:
    """Return the error for a request with a member ``field`` that violates one of :data:`RULES`."""
    return InvalidRequest(field, RULES[rule], rule)


def check_refused(faults: FaultPlan, path: str) -> None:
    """Raise InvalidRequest if an injected fault refuses this request."""
    fault = faults.take_match("media_refuse", path=path)
    if fault is not None:
        rule = str(fault.options.get("rule", "SITE_QUOTA_EXCEEDED"))
        raise InvalidRequest("file", RULES.get(rule, "was refused"), rule)
