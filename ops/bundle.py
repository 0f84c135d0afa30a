"""Builds the application with AWS SAM, and deploys it to the local cloud.

The local cloud emulates AWS on this machine. The template and SAM's commands are those with which
the application is deployed to AWS.
"""

import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from ops.errors import BundleError
from ops.local_cloud import LocalCloud
from ops.packed_template import packed_template
from ops.paths import BUILDS, ROOT, TOOLS, display_path
from ops.waiting import Standstill, wait_for

BUILDS_KEPT = 3
STANDSTILL = 900.0
"""Seconds without output or new files of SAM after which it is stopped. Downloading a wheel may
take minutes.
"""
POLL_DELAY = "0.2"
"""Seconds between two polls of SAM for the state of a deployment. Its default of five protects
AWS's API.
"""

_SAM = TOOLS / "sam/bin/sam"
_NOT_SOURCES = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache"})


@dataclass(frozen=True, slots=True)
class Application:
    """An application of this checkout that SAM builds and deploys.

    Args:
        name: Name of the folder of its builds.
        folder: Folder with its template and ``samconfig.toml``.
        sources: Files and folders that go into a build.
    """

    name: str
    folder: str
    sources: tuple[str, ...]


_TOOLS_OF_BUILDS = ("ops/packed_template.py", "ops/requirements/sam.txt")

GRIDWIX = Application(
    "builds", ".", ("template.yaml", "functions", "layers/common", *_TOOLS_OF_BUILDS)
)
GATEWAY = Application(
    "gateway-builds",
    "gateway",
    ("gateway/template.yaml", "gateway/functions", "gateway/layer", *_TOOLS_OF_BUILDS),
)


def architecture() -> str:
    """Return this machine's processor by Lambda's name for it: ``arm64`` or ``x86_64``."""
    return "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"


def build_bundle(log: Path, application: Application = GRIDWIX) -> Path:
    """Build the application with SAM and return the path of the built template.

    Nothing is built if the same sources were built before. Builds for this machine's processor.
    Safe to call from several processes at once: one builds, the others wait and use the result.

    Args:
        log: File that receives SAM's output.
        application: The application.

    Raises:
        BundleError: SAM failed. The message holds the end of its output.
    """
    with _build_lock(application):
        name = content_hash(ROOT, architecture(), application.sources)
        target = BUILDS / application.name / name
        if not (target / "template.yaml").is_file():
            partial = target.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            options = [
                "--template-file",
                str(ROOT / application.folder / "template.yaml"),
                "--cached",
                "--cache-dir",
                str(BUILDS / "cache"),
                "--build-dir",
                str(partial),
                "--parameter-overrides",
                f"Architecture={architecture()}",
            ]
            run_sam(["build", *options], log, environment={})
            # Atomic: an interrupted build leaves no target behind.
            partial.rename(target)
        # Marks the build as used, because the least recently used ones are removed.
        os.utime(target)
        _remove_old(target.parent)
    return target / "template.yaml"


def deploy_bundle(
    cloud: LocalCloud,
    template: Path,
    stack_name: str,
    parameters: Mapping[str, str],
    log: Path,
    application: Application = GRIDWIX,
) -> None:
    """Deploy a built template to the local cloud and wait until the stack is complete.

    Args:
        cloud: The running local cloud.
        template: The built template.
        stack_name: Name of the stack to create or update.
        parameters: Parameter overrides of the template.
        log: File that receives SAM's messages.
        application: The application that the template was built from.

    Raises:
        BundleError: The deployment failed.
    """
    options = [
        "--template-file",
        str(packed_template(template)),
        "--stack-name",
        stack_name,
        "--config-file",
        str(ROOT / application.folder / "samconfig.toml"),
        "--config-env",
        "local",
    ]
    overrides = [
        f"{name}={value}" for name, value in {"Architecture": architecture(), **parameters}.items()
    ]
    run_sam(
        ["deploy", *options, "--parameter-overrides", *overrides],
        log,
        environment={**cloud.environment(), "SAM_CLI_POLL_DELAY": POLL_DELAY},
    )


def content_hash(root: Path, built_for: str, sources: Iterable[str] = GRIDWIX.sources) -> str:
    """Return a hash of sources and processor, which names a build.

    It does not depend on the files' times.

    Args:
        root: The checkout.
        built_for: The processor.
        sources: Files and folders in the checkout.
    """
    digest = hashlib.blake2b(built_for.encode(), digest_size=8)
    for path in _source_files(root, sources):
        digest.update(f"\0{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _source_files(root: Path, sources: Iterable[str]) -> Iterable[Path]:
    for source in sources:
        found = root / source
        files = (
            [found]
            if found.is_file()
            else sorted(path for path in found.rglob("*") if path.is_file())
        )
        yield from (path for path in files if _NOT_SOURCES.isdisjoint(path.parts))


@contextlib.contextmanager
def _build_lock(application: Application) -> Iterator[None]:
    (BUILDS / application.name).mkdir(parents=True, exist_ok=True)
    with (BUILDS / f"{application.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove_old(builds: Path) -> None:
    for old in sorted(filter(Path.is_dir, builds.iterdir()), key=lambda path: path.stat().st_mtime)[
        :-BUILDS_KEPT
    ]:
        shutil.rmtree(old, ignore_errors=True)


def run_sam(
    arguments: Sequence[str],
    log: Path,
    *,
    environment: Mapping[str, str],
    standstill: float = STANDSTILL,
) -> str:
    """Run SAM and return its standard output.

    Args:
        arguments: SAM's command line.
        log: File to which SAM's messages are appended.
        environment: Variables that replace the user's own AWS settings.
        standstill: Seconds without visible progress after which SAM is stopped.

    Raises:
        BundleError: SAM failed, is not installed, or made no progress. The message holds the end
            of its messages.
    """
    # SAM builds with the first python3.13 and pip on the path: those of its own environment.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own = {
        "PATH": f"{_SAM.parent}:{os.environ.get('PATH', os.defpath)}",
        "SAM_CLI_TELEMETRY": "0",
        # The build of the layer downloads wheels with it, which is faster than with pip.
        "UV": str(TOOLS / "bin/uv"),
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    # SAM leaves folders behind in TMPDIR, so it gets one that is removed afterwards.
    with (
        log.open("a+") as messages,
        tempfile.TemporaryFile("w+") as printed,
        tempfile.TemporaryDirectory(prefix="gridwix-sam-") as scratch,
    ):
        begin = messages.seek(0, os.SEEK_END)
        environment = {**inherited, **own, **environment, "TMPDIR": scratch}
        try:
            with process_group([_SAM, *arguments], environment, printed, messages) as process:
                progress = partial(visible_progress, scratch, printed, messages)
                wait_for(
                    lambda: process.poll() is not None,
                    f"sam {arguments[0]}",
                    progress=progress,
                    standstill=standstill,
                )
        except Standstill as error:
            raise BundleError(error.fault, f"read its messages in {display_path(log)}") from error
        except FileNotFoundError as error:
            raise BundleError(
                f"{display_path(_SAM)} is not there", "`make build` sets it up"
            ) from error
        printed.seek(0)
        output = printed.read()
        messages.write(output)
        if process.returncode:
            messages.seek(begin)
            raise BundleError(
                "\n".join([*messages.read().splitlines()[-15:], f"sam {arguments[0]} failed"]),
                f"read its messages in {display_path(log)}",
            )
    return output


@contextlib.contextmanager
def process_group(
    command: Sequence[str | Path], environment: Mapping[str, str], output: IO[str], errors: IO[str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in its own process group for as long as the block lasts, then kill the group.

    Killing the group also ends pip, which SAM starts and which would otherwise continue.

    Args:
        command: The program and its arguments.
        environment: The whole environment of the command.
        output: Receives standard output.
        errors: Receives standard error.

    Raises:
        FileNotFoundError: There is no such command.
    """
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def visible_progress(scratch: str, *outputs: IO[str]) -> str:
    """Describe the progress of a process: bytes of output, and files in its scratch folder.

    A caller compares two descriptions to see whether the process still moves.
    """
    written = sum(os.fstat(output.fileno()).st_size for output in outputs)
    underway = sum(len(files) for _, _, files in os.walk(scratch))
    return f"{written} bytes of output, {underway} files underway"
