"""Wiring of the Wix webhook: settings, AWS calls, and the receiver of requests.

Imports neither boto3 nor pydantic nor httpx: Wix waits 1250 ms for the response, cold start
included.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from gridwix.clients.aws.edge import get_secret, put_event, put_once
from gridwix.clients.aws.item_schemas import ItemKind, schema_attribute
from gridwix.clients.aws.items import Value
from gridwix.clients.aws.secret_cache import SecretCache
from gridwix.clients.aws.signed import SignedCaller
from gridwix.edge.responses import EdgeSettings
from gridwix.errors import ConfigurationError
from gridwix.mapping.secret_entries import read_signing_key
from gridwix.runtime.secret_entries import EntryWatch
from gridwix.wix_webhook.service import WixEdge, WixReceiver
from gridwix.wix_webhook.signatures import read_public_key
from gridwix.wix_webhook.submissions import NewSubmission

SOURCE = "gridwix.wix"
"""``Source`` of the bus events, as in :mod:`gridwix.models.events`, which imports pydantic."""


@dataclass(frozen=True, slots=True)
class WixEdgeSettings(EdgeSettings):
    """Environment variables of the Wix webhook function, as strings.

    ``submission_days`` is the retention of a submission, in days. A second delivery of the
    submission is deduplicated during this time; Wix retries for two days. ``wix_instance_id`` is
    the id of the app's instance on the site.
    """

    bus_name: str
    submission_table: str
    submission_days: str
    wix_instance_id: str
    wix_webhook_secret: str


class AwsWixEdge(WixEdge):
    """The AWS calls of the Wix webhook, as signed HTTP requests without an AWS SDK.

    They get the secret, store a submission, and put an event on the bus. The connection to each AWS
    service is kept open.
    """

    def __init__(
        self, settings: WixEdgeSettings, caller: SignedCaller, clock: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._caller = caller
        self._secrets = SecretCache(partial(get_secret, caller), clock)
        self._entries = {
            "publicKeys": EntryWatch("publicKeys", read_public_key),
            "signingSecrets": EntryWatch("signingSecrets", read_signing_key),
        }

    def secret(self, member: str, *, refresh: bool = False) -> list[Any]:
        fetch = self._secrets.refresh if refresh else self._secrets.get
        found = (
            self._entries[member].watch(fetch(self._settings.wix_webhook_secret)).get(member, [])
        )
        if not isinstance(found, list):
            raise ConfigurationError(
                f"has no list {member}",
                secret=self._settings.wix_webhook_secret,
                remedy=f"store it with `gridwix secret set wix/webhook --field {member}`",
            )
        return found

    def store_submission(self, submission: NewSubmission, now: float) -> bool:
        item: dict[str, Value] = {
            "id": submission.id,
            "form": submission.form,
            "receivedAt": datetime.fromtimestamp(now, UTC).isoformat(timespec="microseconds"),
            "submittedAt": submission.submitted_at,
            "values": submission.values,
            "stage": "open",
            "waiting": "open",
            **({"memberId": submission.member_id} if submission.member_id else {}),
            **({"partnerId": submission.partner_id} if submission.partner_id else {}),
            **({"locale": submission.locale} if submission.locale else {}),
            **({"plain": json.dumps(submission.plain)} if submission.plain else {}),
            **schema_attribute(ItemKind.SUBMISSION),
        }
        return put_once(
            self._caller,
            self._settings.submission_table,
            item,
            ttl_seconds=int(self._settings.submission_days) * 86_400,
            now=now,
        )

    def put_event(self, detail_type: str, detail: Mapping[str, Any], at: float) -> None:
        put_event(
            self._caller,
            self._settings.bus_name,
            source=SOURCE,
            detail_type=detail_type,
            detail_json=json.dumps(detail),
            time=at,
        )


@cache
def wix_receiver() -> WixReceiver:
    """Return the receiver of Wix requests; built once for each execution environment."""
    settings = WixEdgeSettings.from_environment()
    return WixReceiver(
        AwsWixEdge(settings, SignedCaller(), time.time),
        instance_id=settings.wix_instance_id,
        clock=time.time,
    )
