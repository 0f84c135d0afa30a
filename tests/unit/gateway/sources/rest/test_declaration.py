"""Declarations of REST sources: what cannot work is refused, with the reason."""

from typing import Any

import pytest
from pydantic import ValidationError

from gridwix_gateway.sources.rest.checks import declaration_faults
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
        ({"since": {"column": "updated", "parameter": "q", "value": "a"}}, "{since}"),
        ({"since": {"column": "updated", "parameter": "q", "format": "%H:%M"}}, "year"),
        ({"since": {"column": "updated", "parameter": "q", "format": "%Y"}}, "day"),
        ({"since": {"column": "updated", "parameter": "q", "zone": "CET+1"}}, "time zone"),
        ({"since": {"column": "updated", "parameter": "q", "start": "2026-01-01T00:00:00"}},
         "offset"),
        ({"paging": OFFSET | {"size": 0}}, "greater than"),
        ({"limits": {"megabytes": 51}}, "less than"),
        ({"nothing": 1}, "not permitted"),
    ],
)  # fmt: skip
def test_member_when_it_cannot_work_then_the_reason_is_named(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        simple_source(**changes)

    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"key": "nothing"}, "key"),
        ({"key": "updated"}, "key"),
        ({"columns": columns(id=TEXT)}, "key"),
        ({"optional": ["id"]}, "key"),
        ({"optional": ["nothing"]}, "optional"),
        ({"columns": columns(subject={"heading": "S", "type": "text"})}, "columns.subject"),
        ({"columns": columns(other=TEXT)}, "columns.other"),
        ({"since": {"column": "subject", "parameter": "q"}}, "since.column"),
        ({"since": {"column": "updated", "parameter": "limit"}}, "paging.limit"),
        ({"query": {"offset": "1"}}, "paging.parameter"),
        ({"headers": {"Authorization": "x"}}, "headers.Authorization"),
        ({"headers": {"X-A": "a\r\nX-B: b"}}, "headers.X-A"),
    ],
)
def test_members_when_they_do_not_fit_together_then_the_place_is_named(
    changes: dict[str, Any], place: str
) -> None:
    faults = list(declaration_faults(simple_source(**changes).declaration))

    assert [".".join(fault.place) for fault in faults] == [place]


def test_declaration_when_all_fits_then_there_is_no_fault() -> None:
    assert list(declaration_faults(simple_source().declaration)) == []


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
