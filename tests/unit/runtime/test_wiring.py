"""Adapters and settings that the functions are wired to."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gridwix.clients.aws.secrets import SecretStore
from gridwix.document_sync.service import DocumentSync
from gridwix.document_sync.wiring import document_sync
from gridwix.errors import GridwixError, RowHeld, Unauthenticated
from gridwix.form_intake.service import FormIntake
from gridwix.form_intake.wiring import form_intake
from gridwix.models.ids import PartnerId
from gridwix.notice_publisher.service import NoticePublisher
from gridwix.notice_publisher.wiring import notice_publisher
from gridwix.onboarding_sync.service import OnboardingSync
from gridwix.onboarding_sync.wiring import onboarding_sync
from gridwix.partner_messenger.wiring import partner_messenger
from gridwix.portal_ringer.wiring import portal_ringer
from gridwix.reconciler.queue import Reconciliation
from gridwix.reconciler.wiring import reconciliation
from gridwix.request_publisher.service import RequestPublisher
from gridwix.request_publisher.wiring import request_publisher
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import forget_credentials_after
from gridwix.runtime.portal_bell import QueueBell
from gridwix.status_publisher.service import PartnerStatusPublisher
from gridwix.status_publisher.wiring import status_publisher
from gridwix.trading_grid_feed.service import FeedReader
from gridwix.trading_grid_feed.wiring import feed_reader
from ops.reconcile import COLLECTIONS

ENVIRONMENT = {
    "TRADING_GRID_BASE_URL": "https://apigrid.example",
    "TRADING_GRID_COMMUNITY_URL": "https://gateway.example/community/v1",
    "TRADING_GRID_COMPANY_ID": "HUB",
    "TRADING_GRID_CREDENTIALS_SECRET": "trading-grid",
    "WIX_BASE_URL": "https://wix.example",
    "WIX_SITE_ID": "site",
    "WIX_CREDENTIALS_SECRET": "wix",
    "BUS_NAME": "bus",
    "CURSOR_TABLE": "cursors",
    "BUDGET_TABLE": "budget",
    "HANDOVER_TABLE": "handovers",
    "LEDGER_TABLE": "ledger",
    "REFUSED_ITEM_TABLE": "refused",
    "QUEUE_URL": "https://queue.example",
    "REPORT_BUCKET": "reports",
    "SUBMISSION_TABLE": "submissions",
    "FILE_HOSTS": "files.example",
    "VISITOR_FILE_HOSTS": "",
    "TRANSFER_TABLE": "transfers",
    "DISPATCH_TABLE": "dispatches",
    "WIX_AUTOMATION_SECRET": "automation",
    "INVITATION_KEY_SECRET": "invitations",
    "WIX_WEBHOOK_SECRET": "webhook",
    "PORTAL_RING_URL": "https://www.northwind.com/_functions/gridwixRing",
    "PORTAL_RING_QUEUE_URL": "https://rings.example",
    "PORTAL_URL": "https://www.northwind.com/partner-portal",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    credentials: Mapping[str, Any] = {
        "trading-grid": {"consumerKey": "k", "consumerSecret": "s", "token": "t"},
        "wix": {"apiKey": "key"},
        "webhook": {"signingSecrets": ["whsec_b2xk"]},
    }
    monkeypatch.setattr(SecretStore, "get", lambda _, name: credentials[name])
    forget()
    yield
    forget()


def forget() -> None:
    forget_credentials_after([Unauthenticated(system="wix", status=401)])


@pytest.mark.parametrize(
    ("build", "service"),
    [
        (document_sync, DocumentSync),
        (feed_reader, FeedReader),
        (form_intake, FormIntake),
        (notice_publisher, NoticePublisher),
        (onboarding_sync, OnboardingSync),
        (reconciliation, Reconciliation),
        (request_publisher, RequestPublisher),
        (status_publisher, PartnerStatusPublisher),
    ],
)
def test_service_is_built_from_the_settings_once_for_a_sandbox(
    build: Callable[[], object], service: type
) -> None:
    assert isinstance(build(), service)
    assert build() is build()


def test_ringer_leaves_a_quarter_of_the_burst_to_those_who_write_rows() -> None:
    ringer: Any = portal_ringer()
    publisher: Any = status_publisher()

    rates = [
        one._site._budget._rate for one in (ringer._numbers._wix, publisher._publisher._collections)
    ]
    assert portal_ringer() is ringer
    assert [(rate.calls_per_minute, rate.burst) for rate in rates] == [(165, 45), (180, 60)]


def test_publishers_and_messenger_have_the_bell() -> None:
    bells = [status_publisher()._publisher._bell, partner_messenger()._retention._bell]

    assert [type(bell) for bell in bells] == [QueueBell, QueueBell]


def test_ringer_of_a_portal_that_is_not_rung_has_no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    rung = portal_ringer()
    forget()
    monkeypatch.setenv("PORTAL_RING_URL", "")

    assert rung._site is not None
    assert portal_ringer()._site is None


def test_messenger_unlocks_steps_and_keeps_quiet_hours_as_the_settings_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = partner_messenger()
    forget()
    monkeypatch.setenv("STEP_CASCADE", "gridwix")
    monkeypatch.setenv("QUIET_HOURS", "ignore")
    other = partner_messenger()

    assert (usual._unlocker is None, other._unlocker is None) == (True, False)
    assert [
        one._dispatcher._configuration.messaging.quiet_hours is None for one in (usual, other)
    ] == [False, True]
    assert {str(one._dispatcher._configuration.messaging.portal_url) for one in (usual, other)} == {
        "https://www.northwind.com/partner-portal"
    }
    assert usual._retention._keep == timedelta(days=configuration().messaging.keep_days)


@pytest.mark.parametrize(
    ("error", "anew"), [(Unauthenticated(system="wix", status=401), True), (RowHeld(), False)]
)
def test_credentials_that_were_refused_are_read_anew_and_no_others(
    error: GridwixError, anew: bool
) -> None:
    before = status_publisher()

    forget_credentials_after([RowHeld(), error])

    assert (status_publisher() is not before) is anew


@pytest.mark.parametrize(
    ("mode", "sent"), [("static-bearer", "Bearer t"), ("apigrid", "Basic azpz")]
)
def test_way_to_log_in_to_trading_grid_is_a_setting(
    monkeypatch: pytest.MonkeyPatch, mode: str, sent: str
) -> None:
    monkeypatch.setenv("TRADING_GRID_AUTH_MODE", mode)
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return httpx.Response(401)

    monkeypatch.setattr(
        "gridwix.runtime.trading_grid.http",
        lambda: httpx.Client(transport=httpx.MockTransport(answer)),
    )

    with pytest.raises(Unauthenticated):
        status_publisher()._source.partners([PartnerId("GC1")])

    assert seen[0] == sent


def test_operators_are_told_of_every_collection_that_is_reconciled() -> None:
    assert tuple(reconciliation().collections) == COLLECTIONS
