"""Days as people of a language write them. Pure."""

from datetime import date

_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def format_day(day: date, locale: str) -> str:
    """16 Mar 2026, or 16.3.2026 in German."""
    return f"{day.day}.{day.month}.{day.year}" if locale == "de" else f"{day.day} {_ENGLISH[day.month - 1]} {day.year}"
