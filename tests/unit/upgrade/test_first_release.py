"""Reads what the first release has sent and stored."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from gridwix.edge.api_gateway import body_of, headers_of
from gridwix.models.events import (
    RESYNC_REQUESTED,
    Change,
    PollRequest,
    PortalEvent,
    StatusTransition,
)
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.reconciliation import (
    RUN_MESSAGE,
    DriftReport,
    FullPage,
    Phase,
    RowVerdict,
    RunRequest,
    SweepPage,
)
from gridwix.reconciler.checkpoints import Checkpoints
from gridwix.reconciler.sweep import KINDS
from gridwix.runtime.queue_runner import Envelope, parse_batch
from tests.unit.upgrade.first_release import read_sample

PARTNER, ROW = PartnerId("GC00700011NR"), WixItemId("GC00700011NR")
BEGUN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PAGE: dict[str, Any] = {"run": "full-1", "begun": BEGUN, "collection": "PartnerStatus"}
PAGES = {
    "full_list": FullPage(**PAGE, cursor="page_2", parts=1),
    "full_compare": FullPage(**PAGE, phase=Phase.COMPARE, page=1, cursor=PARTNER, parts=2),
    "full_remove": FullPage(**PAGE, phase=Phase.REMOVE, parts=2, compared=3),
    "sweep_page": SweepPage(
        run="sweep-1", since=BEGUN, revision=4, kind=3, cursor="page_9", as_of=BEGUN
    ),
    "sweep_schedule": RunRequest(mode="sweep"),
    "full_schedule": RunRequest(mode="full"),
}


def waiting(name: str) -> Change:
    """The change of a message of the first release, as a consumer of this release reads it."""
    record = {"messageId": "m-1", "body": read_sample("messages")[name]}
    batch = parse_batch(
        {"Records": [record]}, lambda body: Envelope[Change].model_validate_json(body).detail
    )
    assert batch.malformed == {}
    return batch.messages[0].body


@pytest.mark.parametrize("via", ["webhook", "feed"])
def test_change_that_waits_when_read_is_the_change_that_was_sent(via: Any) -> None:
    assert waiting(via) == Change(
        event_id="evt_1001",
        type="compliance.status_changed",
        subject="compliance-checks/chk_1",
        occurred_at=datetime(2026, 11, 23, 9, 58, 12, tzinfo=UTC),
        company_id="GC22698817YV",
        partner_id=PARTNER,
        version=8,
        changed=("status",),
        status=StatusTransition(before="failed", after="passed"),
        sequence="000000000042",
        via=via,
    )


def test_resync_request_that_waits_when_read_asks_for_the_same_records() -> None:
    whole, one = waiting("resync"), waiting("sweep")

    assert (whole.type, whole.resync_partner_id) == (RESYNC_REQUESTED, PARTNER)
    assert (one.resync_partner_id, one.record, one.version) == (None, "cases/case_1", 5)


@pytest.mark.parametrize("name", PAGES)
def test_message_of_the_reconciler_when_read_goes_on_with_the_same_page(name: str) -> None:
    assert RUN_MESSAGE.validate_json(read_sample("messages")[name]) == PAGES[name]


def test_kinds_of_the_sweep_when_extended_keep_the_numbers_of_the_first_release() -> None:
    # A page names its kind by number.
    assert KINDS[:4] == ("partners", "enrollments", "compliance-checks", "cases")


def test_documents_of_a_run_when_read_have_the_same_findings() -> None:
    records = Checkpoints(documents(read_sample("documents")))
    compare, remove = (
        FullPage.model_validate(PAGES[name]) for name in ("full_compare", "full_remove")
    )

    keys = [key for part in range(remove.parts) for key in records.key_part(remove, part)]
    compared, removed = records.compared(compare, 1), records.removed(remove, 0)

    assert set(keys) == {PARTNER, "GC055120098871"}
    assert compared is not None
    assert (compared.rows, compared.shown, compared.done) == (2, 2, True)
    assert [(one.id, one.verdict) for one in compared.findings] == [(ROW, RowVerdict.DRIFTED)]
    assert removed is not None
    assert (removed.removed, removed.kept, removed.done) == (("GC-gone",), ("GC-kept",), False)
    assert records.baseline(remove) == 203


def test_drift_report_of_the_first_release_when_read_has_its_counts() -> None:
    (text,) = (
        text for name, text in read_sample("documents").items() if name.startswith("reports/")
    )

    report = DriftReport.model_validate_json(text)

    assert (report.rows, report.drifted, report.lost, report.ids.drifted) == (2, 1, 0, (ROW,))


def test_request_to_the_url_of_the_first_release_when_passed_to_this_one_is_read_alike() -> None:
    # Until the update ends, its REST API (payload format 1.0) calls the new code.
    event = {
        "resource": "/webhooks/trading-grid",
        "httpMethod": "POST",
        "headers": {"webhook-id": "evt_1", "Content-Type": "application/json"},
        "multiValueHeaders": {},
        "requestContext": {"stage": "live"},
        "body": '{"id": "evt_1"}',
        "isBase64Encoded": False,
    }

    assert headers_of(event) == {"webhook-id": "evt_1", "content-type": "application/json"}
    assert body_of(event) == b'{"id": "evt_1"}'


LATER: Mapping[str, tuple[Any, str]] = {
    "change": (
        TypeAdapter(Envelope[Change]),
        '{"detail": {"eventId": "e", "type": "t", "subject": "cases/1", "status": {"new": 1},'
        ' "occurredAt": "2026-11-23T02:00:00Z", "companyId": "GC1", "via": "feed", "new": 1}}',
    ),
    "portal event": (
        TypeAdapter(PortalEvent),
        '{"eventId": "e", "type": "t", "subject": "submissions/1",'
        ' "occurredAt": "2026-11-23T02:00:00Z", "new": 1}',
    ),
    "poll request": (
        TypeAdapter(PollRequest),
        '{"requestedAt": "2026-11-23T02:00:00Z", "new": 1}',
    ),
    "page": (
        RUN_MESSAGE,
        '{"mode": "full", "run": "r", "begun": "2026-11-23T02:00:00Z",'
        ' "collection": "C", "new": 1}',
    ),
    "sweep page": (
        RUN_MESSAGE,
        '{"mode": "sweep", "run": "r", "since": "2026-11-23T02:00:00Z", "revision": 1, "new": 1}',
    ),
}
"""What a later release may send, with a member that this one does not know."""


@pytest.mark.parametrize("name", LATER)
def test_message_of_a_later_release_when_read_is_read_without_what_is_unknown(name: str) -> None:
    reader, text = LATER[name]

    read = reader.validate_json(text)

    assert "new" not in read.model_dump_json()


def test_documents_of_a_later_release_when_read_are_read_without_what_is_unknown() -> None:
    later = {
        name: json.dumps(json.loads(text) | {"new": 1}) if text.startswith("{") else text
        for name, text in read_sample("documents").items()
    }
    remove = FullPage.model_validate(PAGES["full_remove"])

    assert Checkpoints(documents(later)).baseline(remove) == 203
    assert Checkpoints(documents(later)).removed(remove, 0) is not None


def test_request_of_a_run_when_misspelled_is_refused() -> None:
    # A request of an operator, who must hear of it.
    with pytest.raises(ValidationError):
        RUN_MESSAGE.validate_json('{"mode": "full", "dryrun": true}')


def documents(texts: dict[str, str]) -> Any:
    return SimpleNamespace(read_document=texts.get, write=texts.__setitem__)
