"""Wix Members v1. Source: https://dev.wix.com/docs/rest/crm/members-contacts/members/members/about-wix-members and ``@wix/members``."""

from emulators.wix.arguments import an_object
from emulators.wix.endpoint import Call, Kind, Operation, member_object
from emulators.wix.entities import Page, several
from emulators.wix.errors import InvalidRequest
from emulators.wix.members import FIELDSETS, shown
from emulators.wix.site import Site
from emulators.wix.wire import Data

MEMBERS = "/members/v1/members"


def create(site: Site, call: Call) -> Data:
    given = member_object(call.arguments, "member")
    return {"member": site.members.create({name: given[name] for name in ("loginEmail", "contact", "profile", "privacyStatus") if name in given}, call.by)}


def get(site: Site, call: Call) -> Data:
    return {"member": shown(site.members.get(call.path["member_id"]), _fieldsets(call))}


def update(site: Site, call: Call) -> Data:
    return {"member": site.members.update(call.path["member_id"], member_object(call.arguments, "member"), call.by)}


def approve(site: Site, call: Call) -> Data:
    return {"member": site.members.set_status(call.path["member_id"], "APPROVED", call.by)}


def block(site: Site, call: Call) -> Data:
    return {"member": site.members.set_status(call.path["member_id"], "BLOCKED", call.by)}


def remove(site: Site, call: Call) -> Data:
    site.members.remove(call.path["member_id"], call.by)
    return {}


def list_(site: Site, call: Call) -> Data:
    asked: Data = {name: call.arguments[name] for name in ("paging", "sorting") if name in call.arguments}
    return _answered(site.members.query(asked), call)


def query(site: Site, call: Call) -> Data:
    return _answered(site.members.query(an_object(call.arguments, "query")), call)


def _answered(page: Page, call: Call) -> Data:
    members, metadata = page
    fieldsets = _fieldsets(call)
    return {"members": [shown(member, fieldsets) for member in members], "metadata": metadata}


def _fieldsets(call: Call) -> list[str]:
    asked = several(call.arguments, "fieldsets")
    if not set(asked) <= set(FIELDSETS):
        raise InvalidRequest("fieldsets", f"must be of {', '.join(FIELDSETS)}")
    return asked


OPERATIONS = [
    Operation("POST", MEMBERS, create, Kind.WRITE),
    Operation("GET", MEMBERS, list_),
    Operation("POST", f"{MEMBERS}/query", query),
    Operation("GET", f"{MEMBERS}/{{member_id}}", get),
    Operation("PATCH", f"{MEMBERS}/{{member_id}}", update, Kind.WRITE),
    Operation("DELETE", f"{MEMBERS}/{{member_id}}", remove, Kind.WRITE),
    Operation("POST", f"{MEMBERS}/{{member_id}}/approve", approve, Kind.WRITE),
    Operation("POST", f"{MEMBERS}/{{member_id}}/block", block, Kind.WRITE),
]
"""The operations under ``/members/v1/members``."""
