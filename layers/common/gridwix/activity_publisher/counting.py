"""Counts the documents that arrived in one hour (time slice), from entries of Lens. Pure.

Lens is Trading Grid's transaction search. The order of its entries does not matter, and an entry
that comes twice counts once.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from gridwix.activity_publisher.counts import (
    FAILURE_STATES,
    STATES,
    DocumentState,
    FailedDocument,
    LineKey,
    PartnerCounts,
    newest_failures,
)
from gridwix.mapping.transactions import (
    acknowledgment_code,
    entry_fault,
    envelope_standard,
    processing_code,
    unknown_statuses,
)
from gridwix.models.ids import PartnerId
from gridwix.models.transactions import (
    INVOICE_NUMBER,
    PO_NUMBER,
    SHIPMENT_ID,
    Direction,
    ExceptionKind,
    LensEntry,
)

type PartnerLookup = Callable[[str, str | None], PartnerId | None]
"""The partner of an EDI address (``QQ:ID``) in a standard (None: not known), if there is one."""

MAX_TYPE = 20
"""Longest document type, in characters. A longer text counts as no type."""
MAX_NUMBER = 64
"""Longest document number, in characters. A longer text counts as no number."""
MAX_LINES = 200
"""Maximum number of lines of a partner in one slice; further documents count without a type."""

_FAULT_STATES = {
    ExceptionKind.DELIVERY_FAILED: DocumentState.FAILED,
    ExceptionKind.VALIDATION_ERROR: DocumentState.REJECTED,
    ExceptionKind.ACKNOWLEDGMENT_REJECTED: DocumentState.REJECTED,
    ExceptionKind.ACKNOWLEDGMENT_OVERDUE: DocumentState.LATE,
    ExceptionKind.PROCESSING_ERROR: DocumentState.FAILED,
}
_WORST_FIRST = tuple(ExceptionKind)
_NO_FAULT = len(_WORST_FIRST)
_ACKNOWLEDGED = frozenset("ACEM")
_PROCESSING_STATES = {
    "S": DocumentState.DELIVERED,
    "C": DocumentState.DELIVERED,
    "B": DocumentState.UNDERWAY,
    "D": DocumentState.UNDERWAY,
    "P": DocumentState.UNDERWAY,
    "R": DocumentState.UNDERWAY,
}
_NUMBERS = (INVOICE_NUMBER, SHIPMENT_ID, PO_NUMBER)
"""Lens content keys with the number of a document, the most specific first."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SliceCounts:
    """Counts of the documents that arrived in one hour (time slice).

    ``partners`` has the counts by partner. ``unmapped`` is the number of documents without an
    address of a partner; ``documents`` is the number of all documents. ``unknown`` counts statuses
    that this release does not know, as ``field=value``; documents with such a status are in the
    state ``other``.
    """

    partners: Mapping[PartnerId, PartnerCounts]
    documents: int
    unmapped: int
    unknown: Counter[str]


class _Entry(NamedTuple):
    """The fields of one Lens entry that are needed to count documents.

    Lens is Trading Grid's transaction search; an entry is a processed document or file. All entries
    with the same correlation id form a ``process``. If an entry was read twice, the reading with
    the later ``changed`` time counts.

    ``fault`` is the index of the entry's fault in ``_WORST_FIRST``, or ``_NO_FAULT``. ``state`` is
    the document's state if there is no fault, neither of the entry nor of a file of its process.
    Missing texts are "".
    """

    changed: datetime
    fault: int
    state: str
    process: str
    is_file: bool
    arrived: datetime
    document_type: str
    sender: str
    receiver: str
    standard: str
    number: str


class _Document(NamedTuple):
    """A document to count, with its entry in Lens, Trading Grid's transaction search.

    A process in Lens (all entries with the same correlation id) has one entry per document, and one
    per file that contained documents. A file's fault counts for all documents of its process:
    ``fault`` is the worst of the document's own fault and the faults of the files, as an index in
    ``_WORST_FIRST`` (``_NO_FAULT`` for none). ``failed_at`` is the time of that fault, ``changed``
    the time of the last change of any entry of the process.
    """

    entry: _Entry
    fault: int
    failed_at: datetime
    changed: datetime
    sender: str
    receiver: str
    standard: str | None


class SliceCounter:
    """Counts the documents that arrived in one hour (time slice), each exactly once.

    It collects entries of Lens, Trading Grid's transaction search, in a few hundred bytes each. A
    process in Lens has entries for documents and for the files that contained them.

    A document counts in the slice in which its entry arrived; the time of arrival never changes. A
    process that has only file entries, because the file was not split into documents, counts as one
    document, in the slice in which its first file arrived. Add the entries of some minutes before
    and after the slice, too: the entries of one process can arrive on both sides of the slice's
    begin or end, and all are needed to see its documents and the faults of its files.

    Args:
        start: Begin of the slice.
        end: End of the slice, exclusive.
        ignored: Error codes that count as no fault.
    """

    def __init__(self, start: datetime, end: datetime, ignored: Collection[str]) -> None:
        self._start, self._end, self._ignored = start, end, ignored
        self._entries: dict[str, _Entry] = {}
        self._unknown: Counter[str] = Counter()

    def add(self, entry: LensEntry) -> None:
        """Add an entry of Lens, Trading Grid's transaction search: a processed document or file.

        :meth:`result` counts the added documents. An entry without ``arrived_at`` is ignored. Of
        two entries with the same transaction id, the one that Lens changed last is kept.
        """
        if entry.arrived_at is None:
            return
        if self._contains(entry.arrived_at):
            self._unknown.update(unknown_statuses(entry))
        found = _compact(entry, entry.arrived_at, self._ignored)
        known = self._entries.get(entry.transaction_id)
        self._entries[entry.transaction_id] = found if known is None else max(known, found)

    def result(self, partner_with: PartnerLookup) -> SliceCounts:
        """Count the added documents that arrived in the hour (time slice), by partner.

        ``partner_with`` returns the partner of an EDI address, or None.
        """
        processes: defaultdict[str, list[_Entry]] = defaultdict(list)
        for transaction_id in sorted(self._entries):
            entry = self._entries[transaction_id]
            processes[entry.process].append(entry)
        found: defaultdict[PartnerId, list[tuple[_Document, Direction]]] = defaultdict(list)
        documents = unmapped = 0
        for entries in processes.values():
            for document in _documents(entries):
                if not self._contains(document.entry.arrived):
                    continue
                documents += 1
                match _trading_partner(document, partner_with):
                    case None:
                        unmapped += 1
                    case partner_id, direction:
                        found[partner_id].append((document, direction))
        return SliceCounts(
            partners={partner_id: _count(own) for partner_id, own in found.items()},
            documents=documents,
            unmapped=unmapped,
            unknown=self._unknown,
        )

    def _contains(self, moment: datetime) -> bool:
        return self._start <= moment < self._end


def document_state(entry: LensEntry, ignored: Collection[str] = ()) -> DocumentState:
    """Return the state of a document from its own Lens entry, regardless of entries for its files.

    The entry's fault decides, else its acknowledgment status, else its processing status. Lens
    cannot show the acknowledgment status C: an acknowledgment date without a status means C. Error
    codes in ``ignored`` count as no fault.

    >>> document_state(LensEntry(transaction_id="t-1", status="S", fa_status="W")).value
    'delivered'
    >>> document_state(LensEntry(transaction_id="t-1", status="S", fa_status="R")).value
    'rejected'
    """
    fault = entry_fault(entry, ignored)
    if fault is not None:
        return _FAULT_STATES[fault]
    code = acknowledgment_code(entry.fa_status)
    if entry.fa_status and not code and entry.fa_status.lower() != "unknown":
        return DocumentState.OTHER
    if code in _ACKNOWLEDGED or (not entry.fa_status and entry.fa_status_date is not None):
        return DocumentState.ACKNOWLEDGED
    return _PROCESSING_STATES.get(processing_code(entry.status), DocumentState.OTHER)


def _compact(entry: LensEntry, arrived: datetime, ignored: Collection[str]) -> _Entry:
    fault = entry_fault(entry, ignored)
    keys = {key.key.lower(): key.value for key in entry.content_keys}
    number = next((keys[name] for name in _NUMBERS if keys.get(name)), "")
    # Types, addresses and standards repeat: each is kept once.
    return _Entry(
        changed=entry.changed_at or _NEVER,
        fault=_NO_FAULT if fault is None else _WORST_FIRST.index(fault),
        state=document_state(entry, ignored),
        process=entry.process,
        is_file=(entry.level or "").lower() == "file",
        arrived=arrived,
        document_type=sys.intern(_short_text(entry.document_type, MAX_TYPE)),
        sender=sys.intern(entry.sender_address or ""),
        receiver=sys.intern(entry.receiver_address or ""),
        standard=envelope_standard(entry) or "",
        number=_short_text(number, MAX_NUMBER),
    )


def _short_text(text: str | None, most: int) -> str:
    """Return a text without outer spaces; "" if it is too long or has unprintable characters."""
    stripped = (text or "").strip()
    return stripped if len(stripped) <= most and stripped.isprintable() else ""


def _documents(entries: Sequence[_Entry]) -> Iterable[_Document]:
    """Yield the documents of one process in Lens, Trading Grid's transaction search.

    ``entries`` has all entries of the process: they share a correlation id, and each stands for a
    document or for a file that contained documents. Each document entry gives one document; a
    process with file entries alone gives one document. A document's fault is the worst of its own
    and those of the files. A sender, receiver or standard that a document's entry lacks is taken
    from the first entry that has one.
    """
    files = [entry for entry in entries if entry.is_file]
    own = [entry for entry in entries if not entry.is_file]
    if not own:
        # The type may be on any of the files.
        first = min(files, key=lambda entry: entry.arrived)
        own = [first._replace(document_type=_first(files, "document_type"))]
    fault_of_files = min((entry.fault for entry in files), default=_NO_FAULT)
    sender, receiver, standard = (
        _first(entries, name) for name in ("sender", "receiver", "standard")
    )
    changed = max(_change_time(entry) for entry in entries)
    for entry in own:
        fault = min(entry.fault, fault_of_files)
        yield _Document(
            entry,
            fault,
            max(_change_time(one) for one in (entry, *files) if one.fault == fault),
            changed,
            entry.sender or sender,
            entry.receiver or receiver,
            entry.standard or standard or None,
        )


def _change_time(entry: _Entry) -> datetime:
    return entry.arrived if entry.changed == _NEVER else entry.changed


def _first(entries: Iterable[_Entry], name: str) -> str:
    return next((value for entry in entries if (value := getattr(entry, name))), "")


def _trading_partner(
    document: _Document, partner_with: PartnerLookup
) -> tuple[PartnerId, Direction] | None:
    """Return the trading partner and the direction of a document.

    The partner is the one with the sender's address (inbound), else the one with the receiver's
    (outbound). Returns None if neither is the address of a partner.
    """
    for address, direction in (
        (document.sender, Direction.INBOUND),
        (document.receiver, Direction.OUTBOUND),
    ):
        partner_id = partner_with(address, document.standard) if address else None
        if partner_id is not None:
            return partner_id, direction
    return None


def _count(documents: Sequence[tuple[_Document, Direction]]) -> PartnerCounts:
    lines: dict[LineKey, list[int]] = {}
    failures: list[FailedDocument] = []
    for document, direction in documents:
        entry, kind = document.entry, None
        state = DocumentState(entry.state)
        if document.fault < _NO_FAULT:
            kind = _WORST_FIRST[document.fault]
            state = _FAULT_STATES[kind]
        key = LineKey(entry.document_type, direction)
        if key not in lines and len(lines) >= MAX_LINES:
            key = LineKey("", direction)
        lines.setdefault(key, [0] * len(STATES))[STATES.index(state)] += 1
        if kind is not None and state in FAILURE_STATES:
            failures.append(
                FailedDocument(
                    document.failed_at,
                    entry.process,
                    kind,
                    key.document_type,
                    direction,
                    entry.number,
                )
            )
    return PartnerCounts(
        lines={key: tuple(counts) for key, counts in lines.items()},
        failures=newest_failures(failures),
        latest=max(document.changed for document, _ in documents),
    )
