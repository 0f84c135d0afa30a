"""The packed copy of a built template: the same resources, and a layer with the same files."""

import json
import zipfile
from pathlib import Path

import pytest
import yaml

from ops.packed_template import packed_template

FILES = {"python/gridwix/__init__.py": b"", "python/gridwix/errors.pyc": b"\0byte code"}


def built(folder: Path) -> Path:
    """A build as SAM leaves it, with a layer and a function."""
    for name, content in FILES.items():
        path = folder / "CommonLayer" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    layer = {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "CommonLayer"}}
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"CodeUri": "OneFunction", "Policies": [{"Version": "2012-10-17"}]},
    }
    template = folder / "template.yaml"
    template.write_text(
        yaml.safe_dump({"Resources": {"CommonLayer": layer, "OneFunction": function}})
    )
    return template


def test_packed_template_differs_only_in_the_layers_place(tmp_path: Path) -> None:
    template = built(tmp_path)

    packed = json.loads(packed_template(template).read_text())

    assert packed["Resources"].pop("CommonLayer")["Properties"] == {"ContentUri": "CommonLayer.zip"}
    original = yaml.safe_load(template.read_text())
    assert packed["Resources"] == {"OneFunction": original["Resources"]["OneFunction"]}


def test_packed_layer_holds_each_file_readable_and_is_the_same_for_the_same_files(
    tmp_path: Path,
) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        packed_template(built(folder))

    with zipfile.ZipFile(folders[0] / "CommonLayer.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
        assert {member.external_attr >> 16 for member in archive.infolist()} == {0o644}
    first, second = ((folder / "CommonLayer.zip").read_bytes() for folder in folders)
    assert first == second


def test_packed_template_when_it_is_there_then_it_is_not_made_again(tmp_path: Path) -> None:
    template = built(tmp_path)
    packed = packed_template(template)
    packed.write_text("{}")

    assert packed_template(template).read_text() == "{}"


def test_packed_template_when_it_was_interrupted_then_it_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = built(tmp_path)

    def interrupted(self: Path, target: Path) -> None:
        if target.suffix == ".json":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "rename", interrupted)
        packed_template(template)

    assert json.loads(packed_template(template).read_text())["Resources"]
    assert (tmp_path / "CommonLayer.zip").is_file()
