"""A build is made again when, and only when, something that goes into it has changed."""

import os
from pathlib import Path

import pytest

from ops.bundle import content_hash, run_sam, visible_progress
from ops.errors import BundleError

SOURCES = (
    "template.yaml",
    "functions/one/handler.py",
    "layers/common/gridwix/errors.py",
    "layers/common/sam_build/layer.py",
    "ops/packed_template.py",
    "ops/requirements/sam.txt",
)


def sources(root: Path) -> Path:
    for name in SOURCES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"content of {name}")
    return root


@pytest.mark.parametrize("name", SOURCES)
def test_content_hash_when_a_source_changes_changes(tmp_path: Path, name: str) -> None:
    before = content_hash(sources(tmp_path), "x86_64")

    (tmp_path / name).write_text("something else")

    assert content_hash(tmp_path, "x86_64") != before


def test_content_hash_for_another_processor_differs(tmp_path: Path) -> None:
    root = sources(tmp_path)

    assert content_hash(root, "arm64") != content_hash(root, "x86_64")


def test_content_hash_when_a_file_moves_changes(tmp_path: Path) -> None:
    before = content_hash(sources(tmp_path), "x86_64")

    (tmp_path / "functions/one").rename(tmp_path / "functions/two")

    assert content_hash(tmp_path, "x86_64") != before


def test_content_hash_when_only_times_and_byte_code_change_stays(tmp_path: Path) -> None:
    before = content_hash(sources(tmp_path), "x86_64")

    os.utime(tmp_path / "template.yaml", (1, 1))
    (tmp_path / "functions/one/__pycache__").mkdir()
    (tmp_path / "functions/one/__pycache__/handler.cpython-313.pyc").write_bytes(b"byte code")
    (tmp_path / "README.md").write_text("not part of the bundle")

    assert content_hash(tmp_path, "x86_64") == before


def sam(folder: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> Path:
    """A program in SAM's place, and the log for what it says."""
    script = folder / "sam"
    script.write_text(f"#!/bin/sh\n{program}\n")
    script.chmod(0o755)
    monkeypatch.setattr("ops.bundle._SAM", script)
    return folder / "sam.log"


def test_sam_when_it_is_done_then_what_it_printed_is_returned_and_all_it_said_is_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = sam(tmp_path, monkeypatch, 'echo "$1 to $WHERE"; echo "a message" >&2')

    assert run_sam(["deploy"], log, environment={"WHERE": "here"}) == "deploy to here\n"

    assert log.read_text() == "a message\ndeploy to here\n"


def test_sam_when_it_fails_then_the_end_of_this_runs_messages_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = sam(tmp_path, monkeypatch, "echo no such stack >&2; exit 1")
    log.write_text("of an earlier run\n")

    with pytest.raises(
        BundleError, match=r"^no such stack\nsam deploy failed\nread its messages in .*sam\.log$"
    ):
        run_sam(["deploy"], log, environment={})


def test_sam_when_nothing_is_seen_of_it_then_it_is_ended_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = sam(tmp_path, monkeypatch, "exec sleep 3600")

    with pytest.raises(
        BundleError, match=r"waited for sam build, .*0 bytes of output, 0 files underway"
    ):
        run_sam(["build"], log, environment={}, standstill=0.5)


def test_sam_when_it_writes_or_adds_a_file_then_that_is_progress(tmp_path: Path) -> None:
    scratch, log = tmp_path / "scratch", tmp_path / "log"
    scratch.mkdir()
    with log.open("a+") as output:
        seen = [visible_progress(str(scratch), output)]
        log.write_text("Building codeuri")
        seen.append(visible_progress(str(scratch), output))
        (scratch / "wheel").touch()
        seen.append(visible_progress(str(scratch), output))

    assert seen == [
        "0 bytes of output, 0 files underway",
        "16 bytes of output, 0 files underway",
        "16 bytes of output, 1 files underway",
    ]
