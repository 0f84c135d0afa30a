"""AWS on this machine: MiniStack, on free ports of the loopback interface, for as long as a block lasts.

Functions run as processes of MiniStack's interpreter with the credentials of their roles, and IAM policies are enforced: a function whose role lacks a
permission is refused, as on AWS. The caller is the account's root, with the access key ``test``.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3

from ops.aws import Aws
from ops.errors import LocalCloudError
from ops.leash import leashed
from ops.paths import ROOT, TOOLS, shown

REGION = "us-east-1"
KEY = "test"
"""Access key and secret of the root caller: MiniStack's own default."""

SCRATCH_BYTES = 4 * 1024**3
"""What the cloud's state may come to."""

_MEMORY = Path("/dev/shm")  # noqa: S108  # A file system in memory; the folder in it is made by mkdtemp.
_BIN = TOOLS / "ministack/bin"
_EXECUTE_API = re.compile(r"https://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.[a-z.]+/")


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """A running local cloud. ``endpoint`` answers for every AWS service; ``run`` is the folder with its logs."""

    endpoint: str
    run: Path

    def aws(self) -> Aws:
        return Aws(boto3.Session(aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name=REGION), self.endpoint)

    def environment(self) -> Mapping[str, str]:
        """What makes any AWS tool talk to this cloud, whatever the user's own configuration says."""
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
        """The address under which this cloud serves an API Gateway URL of AWS; any other URL stays as it is."""
        return _EXECUTE_API.sub(lambda api: f"{self.endpoint}/_aws/execute-api/{api[1]}/", url)


@contextlib.contextmanager
def local_cloud(run: Path, *, port: int = 0, enforce_iam: bool = True, timeout: float = 60) -> Iterator[LocalCloud]:
    """Start a local cloud and stop it with everything that it started. ``port`` 0 takes a free one. Raises LocalCloudError.

    Its state is removed at the end; the log ``run/ministack.log`` stays.
    """
    port = port or free_port()
    scratch, log = _scratch(run), run / "ministack.log"
    cloud = LocalCloud(f"http://127.0.0.1:{port}", run)
    with leashed([_BIN / "ministack"], log=log, environment=_environment(scratch, port, enforce_iam), directory=ROOT, scratch=scratch) as process:
        _wait_until_ready(cloud, process, log, time.monotonic() + timeout)
        yield cloud


def _scratch(run: Path) -> Path:
    """A folder for the cloud's state: in memory where there is plenty, since every process of a function gets a copy of the layer's thousands of files."""
    in_memory = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > SCRATCH_BYTES
    scratch = Path(tempfile.mkdtemp(prefix="gridwix-", dir=_MEMORY if in_memory else run))
    (scratch / "tmp").mkdir()
    return scratch


def free_port() -> int:
    """A port of the loopback interface that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _environment(scratch: Path, port: int, enforce_iam: bool) -> Mapping[str, str]:
    # MiniStack hands its own environment on to the functions, so it gets nothing of ours.
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


def _wait_until_ready(cloud: LocalCloud, process: subprocess.Popen[bytes], log: Path, deadline: float) -> None:
    while not _is_ready(cloud):
        if process.poll() is not None or time.monotonic() > deadline:
            raise LocalCloudError(f"the local cloud did not start: see {shown(log)}")
        time.sleep(0.05)


def _is_ready(cloud: LocalCloud) -> bool:
    try:
        with urllib.request.urlopen(f"{cloud.endpoint}/_ministack/ready", timeout=2) as answer:  # noqa: S310  # Our own loopback address.
            return bool(json.load(answer)["status"] == "completed")
    except (urllib.error.URLError, OSError, ValueError):
        return False
