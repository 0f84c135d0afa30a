"""Audiences of rows: the partners that see a row. Their open pages are notified of its change.

Pure. The audience is read from the fields by which the portal's backend finds the rows of a partner
(``portal/backend/rows.js``), so that no partner that sees a row is left out.
"""

import json
from collections.abc import Iterable

from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import ONBOARDING_STEPS
from gridwix.models.wix import DataItem

EVERYBODY = "everybody"
"""Stands for all partners in an audience; never a partner's id."""

MAX_PARTNERS = 8
"""Maximum number of partners that the audience of one row names; more count as ``EVERYBODY``. An
entry of the ledger holds an audience, and should not grow past the 1 KB that one write unit pays
for.
"""

type Audience = frozenset[str]
"""Ids of partners, or ``EVERYBODY`` alone. Empty: no partner sees the row."""

NOBODY: Audience = frozenset()
ALL_PARTNERS: Audience = frozenset([EVERYBODY])


def audience_of(partners: Iterable[str]) -> Audience:
    """Return partners as an audience.

    The audience is ``ALL_PARTNERS`` if there are more than ``MAX_PARTNERS`` of them, or if
    ``EVERYBODY`` is among them.

    >>> sorted(audience_of(["GC2", "GC1"]))
    ['GC1', 'GC2']
    >>> audience_of(f"GC{number}" for number in range(9)) == ALL_PARTNERS
    True
    """
    named = frozenset(partners)
    return ALL_PARTNERS if EVERYBODY in named or len(named) > MAX_PARTNERS else named


def row_audience(collection: CollectionId, item: DataItem | None) -> Audience:
    """Return the partners that see a row; none if ``item`` is None (the row was removed).

    All partners see an onboarding step, and a row with the value true in ``forEverybody``. Any
    other row that names no partner is seen by none.

    >>> from gridwix.models.portal.collection_ids import OPEN_ISSUES, SERVICE_NOTICES
    >>> from gridwix.models.ids import WixItemId
    >>> notice = DataItem(WixItemId("n1"), {"forEverybody": False, "partnerIds": ["GC1"]})
    >>> row_audience(SERVICE_NOTICES, notice)
    frozenset({'GC1'})
    >>> row_audience(OPEN_ISSUES, None)
    frozenset()
    """
    if item is None:
        return NOBODY
    if collection == ONBOARDING_STEPS or item.data.get("forEverybody"):
        return ALL_PARTNERS
    # A shared row may name its owner in partnerId as well; who sees it stands in partnerIds.
    if "forEverybody" in item.data:
        return audience_of(item.data.get("partnerIds") or ())
    partner_id = item.data.get("partnerId")
    return audience_of([partner_id] if partner_id else ())


def affected_audience(before: Audience | None, after: Audience, *, removed: bool) -> Audience:
    """Return the audience of a change of a row: who saw the row before, and who sees it after.

    Args:
        before: The audience before the change; None if the ledger does not have it, because the row
            was written before audiences were kept.
        after: The audience after the change.
        removed: The row is removed. If ``before`` is None, all partners count.

    >>> sorted(affected_audience(frozenset(["GC1"]), frozenset(["GC2"]), removed=False))
    ['GC1', 'GC2']
    >>> affected_audience(None, NOBODY, removed=True) == ALL_PARTNERS
    True
    """
    if before is None:
        return ALL_PARTNERS if removed else after
    return audience_of(before | after)


def audience_json(audience: Audience) -> str:
    """Encode an audience as JSON. Equal audiences give the same text.

    >>> audience_json(frozenset(["GC2", "GC1"]))
    '["GC1","GC2"]'
    """
    return json.dumps(sorted(audience), separators=(",", ":"))


def parse_audience(text: str) -> Audience:
    """Decode an audience from a text that :func:`audience_json` made."""
    return audience_of(json.loads(text))
