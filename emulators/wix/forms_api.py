"""Wix Form Schemas v4. Source: the types of ``@wix/forms``."""

from emulators.wix.arguments import an_object, text
from emulators.wix.endpoint import Call, Kind, Operation, member_object
from emulators.wix.errors import InvalidRequest
from emulators.wix.query import at
from emulators.wix.site import Site
from emulators.wix.wire import Data

FORMS = "/form-schema-service/v4/forms"


def create(site: Site, call: Call) -> Data:
    return {"form": site.forms.create(member_object(call.arguments, "form"), call.by)}


def get(site: Site, call: Call) -> Data:
    return {"form": site.forms.get(call.path["form_id"])}


def update(site: Site, call: Call) -> Data:
    return {"form": site.forms.update(call.path["form_id"], member_object(call.arguments, "form"), call.by)}


def remove(site: Site, call: Call) -> Data:
    site.forms.remove(call.path["form_id"], call.by)
    return {}


def list_(site: Site, call: Call) -> Data:
    paging = {"limit": at(call.arguments, "paging.limit"), "cursor": at(call.arguments, "paging.cursor")}
    forms, metadata = site.forms.query({"filter": {"namespace": text(call.arguments, "namespace")}, "cursorPaging": paging})
    return {"forms": forms, "metadata": metadata}


def query(site: Site, call: Call) -> Data:
    asked = an_object(call.arguments, "query")
    check_namespace(asked)
    forms, metadata = site.forms.query(asked)
    return {"forms": forms, "metadata": metadata}


def check_namespace(asked: Data) -> None:
    """Raises InvalidRequest for a query whose filter does not say in which namespace; a cursor has said it before."""
    filter_ = an_object(asked, "filter")
    parts = filter_.get("$and")
    named = [filter_, *(parts if isinstance(parts, list) else [])]
    if not at(asked, "cursorPaging.cursor") and not any(isinstance(part, dict) and "namespace" in part for part in named):
        raise InvalidRequest("query.filter.namespace", "is missing")


OPERATIONS = [
    Operation("POST", FORMS, create, Kind.WRITE),
    Operation("GET", FORMS, list_),
    Operation("POST", f"{FORMS}/query", query),
    Operation("GET", f"{FORMS}/{{form_id}}", get),
    Operation("PATCH", f"{FORMS}/{{form_id}}", update, Kind.WRITE),
    Operation("DELETE", f"{FORMS}/{{form_id}}", remove, Kind.WRITE),
]
"""The operations under ``/form-schema-service/v4/forms``."""
