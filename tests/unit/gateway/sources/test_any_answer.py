"""Whatever an API answers, a run ends with a report whose counts close."""

import json
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix_gateway.sources.directory.declaration import DirectoryDeclaration
from gridwix_gateway.sources.directory.run import DirectorySource
from gridwix_gateway.sources.runs import RunReport
from tests.examples import examples
from tests.fakes.any_json import any_json
from tests.fakes.gateway.source_runs import SECRETS, World, simple_source

SECRETS["trading-grid"] = {"client_id": "key", "client_secret": "secret"}

TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["GC1", "ZZ:A", "2026-03-12T07:00:00Z", "0614141000524", "active", "\ud800"]),
)
SCALARS = any_json() | TEXTS
NAMES = st.sampled_from(
    [
        *("id", "updated", "subject", "rows", "partners", "name", "tradingAddresses", "gln"),
        *("identifiers", "status", "contacts", "qualifier", "scheme", "value", "userId"),
    ]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(NAMES, TEXTS), inner, max_size=5)
    ),
    max_leaves=20,
)
ROWS = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {
            "id": st.one_of(SCALARS, st.just("1")),
            "updated": st.one_of(SCALARS, st.just("2026-03-12T07:00:00Z")),
            "subject": JSON,
            "name": SCALARS,
            "tradingAddresses": JSON,
            "identifiers": JSON,
            "contacts": JSON,
        }
    ),
)
DOCUMENTS = st.one_of(
    JSON,
    st.builds(
        lambda rows: {"rows": rows, "partners": rows, "users": rows}, st.lists(ROWS, max_size=6)
    ),
)


def counts_close(report: RunReport) -> bool:
    counts = report.counts
    return counts.rows == counts.changed + counts.unchanged + counts.refused


def make_api(document: Any) -> Any:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/oauth2/tokens":
            return httpx.Response(200, json={"access_token": "t"})
        # As ASCII: half a character cannot be written otherwise.
        body = json.dumps(document).encode()
        return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})

    return handle


@settings(max_examples=examples(50), deadline=None)
@given(DOCUMENTS, st.sampled_from(["single", "offset", "next", "cursor"]))
def test_rest_source_when_it_answers_anything_then_the_counts_close(
    document: Any, paging: str
) -> None:
    members = {
        "single": {},
        "offset": {"parameter": "offset"},
        "next": {"next": "rows"},
        "cursor": {"parameter": "c", "next": "id"},
    }
    world = World(make_api(document))
    source = simple_source(paging={"type": paging, **members[paging]}, limits={"pages": 5})

    reports = [world.run_source(source) for _ in range(2)]

    assert all(map(counts_close, reports))
    assert all(report.fault != "crashed" for report in reports)


@settings(max_examples=examples(50), deadline=None)
@given(DOCUMENTS)
def test_directory_when_it_answers_anything_then_the_counts_close(document: Any) -> None:
    world = World(make_api(document))
    declared = {"source": "directory", "company": "GC00700011NR", "contacts": "users"}
    source = DirectorySource("directory", DirectoryDeclaration.model_validate(declared))

    reports = [world.run_source(source) for _ in range(2)]

    assert all(map(counts_close, reports))
    for partner in world.records("partners").values():
        assert partner["name"]
        assert all(one["qualifier"] and one["id"] for one in partner.get("tradingAddresses", ()))
