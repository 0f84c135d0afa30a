"""Control routes for what happens on the site itself (forms, members, inbox); no credentials.

``POST /__emulator/forms {id?, name, fields: [{target, label, inputType, component?, required,
validation?}]}``
    Create a form, with a chosen id. ``inputType`` is STRING by default, and ``component`` the
    plain one of that type.
``POST /__emulator/submissions {formId, submissions, memberId?, visitorId?, status?}``
    Submit a form as a visitor, or as a logged-in member.
``POST /__emulator/members {loginEmail, id?, status?, contact?, profile?, loginEmailVerified?}``
    Create a member, with a chosen id.
``POST /__emulator/members/{id} {loginEmail?, loginEmailVerified?}``
    Change the login address of a member, or whether Wix has verified it.
``POST /__emulator/contacts/{id} {subscriptionStatus?, deliverabilityStatus?}``
    Subscribe to marketing or unsubscribe, or make mails to the contact bounce.
``GET /__emulator/inbox``
    Return each message of the inbox, oldest first, with its contact.
"""

import uuid

from starlette.requests import Request
from starlette.routing import Route

from emulators.wix.arguments import read_text
from emulators.wix.auth import USER
from emulators.wix.control import json_handler
from emulators.wix.endpoint import read_arguments
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.forms import simple_form
from emulators.wix.site import Site
from emulators.wix.submissions import STATUSES
from emulators.wix.wire import Data


def routes(site: Site) -> list[Route]:
    control = CrmControl(site)
    return [
        Route("/__emulator/forms", json_handler(control.handle_forms), methods=["GET", "POST"]),
        Route(
            "/__emulator/submissions",
            json_handler(control.handle_submissions),
            methods=["GET", "POST"],
        ),
        Route("/__emulator/members", json_handler(control.create_member), methods=["POST"]),
        Route(
            "/__emulator/members/{member_id}", json_handler(control.change_login), methods=["POST"]
        ),
        Route(
            "/__emulator/contacts/{contact_id}",
            json_handler(control.update_subscription),
            methods=["POST"],
        ),
        Route("/__emulator/inbox", json_handler(control.list_messages)),
    ]


class CrmControl:
    """Handlers of the control routes for forms, submissions, members, contacts and the inbox.

    Each returns a JSON object, or raises WixError or InvalidRequest.
    """

    def __init__(self, site: Site) -> None:
        self._site = site

    async def handle_forms(self, request: Request) -> Data:
        if request.method == "GET":
            return {"forms": self._site.forms.all()}
        order = await read_arguments(request)
        fields = order.get("fields")
        if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
            raise InvalidRequest("fields", "must be a list of objects")
        return {
            "form": self._site.forms.create(
                simple_form(read_text(order, "name"), fields), USER, order.get("id")
            )
        }

    async def handle_submissions(self, request: Request) -> Data:
        if request.method == "GET":
            return {"submissions": self._site.submissions.all()}
        order = await read_arguments(request)
        status = read_text(order, "status", "CONFIRMED")
        if status not in STATUSES:
            raise InvalidRequest("status", f"must be one of {', '.join(STATUSES)}")
        submitter, by = self._read_submitter(order)
        return {"submission": self._site.submissions.create(order, submitter, by, status=status)}

    async def create_member(self, request: Request) -> Data:
        return {"member": self._site.members.create(await read_arguments(request), USER)}

    async def change_login(self, request: Request) -> Data:
        changes = await read_arguments(request)
        return {
            "member": self._site.members.change_login(
                request.path_params["member_id"], changes, USER
            )
        }

    async def update_subscription(self, request: Request) -> Data:
        changes = await read_arguments(request)
        return {
            "contact": self._site.contacts.set_subscription(
                request.path_params["contact_id"], changes, USER
            )
        }

    async def list_messages(self, _: Request) -> Data:
        return {"messages": self._site.inbox.all()}

    def _read_submitter(self, order: Data) -> tuple[Data, Data]:
        """Return who submits a form, in the formats of the stored submission and of its event.

        The first is ``{memberId}`` or ``{visitorId}``. The second has ``identityType`` as well, for
        the event that announces the submission. Raises WixError for a member who does not exist, or
        who cannot log in.
        """
        if order.get("memberId") is None:
            visitor = read_text(order, "visitorId", str(uuid.uuid4()))
            return {"visitorId": visitor}, {
                "identityType": "ANONYMOUS_VISITOR",
                "anonymousVisitorId": visitor,
            }
        member = self._site.members.get(read_text(order, "memberId"))
        if member["status"] != "APPROVED":
            raise WixError("PERMISSION_DENIED", f"The member is {member['status']}")
        return {"memberId": member["id"]}, {"identityType": "MEMBER", "memberId": member["id"]}
