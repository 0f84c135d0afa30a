"""Generates ``docs/logs.md``: the log events of the functions with their fields and meaning."""

from collections.abc import Mapping

from ops.alarm_page import section_links
from ops.log_calls import FunctionCode, LogEvent
from ops.log_vocabulary import EVENTS, FIELDS, LOGGER_FIELDS
from ops.paths import ROOT

PAGE = ROOT / "docs/logs.md"

_INTRODUCTION = """\
# Logs

`make logs` writes this page from the code of the functions.

A function logs JSON lines. `message` is the name of the event and never contains a value, so a
query selects by it. Names and fields are in
[snake_case](adr/0079-logs-have-one-vocabulary.md). Lines hold ids, codes and counts, and no
[personal data](personal-data.md). Metrics are lines of their own, with `_aws`.

In CloudWatch Logs Insights, all warnings and errors of the selected functions:

```
fields @timestamp, service, message, code, reason, system, status, request_id
| filter level in ["WARNING", "ERROR"]
| sort @timestamp desc
```

All lines of one unit of work, with the id from a step of `gridwix trace`:

```
fields @timestamp, service, message | filter correlation_id = "ID" | sort @timestamp
```
"""


def log_page(events: Mapping[str, LogEvent]) -> str:
    """Return the text of ``docs/logs.md`` for these log events.

    Raises KeyError for an event or field without a meaning in the vocabulary, and ValueError for a
    reference to a section that does not exist.
    """
    sections = "".join(_event_section(event) for event in events.values())
    return (
        f"{_INTRODUCTION}\n## Events\n\n{sections}## Fields\n\n"
        + _field_table(FIELDS)
        + "\nPowertools, the library that writes the lines, adds its own. Those from"
        " `cold_start` on are in gridwix's functions of queues only:\n\n"
        + _field_table(LOGGER_FIELDS)
    )


def _event_section(event: LogEvent) -> str:
    known = EVENTS[event.name]
    links = section_links(known.section, PAGE)
    lines = [
        f"### {event.name}",
        "",
        known.meaning,
        "",
        f"- Level: {' or '.join(event.levels)}",
        f"- Functions: {', '.join(map(_function, event.functions))}",
        f"- Fields: {', '.join(f'`{name}`' for name in event.fields) or 'none of its own'}",
        f"- What to do: {known.action}{f' See {links}.' if links else ''}",
        "",
    ]
    return "\n".join(lines) + "\n"


def _function(name: str) -> str:
    part, _, function = name.rpartition(" ")
    return f"`{function}` of the {part}" if part else f"`{function}`"


def _field_table(fields: Mapping[str, str]) -> str:
    rows = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in fields.items())
    return f"| field | meaning |\n|---|---|\n{rows}"


if __name__ == "__main__":
    PAGE.write_text(log_page(FunctionCode().events()))
