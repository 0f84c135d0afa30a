"""Building and deploying the bundle with AWS SAM: the same ``template.yaml`` and the same two commands as on AWS."""

import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from ops.errors import BundleError
from ops.local_cloud import LocalCloud
from ops.paths import BUILDS, ROOT, TOOLS, shown

BUILDS_KEPT = 3
DEPLOY_TIMEOUT = 300
BUILD_TIMEOUT = 600

_SAM = TOOLS / "sam/bin/sam"
_SOURCES = ("template.yaml", "functions", "layers/common", "ops/bundle.py", "ops/requirements/sam.txt")
_NOT_SOURCES = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache"})
_CLIENT = re.compile(r'boto3\.client\("([a-z0-9-]+)"')


def architecture() -> str:
    """This machine's processor, by Lambda's name for it."""
    return "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"


def build(log: Path) -> Path:
    """Build for this machine's processor unless exactly this has been built before, and return the built template.

    Raises BundleError with the end of SAM's output. Safe to call from several processes at once: one builds, the others wait and take what it built.
    """
    target = BUILDS / "builds" / content_hash(ROOT, architecture())
    with _lock():
        if not (target / "template.yaml").is_file():
            partial = target.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            options = ["--cached", "--cache-dir", str(BUILDS / "cache"), "--build-dir", str(partial), "--parameter-overrides", f"Architecture={architecture()}"]
            run_sam(["build", *options], log, environment={}, timeout=BUILD_TIMEOUT)
            lighten(partial / "CommonLayer/python")
            partial.rename(target)
        os.utime(target)
        _remove_old(target.parent)
    return target / "template.yaml"


def lighten(layer: Path) -> None:
    """Take out of a built layer what botocore knows of services that gridwix does not call: half of all its files.

    The local cloud unpacks the layer anew for each environment of each function, file by file, and its threads hold each other up at that: with all files, most
    of the time until the first publication was done went into it.
    """
    called = {name for path in (layer / "gridwix").rglob("*.py") for name in _CLIENT.findall(path.read_text())}
    for service in (layer / "botocore/data").iterdir():
        if service.is_dir() and service.name not in called:
            shutil.rmtree(service)


def deploy(cloud: LocalCloud, template: Path, stack_name: str, parameters: Mapping[str, str], log: Path) -> None:
    """Deploy a built template to the local cloud and wait until the stack stands. Raises BundleError."""
    options = ["--template-file", str(template), "--stack-name", stack_name, "--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local"]
    overrides = [f"{name}={value}" for name, value in {"Architecture": architecture(), **parameters}.items()]
    run_sam(["deploy", *options, "--parameter-overrides", *overrides], log, environment=cloud.environment(), timeout=DEPLOY_TIMEOUT)


def content_hash(root: Path, built_for: str) -> str:
    """Equal for equal sources, whatever their times: names a build."""
    digest = hashlib.blake2b(built_for.encode(), digest_size=8)
    for path in _source_files(root):
        digest.update(f"\0{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _source_files(root: Path) -> Iterable[Path]:
    for source in _SOURCES:
        found = root / source
        files = [found] if found.is_file() else sorted(path for path in found.rglob("*") if path.is_file())
        yield from (path for path in files if _NOT_SOURCES.isdisjoint(path.parts))


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    (BUILDS / "builds").mkdir(parents=True, exist_ok=True)
    with (BUILDS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove_old(builds: Path) -> None:
    for old in sorted(filter(Path.is_dir, builds.iterdir()), key=lambda path: path.stat().st_mtime)[:-BUILDS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def run_sam(arguments: Sequence[str], log: Path, *, environment: Mapping[str, str], timeout: float) -> str:
    """Run SAM with ``environment`` in place of the user's own AWS settings; returns what it printed. Its messages go to ``log``. Raises BundleError."""
    # SAM builds with the python3.13 and the pip that it finds on the path: those of its own environment.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own = {"PATH": f"{_SAM.parent}:{os.environ.get('PATH', os.defpath)}", "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"}
    # SAM leaves folders behind in the place for temporary files.
    with log.open("a+") as messages, tempfile.TemporaryDirectory(prefix="gridwix-sam-") as scratch:
        begin = messages.tell()
        try:
            code, output = run_group([_SAM, *arguments], {**inherited, **own, **environment, "TMPDIR": scratch}, messages, timeout)
        except FileNotFoundError as error:
            raise BundleError(f"{shown(_SAM)} is not there: `make build` sets it up") from error
        except subprocess.TimeoutExpired as error:
            raise BundleError(f"sam {arguments[0]} took longer than {timeout:.0f} seconds; its messages are in {shown(log)}") from error
        messages.write(output)
        if code:
            messages.seek(begin)
            raise BundleError("\n".join([*messages.read().splitlines()[-15:], f"sam {arguments[0]} failed; its messages are in {shown(log)}"]))
    return output


def run_group(command: Sequence[str | Path], environment: Mapping[str, str], messages: TextIO, timeout: float) -> tuple[int, str]:
    """Run a command in a process group of its own; returns its exit code and output. If we are stopped, or it takes too long, the whole group is killed: SAM
    starts pip, which would go on by itself. Raises subprocess.TimeoutExpired."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=messages, text=True, start_new_session=True
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    return process.returncode, output
