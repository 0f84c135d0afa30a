"""Writes the ``PortalChanges`` collection, by which open portal pages notice changes.

A row belongs to one partner, and has the partner's id, or to all partners (``everybody``). For each
section of the portal, such as issues, the row has a change number: how often the section's rows
have changed. The number only grows, and is in the field with the section's name. The row
``everybody`` also has the time up to which the portal is up to date (freshness), and the areas that
the portal hides.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.patch import FieldModification, increment_field, set_field
from gridwix.errors import NotFound, UpstreamConflict
from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import WixItemId
from gridwix.models.portal.areas import Area
from gridwix.models.portal.collection_ids import PORTAL_CHANGES
from gridwix.models.portal.sections import SECTIONS, Section
from gridwix.models.wix import EXISTING_ITEM, MAX_BULK_ITEMS, MISSING_ITEM, DataItem
from gridwix.publication.audiences import EVERYBODY

MAX_ROUNDS = 3
"""Maximum number of attempts to patch rows and insert missing ones. Two are enough unless another
worker inserts a missing row in between.
"""

AS_OF = "asOf"
"""Field of the row ``everybody``: the time up to which the portal is up to date."""

HIDDEN = "hidden"
"""Field of the row ``everybody``: the areas that the portal hides, because Trading Grid has no
source for them.
"""

type Numbers = Mapping[Section, int]


class PortalChanges:
    """Stores how often each section of the portal has changed, and how up to date the portal is.

    A change number counts the changes of one section's rows, by partner and for all partners; open
    pages read a section again when its number has grown. All methods raise UpstreamError if a call
    fails, BudgetExhausted if the call budget is used up.

    Implements the ports ``gridwix.portal_ringer.ports.ChangeNumbers`` and
    ``gridwix.reconciler.sweep.Freshness``.
    """

    def __init__(self, wix: WixClient) -> None:
        self._wix = wix

    def increase(self, changes: Mapping[str, Collection[Section]]) -> Mapping[str, Numbers]:
        """Add 1 to the change numbers of portal sections, and return the new numbers.

        A change number counts how often the rows of a section have changed. ``changes`` has the
        changed sections by partner id, or by ``everybody`` for all partners. The result has the new
        number of each of these sections, by the same keys; a partner is left out if Wix refuses its
        row.

        Atomic for each partner, with any number of workers: Wix itself increments the stored
        number, so no read precedes the write. Takes one call for 1,000 existing rows. After an
        error some numbers may have grown; a retry, which increases them again, does no harm.
        """
        numbers: dict[str, Numbers] = {}
        for some in batched(changes.items(), MAX_BULK_ITEMS, strict=False):
            numbers |= self._increase_rows(dict(some))
        return numbers

    def tell(self, as_of: datetime, hidden: Sequence[Area] | None) -> None:
        """Store how up to date the portal is, and which areas it hides, usually in one call.

        ``as_of`` (freshness) is the time up to which all changes of Trading Grid have been put on
        the event bus. ``hidden`` are the areas for which Trading Grid has no source; None keeps the
        stored areas.
        """
        row = WixItemId(EVERYBODY)
        # The pages read this row already: that the areas stand in it costs neither a read nor a
        # write of its own.
        told: dict[str, Any] = {AS_OF: as_of}
        if hidden is not None:
            told[HIDDEN] = list(hidden)
        for _ in range(MAX_ROUNDS):
            try:
                self._wix.patch_item(
                    PORTAL_CHANGES, row, [set_field(name, value) for name, value in told.items()]
                )
            except NotFound as error:
                if error.vendor_code != MISSING_ITEM:
                    raise
            else:
                return
            try:
                self._wix.insert_item(PORTAL_CHANGES, DataItem(row, {**_fresh_row(()), **told}))
            except UpstreamConflict as error:
                if error.vendor_code != EXISTING_ITEM:
                    raise
            else:
                return
        raise WIX_ERRORS.malformed_response(
            f"patch item of {PORTAL_CHANGES}", "the item neither exists nor can be inserted"
        )

    def _increase_rows(self, changes: Mapping[str, Collection[Section]]) -> Mapping[str, Numbers]:
        readers = {item_id(reader): reader for reader in changes}
        missing: Collection[WixItemId] = readers
        found: dict[str, Numbers] = {}
        for _ in range(MAX_ROUNDS):
            patched, refused = self._wix.bulk_patch(
                PORTAL_CHANGES,
                {row: _modifications(changes[readers[row]]) for row in missing},
            )
            found |= {
                readers[item.id]: _numbers(item.data, changes[readers[item.id]]) for item in patched
            }
            missing = [one.item_id for one in refused if one.code == MISSING_ITEM]
            if not missing:
                break
            fresh = [DataItem(row, _fresh_row(changes[readers[row]])) for row in missing]
            outcome = self._wix.bulk_insert(PORTAL_CHANGES, fresh)
            found |= {
                readers[item.id]: _numbers(item.data, changes[readers[item.id]])
                for item in fresh
                if item.id in outcome.written
            }
            # Another worker was faster: its row is increased.
            missing = [one.item_id for one in outcome.refused if one.code == EXISTING_ITEM]
            if not missing:
                break
        return found


def _modifications(sections: Collection[Section]) -> Sequence[FieldModification]:
    return [increment_field(section) for section in sorted(sections)]


def _fresh_row(sections: Collection[Section]) -> Mapping[str, Any]:
    return {section: int(section in sections) for section in SECTIONS}


def _numbers(data: Mapping[str, Any], sections: Collection[Section]) -> Numbers:
    """Read from a row's data how often each of the given sections has changed (change numbers).

    Wix may write a whole number with a fraction (``3.0``). Raises Unavailable if a number is
    missing.
    """
    numbers: dict[Section, int] = {}
    for section in sorted(sections):
        value = data.get(section)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise WIX_ERRORS.malformed_response(
                f"bulk patch of {PORTAL_CHANGES}", f"{section} is not a number"
            )
        numbers[section] = int(value)
    return numbers
