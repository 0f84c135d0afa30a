"""Arbitrary JSON values, and records with one arbitrary member, for property tests of input."""

import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

TEXTS = (
    "",
    "n/a",
    "²",
    "\ud800",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
    "a/../b",
    "x" * 5000,
)
ODD: tuple[Any, ...] = (None, 0, -1, 1e308, 10**400, True, [], {}, *TEXTS)
"""JSON values that have broken software before, and that are rarely expected."""


def any_json() -> SearchStrategy[Any]:
    """Any JSON value."""
    plain = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=20)
        | st.sampled_from(ODD)
    )
    return st.recursive(
        plain,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
        ),
        max_leaves=8,
    )


@st.composite
def spoilt(draw: st.DrawFn, record: dict[str, Any], *, fixed: frozenset[str] = frozenset()) -> Any:
    """Replace a record, or one of its members, by any JSON value.

    ``fixed`` members stay, because changing them would make it another record.
    """
    if draw(st.booleans()):
        return draw(any_json())
    changed = json.loads(json.dumps(record))
    places = [name for name in changed if name not in fixed]
    name = draw(st.sampled_from(places))
    inner = changed[name]
    if isinstance(inner, list) and inner and isinstance(inner[0], dict) and draw(st.booleans()):
        inner[0][draw(st.sampled_from(sorted(inner[0])))] = draw(any_json())
    elif isinstance(inner, dict) and inner and draw(st.booleans()):
        inner[draw(st.sampled_from(sorted(inner)))] = draw(any_json())
    elif draw(st.booleans()):
        del changed[name]
    else:
        changed[name] = draw(any_json())
    return changed
