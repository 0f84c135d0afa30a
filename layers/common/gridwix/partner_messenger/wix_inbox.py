"""The site's inbox: messages to contacts. https://dev.wix.com/docs/rest/crm/communication/inbox/introduction"""

from gridwix.clients.json_values import json_object
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.clients.wix.site import WixSite
from gridwix.errors import Unavailable

CONVERSATIONS = "/inbox/v2/conversations"
MESSAGES = "/inbox/v2/messages"
PREVIEW = 100


class WixInbox:
    """Implements the port ``MemberInbox``. Each message is two calls of the site's budget."""

    def __init__(self, site: WixSite) -> None:
        self._site = site

    def send(self, contact_id: str, text: str) -> None:
        """As the port says: a message has no idempotency key, so an ambiguous answer stays ambiguous."""
        content = {"basic": {"items": [{"text": text}]}, "previewText": text[:PREVIEW]}
        message = {"direction": "BUSINESS_TO_PARTICIPANT", "visibility": "BUSINESS_AND_PARTICIPANT", "content": content}
        # Mails are a channel of their own, so Wix need not send one about the message.
        body = {"conversationId": self._conversation(contact_id), "message": message, "sendNotifications": False}
        self._site.call("message to a contact", "POST", MESSAGES, body=body)

    def _conversation(self, contact_id: str) -> str:
        """The conversation with a contact, which is made if there is none. That can be asked twice: nothing has been said yet."""
        operation = "conversation with a contact"
        try:
            answer = self._site.call(operation, "POST", CONVERSATIONS, body={"participantId": {"contactId": contact_id}}, safe=True)
            identifier = json_object(answer.get("conversation")).get("id")
            if not isinstance(identifier, str) or not identifier:
                raise WIX_ERRORS.malformed_response(operation, "the answer has no conversation")
        except Unavailable as error:
            error.ambiguous = False
            raise
        return identifier
