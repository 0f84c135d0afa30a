"""What runs behind Wix's webhook. Imports neither boto3 nor pydantic nor httpx: Wix waits 1250 ms for the answer, cold start included."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Protocol

from gridwix.clients.aws.edge import get_secret, put_event, put_once
from gridwix.clients.aws.secret_cache import SecretCache
from gridwix.clients.aws.signed import SignedCaller
from gridwix.edge.responses import EdgeSettings, verify_with_rotation
from gridwix.errors import ConfigurationError
from gridwix.mapping.references import reference
from gridwix.wix_webhook.service import NewSubmission, Received, read_event, read_form_post, verify_form_post, verify_token

SOURCE = "gridwix.wix"

KEPT_DAYS = 400
"""For how long a submission is remembered. A second delivery of one that was forgotten would be a new one; Wix delivers for two days."""


@dataclass(frozen=True, slots=True)
class WixEdgeSettings(EdgeSettings):
    """The environment variables of the webhook function, as strings. ``wix_instance_id`` is the app's instance on the site."""

    bus_name: str
    submission_table: str
    wix_instance_id: str
    wix_webhook_secret: str


class WixEdge(Protocol):
    """What the webhook needs of AWS."""

    def secret(self, member: str, *, refresh: bool = False) -> list[str]:
        """The texts of a member of the secret (``publicKeys``, ``signingSecrets``), fetched anew with ``refresh`` (at most twice a minute)."""

    def keep(self, submission: NewSubmission, now: float) -> bool:
        """Keep a submission; False if it is kept already."""

    def put(self, detail_type: str, detail: Mapping[str, Any], at: float) -> None:
        """Put one event on the bus."""


class AwsWixEdge:
    """The edge's AWS: three signed calls over one kept connection each."""

    def __init__(self, settings: WixEdgeSettings, caller: SignedCaller, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._caller = caller
        self._secrets = SecretCache(partial(get_secret, caller), clock)

    def secret(self, member: str, *, refresh: bool = False) -> list[str]:
        fetch = self._secrets.refresh if refresh else self._secrets.get
        found = fetch(self._settings.wix_webhook_secret).get(member, [])
        if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
            raise ConfigurationError('the secret is not of the form {"publicKeys": ["..."], "signingSecrets": ["whsec_..."]}')
        return found

    def keep(self, submission: NewSubmission, now: float) -> bool:
        item = {
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
        }
        return put_once(self._caller, self._settings.submission_table, item, ttl_seconds=KEPT_DAYS * 86_400, now=now)

    def put(self, detail_type: str, detail: Mapping[str, Any], at: float) -> None:
        put_event(self._caller, self._settings.bus_name, source=SOURCE, detail_type=detail_type, detail_json=json.dumps(detail), time=at)


class WixReceiver:
    """Takes what Wix sends: verify, keep a submission, put the event on the bus.

    A submission is kept before its event is put on the bus; if that fails, the sender tries again, finds it kept, and the event is put all the same.
    """

    def __init__(self, settings: WixEdgeSettings, edge: WixEdge, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._edge = edge
        self._clock = clock

    def receive(self, body: bytes) -> Received:
        """Take a webhook. Raises WebhookRejected; UpstreamError if AWS fails; ConfigurationError if there is no usable key."""
        now = self._clock()
        claims = verify_with_rotation(lambda keys: verify_token(body, keys, now=now), partial(self._edge.secret, "publicKeys"))
        return self._take(read_event(claims, instance_id=self._settings.wix_instance_id), now)

    def receive_form(self, form: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes) -> str:
        """Take a submission from site code or an automation and return its reference. Raises as :meth:`receive`."""
        now = self._clock()
        trusted = verify_with_rotation(
            lambda secrets: verify_form_post(form, headers, query, body, secrets, now=now), partial(self._edge.secret, "signingSecrets")
        )
        received = self._take(read_form_post(form, body, trusted=trusted, now=now), now)
        return reference(received.subject.removeprefix("submissions/"))

    def _take(self, received: Received, now: float) -> Received:
        if received.submission is not None:
            self._edge.keep(received.submission, now)
        if received.type:
            detail = {"contract": 1, "eventId": received.event_id, "type": received.type, "subject": received.subject, "occurredAt": received.occurred_at}
            self._edge.put(received.type, detail, datetime.fromisoformat(received.occurred_at).timestamp())
        return received


@cache
def wix_receiver() -> WixReceiver:
    """The receiver of this sandbox."""
    settings = WixEdgeSettings.read()
    return WixReceiver(settings, AwsWixEdge(settings, SignedCaller(), time.time), time.time)
