"""Drift detection: compares rows of the portal with the rows that should be there. Pure.

Each row gets a verdict, such as equal, drifted or missing. The mass-delete guard decides whether
the rows that should not be there may be removed, or are suspiciously many.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gridwix.mapping.wix_items import content_hash
from gridwix.models.ids import WixItemId
from gridwix.models.reconciliation import MAX_FIELDS, GuardReason, RowDifference, RowVerdict
from gridwix.models.wix import DataItem
from gridwix.publication.merge import AGREED, Owner, merge_fields


@dataclass(frozen=True, slots=True)
class DeleteGuard:
    """Mass-delete guard: tells when a reconcile run must not remove rows or copy lost files again.

    It counts records that the source no longer lists, rows to remove, or rows that have lost their
    file. A number up to ``allowed`` always passes; a greater one passes if it is at most ``share``
    (0 to 1) of all records or rows.
    """

    share: float = 0.2
    allowed: int = 10

    def is_shrunk(self, listed: int, before: int | None) -> bool:
        """Return True if the source lists so few records now that its list cannot be trusted.

        Args:
            listed: Number of records that the source lists now.
            before: Number of records that the last complete run counted; None if there was none.
        """
        return before is not None and self._is_too_many(before - listed, before)

    def removal_guard_reason(
        self, *, listed: int, before: int | None, extra: int, shown: int
    ) -> GuardReason | None:
        """Return the reason for which extra rows must not be removed; None if they may be removed.

        Args:
            listed: Number of records that the source lists now.
            before: Number of records that the last complete run counted; None if there was none.
            extra: Number of rows on the portal that the source does not list.
            shown: Number of all rows on the portal.

        >>> DeleteGuard().removal_guard_reason(listed=80, before=None, extra=30, shown=100)
        <GuardReason.TOO_MANY: 'too_many'>
        """
        if self.is_shrunk(listed, before):
            return GuardReason.SHRUNK
        return GuardReason.TOO_MANY if self._is_too_many(extra, shown) else None

    def copy_guard_reason(self, *, lost: int, shown: int) -> GuardReason | None:
        """Return the reason for which lost files must not be copied again; None if they may be.

        ``lost`` of the ``shown`` rows have lost their file. Copying does no harm in itself. But if
        so many files are missing at once, an editor has emptied a folder, or Wix reports something
        untrue. A person has to look before all files are sent again, over a call budget that all
        functions share.
        """
        return GuardReason.FILES_LOST if self._is_too_many(lost, shown) else None

    def _is_too_many(self, going: int, of: int) -> bool:
        return going > self.allowed and going > self.share * of


def row_fingerprint(item: DataItem, fields: Collection[str]) -> str:
    """Return a hash of an item's content, by which an expected row is compared with the shown one.

    The hash is the same for a row as gridwix made it and as Wix returns it: Wix keeps milliseconds,
    may add a member without a value, and writes a whole number with or without a fraction. Only
    ``fields`` count, so Wix's own fields and those that an editor has added do not.

    Args:
        item: The item, as it was projected or as Wix returned it.
        fields: Names of the fields that count.
    """
    return content_hash(
        DataItem(
            item.id,
            {
                name: _comparable_value(value)
                for name, value in item.data.items()
                if name in fields and value is not None
            },
        )
    )


type Judge = Callable[[DataItem | None, DataItem | None], RowVerdict]
"""Returns the verdict on a row from the expected and the shown item. None means: no such row."""


def compare_rows(
    expected: Mapping[WixItemId, DataItem | None],
    shown: Mapping[WixItemId, DataItem],
    unsettled: Collection[WixItemId],
    judge: Judge,
) -> dict[WixItemId, RowVerdict]:
    """Compare rows: return one verdict for each row that is expected or shown, by item id.

    Args:
        expected: The item that each row should have; None for a row that should not exist.
        shown: The items that the portal shows.
        unsettled: Rows that get the verdict UNSETTLED, because a write or a read is under way.
        judge: Returns the verdict on any other row.
    """
    return {
        identifier: RowVerdict.UNSETTLED
        if identifier in unsettled
        else judge(expected.get(identifier), shown.get(identifier))
        for identifier in expected.keys() | shown
    }


def mark_lost_files(
    verdicts: Mapping[WixItemId, RowVerdict], lost: Collection[WixItemId]
) -> dict[WixItemId, RowVerdict]:
    """Return the verdicts on rows, with LOST instead of EQUAL for each row that has lost its file.

    ``lost`` are the ids of the rows that have lost their file. A row with another verdict keeps it:
    its repair copies the file, too.

    >>> mark_lost_files({WixItemId("d1"): RowVerdict.EQUAL}, [WixItemId("d1")])
    {'d1': <RowVerdict.LOST: 'lost'>}
    """
    return {
        identifier: RowVerdict.LOST
        if verdict is RowVerdict.EQUAL and identifier in lost
        else verdict
        for identifier, verdict in verdicts.items()
    }


def judge_row(
    expected: DataItem | None, shown: DataItem | None, fields: Collection[str]
) -> RowVerdict:
    """Return the verdict on a row that only gridwix writes, such as EQUAL, DRIFTED or MISSING.

    Args:
        expected: The item as it should be; None if there should be no row.
        shown: The item on the portal; None if there is no row.
        fields: Names of the fields that are compared.
    """
    if expected is None:
        return RowVerdict.EQUAL if shown is None else RowVerdict.EXTRA
    if shown is None:
        return RowVerdict.MISSING
    return (
        RowVerdict.EQUAL
        if row_fingerprint(expected, fields) == row_fingerprint(shown, fields)
        else RowVerdict.DRIFTED
    )


def judge_shared_row(
    expected: DataItem | None, shown: DataItem | None, owners: Mapping[str, Owner], *, retired: str
) -> RowVerdict:
    """Return the verdict on a row that portal editors write as well as gridwix.

    It is EQUAL if a merge of both sides would change nothing. It is never EXTRA: a row that editors
    have added is theirs, and a row that is no longer expected stays, with its field ``retired``
    set.

    Args:
        expected: The item as it should be; None if it is no longer expected.
        shown: The item on the portal; None if there is no row.
        owners: The owner of each merged field.
        retired: Name of the boolean field that marks a retired row.
    """
    if shown is None:
        return RowVerdict.EQUAL if expected is None else RowVerdict.MISSING
    if expected is None:
        return (
            RowVerdict.DRIFTED
            if AGREED in shown.data and shown.data.get(retired) is not True
            else RowVerdict.EQUAL
        )
    return (
        RowVerdict.DRIFTED
        if merge_fields(expected.data, shown.data, owners).changes
        else RowVerdict.EQUAL
    )


def row_difference(
    expected: DataItem | None, shown: DataItem | None, fields: Collection[str]
) -> RowDifference:
    """Return in which fields a portal row differs from the row as it should be, without values.

    The row is one that only gridwix writes. The result has the names of the differing fields (none
    if one of the two rows does not exist), and a hash of the content of each of the two rows.

    Args:
        expected: The item as it should be; None if there should be no row.
        shown: The item on the portal; None if there is no row.
        fields: Names of the fields that are compared.

    >>> title = ["title"]
    >>> new, old = DataItem("a", {"title": "New"}), DataItem("a", {"title": "Old"})
    >>> row_difference(new, old, title).fields, row_difference(None, old, title).fields
    (('title',), ())
    """
    differing = (
        ()
        if expected is None or shown is None
        else sorted(
            name
            for name in fields
            if row_fingerprint(expected, [name]) != row_fingerprint(shown, [name])
        )
    )
    return _difference(expected, shown, fields, differing)


def shared_row_difference(
    expected: DataItem | None, shown: DataItem | None, owners: Mapping[str, Owner], *, retired: str
) -> RowDifference:
    """Return in which fields a row that portal editors write, too, is not as it should be.

    The result has the names of the fields that a merge of both sides would change, and a hash of
    the content of each side, but no values.

    Args:
        expected: The item as it should be; None if it is no longer expected.
        shown: The item on the portal; None if there is no row.
        owners: The owner of each merged field.
        retired: Name of the boolean field that marks a retired row.
    """
    differing: Collection[str] = ()
    if expected is not None and shown is not None:
        differing = merge_fields(expected.data, shown.data, owners).changes
    elif shown is not None:
        differing = [retired]
    return _difference(expected, shown, {*owners, AGREED, retired}, sorted(differing))


def _difference(
    expected: DataItem | None,
    shown: DataItem | None,
    fields: Collection[str],
    differing: Sequence[str],
) -> RowDifference:
    return RowDifference(
        fields=tuple(differing[:MAX_FIELDS]),
        expected="" if expected is None else row_fingerprint(expected, fields),
        shown="" if shown is None else row_fingerprint(shown, fields),
    )


def _comparable_value(value: Any) -> Any:
    match value:
        case datetime():
            utc = value.astimezone(UTC)
            return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {
                name: _comparable_value(member)
                for name, member in value.items()
                if member is not None
            }
        case list() | tuple():
            return [_comparable_value(member) for member in value]
        case _:
            return value
