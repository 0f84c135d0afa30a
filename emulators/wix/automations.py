"""The site's automations: one that calls a URL when a form is submitted, and one that starts when its own URL is called.

Wix has the one as the action "Send via webhook" with all keys and values, the other as the trigger "Webhook received". Neither call is signed: the secret is
in the URL, or in a header. Nothing says how often Wix repeats a call that fails; here it is once.
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
"""How many of the last calls, made and received, are remembered."""


@dataclass(frozen=True, slots=True)
class Automation:
    """``form_id`` None stands for every form."""

    id: str
    form_id: str | None
    url: str
    headers: Mapping[str, str]

    def to_json(self) -> Data:
        return {"id": self.id, "trigger": TRIGGER, "formId": self.form_id, "url": self.url, "headers": dict(self.headers)}


@dataclass(slots=True)
class OutgoingCall:
    """A call to an automation's URL; ``status`` is that of the last answer, None without one."""

    automationId: str  # noqa: N815 - spelt as it is sent
    submissionId: str  # noqa: N815
    attempts: int = 0
    status: int | None = None
    milliseconds: float | None = None


class Automations:
    """Kept in memory: who needs one sets it up after the start."""

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
        """Those that were made, oldest first."""
        return [asdict(call) for call in self._made]

    def call_subscribers(self, submission: Data) -> None:
        """Call whoever waits for the form: with its values by their targets, and with which form, which submission and when. One retry, no more."""
        for automation in self._automations:
            if automation.form_id not in (None, submission["formId"]):
                continue
            about = {"formId": submission["formId"], "submissionId": submission["id"], "submissionTime": submission["createdDate"]}
            made = OutgoingCall(automation.id, submission["id"])
            self._made.append(made)
            self._outgoing.schedule(0, partial(self._post_submission, automation, made, orjson.dumps({**submission["submissions"], **about})))

    def record_call(self, webhook_id: str, body: Data) -> None:
        """Somebody called the URL of an automation."""
        self._received.append({"at": rfc3339(self._clock.now()), "webhookId": webhook_id, "body": body})

    def sent_mails(self) -> list[Data]:
        """What the automations that were called have mailed, oldest first: each call with ``email``, ``subject`` and ``body``, and of those with the same
        ``messageId`` the first, as an automation does that is set up to look at it."""
        sent: dict[str, Data] = {}
        for call in self._received:
            body = call["body"]
            if all(isinstance(body.get(name), str) for name in ("email", "subject", "body")):
                key = str(body.get("messageId") or f"call-{len(sent)}")
                sent.setdefault(key, {"at": call["at"], "webhookId": call["webhookId"], **body})
        return list(sent.values())

    def received_calls(self) -> list[Data]:
        """Oldest first."""
        return list(self._received)

    def clear_received(self) -> None:
        self._received.clear()

    async def _post_submission(self, automation: Automation, made: OutgoingCall, body: bytes) -> None:
        headers = {"content-type": "application/json", **automation.headers}
        answer = await self._outgoing.post(automation.url, lambda: body, headers, TIMEOUT)
        made.attempts, made.status, made.milliseconds = made.attempts + 1, answer.status, round(answer.milliseconds, 1)
        if (answer.status is None or answer.status >= 300) and made.attempts < ATTEMPTS:
            self._outgoing.schedule(RETRY_AFTER, partial(self._post_submission, automation, made, body))
