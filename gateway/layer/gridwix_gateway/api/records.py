"""Read routes of each collection: the list of its records, and a single record."""

from collections.abc import Sequence

from gridwix_gateway.api.conditions import entity_response, entity_tag, is_not_modified
from gridwix_gateway.api.lists import list_records
from gridwix_gateway.api.messages import Response
from gridwix_gateway.api.routing import Call, ReadHandler, Router
from gridwix_gateway.community.records import missing_record
from gridwix_gateway.profile.collections import ENTITY_NAMES

router = Router()

COLLECTIONS: Sequence[str] = tuple(name for name in ENTITY_NAMES if name != "documents")
"""Collections with plain read routes. Documents have routes of their own, for their versions."""


def read_record(call: Call, collection: str) -> Response:
    """Return the record in the path, or 304 if the client already has this version.

    Args:
        call: The request with its path parameters.
        collection: The record's collection.

    Raises:
        Problem: ``not-found``.
    """
    record = call.services.records.get(collection, call.id)
    if record is None:
        raise missing_record(collection)
    tag = entity_tag(record)
    if is_not_modified(call.request, tag):
        return Response(304, headers={"etag": tag})
    return entity_response(record)


def _list_handler(collection: str) -> ReadHandler:
    def handle_list(call: Call, /) -> Response:
        return Response(200, list_records(call.request, call.services, collection))

    return handle_list


def _record_handler(collection: str) -> ReadHandler:
    def handle_read(call: Call, /) -> Response:
        return read_record(call, collection)

    return handle_read


for _name in COLLECTIONS:
    router.read("GET", f"/{_name}")(_list_handler(_name))
    router.read("GET", f"/{_name}/{{id}}")(_record_handler(_name))
