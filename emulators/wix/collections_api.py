"""Wix Data collections v2, indexes v2, and the reading of data permissions v1.

Source: https://dev.wix.com/docs/rest/business-solutions/cms/collection-management/introduction and ``@wix/data``.
"""

from emulators.wix.arguments import an_object, flag, text, whole
from emulators.wix.endpoint import Call, Kind, Operation, member_object
from emulators.wix.errors import WixError
from emulators.wix.indexes import LIMITS, MAX_FIELDS
from emulators.wix.site import Site
from emulators.wix.wire import Data

COLLECTIONS, INDEXES = "/wix-data/v2/collections", "/wix-data/v2/indexes"
MAX_PAGE = 100

LEVELS = {"ADMIN": "PRIVILEGED"}
"""The access levels of the permissions API where they are not called as the roles of a collection."""


def create(site: Site, call: Call) -> Data:
    definition = member_object(call.arguments, "collection")
    created = site.collections.create(definition)
    site.forget_items(created["id"])
    site.indexes.forget(created["id"])
    return {"collection": created}


def get(site: Site, call: Call) -> Data:
    return {"collection": site.collections.get(call.path["collection_id"], consistent=flag(call.arguments, "consistentRead"))}


def list_all(site: Site, call: Call) -> Data:
    paging = an_object(call.arguments, "paging")
    offset, limit = whole(paging, "offset", 0, most=1_000_000), whole(paging, "limit", 50, least=1, most=MAX_PAGE)
    found = site.collections.all(consistent=flag(call.arguments, "consistentRead"))
    sort = an_object(call.arguments, "sort")
    if sort:
        name = text(sort, "fieldName")
        found.sort(key=lambda collection: str(collection.get(name, "")), reverse=sort.get("order") == "DESC")
    page = found[offset : offset + limit]
    metadata = {"count": len(page), "offset": offset, "total": len(found), "tooManyToCount": False, "hasNext": offset + limit < len(found)}
    return {"collections": page, "pagingMetadata": metadata}


def update(site: Site, call: Call) -> Data:
    return {"collection": site.collections.update(member_object(call.arguments, "collection"))}


def patch(site: Site, call: Call) -> Data:
    definition = member_object(call.arguments, "dataCollection")
    return {"dataCollection": site.collections.patch({**definition, "id": call.path["collection_id"]})}


def delete(site: Site, call: Call) -> Data:
    site.collections.delete(call.path["collection_id"])
    return {}


def restore(site: Site, call: Call) -> Data:
    return {"dataCollection": site.collections.restore(call.path["collection_id"])}


def create_field(site: Site, call: Call) -> Data:
    return {"dataCollection": site.collections.create_field(call.collection, member_object(call.arguments, "field"))}


def update_field(site: Site, call: Call) -> Data:
    return {"dataCollection": site.collections.update_field(call.collection, member_object(call.arguments, "field"))}


def patch_field(site: Site, call: Call) -> Data:
    changed = site.collections.update_field(call.path["collection_id"], member_object(call.arguments, "field"), partly=True)
    return {"dataCollection": changed}


def delete_field(site: Site, call: Call) -> Data:
    """The field, and its value in every item."""
    key = text(call.arguments, "fieldKey")
    changed = site.collections.delete_field(call.collection, key)
    batch = site.batch(call.collection, call.by)
    for identifier, row in list(site.tables.read(call.collection).rows.items()):
        if key in row.data:
            batch.update({"id": identifier, "data": {name: value for name, value in row.data.items() if name != key}})
    batch.commit()
    return {"dataCollection": changed}


def create_index(site: Site, call: Call) -> Data:
    site.collections.get(call.collection)
    return {"index": site.indexes.create(call.collection, call.arguments.get("index"))}


def list_indexes(site: Site, call: Call) -> Data:
    site.collections.get(call.collection)
    found = site.indexes.all(call.collection)
    return {"indexes": found, "pagingMetadata": {"count": len(found), "offset": 0, "total": len(found), "tooManyToCount": False}}


def available_indexes(site: Site, call: Call) -> Data:
    site.collections.get(call.collection)
    existing = site.indexes.all(call.collection)
    unique = sum(index["unique"] for index in existing)
    regular = LIMITS["regular"] - (len(existing) - unique)
    return {"regular1Field": 0, f"regular{MAX_FIELDS}Field": regular, "unique1Field": LIMITS["unique"] - unique, "total": LIMITS["total"] - len(existing)}


def drop_index(site: Site, call: Call) -> Data:
    site.collections.get(call.collection)
    site.indexes.drop(call.collection, text(call.arguments, "indexName"))
    return {}


def permissions(site: Site, call: Call) -> Data:
    roles = site.collections.get(call.collection)["permissions"]
    levels = {f"item{name.capitalize()}": LEVELS.get(role, role) for name, role in roles.items()}
    return {"dataPermissions": {"id": call.collection, **levels, "specialPermissions": []}}


def no_such_job(_: Site, call: Call) -> Data:
    raise WixError("NOT_FOUND", f"There is no job {call.path['job_id'][:64]}")


OPERATIONS = [
    Operation("POST", COLLECTIONS, create, Kind.WRITE),
    Operation("GET", COLLECTIONS, list_all),
    Operation("PUT", COLLECTIONS, update, Kind.WRITE),
    Operation("POST", f"{COLLECTIONS}/create-field", create_field, Kind.WRITE),
    Operation("POST", f"{COLLECTIONS}/update-field", update_field, Kind.WRITE),
    Operation("POST", f"{COLLECTIONS}/delete-field", delete_field, Kind.WRITE),
    Operation("PATCH", f"{COLLECTIONS}/{{collection_id:path}}/patch-field", patch_field, Kind.WRITE),
    Operation("POST", f"{COLLECTIONS}/restore/{{collection_id:path}}", restore, Kind.WRITE),
    Operation("GET", f"{COLLECTIONS}/{{collection_id:path}}", get),
    Operation("PATCH", f"{COLLECTIONS}/{{collection_id:path}}", patch, Kind.WRITE),
    Operation("DELETE", f"{COLLECTIONS}/{{collection_id:path}}", delete, Kind.WRITE),
    Operation("POST", INDEXES, create_index, Kind.WRITE),
    Operation("GET", INDEXES, list_indexes),
    Operation("GET", f"{INDEXES}/available", available_indexes),
    Operation("DELETE", INDEXES, drop_index, Kind.WRITE),
    Operation("GET", "/wix-data/v1/permissions", permissions),
    Operation("GET", "/wix-data/v2/async-jobs/{job_id}/status", no_such_job),
]
"""The operations under ``/wix-data/v2/collections``, ``/wix-data/v2/indexes`` and ``/wix-data/v1/permissions``."""
