"""The site's automations, each of which calls a URL or starts when its own URL is called.

The first kind calls a URL for each form submission. Wix calls it the action "Send via webhook" with
all keys and values. The second kind starts when its URL is called. Wix calls it the trigger
"Webhook received". Neither call is signed: the secret is in the URL, or in a header. Wix does not
document how often it retries a failed call; here it is once.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial

import orjson

from emulators.common.clock import Clock, rfc3339
from emulators.wix.outgoing import Outgoing
from emulators.wix.wire import Data

TRIGGER = "form_submitted"
ATTEMPTS = 2
RETRY_AFTER = 1.0
TIMEOUT = 5.0
KEPT = 10_000
"""Maximum number of recorded calls, each of sent and of received ones."""


@dataclass(frozen=True, slots=True)
class Automation:
    """An automation that calls ``url`` for each submission of a form.

    If ``form_id`` is None, it calls the URL for the submissions of all forms.
    """

    id: str
    form_id: str | None
    url: str
    headers: Mapping[str, str]

    def to_json(self) -> Data:
        return {
            "id": self.id,
            "trigger": TRIGGER,
            "formId": self.form_id,
            "url": self.url,
            "headers": dict(self.headers),
        }


@dataclass(slots=True)
class OutgoingCall:
    """A call that an automation made to a URL.

    ``status`` is the HTTP status of the last response, or None if there was no response.
    """

    automationId: str  # noqa: N815 - spelled as on the wire
    submissionId: str  # noqa: N815
    attempts: int = 0
    status: int | None = None
    milliseconds: float | None = None


class Automations:
    """The site's automations, kept in memory: register them after each start of the emulator."""

    def __init__(self, outgoing: Outgoing, clock: Clock) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._automations: list[Automation] = []
        self._made: deque[OutgoingCall] = deque(maxlen=KEPT)
        self._received: deque[Data] = deque(maxlen=KEPT)

    def add_automation(self, url: str, form_id: str | None, headers: Mapping[str, str]) -> Data:
        automation = Automation(f"automation-{len(self._automations) + 1}", form_id, url, headers)
        self._automations.append(automation)
        return automation.to_json()

    def clear(self) -> None:
        self._automations.clear()

    def all(self) -> list[Data]:
        return [automation.to_json() for automation in self._automations]

    def outgoing_calls(self) -> list[Data]:
        """Return the calls that automations made to URLs, oldest first."""
        return [asdict(call) for call in self._made]

    def call_subscribers(self, submission: Data) -> None:
        """Call the URLs of all automations for the form of a submission. One retry per call.

        The body has the submitted values by form field, the ids of form and submission, and the
        time.
        """
        for automation in self._automations:
            if automation.form_id not in (None, submission["formId"]):
                continue
            about = {
                "formId": submission["formId"],
                "submissionId": submission["id"],
                "submissionTime": submission["createdDate"],
            }
            made = OutgoingCall(automation.id, submission["id"])
            self._made.append(made)
            self._outgoing.schedule(
                0,
                partial(
                    self._post_submission,
                    automation,
                    made,
                    orjson.dumps({**submission["submissions"], **about}),
                ),
            )

    def record_call(self, webhook_id: str, body: Data) -> None:
        """Record a call that the URL of an automation received, for ``received_calls``."""
        self._received.append(
            {"at": rfc3339(self._clock.now()), "webhookId": webhook_id, "body": body}
        )

    def sent_mails(self) -> list[Data]:
        """Return the mails that automations have sent after their URL was called, oldest first.

        Each received call with ``email``, ``subject`` and ``body`` is one mail. Calls with the same
        ``messageId`` are one mail, as in an automation that deduplicates by it.
        """
        sent: dict[str, Data] = {}
        for call in self._received:
            body = call["body"]
            if all(isinstance(body.get(name), str) for name in ("email", "subject", "body")):
                key = str(body.get("messageId") or f"call-{len(sent)}")
                sent.setdefault(key, {"at": call["at"], "webhookId": call["webhookId"], **body})
        return list(sent.values())

    def received_calls(self) -> list[Data]:
        """Return the calls that URLs of automations received, oldest first."""
        return list(self._received)

    def clear_received(self) -> None:
        self._received.clear()

    async def _post_submission(
        self, automation: Automation, made: OutgoingCall, body: bytes
    ) -> None:
        headers = {"content-type": "application/json", **automation.headers}
        answer = await self._outgoing.post(automation.url, lambda: body, headers, TIMEOUT)
        made.attempts, made.status, made.milliseconds = (
            made.attempts + 1,
            answer.status,
            round(answer.milliseconds, 1),
        )
        if (answer.status is None or answer.status >= 300) and made.attempts < ATTEMPTS:
            self._outgoing.schedule(
                RETRY_AFTER, partial(self._post_submission, automation, made, body)
            )
