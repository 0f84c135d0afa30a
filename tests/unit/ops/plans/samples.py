"""Sample plans."""

from datetime import UTC, datetime
from typing import Any

from ops.plans.models import BackfillPlan, RecordRequest, StackIdentity

MADE = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)


def plan_of(versions: dict[str, int], **members: Any) -> BackfillPlan:
    """A sealed backfill of records, by version."""
    header: dict[str, Any] = {
        "stack": StackIdentity(name="gridwix", id="arn:stack"),
        "made_at": MADE,
        "made_by": "0.1.0",
        "partner": None,
        "since": MADE,
        "collection": None,
    }
    changes = tuple(
        RecordRequest(record=record, partner=None, version=version)
        for record, version in versions.items()
    )
    return BackfillPlan(**{**header, **members}, changes=changes).seal()
