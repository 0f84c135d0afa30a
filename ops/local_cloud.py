"""A local cloud: MiniStack as AWS on this machine, on a free port of the loopback interface.

Lambda functions run as processes of MiniStack's interpreter with the credentials of their roles.
IAM policies are enforced: a function is refused if its role lacks a permission, as on AWS. All
callers from outside are the account's root user, with the access key ``test``.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3

from ops.aws import Aws
from ops.child_process import run_child_process
from ops.errors import LocalCloudError
from ops.paths import ROOT, TOOLS, display_path
from ops.waiting import STANDSTILL, wait_for

REGION = "us-east-1"
KEY = "test"
"""Access key and secret key of the root caller: MiniStack's default."""

LINES_SHOWN = 15
"""Number of log lines in the error message of a failed start."""

SCRATCH_BYTES = 4 * 1024**3
"""Maximum bytes of the local cloud's state."""

_MEMORY = Path("/dev/shm")  # noqa: S108  # A file system in memory; the folder in it is made by mkdtemp.
_BIN = TOOLS / "ministack/bin"
_LAUNCHER = ROOT / "ops/ministack_launcher.py"
_EXECUTE_API = re.compile(r"https://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.[a-z.]+/")


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """A running local cloud: MiniStack, which emulates AWS on this machine.

    ``endpoint`` is the URL of every AWS service; ``run`` is the folder with the cloud's logs.
    """

    endpoint: str
    run: Path

    def aws(self) -> Aws:
        """Return AWS clients that call this local cloud."""
        return Aws(
            boto3.Session(aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name=REGION),
            self.endpoint,
            STANDSTILL,
        )

    def environment(self) -> Mapping[str, str]:
        """Return the environment variables that make any AWS tool use this local cloud.

        They override the user's own AWS settings.
        """
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def local_url(self, url: str) -> str:
        """Return the local URL for an API Gateway URL of AWS; other URLs are returned unchanged."""
        return _EXECUTE_API.sub(lambda api: f"{self.endpoint}/_aws/execute-api/{api[1]}/", url)


@contextlib.contextmanager
def local_cloud(run: Path, *, port: int = 0, enforce_iam: bool = True) -> Iterator[LocalCloud]:
    """Run a local cloud (MiniStack) during a ``with`` block, and stop all its processes at the end.

    The cloud's state is removed at the end. The log ``run/ministack.log`` stays.

    Args:
        run: The folder for the log.
        port: The port of the loopback interface; 0 takes any free port.
        enforce_iam: Refuse calls that the caller's policies do not allow.

    Raises:
        LocalCloudError: The cloud did not start. The message has the end of its log.
    """
    with reserve_port() if port == 0 else contextlib.nullcontext(port) as own:
        scratch, log = _make_scratch_folder(run), run / "ministack.log"
        cloud = LocalCloud(f"http://127.0.0.1:{own}", run)
        with run_child_process(
            # Isolated: the modules beside the launcher must not hide MiniStack's.
            [_BIN / "python", "-I", _LAUNCHER],
            log=log,
            environment=_ministack_environment(scratch, own, enforce_iam),
            directory=ROOT,
            scratch=scratch,
        ) as process:
            wait_for(lambda: _is_ready(cloud, process, log), "the local cloud to answer", poll=0.05)
            yield cloud


def _make_scratch_folder(run: Path) -> Path:
    """Create a folder for the local cloud's state, in memory if enough is free, else in ``run``.

    The state is the layer's thousands of files and a folder for each process of a function, which
    would be slow on a disk.
    """
    in_memory = (
        _MEMORY.is_dir()
        and os.access(_MEMORY, os.W_OK)
        and shutil.disk_usage(_MEMORY).free > SCRATCH_BYTES
    )
    scratch = Path(tempfile.mkdtemp(prefix="gridwix-", dir=_MEMORY if in_memory else run))
    (scratch / "tmp").mkdir()
    return scratch


@contextlib.contextmanager
def reserve_port() -> Iterator[int]:
    """Reserve a free port of the loopback interface for one process, during a ``with`` block.

    The reservation is a socket that is bound and does not listen. On Linux, another socket with
    SO_REUSEADDR (which servers set) may listen beside it, and the system assigns the port to no
    other process. On other systems the port is only known to have been free.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        port = int(holder.getsockname()[1])
        if sys.platform != "linux":
            holder.close()
        yield port


def _ministack_environment(scratch: Path, port: int, enforce_iam: bool) -> Mapping[str, str]:
    # MiniStack passes its environment on to the functions, so it must not inherit ours.
    return {
        "PATH": f"{_BIN}:/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch / "tmp"),
        "LANG": "C.UTF-8",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": "true" if enforce_iam else "false",
        "LAMBDA_EXECUTOR": "local",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "MINISTACK_REGION": REGION,
        "S3_DATA_DIR": str(scratch / "s3"),
        "STATE_DIR": str(scratch / "state"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }


def _is_ready(cloud: LocalCloud, process: subprocess.Popen[bytes], log: Path) -> bool:
    """Return True if the local cloud reports that its start is complete.

    Raises:
        LocalCloudError: The cloud's process has ended. A response would then come from another
            program on its port.
    """
    try:
        # The address is our own loopback one.
        url = f"{cloud.endpoint}/_ministack/ready"
        with urllib.request.urlopen(url, timeout=STANDSTILL) as answer:  # noqa: S310
            ready = bool(json.load(answer)["status"] == "completed")
    except (urllib.error.URLError, OSError, ValueError):
        ready = False
    if process.poll() is not None:
        end = log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
        raise LocalCloudError(
            "\n".join([*end, "the local cloud did not start"]), f"see {display_path(log)}"
        )
    return ready
