"""Client for the definitions and indexes of one site's collections (Wix Data Collections v2)."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from gridwix.clients.http_messages import path_segment
from gridwix.clients.vendor_errors import MISSING_COLLECTION, WIX_ERRORS
from gridwix.clients.wix.query import MAX_CURSOR_PAGE, next_offset
from gridwix.clients.wix.site import WixSite
from gridwix.errors import NotFound
from gridwix.models.ids import CollectionId

COLLECTIONS = "/wix-data/v2/collections"
INDEXES = "/wix-data/v2/indexes"

MAX_PAGES = 10_000
"""Maximum number of pages of one list."""


class WixSchema:
    """Reads and changes collections and their indexes, as JSON objects in Wix's own form.

    Each method takes one call from the site's call budget, ``list_collections`` one per page. If
    the budget grants none, a method raises BudgetExhausted, and the call is not sent. All methods
    raise UpstreamError if a call fails.
    """

    def __init__(self, site: WixSite) -> None:
        self._site = site

    def get_collection(self, collection: CollectionId) -> dict[str, Any] | None:
        """Return the definition of a collection; None if there is no collection with this id."""
        operation = f"get collection {collection}"
        try:
            document = self._site.call(
                operation,
                "GET",
                f"{COLLECTIONS}/{path_segment(collection)}",
                params=[("consistentRead", "true")],
                safe=True,
            )
        except NotFound as error:
            if error.vendor_code != MISSING_COLLECTION:
                raise
            return None
        return _collection_definition(operation, document)

    def list_collections(self) -> Iterator[dict[str, Any]]:
        """Yield the definitions of all collections, including Wix's own."""
        operation = "list collections"
        offset = 0
        for _ in range(MAX_PAGES):
            params = [
                ("consistentRead", "true"),
                ("paging.limit", str(MAX_CURSOR_PAGE)),
                ("paging.offset", str(offset)),
            ]
            document = self._site.call(operation, "GET", COLLECTIONS, params=params, safe=True)
            found = document.get("collections")
            if not isinstance(found, list) or not all(
                isinstance(definition, dict) for definition in found
            ):
                raise WIX_ERRORS.malformed_response(operation, "the answer has no collections")
            yield from found
            next_page = next_offset(document, offset, len(found), MAX_CURSOR_PAGE)
            if next_page is None:
                return
            offset = next_page
        raise WIX_ERRORS.malformed_response(operation, "the pages do not end")

    def create_collection(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Create a collection, and return its definition.

        Raises UpstreamConflict (WDE0104) if a collection with this id exists.
        """
        operation = f"create collection {definition['id']}"
        return _collection_definition(
            operation,
            self._site.call(operation, "POST", COLLECTIONS, body={"collection": definition}),
        )

    def update_collection(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """Replace the definition of a collection, with optimistic locking on its ``revision``.

        Returns the new definition.

        Raises:
            ValueError: The definition lacks the ``revision`` that was read.
            UpstreamConflict: The revision is stale (WDE0178).
        """
        if not definition.get("revision"):
            raise ValueError("an update needs the collection's revision")
        operation = f"update collection {definition['id']}"
        return _collection_definition(
            operation,
            self._site.call(operation, "PUT", COLLECTIONS, body={"collection": definition}),
        )

    def list_indexes(self, collection: CollectionId) -> list[dict[str, Any]]:
        """Return the indexes of a collection, including those that Wix itself has created.

        Raises NotFound (WDE0025) if there is no such collection.
        """
        operation = f"list indexes of {collection}"
        found = self._site.call(
            operation, "GET", INDEXES, params=[("dataCollectionId", collection)], safe=True
        ).get("indexes")
        if not isinstance(found, list) or not all(isinstance(index, dict) for index in found):
            raise WIX_ERRORS.malformed_response(operation, "the answer has no indexes")
        return found

    def create_index(self, collection: CollectionId, index: Mapping[str, Any]) -> None:
        """Start to build an index of a collection, without waiting for the end.

        :meth:`list_indexes` returns the status of the index.
        """
        self._site.call(
            f"create index of {collection}",
            "POST",
            INDEXES,
            body={"dataCollectionId": collection, "index": index},
        )

    def drop_index(self, collection: CollectionId, name: str) -> None:
        """Start to remove an index, without waiting for the end. A missing index is no error."""
        with suppress(NotFound):
            self._site.call(
                f"drop index of {collection}",
                "DELETE",
                INDEXES,
                params=[("dataCollectionId", collection), ("indexName", name)],
            )


def _collection_definition(operation: str, document: Mapping[str, Any]) -> dict[str, Any]:
    definition = document.get("collection")
    if not isinstance(definition, dict):
        raise WIX_ERRORS.malformed_response(operation, "the answer has no collection")
    return definition
