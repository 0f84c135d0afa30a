"""Whether the portal holds what it should, row by row, and when so many rows would go that nobody should believe it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gridwix.mapping.wix_items import content_hash
from gridwix.models.ids import WixItemId
from gridwix.models.reconciliation import GuardReason, RowVerdict
from gridwix.models.wix import DataItem
from gridwix.publication.merge import AGREED, Owner, merge


@dataclass(frozen=True, slots=True)
class DeleteGuard:
    """When a run removes nothing, or copies no lost file anew. ``share`` is of the records listed before, or of the portal's rows (0 to 1); up to ``allowed``
    rows may always go."""

    share: float = 0.2
    allowed: int = 10

    def shrunk(self, listed: int, before: int | None) -> bool:
        """Whether the source lists too few records to be believed. ``before`` is what the last complete run counted; None if there was none."""
        return before is not None and self._too_many(before - listed, before)

    def reason(self, *, listed: int, before: int | None, extra: int, shown: int) -> GuardReason | None:
        """Why ``extra`` of the ``shown`` rows may not be removed; None if they may."""
        if self.shrunk(listed, before):
            return GuardReason.SHRUNK
        return GuardReason.TOO_MANY if self._too_many(extra, shown) else None

    def files_reason(self, *, lost: int, shown: int) -> GuardReason | None:
        """Why the files of ``lost`` of the ``shown`` rows may not be copied anew; None if they may.

        Copying them would do no harm in itself. But where so many are gone at once, somebody has emptied a folder, or Wix does not say the truth: a person is
        to look before all of them are sent again, over a call budget that everything else shares.
        """
        return GuardReason.FILES_LOST if self._too_many(lost, shown) else None

    def _too_many(self, going: int, of: int) -> bool:
        return going > self.allowed and going > self.share * of


def fingerprint(item: DataItem, fields: Collection[str]) -> str:
    """A content hash of those fields of an item that gridwix publishes.

    It is equal for a row as it was projected and as Wix gives it back: Wix keeps milliseconds, may add a member without a value, and writes a whole number with
    or without a fraction. Wix's own fields and those that an editor has added to the collection do not count.
    """
    return content_hash(DataItem(item.id, {name: _plain(value) for name, value in item.data.items() if name in fields and value is not None}))


type Judge = Callable[[DataItem | None, DataItem | None], RowVerdict]
"""A verdict on a row from what it should be and from what the portal shows; None: it should not be, or is not, there."""


def compare(
    expected: Mapping[WixItemId, DataItem | None], shown: Mapping[WixItemId, DataItem], unsettled: Collection[WixItemId], judge: Judge
) -> dict[WixItemId, RowVerdict]:
    """One verdict for each row that is expected or shown."""
    return {
        identifier: RowVerdict.UNSETTLED if identifier in unsettled else judge(expected.get(identifier), shown.get(identifier))
        for identifier in expected.keys() | shown
    }


def with_lost_files(verdicts: Mapping[WixItemId, RowVerdict], lost: Collection[WixItemId]) -> dict[WixItemId, RowVerdict]:
    """The same verdicts, but for rows that are equal and point to a file that is lost. Whatever else is wrong with a row is repaired with its file."""
    return {identifier: RowVerdict.LOST if verdict is RowVerdict.EQUAL and identifier in lost else verdict for identifier, verdict in verdicts.items()}


def judge(expected: DataItem | None, shown: DataItem | None, fields: Collection[str]) -> RowVerdict:
    """The verdict on a row that gridwix alone writes: it shows these fields as they should be, and is there only if it should be."""
    if expected is None:
        return RowVerdict.EQUAL if shown is None else RowVerdict.EXTRA
    if shown is None:
        return RowVerdict.MISSING
    return RowVerdict.EQUAL if fingerprint(expected, fields) == fingerprint(shown, fields) else RowVerdict.DRIFTED


def judge_shared(expected: DataItem | None, shown: DataItem | None, owners: Mapping[str, Owner], *, retired: str) -> RowVerdict:
    """The verdict on a row that people on the portal write to as well: a merge would change nothing.

    None is ever extra. One that people have added is theirs, and one that is no longer expected stays, with its field ``retired`` set.
    """
    if shown is None:
        return RowVerdict.EQUAL if expected is None else RowVerdict.MISSING
    if expected is None:
        return RowVerdict.DRIFTED if AGREED in shown.data and shown.data.get(retired) is not True else RowVerdict.EQUAL
    return RowVerdict.DRIFTED if merge(expected.data, shown.data, owners).changes else RowVerdict.EQUAL


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            utc = value.astimezone(UTC)
            return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {name: _plain(member) for name, member in value.items() if member is not None}
        case list() | tuple():
            return [_plain(member) for member in value]
        case _:
            return value
