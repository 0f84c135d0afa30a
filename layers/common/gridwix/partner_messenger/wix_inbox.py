"""Sends messages to contacts in Wix Inbox.

Source: https://dev.wix.com/docs/rest/crm/communication/inbox/introduction.
"""

from typing import override

from gridwix.clients.json_values import json_object
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.clients.wix.site import WixSite
from gridwix.errors import Unavailable
from gridwix.mapping.cuts import cut_text
from gridwix.partner_messenger.dispatches import Contact, MemberMessage
from gridwix.partner_messenger.messages import plain_text
from gridwix.partner_messenger.ports import MemberChannel

CONVERSATIONS = "/inbox/v2/conversations"
MESSAGES = "/inbox/v2/messages"
PREVIEW = 100
"""Maximum length of a message's preview, in characters."""


class WixInbox(MemberChannel):
    """Channel to persons in Wix Inbox. Each message takes two calls from the site's call budget.

    Wix has no idempotency key for messages. So after a lost response the message may have been
    sent, and it is not sent again.
    """

    def __init__(self, site: WixSite) -> None:
        self._site = site

    @property
    @override
    def is_idempotent(self) -> bool:
        return False

    @override
    def can_reach(self, contact: Contact) -> bool:
        return bool(contact.contact_id)

    @override
    def send_message(self, message: MemberMessage) -> None:
        text = plain_text(message.text)
        content = {"basic": {"items": [{"text": text}]}, "previewText": cut_text(text, PREVIEW)}
        posted = {
            "direction": "BUSINESS_TO_PARTICIPANT",
            "visibility": "BUSINESS_AND_PARTICIPANT",
            "content": content,
        }
        # Email is a channel of its own, so Wix must not send one about the message.
        body = {
            "conversationId": self._conversation_id(message.contact_id),
            "message": posted,
            "sendNotifications": False,
        }
        self._site.call("message to a contact", "POST", MESSAGES, body=body)

    def _conversation_id(self, contact_id: str) -> str:
        """Return the id of the conversation with a contact, which is created if there is none.

        Safe to retry: nothing has been sent yet, so an error here is never ambiguous.
        """
        operation = "conversation with a contact"
        try:
            response = self._site.call(
                operation,
                "POST",
                CONVERSATIONS,
                body={"participantId": {"contactId": contact_id}},
                safe=True,
            )
            identifier = json_object(response.get("conversation")).get("id")
            if not isinstance(identifier, str) or not identifier:
                raise WIX_ERRORS.malformed_response(operation, "the answer has no conversation")
        except Unavailable as error:
            error.ambiguous = False
            raise
        return identifier
