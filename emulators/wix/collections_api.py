"""HTTP API of data collections v2, indexes v2, and data permissions v1 (reads only).

Source: https://dev.wix.com/docs/rest/business-solutions/cms/collection-management/introduction and
``@wix/data``.
"""

from emulators.wix.arguments import read_flag, read_int, read_object, read_text
from emulators.wix.endpoint import Call, Kind, Operation, require_object
from emulators.wix.errors import WixError
from emulators.wix.indexes import LIMITS, MAX_FIELDS
from emulators.wix.site import Site
from emulators.wix.wire import Data

COLLECTIONS, INDEXES = "/wix-data/v2/collections", "/wix-data/v2/indexes"
MAX_PAGE = 100

LEVELS = {"ADMIN": "PRIVILEGED"}
"""Access levels of the permissions API, where they differ from a collection's roles."""


def create_collection(site: Site, call: Call) -> Data:
    definition = require_object(call.arguments, "collection")
    created = site.collections.create(definition)
    site.drop_items(created["id"])
    site.indexes.drop_all(created["id"])
    return {"collection": created}


def get_collection(site: Site, call: Call) -> Data:
    return {
        "collection": site.collections.get(
            call.path["collection_id"], consistent=read_flag(call.arguments, "consistentRead")
        )
    }


def list_collections(site: Site, call: Call) -> Data:
    paging = read_object(call.arguments, "paging")
    offset, limit = (
        read_int(paging, "offset", 0, most=1_000_000),
        read_int(paging, "limit", 50, least=1, most=MAX_PAGE),
    )
    found = site.collections.all(consistent=read_flag(call.arguments, "consistentRead"))
    sort = read_object(call.arguments, "sort")
    if sort:
        name = read_text(sort, "fieldName")
        found.sort(
            key=lambda collection: str(collection.get(name, "")),
            reverse=sort.get("order") == "DESC",
        )
    page = found[offset : offset + limit]
    metadata = {
        "count": len(page),
        "offset": offset,
        "total": len(found),
        "tooManyToCount": False,
        "hasNext": offset + limit < len(found),
    }
    return {"collections": page, "pagingMetadata": metadata}


def update_collection(site: Site, call: Call) -> Data:
    return {"collection": site.collections.update(require_object(call.arguments, "collection"))}


def patch_collection(site: Site, call: Call) -> Data:
    definition = require_object(call.arguments, "dataCollection")
    return {
        "dataCollection": site.collections.patch({**definition, "id": call.path["collection_id"]})
    }


def delete_collection(site: Site, call: Call) -> Data:
    site.collections.delete(call.path["collection_id"])
    return {}


def restore_collection(site: Site, call: Call) -> Data:
    return {"dataCollection": site.collections.restore(call.path["collection_id"])}


def create_field(site: Site, call: Call) -> Data:
    return {
        "dataCollection": site.collections.create_field(
            call.collection, require_object(call.arguments, "field")
        )
    }


def update_field(site: Site, call: Call) -> Data:
    return {
        "dataCollection": site.collections.update_field(
            call.collection, require_object(call.arguments, "field")
        )
    }


def patch_field(site: Site, call: Call) -> Data:
    changed = site.collections.update_field(
        call.path["collection_id"], require_object(call.arguments, "field"), partly=True
    )
    return {"dataCollection": changed}


def delete_field(site: Site, call: Call) -> Data:
    """Delete a field of a collection, and its value in each item."""
    key = read_text(call.arguments, "fieldKey")
    changed = site.collections.delete_field(call.collection, key)
    batch = site.new_batch(call.collection, call.by)
    for identifier, row in list(site.tables.table(call.collection).rows.items()):
        if key in row.data:
            batch.update(
                {
                    "id": identifier,
                    "data": {name: value for name, value in row.data.items() if name != key},
                }
            )
    batch.commit()
    return {"dataCollection": changed}


def create_index(site: Site, call: Call) -> Data:
    site.collections.get(call.collection)
    return {"index": site.indexes.create(call.collection, call.arguments.get("index"))}


def list_indexes(site: Site, call: Call) -> Data:
    site.collections.get(call.collection)
    found = site.indexes.all(call.collection)
    return {
        "indexes": found,
        "pagingMetadata": {
            "count": len(found),
            "offset": 0,
            "total": len(found),
            "tooManyToCount": False,
        },
    }


def count_available_indexes(site: Site, call: Call) -> Data:
    site.collections.get(call.collection)
    existing = site.indexes.all(call.collection)
    unique = sum(index["unique"] for index in existing)
    regular = LIMITS["regular"] - (len(existing) - unique)
    return {
        "regular1Field": 0,
        f"regular{MAX_FIELDS}Field": regular,
        "unique1Field": LIMITS["unique"] - unique,
        "total": LIMITS["total"] - len(existing),
    }


def drop_index(site: Site, call: Call) -> Data:
    site.collections.get(call.collection)
    site.indexes.drop(call.collection, read_text(call.arguments, "indexName"))
    return {}


def get_permissions(site: Site, call: Call) -> Data:
    roles = site.collections.get(call.collection)["permissions"]
    levels = {f"item{name.capitalize()}": LEVELS.get(role, role) for name, role in roles.items()}
    return {"dataPermissions": {"id": call.collection, **levels, "specialPermissions": []}}


def get_async_job(_: Site, call: Call) -> Data:
    raise WixError("NOT_FOUND", f"There is no job {call.path['job_id'][:64]}")


OPERATIONS = [
    Operation("POST", COLLECTIONS, create_collection, Kind.WRITE),
    Operation("GET", COLLECTIONS, list_collections),
    Operation("PUT", COLLECTIONS, update_collection, Kind.WRITE),
    Operation("POST", f"{COLLECTIONS}/create-field", create_field, Kind.WRITE),
    Operation("POST", f"{COLLECTIONS}/update-field", update_field, Kind.WRITE),
    Operation("POST", f"{COLLECTIONS}/delete-field", delete_field, Kind.WRITE),
    Operation(
        "PATCH", f"{COLLECTIONS}/{{collection_id:path}}/patch-field", patch_field, Kind.WRITE
    ),
    Operation(
        "POST", f"{COLLECTIONS}/restore/{{collection_id:path}}", restore_collection, Kind.WRITE
    ),
    Operation("GET", f"{COLLECTIONS}/{{collection_id:path}}", get_collection),
    Operation("PATCH", f"{COLLECTIONS}/{{collection_id:path}}", patch_collection, Kind.WRITE),
    Operation("DELETE", f"{COLLECTIONS}/{{collection_id:path}}", delete_collection, Kind.WRITE),
    Operation("POST", INDEXES, create_index, Kind.WRITE),
    Operation("GET", INDEXES, list_indexes),
    Operation("GET", f"{INDEXES}/available", count_available_indexes),
    Operation("DELETE", INDEXES, drop_index, Kind.WRITE),
    Operation("GET", "/wix-data/v1/permissions", get_permissions),
    Operation("GET", "/wix-data/v2/async-jobs/{job_id}/status", get_async_job),
]
"""The operations under ``/wix-data/v2/{collections,indexes}`` and ``/wix-data/v1/permissions``."""
