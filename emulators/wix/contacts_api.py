"""HTTP API of contacts v4, with labels and extended fields.

Source: https://dev.wix.com/docs/api-reference/crm/members-contacts/contacts/introduction and
``@wix/crm``.
"""

from emulators.wix.arguments import read_flag, read_object, read_text
from emulators.wix.endpoint import Call, Kind, Operation, require_object
from emulators.wix.entities import read_string_list
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.query import value_at
from emulators.wix.site import Site
from emulators.wix.wire import Data

CONTACTS = "/contacts/v4/contacts"
LABELS = "/contacts/v4/labels"
FIELDS = "/contacts/v4/extended-fields"


def create_contact(site: Site, call: Call) -> Data:
    info = read_object(call.arguments, "info")
    return {
        "contact": site.contacts.create(
            info, call.by, allow_duplicates=read_flag(call.arguments, "allowDuplicates")
        )
    }


def get_contact(site: Site, call: Call) -> Data:
    return {"contact": site.contacts.get(call.path["contact_id"])}


def update_contact(site: Site, call: Call) -> Data:
    arguments, identifier = call.arguments, call.path["contact_id"]
    duplicates = read_flag(arguments, "allowDuplicates")
    return {
        "contact": site.contacts.update(
            identifier,
            arguments.get("revision"),
            read_object(arguments, "info"),
            call.by,
            allow_duplicates=duplicates,
        )
    }


def delete_contact(site: Site, call: Call) -> Data:
    site.contacts.remove(call.path["contact_id"], call.by)
    return {}


def merge_contacts(site: Site, call: Call) -> Data:
    return {
        "contact": site.contacts.merge(
            call.path["contact_id"],
            call.arguments.get("targetContactRevision"),
            read_string_list(call.arguments, "sourceContactIds"),
            call.by,
        )
    }


def list_contacts(site: Site, call: Call) -> Data:
    return _query_page(
        site, {"paging": call.arguments.get("paging"), "sort": _read_sort(call.arguments)}
    )


def query_contacts(site: Site, call: Call) -> Data:
    return _query_page(site, read_object(call.arguments, "query"))


def label_contact(site: Site, call: Call) -> Data:
    return {
        "contact": site.contacts.change_labels(
            call.path["contact_id"], read_string_list(call.arguments, "labelKeys"), call.by
        )
    }


def unlabel_contact(site: Site, call: Call) -> Data:
    return {
        "contact": site.contacts.change_labels(
            call.path["contact_id"],
            read_string_list(call.arguments, "labelKeys"),
            call.by,
            away=True,
        )
    }


def create_label(site: Site, call: Call) -> Data:
    found, new = site.contacts.labels.find_or_create_label(read_text(call.arguments, "displayName"))
    return {"label": found, "newLabel": new}


def get_label(site: Site, call: Call) -> Data:
    return {"label": site.contacts.labels.get(call.path["key"])}


def rename_label(site: Site, call: Call) -> Data:
    return {
        "label": site.contacts.labels.rename(
            call.path["key"], read_text(require_object(call.arguments, "label"), "displayName")
        )
    }


def delete_label(site: Site, call: Call) -> Data:
    site.contacts.labels.remove(call.path["key"])
    return {}


def list_labels(site: Site, call: Call) -> Data:
    labels, metadata = site.contacts.labels.query({"paging": call.arguments.get("paging")})
    return {"labels": labels, "metadata": metadata}


def query_labels(site: Site, call: Call) -> Data:
    labels, metadata = site.contacts.labels.query(read_object(call.arguments, "query"))
    return {"labels": labels, "pagingMetadata": metadata}


def create_field(site: Site, call: Call) -> Data:
    found, new = site.contacts.extended_fields.find_or_create_field(call.arguments)
    return {"field": found, "newField": new}


def get_field(site: Site, call: Call) -> Data:
    return {"field": site.contacts.extended_fields.get(call.path["key"])}


def delete_field(site: Site, call: Call) -> Data:
    site.contacts.extended_fields.remove(call.path["key"])
    return {}


def list_fields(site: Site, call: Call) -> Data:
    fields, metadata = site.contacts.extended_fields.query({"paging": call.arguments.get("paging")})
    return {"fields": fields, "metadata": metadata}


def query_fields(site: Site, call: Call) -> Data:
    fields, metadata = site.contacts.extended_fields.query(read_object(call.arguments, "query"))
    return {"fields": fields, "pagingMetadata": metadata}


def _query_page(site: Site, asked: Data) -> Data:
    try:
        contacts, metadata = site.contacts.query(asked)
    except InvalidRequest as error:
        if error.field == "limit":
            raise WixError("ILLEGAL_LIMIT", f"The limit {error.description}") from None
        raise
    return {"contacts": contacts, "pagingMetadata": metadata}


def _read_sort(arguments: Data) -> list[Data]:
    name = value_at(arguments, "sort.fieldName")
    return (
        [{"fieldName": name, "order": value_at(arguments, "sort.order") or "ASC"}] if name else []
    )


OPERATIONS = [
    Operation("POST", CONTACTS, create_contact, Kind.WRITE),
    Operation("GET", CONTACTS, list_contacts),
    Operation("POST", f"{CONTACTS}/query", query_contacts),
    Operation("GET", f"{CONTACTS}/{{contact_id}}", get_contact),
    Operation("PATCH", f"{CONTACTS}/{{contact_id}}", update_contact, Kind.WRITE),
    Operation("DELETE", f"{CONTACTS}/{{contact_id}}", delete_contact, Kind.WRITE),
    Operation("POST", f"{CONTACTS}/{{contact_id}}/merge", merge_contacts, Kind.WRITE),
    Operation("POST", f"{CONTACTS}/{{contact_id}}/labels", label_contact, Kind.WRITE),
    Operation("DELETE", f"{CONTACTS}/{{contact_id}}/labels", unlabel_contact, Kind.WRITE),
    Operation("POST", LABELS, create_label, Kind.WRITE),
    Operation("GET", LABELS, list_labels),
    Operation("POST", f"{LABELS}/query", query_labels),
    Operation("GET", f"{LABELS}/{{key}}", get_label),
    Operation("PATCH", f"{LABELS}/{{key}}", rename_label, Kind.WRITE),
    Operation("DELETE", f"{LABELS}/{{key}}", delete_label, Kind.WRITE),
    Operation("POST", FIELDS, create_field, Kind.WRITE),
    Operation("GET", FIELDS, list_fields),
    Operation("POST", f"{FIELDS}/query", query_fields),
    Operation("GET", f"{FIELDS}/{{key}}", get_field),
    Operation("DELETE", f"{FIELDS}/{{key}}", delete_field, Kind.WRITE),
]
"""The API operations under ``/contacts/v4``."""
