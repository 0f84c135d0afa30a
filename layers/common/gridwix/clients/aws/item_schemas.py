"""Schema numbers of DynamoDB items: the shape (the set of attributes) in which an item was written.

Each item has its number in the attribute ``schemaVersion``. An item without the attribute is of
shape 1, from before there were numbers. The number says what an item holds; readers do not branch
on it:

* *Read old*: a reader accepts every shape that was ever written. An attribute that an older shape
  lacks has a default.
* *Write new*: a write of a whole item has the current shape and its number. A write of some
  attributes may leave the number as it is.
* *Ignore newer*: a reader ignores attributes that it does not know, so a release can be rolled
  back.

A change of a shape raises its number here and adds a sample to ``tests/samples/upgrade/items``,
which every later release has to read (``docs/upgrades.md``, ``docs/adr/0050``).
"""

from collections.abc import Mapping
from enum import StrEnum

SCHEMA_VERSION = "schemaVersion"
"""Name of the attribute with the schema number: ``schema`` is a reserved word, and ``version`` is
in use.
"""


class ItemKind(StrEnum):
    """A kind of DynamoDB item. Each kind has one writer, or two that write the same shape."""

    AUDIENCE_REFRESH = "audience-refresh"
    BUDGET = "budget"
    CONFIGURATION_CHANGE = "configuration-change"
    CONFIGURATION_VERSION = "configuration-version"
    CURSOR = "cursor"
    DISPATCH = "dispatch"
    HANDOVER = "handover"
    JOURNAL_ENTRY = "journal-entry"
    KNOWN_EXCEPTION = "known-exception"
    LEDGER_ENTRY = "ledger-entry"
    PARTNER_LIST = "partner-list"
    REFUSED_ITEM = "refused-item"
    SUBMISSION = "submission"
    SUBMISSION_COUNT = "submission-count"
    TELLING = "telling"
    TRANSFER = "transfer"
    WATERMARK = "watermark"
    WEBHOOK_CLAIM = "webhook-claim"


SCHEMA_NUMBERS: Mapping[ItemKind, int] = {
    ItemKind.AUDIENCE_REFRESH: 1,
    ItemKind.BUDGET: 2,
    ItemKind.CONFIGURATION_CHANGE: 1,
    ItemKind.CONFIGURATION_VERSION: 1,
    ItemKind.CURSOR: 2,
    ItemKind.DISPATCH: 3,
    ItemKind.HANDOVER: 2,
    ItemKind.JOURNAL_ENTRY: 2,
    ItemKind.KNOWN_EXCEPTION: 2,
    ItemKind.LEDGER_ENTRY: 3,
    ItemKind.PARTNER_LIST: 1,
    ItemKind.REFUSED_ITEM: 2,
    ItemKind.SUBMISSION: 5,
    ItemKind.SUBMISSION_COUNT: 2,
    ItemKind.TELLING: 1,
    ItemKind.TRANSFER: 5,
    ItemKind.WATERMARK: 2,
    ItemKind.WEBHOOK_CLAIM: 3,
}
"""Schema number in which this release writes each kind of item."""


def schema_attribute(kind: ItemKind) -> dict[str, int]:
    """The attribute ``schemaVersion`` of a new item of this kind, with its current schema number.

    >>> schema_attribute(ItemKind.CURSOR)
    {'schemaVersion': 2}
    """
    return {SCHEMA_VERSION: SCHEMA_NUMBERS[kind]}


def schema_value(kind: ItemKind) -> dict[str, int]:
    """The value ``:schema`` for an update expression that sets ``schemaVersion = :schema``.

    >>> schema_value(ItemKind.BUDGET)
    {':schema': 2}
    """
    return {":schema": SCHEMA_NUMBERS[kind]}
