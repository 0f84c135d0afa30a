"""A build is made again when, and only when, something that goes into it has changed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.bundle import compile_modules, content_hash, remove_unused_files, run_sam, visible_progress
from ops.errors import BundleError

SOURCES = (
    "template.yaml",
    "functions/one/handler.py",
    "layers/common/gridwix/errors.py",
    "ops/bundle.py",
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


def test_built_layer_keeps_what_botocore_knows_of_the_services_that_are_called_and_of_all_of_them(
    tmp_path: Path,
) -> None:
    for service in ("dynamodb", "s3", "ec2"):
        (tmp_path / "botocore/data" / service).mkdir(parents=True)
    (tmp_path / "botocore/data/endpoints.json").write_text("{}")
    (tmp_path / "gridwix/runtime").mkdir(parents=True)
    (tmp_path / "gridwix/runtime/wiring.py").write_text(
        'boto3.client("dynamodb", config=AWS), boto3.client("s3")'
    )

    remove_unused_files(tmp_path)

    assert {path.name for path in (tmp_path / "botocore/data").iterdir()} == {
        "dynamodb",
        "s3",
        "endpoints.json",
    }


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
        BundleError, match=r"^no such stack\nsam deploy failed; its messages are in .*sam\.log$"
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


def test_lighten_keeps_of_babel_and_stdnum_what_forms_are_read_by(tmp_path: Path) -> None:
    for folder in ("botocore/data", "babel/locale-data", "stdnum/de", "gridwix/runtime"):
        (tmp_path / folder).mkdir(parents=True)
    for locale in ("root", "en", "en_GB", "de_CH", "pl", "pl_PL", "ja"):
        (tmp_path / f"babel/locale-data/{locale}.dat").touch()
    (tmp_path / "stdnum/ean.py").touch()
    (tmp_path / "gridwix/runtime/configuration.json").write_text(
        '{"forms": {"a": {"locale": "pl-PL"}, "b": {"locale": null}}}'
    )

    remove_unused_files(tmp_path)

    assert {path.stem for path in (tmp_path / "babel/locale-data").iterdir()} == {
        "root",
        "en",
        "en_GB",
        "de_CH",
        "pl",
        "pl_PL",
    }
    assert [path.name for path in (tmp_path / "stdnum").iterdir()] == ["ean.py"]


def test_lighten_keeps_of_powertools_what_is_imported_and_of_packages_what_they_say_of_themselves(
    tmp_path: Path,
) -> None:
    for name in (
        "utilities/typing",
        "utilities/jmespath_utils",
        "utilities/batch",
        "utilities/parser",
        "event_handler",
        "logging",
    ):
        (tmp_path / "aws_lambda_powertools" / name).mkdir(parents=True)
    for folder in ("botocore/data", "gridwix/runtime", "nh3-0.3.8.dist-info"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "gridwix/runtime/batch.py").write_text(
        "from aws_lambda_powertools.utilities.batch import BatchProcessor"
    )
    for name in ("METADATA", "RECORD", "WHEEL"):
        (tmp_path / "nh3-0.3.8.dist-info" / name).touch()
    (tmp_path / "nh3.pyi").touch()

    remove_unused_files(tmp_path)

    assert {path.name for path in (tmp_path / "aws_lambda_powertools").iterdir()} == {
        "utilities",
        "logging",
    }
    assert {path.name for path in (tmp_path / "aws_lambda_powertools/utilities").iterdir()} == {
        "typing",
        "jmespath_utils",
        "batch",
    }
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"batch.py", "METADATA"}


def test_modules_of_a_build_are_byte_code_and_tell_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "python/divided.py").write_text("1 / 0")
    (tmp_path / "python/of_another_python.py").write_text("print 1")

    compile_modules(tmp_path)
    ran = subprocess.run(
        [sys.executable, "-c", "import divided"],
        cwd=tmp_path / "python",
        capture_output=True,
        text=True,
        check=False,
    )

    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        "divided.pyc",
        "of_another_python.py",
    }
    assert 'File "/python/divided.py", line 1' in ran.stderr
