"""The site's inbox: one conversation with each contact, with messages.

A message that is sent twice appears twice: the API has no idempotency key.
Source: https://dev.wix.com/docs/rest/crm/communication/inbox/introduction and ``@wix/inbox``.
"""

import uuid
from typing import Any

from emulators.common.clock import Clock
from emulators.wix.arguments import read_object, read_text
from emulators.wix.contacts import Contacts
from emulators.wix.entities import Entities
from emulators.wix.errors import InvalidRequest
from emulators.wix.members import Members
from emulators.wix.tables import Tables
from emulators.wix.wire import Data

CONVERSATIONS = "$conversations"
MESSAGES = "$messages"
DIRECTIONS = ("BUSINESS_TO_PARTICIPANT", "PARTICIPANT_TO_BUSINESS")
VISIBILITIES = ("BUSINESS", "BUSINESS_AND_PARTICIPANT")
MAX_TEXT = 10_000


class Inbox:
    """Stores the conversations of the site's inbox, and their messages.

    Raises WixError for a participant or a conversation that does not exist.
    """

    def __init__(self, tables: Tables, clock: Clock, contacts: Contacts, members: Members) -> None:
        self._conversations = Entities(
            tables, CONVERSATIONS, clock, missing="CONVERSATION_NOT_FOUND"
        )
        self._messages = Entities(tables, MESSAGES, clock)
        self._contacts = contacts
        self._members = members

    def get_or_create_conversation(self, participant: Data) -> tuple[Data, bool]:
        """Return the conversation with a participant, and True if it is a new conversation."""
        named = [
            name
            for name in ("contactId", "memberId", "anonymousVisitorId")
            if participant.get(name)
        ]
        if len(named) != 1:
            raise InvalidRequest(
                "participantId", "must name one of contactId, memberId and anonymousVisitorId"
            )
        identifier = read_text(participant, named[0])
        if named[0] == "memberId":
            identifier = self._members.get(identifier)["contactId"]
        if named[0] != "anonymousVisitorId":
            self._contacts.get(identifier)
        known = next(
            (one for one in self._conversations.all() if one["participant"]["id"] == identifier),
            None,
        )
        if known is not None:
            return known, False
        return self._conversations.add(
            {"id": str(uuid.uuid4()), "participant": {"id": identifier}}
        ), True

    def send_message(self, conversation_id: str, message: Data) -> Data:
        self._conversations.get(conversation_id)
        direction, visibility = read_text(message, "direction"), read_text(message, "visibility")
        if direction not in DIRECTIONS:
            raise InvalidRequest("message.direction", f"must be one of {', '.join(DIRECTIONS)}")
        if visibility not in VISIBILITIES:
            raise InvalidRequest("message.visibility", f"must be one of {', '.join(VISIBILITIES)}")
        content = read_object(message, "content")
        items: Any = read_object(content, "basic").get("items")
        if (
            not isinstance(items, list)
            or not items
            or not all(isinstance(item, dict) and _is_text(item.get("text")) for item in items)
        ):
            raise InvalidRequest(
                "message.content.basic.items", f"must be texts of at most {MAX_TEXT} characters"
            )
        return self._messages.add(
            {
                "id": str(uuid.uuid4()),
                "conversationId": conversation_id,
                "direction": direction,
                "visibility": visibility,
                "content": {**content, "contentType": "BASIC"},
            }
        )

    def messages(self, conversation_id: str) -> list[Data]:
        """Return the messages of a conversation, newest first."""
        self._conversations.get(conversation_id)
        return [
            message
            for message in reversed(self._messages.all())
            if message["conversationId"] == conversation_id
        ]

    def all(self) -> list[Data]:
        """Return all messages of the inbox, each with its contact, oldest first."""
        participants = {one["id"]: one["participant"]["id"] for one in self._conversations.all()}
        return [
            {**message, "contactId": participants[message["conversationId"]]}
            for message in self._messages.all()
        ]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT
