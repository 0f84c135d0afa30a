"""A compact table of a hub's partners: role, country and version of each in about 30 bytes.

Pure.
"""

import io
import json
import zlib
from array import array
from collections.abc import Iterator
from itertools import batched

from gridwix.compact_texts import TextColumn
from gridwix.mapping.audiences import PartnerKind
from gridwix.models.ids import PartnerId

MOST_RECENT = 5_000
"""Partners that are kept in a dictionary, which takes six times as much memory, until they are
packed with the others.
"""

MOST_VERSION = 2**64 - 1
"""Greatest version that the packed table can store; greater ones are stored as this one."""

_FORMER = 0


def _line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


type _State = tuple[int, PartnerKind | None]

_UNREADABLE: _State = (-1, None)


def _is_newest(version: int, recent: _State | None) -> bool:
    """Return True if a packed version counts, and not the state that came since then."""
    return recent is None or 0 <= recent[0] < version


class PartnerTable:
    """Newest known kind (role and country) and version of each partner.

    An older version never replaces a newer one.

    >>> table = PartnerTable()
    >>> table.put(PartnerId("GC1"), 2, PartnerKind("supplier", "DE"))
    >>> table.put(PartnerId("GC1"), 1, None)
    >>> list(table.kinds())
    [('GC1', PartnerKind(role='supplier', country='DE'))]
    """

    def __init__(self) -> None:
        self._recent: dict[PartnerId, _State] = {}
        self._ids = TextColumn()
        self._versions = array("Q")
        self._numbers = array("I")
        # A hub has few kinds of partners. The first one stands for former partners.
        self._kinds: list[PartnerKind | None] = [None]
        self._number_of: dict[PartnerKind | None, int] = {None: _FORMER}

    def put(self, partner_id: PartnerId, version: int, kind: PartnerKind | None) -> None:
        """Store the kind (role and country) of a partner, unless a newer version is stored.

        ``kind`` is None for a former partner, which is in no audience.
        """
        known = self._recent.get(partner_id)
        if known is _UNREADABLE:
            # What was known before must not count as newer.
            self._pack()
        if known is None or known[0] <= version:
            self._recent[partner_id] = min(version, MOST_VERSION), kind
        if len(self._recent) >= MOST_RECENT:
            self._pack()

    def forget(self, partner_id: PartnerId) -> None:
        """Leave out a partner that cannot be read, until :meth:`put` adds it again."""
        self._recent[partner_id] = _UNREADABLE

    def kinds(self) -> Iterator[tuple[PartnerId, PartnerKind | None]]:
        """Yield each partner with its kind (role and country); None for a former partner."""
        # Not packed: that takes as long again, and every change would cause it.
        recent, kinds = dict(self._recent), self._kinds
        for partner_id, version, number in zip(
            map(PartnerId, self._ids), self._versions, self._numbers, strict=True
        ):
            if _is_newest(version, recent.get(partner_id)):
                recent.pop(partner_id, None)
                yield partner_id, kinds[number]
        for partner_id, (version, kind) in recent.items():
            if version >= 0:
                yield partner_id, kind

    def to_bytes(self) -> bytes:
        """Encode the table, compressed: about ten bytes for each partner."""
        if self._recent:
            self._pack()
        compressor = zlib.compressobj()
        pieces = [compressor.compress(_line(self._kinds))]
        for positions in batched(range(len(self._ids)), MOST_RECENT, strict=False):
            states = [(self._ids[at], self._versions[at], self._numbers[at]) for at in positions]
            pieces.append(compressor.compress(_line(states)))
        return b"".join([*pieces, compressor.flush()])

    @classmethod
    def from_bytes(cls, content: bytes) -> "PartnerTable":
        """Decode the table from :meth:`to_bytes`. Raises ValueError for anything else."""
        try:
            lines = io.BytesIO(zlib.decompress(content))
            table = cls()
            kinds = [kind and PartnerKind(*kind) for kind in json.loads(lines.readline())]
            for line in lines:
                for partner_id, version, number in json.loads(line):
                    # Each partner once, as it was packed.
                    table._add(PartnerId(partner_id), version, table._number(kinds[number]))
        except (zlib.error, LookupError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(
                "the stored table of partners cannot be read: remove it, and the next run"
                " reads all partners"
            ) from error
        return table

    def _pack(self) -> None:
        ids, versions, numbers = self._ids, self._versions, self._numbers
        self._ids, self._versions, self._numbers = TextColumn(), array("Q"), array("I")
        for partner_id, version, number in zip(map(PartnerId, ids), versions, numbers, strict=True):
            if _is_newest(version, self._recent.get(partner_id)):
                self._add(partner_id, version, number)
                self._recent.pop(partner_id, None)
        for partner_id, (version, kind) in self._recent.items():
            if version >= 0:
                self._add(partner_id, version, self._number(kind))
        self._recent = {}

    def _add(self, partner_id: PartnerId, version: int, number: int) -> None:
        self._ids.append(partner_id)
        self._versions.append(version)
        self._numbers.append(number)

    def _number(self, kind: PartnerKind | None) -> int:
        number = self._number_of.setdefault(kind, len(self._kinds))
        if number == len(self._kinds):
            self._kinds.append(kind)
        return number
