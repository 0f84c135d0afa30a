"""Collections that the declared sources feed by themselves."""

import json

import yaml

from gridwix_gateway.documents import Document
from gridwix_gateway.profile.collections import ENTITY_NAMES
from gridwix_gateway.runtime.fed_collections import (
    DECLARATIONS,
    fed_collections,
    read_fed_collections,
)
from ops.paths import ROOT

SOURCES = ROOT / "config/gateway/sources"
PACKAGED = ROOT / "gateway/layer/gridwix_gateway" / DECLARATIONS


def test_sources_that_fetch_feed_their_collections_and_files_wait_for_a_drop() -> None:
    declarations: dict[str, Document] = {
        "directory": {"source": "directory"},
        "tickets": {
            "source": "rest",
            "records": [{"collection": "cases"}, {"collection": "service-notices"}],
        },
        "tracker": {"source": "files", "records": [{"collection": "enrollments"}]},
        "share": {"source": "documents", "document": {"title": "row.title"}},
    }

    found = fed_collections(declarations)

    assert found == {"partners", "cases", "service-notices"}


def test_source_that_only_adds_to_records_of_another_one_feeds_nothing() -> None:
    record = {"collection": "partners", "owner": False}

    assert fed_collections({"ratings": {"source": "rest", "records": [record]}}) == frozenset()


def test_examples_feed_what_they_map() -> None:
    files = sorted((SOURCES / "examples").glob("*.yaml"))
    fed = {path.stem: fed_collections({"one": yaml.safe_load(path.read_text())}) for path in files}

    assert fed["directory"] == {"partners"}
    assert fed["servicenow-cases"] == {"cases"}
    assert all(each <= set(ENTITY_NAMES) for each in fed.values())


def test_packaged_declarations_can_be_read() -> None:
    packaged = json.loads(PACKAGED.read_text())

    assert read_fed_collections() == fed_collections(packaged)
    assert packaged


def test_gateway_without_declarations_is_fed_by_no_source() -> None:
    assert fed_collections({}) == frozenset()
