"""``gridwix source`` prints JSON for programs, of files and of folders of documents."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.command_output import printed_document
from tests.unit.gateway.ops.test_folders import LIABILITY, NAME, Gateway
from tests.unit.gateway.ops.test_folders import gateway as gateway  # noqa: PLC0414 - a fixture
from tests.unit.gateway.ops.test_folders import share as share  # noqa: PLC0414 - a fixture
from tests.unit.gateway.ops.test_sources import PROGRAM
from tests.unit.gateway.ops.test_sources import stack as stack  # noqa: PLC0414 - a fixture

STEPS = ("--source", "onboarding-steps")
TO_GATEWAY = ("--stack", "gateway")


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "p.csv"
    path.write_text(PROGRAM)
    return str(path)


def run_preview(program: str) -> None:
    document = printed_document("source preview", program, *STEPS, "--rows", "1")

    assert document["counts"]["rows"] == 2
    assert [one["change"] for one in document["changes"]] == ["add"]
    assert (document["fault"], document["files"]) == (None, None)


def run_init(program: str) -> None:
    assert "Program name" in printed_document("source init", program)["declaration"]


def run_plan(program: str) -> None:
    document = printed_document("source plan", program, *STEPS, *TO_GATEWAY)

    assert document["changes"][0]["record"] == "onboarding-programs/prg_supplier_na"


def run_apply(program: str) -> None:
    document = printed_document("source apply", program, *STEPS, *TO_GATEWAY, "--yes")

    assert document["dropped"] == ["drops/onboarding-steps/p.csv"]


RUNS: Mapping[str, Callable[[str], None]] = {
    "source apply": run_apply,
    "source init": run_init,
    "source plan": run_plan,
    "source preview": run_preview,
}


@pytest.mark.parametrize("command", sorted(RUNS))
def test_output_is_one_document_of_the_commands_schema(
    command: str, program: str, stack: Any
) -> None:
    RUNS[command](program)


def test_preview_of_a_folder_counts_its_files_and_names_each_fault(share: Path) -> None:
    document = printed_document("source preview", str(share), "--source", NAME)

    assert document["files"] == {"document": 1, "ignored": 1, "refused": 2}
    assert [one["path"] for one in document["changes"]] == [LIABILITY]
    assert "GC2/Contracts/empty.pdf" in {one["path"] for one in document["refused"]}


def test_apply_of_a_folder_names_what_was_dropped_and_what_was_refused(
    share: Path, gateway: Gateway
) -> None:
    document = printed_document(
        "source apply", str(share), "--source", NAME, *TO_GATEWAY, "--yes", code=1
    )

    assert document["dropped"] == [f"drops/{NAME}/{LIABILITY}"]
    assert {one["path"] for one in document["refused"]} >= {"GC2/Contracts/empty.pdf"}


@pytest.mark.parametrize("command", ["source preview", "source plan"])
def test_file_that_would_change_nothing_has_a_document_with_the_reason(
    command: str, tmp_path: Path, stack: Any
) -> None:
    path = tmp_path / "p.csv"
    heading, first = PROGRAM.splitlines()[:2]
    # More refused rows than a file may have.
    path.write_text("\n".join([heading, *[first.replace("supplier-na", "")] * 100]))
    where = TO_GATEWAY if command == "source plan" else ()

    document = printed_document(command, str(path), *STEPS, *where, code=1)

    assert document["fault"]
    assert document["changes"] == []
    assert document["refused"][0]["line"] == 2
