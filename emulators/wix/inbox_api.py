"""HTTP API of the inbox v2.

Source: https://dev.wix.com/docs/rest/crm/communication/inbox/introduction and ``@wix/inbox``.
"""

from emulators.wix.arguments import read_object, read_text
from emulators.wix.endpoint import Call, Kind, Operation, require_object
from emulators.wix.site import Site
from emulators.wix.wire import Data


def get_or_create_conversation(site: Site, call: Call) -> Data:
    conversation, new = site.inbox.get_or_create_conversation(
        read_object(call.arguments, "participantId")
    )
    return {"conversation": conversation, "newConversation": new}


def send_message(site: Site, call: Call) -> Data:
    return {
        "message": site.inbox.send_message(
            read_text(call.arguments, "conversationId"), require_object(call.arguments, "message")
        )
    }


def list_messages(site: Site, call: Call) -> Data:
    return {"messages": site.inbox.messages(read_text(call.arguments, "conversationId"))}


OPERATIONS = [
    Operation("POST", "/inbox/v2/conversations", get_or_create_conversation, Kind.WRITE),
    Operation("POST", "/inbox/v2/messages", send_message, Kind.WRITE),
    Operation("GET", "/inbox/v2/messages", list_messages),
]
