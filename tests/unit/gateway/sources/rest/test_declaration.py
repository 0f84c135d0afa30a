"""Declarations of REST sources: what cannot work is refused, with the reason."""

from typing import Any

import pytest
from pydantic import ValidationError

from gridwix_gateway.sources.rest.rows import find_member
from tests.fakes.gateway.source_runs import simple_source

TEXT = {"path": "id", "type": "text"}
OFFSET = {"type": "offset", "parameter": "offset", "limit": "limit"}


def columns(**changes: Any) -> dict[str, Any]:
    declared = simple_source().declaration.model_dump(mode="json", exclude_defaults=True)
    return dict(declared["columns"]) | changes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "http://api.example/cases"}, "https://"),
        ({"url": "https://user:secret@api.example/"}, "without user"),
        ({"url": "https://api.example/?token=x"}, "query"),
        ({"url": "ftp://api.example/"}, "https://"),
        ({"url": "https://"}, "without user"),
        ({"key": "nothing"}, "key must name"),
        ({"key": "updated"}, "key must name"),
        ({"columns": columns(id=TEXT)}, "required"),
        ({"optional": ["id"]}, "key must name"),
        ({"optional": ["nothing"]}, "no column nothing"),
        ({"columns": columns(subject={"heading": "S", "type": "text"})}, "needs a path"),
        ({"since": {"column": "subject", "parameter": "q"}}, "timestamp"),
        ({"since": {"column": "updated", "parameter": "q", "value": "a"}}, "{since}"),
        ({"since": {"column": "updated", "parameter": "q", "format": "%H:%M"}}, "year"),
        ({"since": {"column": "updated", "parameter": "q", "format": "%Y"}}, "day"),
        ({"since": {"column": "updated", "parameter": "q", "zone": "CET+1"}}, "time zone"),
        ({"since": {"column": "updated", "parameter": "q", "start": "2026-01-01T00:00:00"}},
         "offset"),
        ({"since": {"column": "updated", "parameter": "limit"}}, "set twice"),
        ({"query": {"offset": "1"}}, "set twice"),
        ({"headers": {"Authorization": "x"}}, "set by the engine"),
        ({"headers": {"X-A": "a\r\nX-B: b"}}, "line breaks"),
        ({"paging": OFFSET | {"size": 0}}, "greater than"),
        ({"limits": {"megabytes": 51}}, "less than"),
        ({"nothing": 1}, "not permitted"),
    ],
)  # fmt: skip
def test_declaration_when_it_cannot_work_then_the_reason_is_named(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        simple_source(**changes)

    assert said in str(raised.value)


@pytest.mark.parametrize("host", ["localhost:9001", "127.0.0.1:9001"])
def test_declaration_when_the_api_is_on_this_machine_then_http_is_allowed(host: str) -> None:
    assert simple_source(url=f"http://{host}/cases").declaration.url.endswith("/cases")


@pytest.mark.parametrize(
    ("document", "path", "found"),
    [
        ({"a": {"b": {"c": 1}}}, "a.b.c", (True, 1)),
        ({"a.b": {"c": 1}}, "a.b.c", (True, 1)),
        ({"a": {"b.c": 1}}, "a.b.c", (True, 1)),
        ({"a.b.c": 1}, "a.b.c", (True, 1)),
        ({"a": None}, "a.b.c", (True, None)),
        ({"a": ""}, "a.b.c", (True, None)),
        ({"a": {"b": None}}, "a.b", (True, None)),
        ({"a": {}}, "a.b", (False, None)),
        ({"a": "text"}, "a.b", (False, None)),
        ({"a": [{"b": 1}]}, "a.b", (False, None)),
    ],
)
def test_member_when_a_path_leads_to_it_then_absent_and_empty_differ(
    document: dict[str, Any], path: str, found: tuple[bool, Any]
) -> None:
    assert find_member(document, path) == found
