"""Finds content that was lost with a deleted field or collection of the site, to restore it.

``gridwix setup`` creates the field again, empty in every row. A full comparison fills the field
from Trading Grid. The comparison cannot restore collections that are not reconciled, or texts that
editors had written on the portal.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import ONBOARDING_STEPS, PORTAL_CHANGES
from gridwix.models.wix import BulkOutcome, Page
from gridwix.publication.merge import AGREED
from gridwix.trading_grid_feed.service import CURSOR_NAME
from ops.collections import Ensured, Outcome
from ops.errors import OpsError
from ops.reconcile import COLLECTIONS
from ops.stack import Stack

SHARED = frozenset({ONBOARDING_STEPS})
"""Collections that portal editors also write to. Each row stores the last agreed value per field.
"""


class CoOwnedRows(Protocol):
    """The part of the Wix client that reads and changes rows of a shared collection.

    Portal editors write to such a collection, too.
    """

    def query_pages(
        self,
        collection: CollectionId,
        *,
        fields: Sequence[str] = (),
        by: Literal["cursor", "offset"] = "cursor",
    ) -> Iterator[Page]: ...
    def bulk_set(
        self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]
    ) -> BulkOutcome: ...


@dataclass(frozen=True, slots=True)
class Loss:
    """Content that was lost: fields of a collection that were created again and are empty.

    Without fields, the whole collection was lost.
    """

    collection: CollectionId
    fields: tuple[str, ...] = ()

    @property
    def is_refillable(self) -> bool:
        """True if a reconcile run fills the lost content again from Trading Grid."""
        return self.collection in COLLECTIONS

    def __str__(self) -> str:
        return (
            f"{', '.join(self.fields)} of {self.collection}"
            if self.fields
            else f"all of {self.collection}"
        )


def find_losses(ensured: Iterable[Ensured], *, published: bool) -> list[Loss]:
    """Return the fields and collections that were lost on the site, and are created again, empty.

    Args:
        ensured: For each collection, the changes that ``ensure_collection`` made, or that a plan
            would make.
        published: True if the stack has published rows to the portal before. Only then does a whole
            collection that is created count as lost; otherwise it is new.
    """
    return [
        Loss(one.collection, one.restored)
        for one in ensured
        if one.restored
        or (published and one.outcome is Outcome.CREATED and one.collection != PORTAL_CHANGES)
    ]


def has_published(stack: Stack) -> bool:
    """Return True if the stack has ever begun to publish all partners to the portal.

    The reader of the event feed then stores its position (cursor). If the stack has one, the portal
    may have had rows. Raises UpstreamError if the position cannot be read.
    """
    return (
        DynamoDBCursorStore(stack.aws.dynamodb, stack.output("CursorTableName"), lambda: 0.0)
        .read_cursor(CURSOR_NAME)
        .cursor
        is not None
    )


def forget_agreement(rows: CoOwnedRows, loss: Loss) -> int:
    """Remove the merge base of lost fields from all rows of a collection that two sides edit.

    The sides are Trading Grid and editors of the portal. The merge base is the last value on which
    both agreed. Lost fields were deleted on the site, and are empty now. With a merge base, the
    three-way merge would take the empty field for an edit: it would win if the portal owns the
    field, and be a conflict if Trading Grid does.

    Returns:
        The number of changed rows.

    Raises:
        UpstreamError: A call to Wix failed.
        OpsError: Wix refused a row.
    """
    if loss.collection not in SHARED or not loss.fields:
        return 0
    forgotten = 0
    for page in rows.query_pages(loss.collection, fields=["_id", AGREED], by="offset"):
        changes = {
            item.id: {
                AGREED: {name: value for name, value in agreed.items() if name not in loss.fields}
            }
            for item in page.items
            if isinstance(agreed := item.data.get(AGREED), Mapping)
            and not agreed.keys().isdisjoint(loss.fields)
        }
        if changes and (refused := rows.bulk_set(loss.collection, changes).refused):
            raise OpsError(
                f"Wix refuses {len(refused)} rows of {loss.collection} ({refused[0].code})",
                "run `gridwix setup` again",
            )
        forgotten += len(changes)
    return forgotten
