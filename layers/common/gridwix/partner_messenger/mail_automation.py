"""Sends emails by an automation of the Wix site, started by its trigger "Webhook received".

The URL of the trigger is a secret. The response to a POST only confirms the call. This way is used
because Wix's REST API has no call that emails one person:
https://dev.wix.com/docs/rest/crm/communication/triggered-emails/introduction. The automation itself
is configured in the site's dashboard: see ``docs/functions/partner_messenger.md``.
"""

from collections.abc import Callable, Mapping
from typing import Any, override

import httpx

from gridwix.clients.http import Sender
from gridwix.clients.http_messages import Call
from gridwix.clients.vendor_errors import WIX_ERRORS, wix_error
from gridwix.clients.wix.bounced_addresses import BOUNCED
from gridwix.clients.wix.codec import encode
from gridwix.errors import ConfigurationError
from gridwix.models.secret_names import WIX_AUTOMATION
from gridwix.partner_messenger.dispatches import Contact, MemberMessage
from gridwix.partner_messenger.ports import MemberChannel

OPERATION = "call of the mail automation"


class MailAutomation(MemberChannel):
    """Sends an email by a POST to the site's automation.

    ``secret`` returns ``{"emailUrl": "https://..."}``; it is called for each email, not earlier.
    The id of the email is the ``Idempotency-Key``. No error contains the URL.
    """

    def __init__(
        self,
        http: httpx.Client,
        secret: Callable[[], Mapping[str, Any]],
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._sender = Sender(
            http, httpx.Auth(), system=WIX_ERRORS.system, clock=clock, sleep=sleep
        )
        self._secret = secret
        self._clock = clock

    @property
    @override
    def is_idempotent(self) -> bool:
        # The automation deduplicates by the message's id: see docs/functions/partner_messenger.md.
        return True

    @override
    def can_reach(self, contact: Contact) -> bool:
        return has_address(contact)

    @override
    def send_message(self, message: MemberMessage) -> None:
        payload = {
            "messageId": message.id,
            "campaign": message.campaign,
            "kind": message.kind,
            "contactId": message.contact_id,
            "email": message.email,
            "locale": message.locale,
            "subject": message.text.title,
            "body": message.text.body,
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.id}
        response = self._sender.send(
            Call(OPERATION, "POST", self._trigger_url(), headers=headers, content=encode(payload))
        )
        if not 200 <= response.status < 300:
            raise wix_error(OPERATION, response, self._clock())

    def _trigger_url(self) -> str:
        """Return the URL that starts the site's automation, from the secret.

        Raises ConfigurationError if the secret has no usable URL.
        """
        url = self._secret().get("emailUrl")
        try:
            parsed = httpx.URL(url) if isinstance(url, str) else httpx.URL("")
        except httpx.InvalidURL:
            parsed = httpx.URL("")
        if parsed.scheme not in ("https", "http") or not parsed.host:
            raise ConfigurationError(
                "has no emailUrl, the address of the trigger of the automation",
                secret=WIX_AUTOMATION,
                remedy="store it with `gridwix secret set wix/automation`",
            )
        return str(parsed)


def has_address(contact: Contact) -> bool:
    """Return True if a contact has an email address, and Wix has not seen it bounce."""
    return bool(contact.email) and contact.deliverability != BOUNCED
