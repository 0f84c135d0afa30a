"""Builds the layer: the dependencies as byte code, without what no function uses, and gridwix.

``sam build`` runs it through a makefile (``docs/adr/0022-the-layer-holds-byte-code.md``):
``python3.13 -I sam_build/layer.py arm64 ARTIFACTS_DIR``. It uses the standard library, and pip or
uv to download wheels. The machine may have another processor and system than the functions.
"""

import importlib.util
import json
import marshal
import os
import py_compile
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

PYTHON = (3, 13)
"""Version of the functions' runtime. Byte code of another version would not be read."""

PLATFORMS: Mapping[str, str] = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Processors by Lambda's names, and by the names of wheels."""

GLIBC = range(34, 16, -1)
"""Minor versions of glibc 2 whose wheels run on Amazon Linux 2023 (glibc 2.34), newest first."""

KEPT_LANGUAGES = frozenset({"en", "de", "fr", "es"})
"""Languages whose number and date formats stay in every build, whichever locales the forms name."""

USED_BY_POWERTOOLS = frozenset({"jmespath_utils", "typing"})
"""Utilities of Powertools that its own logger imports."""

LAYER_FOLDER = "/opt/python"
"""Folder in which Lambda shows the layer, for the file names in tracebacks."""

PYC_HEADER = 16
"""Bytes of a file of byte code before the code itself (PEP 552)."""

_HERE = Path(__file__).parents[1]
_POWERTOOLS = re.compile(r"aws_lambda_powertools\.utilities\.(\w+)")
_CLIENT = re.compile(r'\.create_client\("([a-z0-9-]+)"')


class BuildError(Exception):
    """The layer could not be built. The message says what is missing."""


def build_layer(architecture: str, artifacts: Path, source: Path = _HERE) -> None:
    """Build the layer in ``artifacts/python``.

    Args:
        architecture: ``arm64`` or ``x86_64``, by Lambda's names.
        artifacts: SAM's folder for the layer.
        source: The folder with ``gridwix`` and ``requirements.txt``.

    Raises:
        BuildError: This Python is of another version, or a wheel could not be installed.
    """
    if sys.version_info[:2] != PYTHON:
        wanted, found = ".".join(map(str, PYTHON)), sys.version.split()[0]
        raise BuildError(f"the layer is built with Python {wanted}, and this is {found}")
    layer = artifacts / "python"
    install_wheels(architecture, source / "requirements.txt", layer)
    shutil.copytree(
        source / "gridwix", layer / "gridwix", ignore=shutil.ignore_patterns("__pycache__", ".*")
    )
    remove_unused_files(layer)
    compile_modules(layer)


def install_wheels(
    architecture: str, requirements: Path, layer: Path, *, hashed: bool = True
) -> None:
    """Install the wheels of the pinned requirements with pip.

    If the environment variable ``UV`` holds the path of uv, uv installs the same files in a fifth
    of the time.

    Args:
        architecture: ``arm64`` or ``x86_64``, by Lambda's names.
        requirements: The pinned requirements.
        layer: The folder to install into.
        hashed: Whether each wheel must have one of the hashes that the requirements name.

    Raises:
        BuildError: A wheel could not be installed, or is not the one that was locked.
    """
    uv = os.environ.get("UV")
    command = _uv_command(uv, architecture) if uv else _pip_command(architecture)
    place = ["--no-deps", "--only-binary", ":all:", "--target", str(layer), "-r", str(requirements)]
    place += ["--require-hashes"] if hashed else []
    # Settings that a user needs elsewhere, and that exclude a target folder.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = {**inherited, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    try:
        done = subprocess.run(
            [*command, *place], env=environment, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise BuildError(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        end = "\n".join(f"{done.stdout}{done.stderr}".splitlines()[-15:])
        raise BuildError(f"{end}\nthe layer's dependencies could not be installed")


def _pip_command(architecture: str) -> Sequence[str]:
    processor = PLATFORMS[architecture]
    tags = [f"manylinux_2_{minor}_{processor}" for minor in GLIBC] + [f"manylinux2014_{processor}"]
    return [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-compile", "--implementation", "cp", "--python-version", "3.13"),
        *(option for tag in tags for option in ("--platform", tag)),
    ]


def _uv_command(uv: str, architecture: str) -> Sequence[str]:
    platform = f"{PLATFORMS[architecture]}-manylinux_2_{GLIBC[0]}"
    return [
        *(uv, "pip", "install", "--quiet"),
        *("--python-platform", platform, "--python-version", "3.13"),
    ]


def remove_unused_files(layer: Path) -> None:
    """Remove the files of a layer that no function uses.

    These are botocore's data of services that gridwix does not call, python-stdnum's national
    modules, Babel's locales beyond those in use, unused Powertools utilities, and files for type
    checkers, C compilers and installers.
    """
    sources = [path.read_text() for path in (layer / "gridwix").rglob("*.py")]
    called = {name for source in sources for name in _CLIENT.findall(source)}
    used = {name for source in sources for name in _POWERTOOLS.findall(source)}
    unused = [
        *(path for path in (layer / "botocore/data").glob("*/") if path.name not in called),
        *(layer / "stdnum").glob("*/"),
        # Short numbers (such as emergency calls) are loaded on demand, and no form asks for one.
        *(layer / "phonenumbers/shortdata").glob("region_*.py"),
        *_unused_locales(layer),
        *(
            path
            for path in (layer / "aws_lambda_powertools/utilities").glob("*/")
            if path.name not in used | USED_BY_POWERTOOLS
        ),
        layer / "aws_lambda_powertools/event_handler",
        # Programs for a command line, and a lock file of uv.
        layer / "bin",
        layer / ".lock",
        # cryptography needs cffi's compiled module alone, and pycparser only to build.
        *layer.glob("pycparser*"),
        *(layer / "cffi").glob("*.h"),
        *layer.rglob("*.pyi"),
        *layer.rglob("py.typed"),
        *(
            path
            for path in layer.glob("*.dist-info/**/*")
            if path.is_file() and path.name != "METADATA"
        ),
    ]
    for path in unused:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _unused_locales(layer: Path) -> Sequence[Path]:
    """Babel's locales, but for those of the forms and of ``KEPT_LANGUAGES``."""
    locales = [*(layer / "babel/locale-data").glob("*.dat")]
    if not locales:
        return []
    forms = json.loads((layer / "gridwix/runtime/configuration.json").read_text())["forms"]
    named = {
        str(form["locale"]).replace("-", "_").split("_")[0]
        for form in forms.values()
        if form.get("locale")
    }
    kept = {"root", *KEPT_LANGUAGES, *named}
    return [locale for locale in locales if locale.stem.split("_")[0] not in kept]


def compile_modules(layer: Path) -> None:
    """Compile each module, so that no cold start has to: a function cannot write to its layer.

    Byte code is not checked against its source (``UNCHECKED_HASH``), because a deployment sets the
    files' times anew. gridwix keeps its sources, which tracebacks in the log show. Dependencies are
    byte code alone: that halves their size and the number of their files.

    Raises:
        BuildError: A module does not compile.
    """
    sources = set(layer.rglob("*.py"))
    own = {path for path in sources if path.relative_to(layer).parts[0] == "gridwix"}
    # A dependency's module that this Python does not compile (such as one for Python 2) cannot be
    # imported either.
    _broken_modules(layer, sources - own, beside_source=False)
    for path in sources - own:
        path.unlink()
    broken = _broken_modules(layer, own, beside_source=True)
    if broken:
        raise BuildError(f"does not compile: {', '.join(map(str, broken))}")


def _broken_modules(
    layer: Path, modules: Collection[Path], *, beside_source: bool
) -> Sequence[Path]:
    """Compile modules on all processors; return those that this Python does not compile.

    ``beside_source``: into ``__pycache__``, else to a file that is imported without its source.
    """
    compiler = partial(_compile_module, layer, beside_source=beside_source)
    paths = sorted(modules)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        compiled = pool.map(compiler, paths, chunksize=50)
        return [path for path, done in zip(paths, compiled, strict=True) if not done]


def _compile_module(layer: Path, module: Path, *, beside_source: bool) -> bool:
    """Compile one module; return False if this Python does not compile it.

    Raises BuildError if the byte code is not whole afterwards, as on a full disk.
    """
    target = (
        Path(importlib.util.cache_from_source(str(module)))
        if beside_source
        else module.with_suffix(".pyc")
    )
    try:
        py_compile.compile(
            str(module),
            cfile=str(target),
            dfile=f"{LAYER_FOLDER}/{module.relative_to(layer).as_posix()}",
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except py_compile.PyCompileError:
        return False
    try:
        # Python does not notice if only the begin of a file could be written.
        marshal.loads(target.read_bytes()[PYC_HEADER:])  # noqa: S302 - Written just now.
    except (EOFError, ValueError, TypeError) as error:
        raise BuildError(f"{target} was not written as a whole: {error}") from error
    return True


def main(arguments: Sequence[str]) -> int:
    """Build the layer for an architecture into a folder; return the exit code."""
    architecture, artifacts = arguments
    try:
        build_layer(architecture, Path(artifacts))
    except (BuildError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
