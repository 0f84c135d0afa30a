"""Collections that the declared sources feed by themselves."""

from gridwix_gateway.documents import Document
from gridwix_gateway.runtime.fed_collections import fed_collections


def test_sources_that_fetch_feed_their_collections_and_files_wait_for_a_drop() -> None:
    declarations: dict[str, Document] = {
        "directory": {"source": "directory"},
        "tickets": {
            "source": "rest",
            "records": [{"collection": "cases"}, {"collection": "service-notices"}],
        },
        "tracker": {"source": "files", "records": [{"collection": "enrollments"}]},
    }

    found = fed_collections(declarations)

    assert found == {"partners", "cases", "service-notices"}


def test_gateway_without_declarations_is_fed_by_no_source() -> None:
    assert fed_collections({}) == frozenset()
