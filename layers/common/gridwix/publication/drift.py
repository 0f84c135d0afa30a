"""Drift detection: a verdict for each row, and the mass-delete guard. Pure."""

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
    """Mass-delete guard: stops a run that would remove too many rows, or copy too many lost files.

    Too many are more than ``share`` (0 to 1) of the records that the last run listed, or of the
    portal's rows. Up to ``allowed`` rows always pass.
    """

    share: float = 0.2
    allowed: int = 10

    def is_shrunk(self, listed: int, before: int | None) -> bool:
        """True if the source lists too few records to be trusted.

        Args:
            listed: Number of records that the source lists now.
            before: Number that the last complete run counted; None if there was none.
        """
        return before is not None and self._is_too_many(before - listed, before)

    def removal_guard_reason(
        self, *, listed: int, before: int | None, extra: int, shown: int
    ) -> GuardReason | None:
        """Reason of the guard not to remove ``extra`` of the ``shown`` rows; None if they may go.

        ``listed`` and ``before`` are those of :meth:`is_shrunk`.

        >>> DeleteGuard().removal_guard_reason(listed=80, before=None, extra=30, shown=100)
        <GuardReason.TOO_MANY: 'too_many'>
        """
        if self.is_shrunk(listed, before):
            return GuardReason.SHRUNK
        return GuardReason.TOO_MANY if self._is_too_many(extra, shown) else None

    def copy_guard_reason(self, *, lost: int, shown: int) -> GuardReason | None:
        """Reason of the guard not to copy the lost files of ``lost`` of the ``shown`` rows again;
        None if it may be done.

        Copying does no harm in itself. But if so many files are missing at once, an editor has
        emptied a folder, or Wix reports something untrue. A person has to look before all of them
        are sent again, over a call budget that all functions share.
        """
        return GuardReason.FILES_LOST if self._is_too_many(lost, shown) else None

    def _is_too_many(self, going: int, of: int) -> bool:
        return going > self.allowed and going > self.share * of


def row_fingerprint(item: DataItem, fields: Collection[str]) -> str:
    """Content hash of the fields of an item that gridwix publishes.

    A row has the same hash as it was projected and as Wix returns it: Wix keeps milliseconds, may
    add a member without a value, and writes a whole number with or without a fraction. Wix's own
    fields, and those that an editor has added to the collection, do not count.

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
    """Compare rows: return one verdict for each row that is expected or shown.

    Args:
        expected: Items by row; None for a row that should not be there.
        shown: Items that the portal shows, by row.
        unsettled: Rows that are not judged, because a write or a read is under way.
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
    """Return the verdicts with LOST for rows that are equal, except for a lost file.

    A row with another verdict keeps it: its repair copies the file, too.

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
    """Verdict on a row that only gridwix writes.

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
    """Verdict on a row that portal editors write, too. It is EQUAL if a merge would change nothing.

    It is never EXTRA: a row that editors have added is theirs, and a row that is no longer expected
    stays, with its field ``retired`` set.

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
    """Difference of a row that only gridwix writes: names of fields and hashes, no content.

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
    """Difference of a row that portal editors write, too: the fields that a merge would change.

    The arguments are those of :func:`judge_shared_row`.
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
