"""The route ``/capabilities``: the collections that this gateway serves."""

from gridwix_gateway.api.messages import Response
from gridwix_gateway.api.routing import Call, Router
from gridwix_gateway.profile.collections import ENTITY_NAMES
from gridwix_gateway.store.records import Filters, Records

router = Router()

KEPT_HERE = frozenset({"cases", "collaboration-requests"})
"""Collections that need no source: partners and gridwix create their records through the API."""

PAGE = 50
MAX_PAGES = 100
"""Pages of tombstones after which a collection counts as served, without reading further. Its
records were deleted, so it was used once.
"""


@router.read("GET", "/capabilities")
def handle_capabilities(call: Call, /) -> Response:
    """Return the names of the collections that the gateway serves.

    A collection is served if a source feeds it, if it has records, or if it needs no source.
    """
    fed = KEPT_HERE | call.services.fed_collections()
    names = [
        name for name in ENTITY_NAMES if name in fed or has_record(call.services.records, name)
    ]
    return Response(200, {"collections": names})


def has_record(records: Records, collection: str) -> bool:
    """Return True if a collection has a record that is not deleted.

    Tombstones are never removed, so the first pages can hold tombstones only. After ``MAX_PAGES``
    such pages the result is True.

    Args:
        records: Reads the records.
        collection: The collection.
    """
    position = ""
    for _ in range(MAX_PAGES):
        page = records.list_page(collection, Filters(), position, PAGE)
        if any(document.get("deletedAt") is None for document in page.documents):
            return True
        if page.position is None:
            return False
        position = page.position
    return True
