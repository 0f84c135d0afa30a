"""A small stack for tests of the hosting: webhooks of Trading Grid over a fake of AWS's calls."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from typing import Any

import httpx
from standardwebhooks import Webhook

from gridwix.clients.aws.signed import AwsResponse
from soak.cloud.dynamodb import ClientEvents
from soak.hosting.environments import Services
from soak.hosting.functions import Functions
from soak.hosting.telemetry import Telemetry
from soak.kernel.tasks import Scheduler
from soak.kernel.virtual_time import use_scheduler

SECRET = "whsec_" + base64.b64encode(b"s" * 24).decode()
VARIABLES = {
    "POWERTOOLS_SERVICE_NAME": "trading_grid_webhook",
    "BUS_NAME": "bus",
    "HANDOVER_TABLE": "handovers",
    "WEBHOOK_INBOX_TABLE": "inbox",
    "JOURNAL_TABLE": "journal",
    "JOURNAL_DAYS": "30",
    "TRADING_GRID_COMPANY_ID": "GC1",
    "TRADING_GRID_EVENT_TYPE_PREFIX": "net.example.tg.",
    "TRADING_GRID_WEBHOOK_MODE": "standard-webhooks",
    "TRADING_GRID_WEBHOOK_SECRET": "secret",
}


class _Client:
    """A client of AWS that makes no calls."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.meta = SimpleNamespace(events=ClientEvents())


@dataclass(frozen=True)
class Resource:
    """A function of a template."""

    folder: str
    timeout: int = 10
    memory: int = 512
    environment: Mapping[str, str] = field(default_factory=lambda: dict(VARIABLES))

    @property
    def name(self) -> str:
        return f"{self.folder}Function"


@dataclass
class SignedCalls:
    """AWS for the webhooks: each call takes some seconds. ``made`` has the operations."""

    scheduler: Scheduler
    seconds: float = 1.0
    made: list[str] = field(default_factory=list)
    act: Callable[[str], None] = lambda _: None

    def call(
        self, service: Any, operation: str, payload: Mapping[str, Any], *, expected_code: str = ""
    ) -> AwsResponse:
        self.scheduler.sleep(self.seconds)
        self.made.append(operation)
        self.act(operation)
        members: dict[str, dict[str, Any]] = {
            "GetSecretValue": {"SecretString": json.dumps({"secrets": [SECRET]})},
            "PutEvents": {"FailedEntryCount": 0},
        }
        return AwsResponse("", members.get(operation, {}))


class Stack:
    """The webhook function of Trading Grid, from virtual time 1,000,000,000 on."""

    def __init__(self, timeout: int = 10) -> None:
        self.scheduler = Scheduler(1e9)
        use_scheduler(self.scheduler)
        self.calls = SignedCalls(self.scheduler)
        self.telemetry = Telemetry(lambda: self.scheduler.now)
        self.functions = Functions(
            {"Webhook": Resource("trading_grid_webhook", timeout)},
            self.scheduler,
            Random(1),
            self.services(),
        )

    def services(self) -> Services:
        transport = httpx.MockTransport(lambda _: httpx.Response(404))
        return Services(
            new_client=_Client,
            signed_caller=lambda: self.calls,
            http=transport,
            files=transport,
            telemetry=self.telemetry,
        )

    def post_event(self, number: int = 1) -> list[dict[str, Any]]:
        """Post an event that is signed now. Returns a list that gets the response."""
        body, headers = signed_event(number, self.scheduler.now)
        responses: list[dict[str, Any]] = []
        self.functions.post_webhook("trading_grid_webhook", headers, body, responses.append)
        return responses


def signed_event(number: int, now: float) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a webhook about a partner's version."""
    at = datetime.fromtimestamp(int(now), UTC)
    event = {
        "specversion": "1.0",
        "id": f"evt_{number}",
        "source": "/tg/companies/GC1",
        "type": "net.example.tg.partner.updated",
        "subject": f"partners/P{number}",
        "time": at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "sequence": f"{number:010}",
        "companyid": "GC1",
        "partnerid": f"P{number}",
        "data": {"entity": "partner", "version": number, "changed": ["name"]},
    }
    body = json.dumps(event)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": f"evt_{number}",
        "webhook-timestamp": str(int(now)),
        "webhook-signature": Webhook(SECRET).sign(f"evt_{number}", at, body),
    }
    return body.encode(), headers
