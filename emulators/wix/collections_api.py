"""Wix Data collections v2, indexes v2 and the reading of data permissions v1.

Source: https://dev.wix.com/docs/rest/business-solutions/cms/collection-management/introduction and ``@wix/data``.
"""

from starlette.requests import Request
from starlette.routing import Route

from emulators.wix.errors import WixError
from emulators.wix.requests import Body, guarded, whole
from emulators.wix.site import Site


def routes(site: Site) -> list[Route]:
    """The routes under ``/wix-data/v2/collections``, ``/wix-data/v2/indexes`` and ``/wix-data/v1/permissions``."""
    api = CollectionsApi(site)
    table = {
        ("POST", "/v2/collections"): api.create,
        ("GET", "/v2/collections"): api.list,
        ("PUT", "/v2/collections"): api.update,
        ("POST", "/v2/collections/create-field"): api.create_field,
        ("POST", "/v2/collections/update-field"): api.update_field,
        ("POST", "/v2/collections/delete-field"): api.delete_field,
        ("POST", "/v2/collections/restore/{collection_id}"): api.restore,
        ("GET", "/v2/collections/{collection_id:path}"): api.get,
        ("DELETE", "/v2/collections/{collection_id:path}"): api.delete,
        ("POST", "/v2/indexes"): api.create_index,
        ("GET", "/v2/indexes"): api.list_indexes,
        ("DELETE", "/v2/indexes"): api.drop_index,
        ("GET", "/v1/permissions"): api.permissions,
    }
    return [Route(f"/wix-data{path}", guarded(site, work), methods=[method]) for (method, path), work in table.items()]


class CollectionsApi:
    """One method for each call; each answers the body of a 200, or raises WixError."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._collections = site.collections

    async def create(self, _: Request, body: Body) -> Body:
        return {"collection": self._collections.create(body.get("collection"))}

    async def get(self, request: Request, _: Body) -> Body:
        return {"collection": self._collections.get(request.path_params["collection_id"])}

    async def list(self, _: Request, body: Body) -> Body:
        offset, limit = whole(body.get("paging.offset"), 0), whole(body.get("paging.limit"), 50)
        found = self._collections.all()
        page = found[offset : offset + limit]
        return {"collections": page, "pagingMetadata": {"count": len(page), "offset": offset, "total": len(found), "hasNext": offset + limit < len(found)}}

    async def update(self, _: Request, body: Body) -> Body:
        return {"collection": self._collections.update(body.get("collection"))}

    async def delete(self, request: Request, _: Body) -> Body:
        self._collections.delete(request.path_params["collection_id"])
        return {}

    async def restore(self, request: Request, _: Body) -> Body:
        return {"collection": self._collections.restore(request.path_params["collection_id"])}

    async def create_field(self, _: Request, body: Body) -> Body:
        return {"collection": self._collections.put_field(_collection(body), body.get("field"), new=True)}

    async def update_field(self, _: Request, body: Body) -> Body:
        return {"collection": self._collections.put_field(_collection(body), body.get("field"), new=False)}

    async def delete_field(self, _: Request, body: Body) -> Body:
        return {"collection": self._collections.delete_field(_collection(body), str(body.get("fieldKey")))}

    async def create_index(self, _: Request, body: Body) -> Body:
        return {"index": self._collections.create_index(_collection(body), body.get("index"))}

    async def list_indexes(self, _: Request, body: Body) -> Body:
        found = self._collections.indexes(_collection(body))
        return {"indexes": found, "pagingMetadata": {"count": len(found), "hasNext": False}}

    async def drop_index(self, _: Request, body: Body) -> Body:
        self._collections.drop_index(_collection(body), str(body.get("indexName")))
        return {}

    async def permissions(self, _: Request, body: Body) -> Body:
        identifier = _collection(body)
        roles = self._collections.get(identifier)["permissions"]
        granted = {f"item{name.capitalize()}": role for name, role in roles.items()}
        return {"dataPermissions": {"id": identifier, **granted, "specialPermissions": []}}


def _collection(body: Body) -> str:
    identifier = body.get("dataCollectionId")
    if not isinstance(identifier, str) or not identifier:
        raise WixError("WDE0001", "dataCollectionId is missing")
    return identifier
