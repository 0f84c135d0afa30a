"""Messages to members: Wix Inbox, and the automation that sends mails."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from uuid import UUID

from soak.wix.people import People
from soak.wix.refusals import InvalidRequest, WixRefusal
from soak.wix.store import Row

MAX_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that the site has sent. ``member_id`` is None for a contact without a member.

    ``channel`` is ``inbox`` or ``email``. An inbox message has no ``subject``, ``message_id`` and
    ``campaign``.

    ``at`` is in Unix seconds.
    """

    at: float
    channel: str
    member_id: str | None
    contact_id: str
    email: str
    message_id: str
    campaign: str
    subject: str
    body: str


class Messages:
    """Sends messages to members and contacts.

    Args:
        people: Members and contacts.
        random: The source of ids.
        clock: Unix seconds.
    """

    def __init__(self, people: People, random: Random, clock: Callable[[], float]) -> None:
        self.sent: list[SentMessage] = []
        """All messages that were sent. A mail that is posted twice is sent once."""
        self.repeated_mails = 0
        """Number of calls of the mail automation with the id of a mail that was sent before."""
        self.on_sent: list[Callable[[SentMessage], None]] = []
        self._people = people
        self._random = random
        self._clock = clock
        self._conversations: dict[str, str] = {}
        self._participants: dict[str, str] = {}
        self._mailed: dict[str, None] = {}

    def open_conversation(self, arguments: Row) -> Row:
        """Return the conversation with a contact (Get Or Create Conversation)."""
        contact_id = (arguments.get("participantId") or {}).get("contactId")
        if not isinstance(contact_id, str) or not contact_id:
            raise InvalidRequest("participantId", "must name a contactId")
        self._people.get_contact(contact_id)
        known = self._conversations.get(contact_id)
        identifier = known or self._new_id()
        self._conversations[contact_id] = identifier
        self._participants[identifier] = contact_id
        return {
            "conversation": {"id": identifier, "participant": {"id": contact_id}},
            "newConversation": known is None,
        }

    def send_inbox_message(self, arguments: Row) -> Row:
        """Send a message in Wix Inbox (Send Message). It has no deduplication: each call sends one
        more.
        """
        conversation = arguments.get("conversationId")
        if not isinstance(conversation, str) or conversation not in self._participants:
            raise WixRefusal("CONVERSATION_NOT_FOUND", "There is no such conversation")
        message = arguments.get("message") or {}
        items = ((message.get("content") or {}).get("basic") or {}).get("items")
        if (
            not isinstance(items, list)
            or not items
            or not all(isinstance(one.get("text"), str) and one["text"] for one in items)
            or any(len(one["text"]) > MAX_TEXT for one in items)
        ):
            raise InvalidRequest(
                "message.content.basic.items", f"must be texts of at most {MAX_TEXT} characters"
            )
        contact_id = self._participants[conversation]
        self._send("inbox", contact_id, body="\n".join(one["text"] for one in items))
        return {
            "message": {"id": self._new_id(), "conversationId": conversation, **message},
        }

    def call_mail_automation(self, arguments: Row) -> Row:
        """Trigger the mail automation, which sends a mail unless one with the same id was sent."""
        texts = [arguments.get(name) for name in ("email", "subject", "body")]
        if not all(isinstance(text, str) for text in texts):
            return {}
        message_id = str(arguments.get("messageId") or self._new_id())
        if message_id in self._mailed:
            self.repeated_mails += 1
            return {}
        self._mailed[message_id] = None
        self._send(
            "email",
            str(arguments.get("contactId") or ""),
            email=arguments["email"],
            message_id=message_id,
            campaign=str(arguments.get("campaign") or ""),
            subject=arguments["subject"],
            body=arguments["body"],
        )
        return {}

    def _send(self, channel: str, contact_id: str, body: str, **more: str) -> None:
        about = {"email": "", "message_id": "", "campaign": "", "subject": "", **more}
        member = self._people.member_of(contact_id)
        message = SentMessage(self._clock(), channel, member, contact_id, body=body, **about)
        self.sent.append(message)
        for listener in self.on_sent:
            listener(message)

    def _new_id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))
