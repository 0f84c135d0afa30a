"""Wix Inbox v2. Source: https://dev.wix.com/docs/rest/crm/communication/inbox/introduction and ``@wix/inbox``."""

from emulators.wix.arguments import an_object, text
from emulators.wix.endpoint import Call, Kind, Operation, member_object
from emulators.wix.site import Site
from emulators.wix.wire import Data


def get_or_create(site: Site, call: Call) -> Data:
    conversation, new = site.inbox.conversation(an_object(call.arguments, "participantId"))
    return {"conversation": conversation, "newConversation": new}


def send(site: Site, call: Call) -> Data:
    return {"message": site.inbox.send(text(call.arguments, "conversationId"), member_object(call.arguments, "message"))}


def list_(site: Site, call: Call) -> Data:
    return {"messages": site.inbox.messages(text(call.arguments, "conversationId"))}


OPERATIONS = [
    Operation("POST", "/inbox/v2/conversations", get_or_create, Kind.WRITE),
    Operation("POST", "/inbox/v2/messages", send, Kind.WRITE),
    Operation("GET", "/inbox/v2/messages", list_),
]
