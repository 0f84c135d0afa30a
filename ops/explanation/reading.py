"""Explains a portal row: says which records and settings the value of each field depends on.

The row in Wix, its entry in the publication ledger, and its records in Trading Grid are read once.
Then the row is computed in memory again and again, without one record or with another setting: the
fields that differ depend on that record or setting.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Protocol

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, RecordFault
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal import collection_ids as ids
from gridwix.models.reconciliation import RowVerdict
from gridwix.models.wix import DataItem
from gridwix.publication.drift import row_fingerprint
from gridwix.publication.merge import AGREED, merge_fields
from gridwix.publication.models import LedgerEntry, RowKey, Versions
from gridwix.publication.reconciled import ExpectedRow
from ops.explanation.causes import find_causes
from ops.explanation.messages import message_rules
from ops.explanation.ownership import PROJECTED, UNPROJECTED, Writer, field_writer
from ops.explanation.projections import (
    RowMaker,
    own_record,
    step_owners,
)
from ops.explanation.reads import RowReads
from ops.explanation.settings import Setting, change_settings, list_settings

MAX_PARTS = 100
"""Maximum number of records of a row that are left out one by one to find the fields that they
change. Further records are the cause of no field.
"""

BROKEN = ""
"""Stands for all fields of a row that an experiment could not make."""

ABSENT = object()
"""Stands for the value of a field that a row does not have."""


class RowReader(Protocol):
    """Reads portal rows from Wix, to explain them. Raises :class:`gridwix.errors.GridwixError`."""

    def items(
        self, collection: CollectionId, ids: Collection[WixItemId]
    ) -> Mapping[WixItemId, Mapping[str, Any] | RecordFault]:
        """Return the contents of items, read in one call; missing items are left out."""


class LedgerReader(Protocol):
    """Reads the publication ledger (what gridwix wrote to the portal), to explain rows."""

    def read_entries(self, keys: Collection[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        """Return the ledger entries of rows; a row without an entry is left out."""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A record that the value of a field comes from.

    ``version`` is the record's current version in Trading Grid. ``shown`` is the version that the
    row in Wix was made from, by the publication ledger. Each is None if it is not known, or if the
    record has no version.
    """

    name: str
    version: int | None
    shown: int | None


@dataclass(frozen=True, slots=True)
class FieldExplanation:
    """Explanation of one field of a row.

    Attributes:
        name: The field, as the collection has it.
        writer: The side that sets the value.
        records: The records that the value comes from.
        rules: The settings of ``config/`` that the value depends on.
        shown: The value in Wix; ``ABSENT`` if it has none.
        expected: The value by Trading Grid's records and ``config/`` now; ``ABSENT`` if there is
            none, or it is not known.
        differs: True if gridwix would change the field; None if that is not known.
    """

    name: str
    writer: Writer
    records: tuple[SourceRecord, ...]
    rules: tuple[Setting, ...]
    shown: Any
    expected: Any
    differs: bool | None


@dataclass(frozen=True, slots=True)
class RowExplanation:
    """Explanation of a row, field by field.

    Attributes:
        key: The row.
        in_wix: True if Wix has the row; None if Wix could not be read.
        verdict: What the reconciler would find about the row, such as equal or drifted; None if the
            row is not compared, or could not be.
        fields: The row's fields: those of the collection's definition, then any others.
        reason: Why the fields have no expected values; "" if they have.
        faults: What could not be read.
        entry: The row's entry in the publication ledger; None if gridwix never claimed the row to
            write it.
    """

    key: RowKey
    in_wix: bool | None
    verdict: RowVerdict | None
    fields: tuple[FieldExplanation, ...]
    reason: str = ""
    faults: tuple[str, ...] = ()
    entry: LedgerEntry | None = None

    @property
    def is_known(self) -> bool:
        """True if the row exists somewhere, or if Wix could not be read.

        A row exists if Wix has it, if the publication ledger (the table of what gridwix wrote to
        the portal) has an entry for it, or if it follows from Trading Grid's records.
        """
        return (
            self.in_wix is not False
            or self.entry is not None
            or any(one.expected is not ABSENT for one in self.fields)
        )

    @property
    def is_right(self) -> bool:
        """True if Wix and Trading Grid were read, and gridwix would leave the row as it is.

        A row that gridwix does not compute from records, such as a message, is right if Wix has it,
        or if gridwix has removed it by the publication ledger (the table of what gridwix wrote to
        the portal).
        """
        if self.faults or not self.is_known:
            return False
        if self.verdict is not None:
            return self.verdict is RowVerdict.EQUAL
        return bool(self.in_wix) or not (self.entry is not None and self.entry.content_hash)


@dataclass(frozen=True, slots=True)
class _Projection:
    """The row as it should be, and the records and settings that each of its fields depends on.

    Attributes:
        expected: The row computed from Trading Grid; None if Trading Grid has no record for the
            row, or if ``fault`` is set.
        values: The fields that the row in Wix has after the next write of gridwix: those of
            ``expected``, in an onboarding step merged with the changes that were made on the
            portal. None if gridwix would remove the row, or if ``fault`` is set.
        records: By field, the names of the records that the field's value depends on.
        rules: By field, the settings that the field's value depends on.
        reason: Why Trading Grid yields no row; "" if it does, or if ``fault`` is set.
        fault: Why the row could not be computed; "" if it could.
    """

    expected: ExpectedRow | None = None
    values: Mapping[str, Any] | None = None
    records: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: Mapping[str, tuple[Setting, ...]] = field(default_factory=dict)
    reason: str = ""
    fault: str = ""

    @property
    def item(self) -> DataItem | None:
        return None if self.expected is None else self.expected.item

    @property
    def versions(self) -> Versions:
        return Versions() if self.expected is None else self.expected.versions


class RowExplainer:
    """Explains portal rows: finds the records and settings that each field of a row depends on.

    Only reads: Wix with one call, and of Trading Grid what the row needs.

    Args:
        configuration: The configuration by which rows are computed.
        ledger: The publication ledger, the table of what gridwix wrote to the portal.
        wix: The portal.
        reads: Returns the reader of the records that a row is computed from. The argument is the
            name (``collection/id``) of the record that the row is about.
        fields: Names of the fields in each collection's definition.
    """

    def __init__(
        self,
        *,
        configuration: Configuration,
        ledger: LedgerReader,
        wix: RowReader,
        reads: Callable[[str], RowReads],
        fields: Mapping[CollectionId, Sequence[str]],
    ) -> None:
        self._configuration = configuration
        self._ledger = ledger
        self._wix = wix
        self._reads = reads
        self._fields = fields

    def explain(self, key: RowKey) -> RowExplanation:
        """Return the explanation of one portal row: the origin of the value of each field.

        The explanation's ``faults`` name the systems that could not be read. Raises UpstreamError
        if the publication ledger cannot be read.
        """
        faults: list[str] = []
        entry = self._ledger.read_entries([key]).get(key)
        in_wix, shown = self._shown(key, faults)
        if key.collection not in PROJECTED:
            fields = self._unprojected_fields(key, entry, shown)
            return RowExplanation(
                key, in_wix, None, fields, UNPROJECTED[key.collection].reason, tuple(faults), entry
            )
        maker = RowMaker(key, self._reads(own_record(key, entry, shown)))
        projection = self._project(maker, shown)
        verdict = (
            None
            if in_wix is None or projection.fault
            else maker.verdict(self._configuration, projection.item, shown)
        )
        # The row of a submission that the inbox has forgotten is right, whatever it says.
        is_judged = verdict not in (None, RowVerdict.UNSETTLED) and not (
            projection.values is None and verdict is RowVerdict.EQUAL
        )
        return RowExplanation(
            key,
            in_wix,
            verdict,
            tuple(
                self._field(name, maker, projection, entry, shown or {}, is_judged=is_judged)
                for name in self._names(key, shown, projection.values)
            ),
            projection.reason,
            (*faults, projection.fault) if projection.fault else tuple(faults),
            entry,
        )

    def _shown(
        self, key: RowKey, faults: list[str]
    ) -> tuple[bool | None, Mapping[str, Any] | None]:
        try:
            found = self._wix.items(key.collection, [key.item_id]).get(key.item_id)
        except GridwixError as error:
            faults.append(f"the row could not be read from Wix ({error.code})")
            return None, None
        if isinstance(found, RecordFault):
            faults.append(f"the row in Wix cannot be read ({found.reason})")
            return None, None
        return found is not None, found

    def _project(self, maker: RowMaker, shown: Mapping[str, Any] | None) -> _Projection:
        try:
            expected = maker.expected_row(self._configuration)
        except GridwixError as error:
            reason = error.reason if isinstance(error, RecordFault) else error.code
            return _Projection(fault=f"{maker.reads.own} cannot be projected ({reason})")
        if expected is None or expected.item is None:
            return _Projection(
                expected,
                self._retired(maker.key, shown),
                reason=f"Trading Grid has no {maker.reads.own}"
                if expected is None
                else f"{maker.reads.own} is deleted, or is not for the portal",
            )
        item = expected.item

        def experiment(configuration: Configuration, without: Sequence[str]) -> AbstractSet[str]:
            try:
                row = maker.expected_row(configuration, without)
            except RecordFault:
                # It says nothing of any field, but the others of its group are still to be tried.
                return frozenset({BROKEN})
            if row is None or row.item is None:
                return frozenset(item.data)
            return _differences(item, row.item)

        return _Projection(
            expected,
            self._merged(maker.key, item, shown),
            find_causes(
                sorted(maker.reads.parts)[:MAX_PARTS],
                lambda parts: experiment(self._configuration, parts),
            ),
            find_causes(
                # Ownership decides in the merge, after the projection.
                [one for one in list_settings(self._configuration) if one.path[0] != "ownership"],
                lambda settings: experiment(change_settings(self._configuration, settings), ()),
            ),
        )

    def _merged(
        self, key: RowKey, item: DataItem, shown: Mapping[str, Any] | None
    ) -> Mapping[str, Any]:
        if key.collection != ids.ONBOARDING_STEPS:
            return item.data
        merged = merge_fields(item.data, shown or {}, step_owners(self._configuration))
        values = {**(shown or {}), **merged.changes}
        return {name: value for name, value in values.items() if value is not None}

    def _retired(self, key: RowKey, shown: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """Return the row's fields if the row is kept although its onboarding step is gone.

        The step is in no onboarding program any more. gridwix keeps its row on the portal, with
        ``retired`` set if gridwix has written the row (it has a merge base). Returns None for a row
        of another collection, which gridwix would remove, and if Wix does not have the row.
        """
        if key.collection != ids.ONBOARDING_STEPS or shown is None:
            return None
        return {**shown, "retired": True} if AGREED in shown else shown

    def _names(
        self,
        key: RowKey,
        shown: Mapping[str, Any] | None,
        expected: Mapping[str, Any] | None,
    ) -> Sequence[str]:
        """Return the names of the row's fields: first those of the definition, then any others.

        The definition is that of the collection. Wix's own fields (``_id``) are left out.
        """
        found = [*self._fields[key.collection], *sorted({*(shown or {}), *(expected or {})})]
        return [name for name in dict.fromkeys(found) if not name.startswith("_")]

    def _field(
        self,
        name: str,
        maker: RowMaker,
        projection: _Projection,
        entry: LedgerEntry | None,
        shown: Mapping[str, Any],
        *,
        is_judged: bool,
    ) -> FieldExplanation:
        collection, owners = maker.key.collection, step_owners(self._configuration)
        writer = field_writer(collection, name, self._configuration)
        value, wanted = shown.get(name, ABSENT), (projection.values or {}).get(name, ABSENT)
        rules = projection.rules.get(name, ())
        merged = collection == ids.ONBOARDING_STEPS and name in owners
        if merged:
            rules = (*rules, Setting(("ownership", "onboarding_steps", name)))
        if not merged and writer is not Writer.GRIDWIX:
            return FieldExplanation(name, writer, (), (), value, ABSENT, None)
        return FieldExplanation(
            name,
            writer,
            self._records(name, maker, projection, entry),
            rules,
            value,
            wanted,
            is_different(name, value, wanted) if is_judged else None,
        )

    def _records(
        self,
        name: str,
        maker: RowMaker,
        projection: _Projection,
        entry: LedgerEntry | None,
    ) -> tuple[SourceRecord, ...]:
        own = maker.reads.own
        parts = projection.records.get(name, ())
        # A partner's status sums up its other records; any other row is about its own record.
        names = parts or (own,) if maker.key.collection == ids.PARTNER_STATUS else (own, *parts)
        published = Versions() if entry is None else entry.published
        return tuple(
            SourceRecord(
                one,
                projection.versions.version_of(one) or None,
                published.version_of(one) or None,
            )
            for one in names
        )

    def _unprojected_fields(
        self, key: RowKey, entry: LedgerEntry | None, shown: Mapping[str, Any] | None
    ) -> tuple[FieldExplanation, ...]:
        published = {} if entry is None else entry.published.live
        records = tuple(SourceRecord(name, None, version) for name, version in published.items())
        row = shown or {}
        about = row.get("record")
        if key.collection == ids.PARTNER_MESSAGES and isinstance(about, str):
            records = (SourceRecord(about, None, None),)
        fields = []
        for name in self._names(key, shown, None):
            writer = field_writer(key.collection, name, self._configuration)
            fields.append(
                FieldExplanation(
                    name,
                    writer,
                    records if writer is Writer.GRIDWIX else (),
                    tuple(message_rules(name, row))
                    if key.collection == ids.PARTNER_MESSAGES
                    else (),
                    row.get(name, ABSENT),
                    ABSENT,
                    None,
                )
            )
        return tuple(fields)


def _differences(one: DataItem, other: DataItem) -> frozenset[str]:
    return frozenset(
        name
        for name in {*one.data, *other.data}
        if is_different(name, one.data.get(name, ABSENT), other.data.get(name, ABSENT))
    )


def is_different(name: str, one: Any, other: Any) -> bool:
    """Return True if two values of the field ``name`` differ for the reconciler.

    They differ if rows with only this field have different content hashes. ``ABSENT`` stands for a
    missing value.
    """
    fingerprints = [
        row_fingerprint(
            DataItem(WixItemId("row"), {} if value is ABSENT else {name: value}), [name]
        )
        for value in (one, other)
    ]
    return fingerprints[0] != fingerprints[1]
