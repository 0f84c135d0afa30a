"""A build is made again when, and only when, something that goes into it has changed."""

import os
from pathlib import Path

import pytest

from ops.bundle import content_hash, lighten

SOURCES = ("template.yaml", "functions/one/handler.py", "layers/common/gridwix/errors.py", "ops/bundle.py", "ops/requirements/sam.txt")


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


def test_built_layer_keeps_what_botocore_knows_of_the_services_that_are_called_and_of_all_of_them(tmp_path: Path) -> None:
    for service in ("dynamodb", "s3", "ec2"):
        (tmp_path / "botocore/data" / service).mkdir(parents=True)
    (tmp_path / "botocore/data/endpoints.json").write_text("{}")
    (tmp_path / "gridwix/runtime").mkdir(parents=True)
    (tmp_path / "gridwix/runtime/wiring.py").write_text('boto3.client("dynamodb", config=AWS), boto3.client("s3")')

    lighten(tmp_path)

    assert {path.name for path in (tmp_path / "botocore/data").iterdir()} == {"dynamodb", "s3", "endpoints.json"}


def test_lighten_keeps_of_babel_and_stdnum_what_forms_are_read_by(tmp_path: Path) -> None:
    for folder in ("botocore/data", "babel/locale-data", "stdnum/de", "gridwix/runtime"):
        (tmp_path / folder).mkdir(parents=True)
    for locale in ("root", "en", "en_GB", "de_CH", "pl", "pl_PL", "ja"):
        (tmp_path / f"babel/locale-data/{locale}.dat").touch()
    (tmp_path / "stdnum/ean.py").touch()
    (tmp_path / "gridwix/runtime/configuration.json").write_text('{"forms": {"a": {"locale": "pl-PL"}, "b": {"locale": null}}}')

    lighten(tmp_path)

    assert {path.stem for path in (tmp_path / "babel/locale-data").iterdir()} == {"root", "en", "en_GB", "de_CH", "pl", "pl_PL"}
    assert [path.name for path in (tmp_path / "stdnum").iterdir()] == ["ean.py"]
