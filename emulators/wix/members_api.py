"""HTTP API of members v1.

Source: https://dev.wix.com/docs/rest/crm/members-contacts/members/members/about-wix-members and
``@wix/members``.
"""

from emulators.wix.arguments import read_object
from emulators.wix.endpoint import Call, Kind, Operation, require_object
from emulators.wix.entities import Page, read_string_list
from emulators.wix.errors import InvalidRequest
from emulators.wix.members import FIELDSETS, member_json
from emulators.wix.site import Site
from emulators.wix.wire import Data

MEMBERS = "/members/v1/members"


def create_member(site: Site, call: Call) -> Data:
    given = require_object(call.arguments, "member")
    return {
        "member": site.members.create(
            {
                name: given[name]
                for name in ("loginEmail", "contact", "profile", "privacyStatus")
                if name in given
            },
            call.by,
        )
    }


def get_member(site: Site, call: Call) -> Data:
    return {"member": member_json(site.members.get(call.path["member_id"]), _read_fieldsets(call))}


def update_member(site: Site, call: Call) -> Data:
    return {
        "member": site.members.update(
            call.path["member_id"], require_object(call.arguments, "member"), call.by
        )
    }


def approve_member(site: Site, call: Call) -> Data:
    return {"member": site.members.set_status(call.path["member_id"], "APPROVED", call.by)}


def block_member(site: Site, call: Call) -> Data:
    return {"member": site.members.set_status(call.path["member_id"], "BLOCKED", call.by)}


def delete_member(site: Site, call: Call) -> Data:
    site.members.remove(call.path["member_id"], call.by)
    return {}


def list_members(site: Site, call: Call) -> Data:
    asked: Data = {
        name: call.arguments[name] for name in ("paging", "sorting") if name in call.arguments
    }
    return _members_response(site.members.query(asked), call)


def query_members(site: Site, call: Call) -> Data:
    return _members_response(site.members.query(read_object(call.arguments, "query")), call)


def _members_response(page: Page, call: Call) -> Data:
    members, metadata = page
    fieldsets = _read_fieldsets(call)
    return {"members": [member_json(member, fieldsets) for member in members], "metadata": metadata}


def _read_fieldsets(call: Call) -> list[str]:
    asked = read_string_list(call.arguments, "fieldsets")
    if not set(asked) <= set(FIELDSETS):
        raise InvalidRequest("fieldsets", f"must be of {', '.join(FIELDSETS)}")
    return asked


OPERATIONS = [
    Operation("POST", MEMBERS, create_member, Kind.WRITE),
    Operation("GET", MEMBERS, list_members),
    Operation("POST", f"{MEMBERS}/query", query_members),
    Operation("GET", f"{MEMBERS}/{{member_id}}", get_member),
    Operation("PATCH", f"{MEMBERS}/{{member_id}}", update_member, Kind.WRITE),
    Operation("DELETE", f"{MEMBERS}/{{member_id}}", delete_member, Kind.WRITE),
    Operation("POST", f"{MEMBERS}/{{member_id}}/approve", approve_member, Kind.WRITE),
    Operation("POST", f"{MEMBERS}/{{member_id}}/block", block_member, Kind.WRITE),
]
"""The operations under ``/members/v1/members``."""
