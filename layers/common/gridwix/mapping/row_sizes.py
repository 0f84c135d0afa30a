"""Shortens portal rows to the maximum size of a Wix item. Pure.

The newest (or most urgent) entries of a list stay, and the number of the others is stored.

See ``docs/adr/0061-rows-are-fitted-to-bytes-and-cuts-are-marked.md``.
"""

from collections import deque
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from gridwix.mapping.cuts import cut_text
from gridwix.models.portal.rows import ByPeople, RowModel, Shrinking
from gridwix.models.texts import Sentence

LONGEST_TEXT = 64_000
"""Maximum bytes of one text in a row that is too large. Rich texts have fewer anyway, in any
script.
"""

SHORTEST_TEXT = 250
"""Lower bound, in bytes, to which texts are cut if leaving out entries is not enough."""

_COUNTER_BYTES = 40
"""Upper bound on the bytes of a field that counts the entries that were left out."""

_WIX_TIME = {"$date": "2026-01-02T03:04:05.678Z"}
_VALUES = ByPeople()


class _Marks(NamedTuple):
    """Annotations of a row's field that tell how it may be shortened; each may be None.

    ``by_people``: people wrote the text of the field, so it may be cut. ``shrinking``: entries may
    be left out of the field's list.
    """

    by_people: ByPeople | None
    shrinking: Shrinking | None


def wire_size(value: Any) -> int:
    """Return the size of a value in bytes, as the client sends it to Wix: compact JSON in UTF-8.

    0 for a value that JSON cannot hold: the client refuses such an item later.

    >>> wire_size({"a": "李"}), wire_size(datetime(2026, 1, 2))
    (11, 36)
    """
    try:
        return len(orjson.dumps(value, _wire_value, orjson.OPT_PASSTHROUGH_DATETIME))
    except orjson.JSONEncodeError:
        return 0


def fit_row[Row: RowModel](row: Row) -> Row:
    """Return a row shortened to at most ``max_bytes``. Idempotent; a row that fits is unchanged.

    A row that is too large is shortened in three steps, each as far as needed:

    1. A text above ``LONGEST_TEXT`` is cut.
    2. Entries of the longest list are left out and counted, the oldest (or least urgent) first.
       One entry of each list stays.
    3. All texts are cut to half as much, down to ``SHORTEST_TEXT``.

    Ids and audiences are never cut: a row with ids that alone are too large stays too large.
    """
    if _row_size(row) <= row.max_bytes:
        return row
    limit = LONGEST_TEXT
    fitted = _leave_out_entries(_cut_texts(row, limit))
    is_too_large = _row_size(fitted) > row.max_bytes
    while is_too_large and limit > SHORTEST_TEXT:
        limit //= 2
        cut = _cut_texts(fitted, limit)
        # An audience of 100,000 partners is not measured again for each limit.
        if cut is not fitted:
            fitted, is_too_large = cut, _row_size(cut) > row.max_bytes
    return fitted


def _leave_out_entries[Row: RowModel](row: Row) -> Row:
    """Return a row without some entries of its lists, so that it fits, if that is possible.

    The next entry is always removed from the list that is then the longest.
    """
    lists = {
        name: deque(_entry_size(entry) for entry in getattr(row, name) or ())
        for name, marks in marked_fields(type(row)).items()
        if marks.shrinking
    }
    totals = {name: sum(sizes) for name, sizes in lists.items()}
    excess = _row_size(row) - row.max_bytes
    if excess > 0:
        excess += _COUNTER_BYTES * len(lists)
    while excess > 0 and (long := [name for name, sizes in lists.items() if len(sizes) > 1]):
        name = max(long, key=totals.__getitem__)
        shrinking = marked_fields(type(row))[name].shrinking
        from_end = shrinking is not None and shrinking.keeps == "first"
        size = lists[name].pop() if from_end else lists[name].popleft()
        totals[name] -= size
        excess -= size
    changed: dict[str, Any] = {}
    for name, sizes in lists.items():
        changed |= _shortened_list(row, name, len(sizes))
    return row.model_copy(update=changed)


def _shortened_list(row: RowModel, name: str, kept: int) -> dict[str, Any]:
    """Return new values of a row's fields if its list ``name`` keeps ``kept`` entries.

    These are the shortened list, and the field that counts the entries left out.
    """
    entries, shrinking = getattr(row, name), marked_fields(type(row))[name].shrinking
    if shrinking is None or not entries or kept == len(entries):
        return {}
    changed = {name: entries[:kept] if shrinking.keeps == "first" else entries[-kept:]}
    if shrinking.omitted:
        left_out = len(entries) - kept
        changed[shrinking.omitted] = left_out + (getattr(row, shrinking.omitted) or 0)
    return changed


def _cut_texts[Row: RowModel](row: Row, most: int) -> Row:
    """Return a row in which each text that people wrote is cut to at most ``most`` bytes.

    This includes the texts in entries of the row's lists.
    """
    changed: dict[str, Any] = {}
    for name, marks in marked_fields(type(row)).items():
        value = getattr(row, name)
        cut = _cut_value(value, marks.by_people, most)
        if cut == value:
            continue
        changed[name] = cut
        if marks.by_people and marks.by_people.flag:
            changed[marks.by_people.flag] = True
    return row.model_copy(update=changed) if changed else row


def _cut_value(value: Any, by_people: ByPeople | None, most: int) -> Any:
    match value:
        case str():
            if by_people is None:
                return value
            return _cut_html(value, most) if by_people.is_html else cut_text(value, most, _width)
        # Ids, a hundred thousand perhaps.
        case (str(), *_) if by_people is None:
            return value
        case tuple():
            return tuple(_cut_value(one, by_people, most) for one in value)
        case RowModel():
            return _cut_texts(value, most)
        case Sentence(values=values):
            # Its plain texts are what people wrote, such as the subject of an issue.
            return value.model_copy(update={"values": _cut_value(values, _VALUES, most)})
        case Mapping():
            return {name: _cut_value(one, by_people, most) for name, one in value.items()}
    return value


def _cut_html(html: str, most: int) -> str:
    # Few rows are too large, and several functions start without this module.
    from gridwix.mapping.html_cuts import cut_html

    return cut_html(html, most, _width)


@lru_cache
def marked_fields(row: type[RowModel]) -> Mapping[str, _Marks]:
    """Return, for each field of a row model, the annotations that tell how it may be shortened."""
    return {
        name: _Marks(
            next((mark for mark in field.metadata if isinstance(mark, ByPeople)), None),
            next((mark for mark in field.metadata if isinstance(mark, Shrinking)), None),
        )
        for name, field in row.model_fields.items()
    }


def _row_size(row: RowModel) -> int:
    return wire_size(row.model_dump(by_alias=True, exclude_none=True))


def _entry_size(entry: Any) -> int:
    """Return the size of a list's entry in the row's JSON, in bytes, with its comma."""
    return (_row_size(entry) if isinstance(entry, RowModel) else wire_size(entry)) + 1


def _width(text: str) -> int:
    """Return the size of a text inside of a JSON string, in bytes."""
    return wire_size(text) - 2


def _wire_value(value: object) -> object:
    if isinstance(value, datetime):
        return _WIX_TIME
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError
