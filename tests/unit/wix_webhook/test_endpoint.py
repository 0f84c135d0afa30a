"""The webhook's calls to AWS."""

from typing import Any

import pytest

from gridwix.wix_webhook import endpoint
from gridwix.wix_webhook.endpoint import AwsWixEdge, WixEdgeSettings
from gridwix.wix_webhook.submissions import NewSubmission

NOW = 1_780_000_000.0


def test_submission_is_kept_for_the_days_of_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    stored: dict[str, Any] = {}

    def put_once(_: object, table: str, item: Any, *, ttl_seconds: int, now: float) -> bool:
        stored.update(table=table, ttl=ttl_seconds, now=now, id=item["id"])
        return True

    monkeypatch.setattr(endpoint, "put_once", put_once)
    settings = WixEdgeSettings("bus", "submissions", "30", "none", "secret")
    caller: Any = None
    edge = AwsWixEdge(settings, caller, lambda: NOW)

    edge.store_submission(NewSubmission("s-1", "contact", "2026-11-29", None, "{}"), NOW)

    assert stored == {"table": "submissions", "ttl": 30 * 86_400, "now": NOW, "id": "s-1"}
