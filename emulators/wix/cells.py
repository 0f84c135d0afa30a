"""Renders values of data items for a web page. All text is escaped."""

from datetime import UTC, datetime
from typing import Any

import orjson
from markupsafe import Markup

from emulators.wix.wire import Data

MOST_MEMBERS = 3
MOST_CHARACTERS = 160
TONES = {
    "good": frozenset(
        {"active", "approved", "complete", "completed", "passed", "resolved", "ok", "live"}
    ),
    "bad": frozenset(
        {
            "blocked",
            "failed",
            "rejected",
            "overdue",
            "suspended",
            "inactive",
            "critical",
            "action_needed",
        }
    ),
    "wait": frozenset(
        {
            "onboarding",
            "pending",
            "open",
            "invited",
            "in_progress",
            "waiting",
            "under_review",
            "attention",
        }
    ),
}


def render_cell(value: Any, field: Data) -> Markup:
    """Render a value as the HTML of a table cell, by the type of its field."""
    if value is None or value in ("", [], {}):
        return Markup('<span class="quiet">—</span>')
    if isinstance(value, list):
        members = Markup("").join(
            Markup("<li>{}</li>").format(render_value(one)) for one in value[:MOST_MEMBERS]
        )
        more = (
            Markup('<li class="quiet">and {} more</li>').format(len(value) - MOST_MEMBERS)
            if len(value) > MOST_MEMBERS
            else ""
        )
        return Markup('<ul class="members">{}{}</ul>').format(members, more)
    if (
        field["key"].endswith("Percent")
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ):
        width = min(max(value, 0), 100)
        return Markup(
            '<span class="percent"><span class="meter"><i style="width:{}%"></i></span>{} %</span>'
        ).format(width, render_value(value))
    if field["key"].lower().endswith("status") and isinstance(value, str):
        word = value.lower()
        tone = next((tone for tone, words in TONES.items() if word in words), "")
        return Markup('<span class="tag {}">{}</span>').format(
            tone, value.replace("_", " ").lower()
        )
    return Markup("{}").format(render_value(value))


def render_value(value: Any) -> str:
    """Render a value of an item as one line of text."""
    match value:
        case None:
            return "—"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case {"$date": str() as text} if len(value) == 1:
            return text[:19].replace("T", " ")
        case list():
            return ", ".join(render_value(one) for one in value) or "—"
        case dict():
            named = next(
                (
                    value[name]
                    for name in ("title", "subject", "text", "name")
                    if isinstance(value.get(name), str)
                ),
                None,
            )
            return _shorten(named if named is not None else orjson.dumps(value).decode())
        case _:
            return _shorten(str(value))


def form_value(value: Any) -> str:
    """Render a value for a form that edits it: as JSON, or as plain text if that is not ambiguous.

    >>> form_value("late"), form_value("12"), form_value(12)
    ('late', '"12"', '12')
    """
    if isinstance(value, str):
        try:
            orjson.loads(value)
        except ValueError:
            return value
    return orjson.dumps(value).decode()


def format_timestamp(at: float) -> str:
    """Format Unix seconds as date and time of day in UTC.

    >>> format_timestamp(0)
    '1970-01-01 00:00:00'
    """
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _shorten(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"
