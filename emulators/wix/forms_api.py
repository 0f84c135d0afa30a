"""HTTP API of form schemas v4.

Source: the types of ``@wix/forms``.
"""

from emulators.wix.arguments import read_object, read_text
from emulators.wix.endpoint import Call, Kind, Operation, require_object
from emulators.wix.errors import InvalidRequest
from emulators.wix.query import value_at
from emulators.wix.site import Site
from emulators.wix.wire import Data

FORMS = "/form-schema-service/v4/forms"


def create_form(site: Site, call: Call) -> Data:
    return {"form": site.forms.create(require_object(call.arguments, "form"), call.by)}


def get_form(site: Site, call: Call) -> Data:
    return {"form": site.forms.get(call.path["form_id"])}


def update_form(site: Site, call: Call) -> Data:
    return {
        "form": site.forms.update(
            call.path["form_id"], require_object(call.arguments, "form"), call.by
        )
    }


def delete_form(site: Site, call: Call) -> Data:
    site.forms.remove(call.path["form_id"], call.by)
    return {}


def list_forms(site: Site, call: Call) -> Data:
    paging = {
        "limit": value_at(call.arguments, "paging.limit"),
        "cursor": value_at(call.arguments, "paging.cursor"),
    }
    forms, metadata = site.forms.query(
        {"filter": {"namespace": read_text(call.arguments, "namespace")}, "cursorPaging": paging}
    )
    return {"forms": forms, "metadata": metadata}


def query_forms(site: Site, call: Call) -> Data:
    asked = read_object(call.arguments, "query")
    check_namespace(asked)
    forms, metadata = site.forms.query(asked)
    return {"forms": forms, "metadata": metadata}


def check_namespace(asked: Data) -> None:
    """Require a namespace in a query for forms, unless the query continues from a cursor.

    Raises InvalidRequest if the filter has no namespace.
    """
    filter_ = read_object(asked, "filter")
    parts = filter_.get("$and")
    named = [filter_, *(parts if isinstance(parts, list) else [])]
    if not value_at(asked, "cursorPaging.cursor") and not any(
        isinstance(part, dict) and "namespace" in part for part in named
    ):
        raise InvalidRequest("query.filter.namespace", "is missing")


OPERATIONS = [
    Operation("POST", FORMS, create_form, Kind.WRITE),
    Operation("GET", FORMS, list_forms),
    Operation("POST", f"{FORMS}/query", query_forms),
    Operation("GET", f"{FORMS}/{{form_id}}", get_form),
    Operation("PATCH", f"{FORMS}/{{form_id}}", update_form, Kind.WRITE),
    Operation("DELETE", f"{FORMS}/{{form_id}}", delete_form, Kind.WRITE),
]
"""The operations under ``/form-schema-service/v4/forms``."""
