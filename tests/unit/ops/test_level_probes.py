"""The doctor's levels: what has a source, and what the next one would add."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gridwix.errors import Forbidden, GridwixError
from gridwix_gateway.sources.mapping.members import DOCUMENT_RULES, RULES
from ops.connections import Connections
from ops.examination import merge_causes
from ops.level_probes import LEVELS, UNTOLD, level_probes
from ops.probes import Finding, run_probe

EVERYTHING = frozenset(level.collection for level in LEVELS)


class Gateway:
    """A gateway that lists collections, or fails, and counts its calls."""

    def __init__(self, answer: frozenset[str] | GridwixError | None) -> None:
        self.answer, self.calls = answer, 0

    def collections_with_source(self) -> frozenset[str] | None:
        self.calls += 1
        if isinstance(self.answer, GridwixError):
            raise self.answer
        return self.answer


def examine(gateway: Gateway, folder: Path) -> dict[str, Finding]:
    connections = cast("Connections", SimpleNamespace(community=gateway))
    return {probe[1]: run_probe(*probe) for probe in level_probes(connections, folder)}


def test_first_level_names_what_partners_see_and_what_the_next_source_adds(tmp_path: Path) -> None:
    gateway = Gateway(frozenset({"partners", "cases", "collaboration-requests"}))

    found = examine(gateway, tmp_path)

    assert gateway.calls == 1
    assert found["level"].found == (
        "1 of 5: directory and Lens."
        " Next: onboarding, with which partners see their onboarding programs, steps and progress"
    )
    assert found["directory and Lens"].works
    assert [(one.works, one.absent, one.is_fault) for one in list(found.values())[3:]] == [
        (False, True, False)
    ] * 4
    assert "A source such as config/gateway/sources/notices.yaml, or a notice" in (
        found["notices"].found
    )


def test_documents_advise_a_source_of_documents_or_the_api(tmp_path: Path) -> None:
    found = examine(Gateway(frozenset({"partners"})), tmp_path)

    assert "config/gateway/sources/partner-documents.yaml" in found["documents"].found
    assert "POST /documents" in found["documents"].found
    # Every level can be declared.
    assert {level.collection for level in LEVELS if level.file} == (
        {*RULES, *DOCUMENT_RULES} & {level.collection for level in LEVELS}
    )


def test_declared_source_of_documents_waits_for_its_first_file(tmp_path: Path) -> None:
    (tmp_path / "share.yaml").write_text("source: documents\ndocument: {}\n")
    (tmp_path / "words.yaml").write_text("only words\n")

    found = examine(Gateway(frozenset({"partners"})), tmp_path)

    assert "share.yaml declares one" in found["documents"].found
    assert "share.yaml" not in found["notices"].found


def test_levels_are_counted_in_whatever_order_sources_were_connected(tmp_path: Path) -> None:
    found = examine(Gateway(frozenset({"partners", "service-notices"})), tmp_path)

    assert found["level"].found.startswith("2 of 5: directory and Lens, notices. Next: onboarding,")


def test_gateway_with_every_source_has_nothing_next(tmp_path: Path) -> None:
    found = examine(Gateway(EVERYTHING), tmp_path)

    assert all(one.works for one in found.values())
    assert "Next" not in found["level"].found


def test_gateway_without_partners_is_told_to_begin_with_the_directory(tmp_path: Path) -> None:
    found = examine(Gateway(frozenset({"cases"})), tmp_path)

    assert found["level"].found.startswith("0 of 5: no source yet. Next: directory and Lens,")
    assert "config/gateway/sources/directory.yaml" in found["directory and Lens"].found


def test_gateway_of_an_earlier_release_hides_nothing(tmp_path: Path) -> None:
    found = examine(Gateway(None), tmp_path)

    assert {one.found for one in found.values()} == {UNTOLD}
    assert all(one.works for one in found.values())


def test_gateway_that_cannot_be_asked_is_one_fault(tmp_path: Path) -> None:
    gateway = Gateway(Forbidden(system="trading_grid", status=403))

    fault, levels = merge_causes(examine(gateway, tmp_path).values())

    assert (fault.system, fault.is_fault) == ("Trading Grid", True)
    assert (levels.system, levels.skipped) == ("Level", True)
    assert gateway.calls == 1


def test_declared_source_of_files_waits_for_its_first_file(tmp_path: Path) -> None:
    text = "source: files\nrecords:\n  - {collection: enrollments, id: row.id, fields: {}}\n"
    (tmp_path / "tracker.yaml").write_text(text)

    found = examine(Gateway(frozenset({"partners"})), tmp_path)

    assert "tracker.yaml declares one" in found["onboarding"].found
    assert "config/gateway/sources/compliance.yaml" in found["compliance"].found


@pytest.mark.parametrize(
    "text", ["", "[]", "records: 7", "records: [7, {}]", "\tno: yaml", "a: *b"]
)
def test_declarations_that_are_none_leave_the_advice_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.yaml").write_text(text)

    found: Any = examine(Gateway(frozenset({"partners"})), tmp_path)

    assert "config/gateway/sources/onboarding.yaml" in found["onboarding"].found
