"""The site's automation that sends mails, begun by its trigger "Webhook received". Its address is its secret, and it answers nothing but that it was called.

Wix's REST API has no call that mails one person: https://dev.wix.com/docs/rest/crm/communication/triggered-emails/introduction. What the automation does with
the payload is set up in the site's dashboard: see ``docs/functions/partner_messenger.md``.
"""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from gridwix.clients.http import Sender
from gridwix.clients.http_messages import Call
from gridwix.clients.vendor_errors import WIX_ERRORS, wix_error
from gridwix.clients.wix.codec import encode
from gridwix.errors import ConfigurationError
from gridwix.partner_messenger.dispatches import Mail

OPERATION = "call of the mail automation"


class MailAutomation:
    """Implements the port ``MailTrigger``. ``secret`` gives ``{"emailUrl": "https://..."}``; it is asked for when there is something to send."""

    def __init__(self, http: httpx.Client, secret: Callable[[], Mapping[str, Any]], *, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._sender = Sender(http, httpx.Auth(), system=WIX_ERRORS.system, clock=clock, sleep=sleep)
        self._secret = secret
        self._clock = clock

    def send(self, mail: Mail) -> None:
        """As the port says. No error names the address."""
        payload = {
            "messageId": mail.id,
            "campaign": mail.campaign,
            "kind": mail.kind,
            "contactId": mail.contact_id,
            "email": mail.email,
            "locale": mail.locale,
            "subject": mail.text.title,
            "body": mail.text.body,
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": mail.id}
        answer = self._sender.send(Call(OPERATION, "POST", self._url(), headers=headers, content=encode(payload)))
        if not 200 <= answer.status < 300:
            raise wix_error(OPERATION, answer, self._clock())

    def _url(self) -> str:
        url = self._secret().get("emailUrl")
        try:
            parsed = httpx.URL(url) if isinstance(url, str) else httpx.URL("")
        except httpx.InvalidURL:
            parsed = httpx.URL("")
        if parsed.scheme not in ("https", "http") or not parsed.host:
            raise ConfigurationError("the secret of the mail automation needs emailUrl, the address of its trigger")
        return str(parsed)
