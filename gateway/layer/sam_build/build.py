"""Builds the gateway's Lambda layer: pinned wheels as byte code, and package ``gridwix_gateway``.

``sam build`` runs it through a makefile: ``python3.13 -I sam_build/build.py arm64 ARTIFACTS_DIR``.
Lambda mounts a layer read-only, so without byte code each cold start would compile every module.
Needs pip, or uv with its path in the environment variable ``UV``. The build machine may have
another processor and operating system than the Lambda functions.
"""

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LAYER = Path(__file__).parents[1]
WHEELS = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Processors by Lambda's names, and by the names of wheels."""

GLIBC = range(34, 16, -1)
"""Minor versions of glibc 2 with wheels that run on Amazon Linux 2023, newest first."""

AWS_SERVICES = frozenset({"dynamodb", "s3", "secretsmanager", "ses", "sesv2", "sqs"})
"""Services with data that stays in botocore."""

UNUSED = (
    "bin",
    # What duckdb and pydantic offer beside their use here.
    "adbc_driver_duckdb*",
    "pydantic/v1",
    "**/*.pyi",
    "**/py.typed",
    "**/tests",
    ".lock",
)
"""Files and folders that no function uses."""


def main(architecture: str, artifacts: str) -> None:
    """Build the layer for a processor (``arm64`` or ``x86_64``) in the folder ``artifacts/python``.

    Raises SystemExit if the dependencies cannot be installed.
    """
    layer = Path(artifacts) / "python"
    command = [*_installer(architecture), "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    requirements = ["--target", str(layer), "-r", str(LAYER / "requirements.txt")]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    own = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    done = subprocess.run([*command, *requirements], env=inherited | own, check=False)
    if done.returncode:
        raise SystemExit("the layer's dependencies could not be installed")
    _remove_unused(layer)
    _compile(layer, sources_kept=False)
    package = layer / "gridwix_gateway"
    source = LAYER / "gridwix_gateway"
    shutil.copytree(source, package, ignore=shutil.ignore_patterns("__pycache__"))
    # Its sources stay, so that tracebacks in the log show the line.
    _compile(package, sources_kept=True)


def _installer(architecture: str) -> Sequence[str]:
    if uv := os.environ.get("UV"):
        platform = f"{WHEELS[architecture]}-manylinux_2_{GLIBC[0]}"
        target = ["--python-platform", platform, "--python-version", "3.13"]
        return [uv, "pip", "install", "--quiet", *target]
    tags = [f"manylinux_2_{minor}_{WHEELS[architecture]}" for minor in GLIBC]
    platforms = [f"--platform={tag}" for tag in (*tags, f"manylinux2014_{WHEELS[architecture]}")]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return [*pip, "--no-compile", "--implementation=cp", "--python-version=3.13", *platforms]


def _remove_unused(layer: Path) -> None:
    data = (path for path in (layer / "botocore/data").glob("*/") if path.name not in AWS_SERVICES)
    for path in (*data, *(found for pattern in UNUSED for found in layer.glob(pattern))):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _compile(folder: Path, *, sources_kept: bool) -> None:
    """Compile all modules in a folder to byte code, and keep or delete their sources.

    Python does not check the byte code against the sources when it loads a module: a deployment
    changes the files' times, so the check would fail.
    """
    compileall.compile_dir(
        folder,
        quiet=2,
        workers=0,
        legacy=not sources_kept,
        stripdir=str(folder.parent if sources_kept else folder),
        prependdir="/opt/python",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not sources_kept:
        for source in folder.rglob("*.py"):
            if source.with_suffix(".pyc").is_file():
                source.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
