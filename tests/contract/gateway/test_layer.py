"""The layer of the gateway as ``sam build`` makes it: byte code for all modules, none missing."""

import subprocess
from pathlib import Path

import pytest

from ops.bundle import GATEWAY, build_bundle
from ops.paths import ROOT, TOOLS

MAX_BYTES = 200_000_000
"""Lambda allows 250 MB for a function and its layers. The layer has about 135 MB, half of which is
DuckDB.
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build that the demo and the tests deploy."""
    return build_bundle(tmp_path_factory.mktemp("build") / "sam-build.log", GATEWAY).parent


def test_layer_holds_byte_code_and_the_packages_sources(build: Path) -> None:
    layer = build / "GatewayLayer/python"
    sources = {path.relative_to(layer) for path in layer.rglob("*.py")}
    package = {path.relative_to(layer) for path in (layer / "gridwix_gateway").rglob("*.py")}
    here = ROOT / "gateway/layer"

    assert package == {path.relative_to(here) for path in (here / "gridwix_gateway").rglob("*.py")}
    assert sources == package
    for source in package:
        assert [*(layer / source.parent / "__pycache__").glob(f"{source.stem}.*.pyc")]
    assert sum(path.stat().st_size for path in layer.rglob("*") if path.is_file()) < MAX_BYTES


def test_every_function_and_module_can_be_imported_with_the_layer_alone(build: Path) -> None:
    layer = build / "GatewayLayer/python"
    functions = [path.parent for path in build.glob("*Function/app.py")]
    modules = [
        ".".join(path.relative_to(layer).with_suffix("").parts)
        for path in sorted((layer / "gridwix_gateway").rglob("*.py"))
    ]
    assert len(functions) == len([*(ROOT / "gateway/functions").glob("*/app.py")])

    for folder in functions:
        _import_with([folder, layer], ["app"])
    _import_with([layer], modules)


def _import_with(path: list[Path], modules: list[str]) -> None:
    program = f"""
import importlib, sys
sys.path[:0] = {[str(folder) for folder in path]!r}
for name in {modules!r}:
    importlib.import_module(name)
"""
    done = subprocess.run(
        [TOOLS / "sam/bin/python", "-I", "-S", "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
