"""Receives requests of Wix: verifies them, stores submissions, puts events on the bus."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from gridwix.edge.responses import verify_with_rotation
from gridwix.mapping.references import reference
from gridwix.wix_webhook.events import ReceivedEvent, read_event
from gridwix.wix_webhook.form_posts import read_form_post
from gridwix.wix_webhook.signatures import verify_form_post, verify_token
from gridwix.wix_webhook.submissions import NewSubmission


class WixEdge(Protocol):
    """The AWS calls that the receiver of Wix requests needs."""

    def secret(self, member: str, *, refresh: bool = False) -> list[Any]:
        """Return the entries of a list in the secret, as JSON values.

        ``member`` names the list: ``publicKeys`` or ``signingSecrets``. ``refresh`` fetches the
        secret again, at most twice a minute.
        """

    def store_submission(self, submission: NewSubmission, now: float) -> bool:
        """Store a submission in the inbox; return False if it is stored already (a duplicate).

        ``now`` is in Unix seconds.
        """

    def put_event(self, detail_type: str, detail: Mapping[str, Any], at: float) -> None:
        """Put one event on the bus. ``at`` is the event's time, in Unix seconds."""


class WixReceiver:
    """Receives webhooks and form posts of Wix. Idempotent: a retry stores no second submission.

    A submission is stored before its event is put on the bus. If the put fails, the sender retries;
    the submission is then stored already, and only the event is put on the bus.
    """

    def __init__(self, edge: WixEdge, *, instance_id: str, clock: Callable[[], float]) -> None:
        self._edge = edge
        self._instance_id = instance_id
        self._clock = clock

    def receive(self, body: bytes) -> ReceivedEvent:
        """Receive a webhook: verify it, store its submission (if any), put its event on the bus.

        Raises:
            WebhookRejected: if the webhook must not reach the bus.
            UpstreamError: if AWS fails.
            ConfigurationError: if there is no usable key.
        """
        now = self._clock()
        claims = verify_with_rotation(
            lambda keys: verify_token(body, keys, now=now),
            partial(self._edge.secret, "publicKeys"),
            "publicKeys",
        )
        event = read_event(claims, instance_id=self._instance_id)
        self._publish(event, now)
        return event

    def receive_form(
        self, form: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes
    ) -> str:
        """Receive a form post of site code or an automation, and return the submission's reference.

        Raises the errors of :meth:`receive`.
        """
        now = self._clock()
        trusted = verify_with_rotation(
            lambda secrets: verify_form_post(form, headers, query, body, secrets, now=now),
            partial(self._edge.secret, "signingSecrets"),
            "signingSecrets",
        )
        event = read_form_post(form, body, trusted=trusted, now=now)
        self._publish(event, now)
        return reference(event.subject.removeprefix("submissions/"))

    def _publish(self, event: ReceivedEvent, now: float) -> None:
        if event.submission is not None:
            self._edge.store_submission(event.submission, now)
        # An event that gridwix does not use has no type: it is accepted without a bus event.
        if event.type:
            detail = {
                "contract": 1,
                "eventId": event.event_id,
                "type": event.type,
                "subject": event.subject,
                "occurredAt": event.occurred_at,
            }
            self._edge.put_event(
                event.type, detail, datetime.fromisoformat(event.occurred_at).timestamp()
            )
