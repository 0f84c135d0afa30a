"""Transaction exceptions: finds the fault of a process in its transaction search entries. Pure.

A process is all entries with the same correlation id.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from gridwix.models.transactions import (
    INVOICE_NUMBER,
    PO_NUMBER,
    SHIPMENT_ID,
    ExceptionKind,
    LensEntry,
    TransactionException,
)

STATUSES: Mapping[str, str] = {
    "B": "Batched",
    "C": "Completed",
    "D": "Delivery in progress",
    "F": "Delivery failed",
    "H": "On hold",
    "N": "Delivery disabled",
    "P": "Processing",
    "R": "Ready for pickup",
    "S": "Delivered",
    "U": "Duplicate",
    "V": "Validation error",
}
"""Names of processing statuses by short code. Lens accepts codes and names in a search, so both are
read in a response.
"""

FA_STATUSES: Mapping[str, str] = {
    "A": "Accepted",
    "C": "Completed",
    "E": "Accepted with errors",
    "M": "Manually accepted",
    "N": "None expected",
    "P": "Partially accepted",
    "R": "Rejected",
    "S": "Suppressed",
    "T": "Timed out",
    "W": "Waiting",
}
"""Names of the functional acknowledgment's statuses, by short code."""

_FAILURES = {
    # On hold means that five delivery attempts have failed.
    "F": ExceptionKind.DELIVERY_FAILED,
    "H": ExceptionKind.DELIVERY_FAILED,
    "V": ExceptionKind.VALIDATION_ERROR,
}
_DELIVERY_FAILURES = frozenset({"deliveryfailed", "partiallyfailed", "partiallydelivered"})
_FA_FAILURES = {
    "R": ExceptionKind.ACKNOWLEDGMENT_REJECTED,
    "P": ExceptionKind.ACKNOWLEDGMENT_REJECTED,
    "T": ExceptionKind.ACKNOWLEDGMENT_OVERDUE,
}
_VERDICTS = (
    # Codes of X12 (715 in AK901, 717 in AK501 and IK501) and of CONTRL (0083) that Lens does not
    # use for anything else. M and W mean other things in Lens.
    ("X", "R"),
    ("4", "R"),
    ("7", "A"),
    # The interchange was received; its content is not judged yet.
    ("8", "W"),
)
_VERDICT_WORDS = (
    # Wording of the standards: "Rejected, Message Authentication Code (MAC) Failed", "Accepted,
    # But Errors Were Noted".
    ("accepted, but errors", "E"),
    ("accepted but errors", "E"),
    ("partially accepted", "P"),
    ("rejected", "R"),
)
_ACKNOWLEDGMENTS = frozenset({"997", "999", "TA1", "CONTRL", "824", "APERAK"})
"""Types of documents that acknowledge another document: that it was readable (997, 999, TA1,
CONTRL), or that its content was accepted (824, APERAK).
"""
_STANDARDS = {"ISA": "x12", "UNA": "edifact", "UNB": "edifact"}
_WORST_FIRST = tuple(ExceptionKind)
_NEVER = datetime.min.replace(tzinfo=UTC)


def group_by_process(entries: Iterable[LensEntry]) -> Mapping[str, Sequence[LensEntry]]:
    """Group transaction search entries by process (correlation id), deduplicated.

    If an entry was read repeatedly, only the reading with the latest change is kept.

    >>> entries = [LensEntry(transaction_id=i, correlation_id="c-1") for i in ("t-1", "t-2", "t-1")]
    >>> {process: len(found) for process, found in group_by_process(entries).items()}
    {'c-1': 2}
    """
    newest: dict[str, LensEntry] = {}
    for entry in entries:
        known = newest.get(entry.transaction_id)
        if known is None or (known.changed_at or _NEVER) <= (entry.changed_at or _NEVER):
            newest[entry.transaction_id] = entry
    groups: defaultdict[str, list[LensEntry]] = defaultdict(list)
    for entry in newest.values():
        groups[entry.process].append(entry)
    return groups


def transaction_exception(
    entries: Sequence[LensEntry], ignored: Collection[str], unknown: Counter[str] | None = None
) -> TransactionException:
    """Determine the exception of a process from all its transaction search entries, in any order.

    ``kind`` of the result is None if nothing is wrong.

    The worst fault of any entry counts, so a process has one exception, even if many of its entries
    report a fault. The error text may be on another entry than the fault.

    >>> sent = LensEntry(transaction_id="t-1", document_type="856", fa_status="Rejected")
    >>> transaction_exception([sent], ignored=()).kind
    <ExceptionKind.ACKNOWLEDGMENT_REJECTED: 'acknowledgment_rejected'>

    Args:
        entries: all entries of the process, at least one.
        ignored: error codes that count as no fault.
        unknown: receives the counts of unknown statuses, which are no fault.
    """
    ordered = sorted(entries, key=lambda entry: entry.transaction_id)
    faults = {
        entry.transaction_id: fault
        for entry in ordered
        if (fault := entry_fault(entry, ignored)) is not None
    }
    if unknown is not None:
        for entry in ordered:
            unknown.update(unknown_statuses(entry))
    worst = min(faults.values(), key=_WORST_FIRST.index, default=None)
    about = min(
        ordered, key=lambda entry: _subject_rank(entry, faults.get(entry.transaction_id), worst)
    )
    told = [entry for entry in ordered if _has_error(entry, ignored)]
    teller = min(
        told, key=lambda entry: (not entry.error_message, entry is not about), default=about
    )
    moments = [
        entry.changed_at
        for entry in ordered
        if entry.changed_at is not None and faults.get(entry.transaction_id) == worst
    ]
    keys = {
        key: value
        for entry in reversed([about, *ordered])
        for key, value in ((found.key.lower(), found.value) for found in entry.content_keys)
        if value
    }
    failed = worst is not None
    return TransactionException(
        correlation_id=about.process,
        kind=worst,
        transaction_id=about.transaction_id,
        document_type=about.document_type,
        standard=next(
            (standard for entry in (about, *ordered) if (standard := envelope_standard(entry))),
            None,
        ),
        sender_address=_first_value((about, *ordered), "sender_address"),
        receiver_address=_first_value((about, *ordered), "receiver_address"),
        po_number=keys.get(PO_NUMBER),
        shipment_id=keys.get(SHIPMENT_ID),
        invoice_number=keys.get(INVOICE_NUMBER),
        error_code=teller.error_code if failed else None,
        message=teller.error_message if failed else None,
        fa_status=about.fa_status,
        occurred_at=max(moments, default=None),
    )


def envelope_standard(entry: LensEntry) -> str | None:
    """Return the EDI standard of an entry's envelope, ``x12`` or ``edifact``; None if unknown.

    >>> envelope_standard(LensEntry(transaction_id="t-1", envelope_type="ISA"))
    'x12'
    """
    return _STANDARDS.get(entry.envelope_type or "")


def entry_fault(entry: LensEntry, ignored: Collection[str]) -> ExceptionKind | None:
    """Return the most severe fault that a transaction search entry reports; None without a fault.

    Only this entry counts, not the other entries of its process. ``ignored`` are error codes that
    count as no fault.

    >>> entry_fault(LensEntry(transaction_id="t-1", status="On hold"), ignored=())
    <ExceptionKind.DELIVERY_FAILED: 'delivery_failed'>
    """
    faults = [
        _FAILURES.get(processing_code(entry.status)),
        ExceptionKind.DELIVERY_FAILED
        if (entry.delivery_status or "").replace(" ", "").lower() in _DELIVERY_FAILURES
        else None,
        _FA_FAILURES.get(acknowledgment_code(entry.fa_status)),
        ExceptionKind.PROCESSING_ERROR if _has_error(entry, ignored) else None,
    ]
    return min(
        (fault for fault in faults if fault is not None), key=_WORST_FIRST.index, default=None
    )


def _has_error(entry: LensEntry, ignored: Collection[str]) -> bool:
    return bool(entry.error_code or entry.error_message) and (entry.error_code or "") not in ignored


def processing_code(value: str | None) -> str:
    """Return the short code of a processing status given as code or name; "" for an unknown one.

    >>> processing_code("Delivered"), processing_code("quantum")
    ('S', '')
    """
    return _status_code(value, STATUSES)


def _status_code(value: str | None, names: Mapping[str, str]) -> str:
    """Return the short code of a status given as code or name; "" for an unknown one."""
    if not value:
        return ""
    if value in names:
        return value
    return next(
        (code for code, name in names.items() if name.lower() == value.lower()),
        "F" if value.lower() == "failed" and names is STATUSES else "",
    )


def acknowledgment_code(value: str | None) -> str:
    """Return the short code of an acknowledgment status; "" for an unknown one.

    It knows the statuses of Lens and those of the EDI standards.

    >>> [acknowledgment_code(one) for one in ("Accepted", "Rejected", "quantum")]
    ['A', 'R', '']
    """
    if code := _status_code(value, FA_STATUSES):
        return code
    said = (value or "").strip().lower()
    worded = next((code for words, code in _VERDICT_WORDS if said.startswith(words)), "")
    return worded or dict(_VERDICTS).get(said.upper(), "")


def unknown_statuses(entry: LensEntry) -> list[str]:
    """Return the statuses of an entry that this release does not know, as ``field=value``.

    >>> unknown_statuses(LensEntry(transaction_id="t-1", status="Quantum", fa_status="Accepted"))
    ['transaction.status=Quantum']
    """
    status, acknowledgment = (
        processing_code(entry.status),
        acknowledgment_code(entry.fa_status),
    )
    said = (
        ("transaction.status", entry.status, status),
        ("transaction.fastatus", entry.fa_status, acknowledgment),
    )
    return [
        f"{field}={value[:50]}"
        for field, value, code in said
        if value and value.lower() != "unknown" and not code
    ]


def _subject_rank(
    entry: LensEntry, fault: ExceptionKind | None, worst: ExceptionKind | None
) -> tuple[bool, bool, bool, bool, str]:
    """Return a sort key that puts the entry first that an exception is about (its subject).

    Entries are the documents and files that the transaction search returns for the process.
    Business documents, which are no acknowledgments such as 997, come before all other entries.
    Among equals, entries with the worst fault come first, then documents before files, then entries
    with a known document type, then the lowest transaction id. ``fault`` is the fault of this
    entry, ``worst`` the worst fault of the process; None if there is none.
    """
    is_document = (entry.level or "").lower() == "document"
    return (
        not (is_document and entry.document_type not in _ACKNOWLEDGMENTS),
        worst is not None and fault != worst,
        not is_document,
        not entry.document_type,
        entry.transaction_id,
    )


def _first_value(entries: Iterable[LensEntry], name: str) -> str | None:
    return next((value for entry in entries if (value := getattr(entry, name))), None)
