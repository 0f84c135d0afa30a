"""The layer as ``sam build`` makes it: byte code for every module, within its bounds, for both
processors.
"""

import importlib.util
import os
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from ops.bundle import architecture, build_bundle
from ops.paths import ROOT, TOOLS

MAX_BYTES = 56_000_000
"""Lambda allows 250 MB for a function and its layers. The layer has about 50 MB."""

MAX_FILES = 3_000
"""The local cloud and a cold start both pay for files. The layer has about 2,900."""

MACHINES = {"x86_64": 62, "arm64": 183}
"""Processor of a shared library, by ELF's numbers (e_machine)."""

UNCHECKED = 1
"""Flags of byte code that Python does not compare with its source (PEP 552)."""


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer that ``make build``, the demo and the tests deploy."""
    log = tmp_path_factory.mktemp("build") / "sam-build.log"
    return build_bundle(log).parent / "CommonLayer/python"


@pytest.fixture(scope="module")
def other_layer(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The other processor's name, and its layer, built by the SAM command line alone, with pip."""
    folder = tmp_path_factory.mktemp("other")
    other = next(name for name in MACHINES if name != architecture())
    inherited = {name: value for name, value in os.environ.items() if name != "UV"}
    subprocess.run(
        [
            *(TOOLS / "sam/bin/sam", "build", "CommonLayer", "--build-dir", folder / "build"),
            *("--cache-dir", folder / "cache", "--parameter-overrides", f"Architecture={other}"),
        ],
        cwd=ROOT,
        env={
            **inherited,
            "PATH": f"{TOOLS / 'sam/bin'}:{os.environ['PATH']}",
            "SAM_CLI_TELEMETRY": "0",
            "AWS_DEFAULT_REGION": "us-east-1",
        },
        check=True,
        capture_output=True,
    )
    return other, folder / "build/CommonLayer/python"


def byte_code(folder: Path) -> set[Path]:
    return set(folder.rglob("*.pyc"))


def modules(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in byte_code(folder)}


def processors(libraries: Iterable[Path]) -> set[int]:
    return {struct.unpack_from("<H", path.read_bytes(), 18)[0] for path in libraries}


def test_every_module_of_the_layer_has_byte_code_for_the_functions_python(layer: Path) -> None:
    sources = set(layer.rglob("*.py"))
    expected = {Path(importlib.util.cache_from_source(str(path))) for path in sources}
    heads = {path.read_bytes()[:8] for path in byte_code(layer)}

    assert expected <= byte_code(layer)
    assert heads == {importlib.util.MAGIC_NUMBER + struct.pack("<I", UNCHECKED)}
    # Only gridwix keeps sources, for the lines in tracebacks.
    assert {path.relative_to(layer).parts[0] for path in sources} == {"gridwix"}


def test_layer_stays_within_its_bounds(layer: Path) -> None:
    files = [path for path in layer.rglob("*") if path.is_file()]

    assert len(files) <= MAX_FILES
    assert sum(path.stat().st_size for path in files) <= MAX_BYTES


def test_layer_for_the_other_processor_is_built_by_sam_alone_and_has_the_same_modules(
    layer: Path, other_layer: tuple[str, Path]
) -> None:
    other, built = other_layer

    assert modules(built) == modules(layer)
    assert processors(layer.rglob("*.so")) == {MACHINES[architecture()]}
    assert processors(built.rglob("*.so")) == {MACHINES[other]}
