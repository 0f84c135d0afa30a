"""Reads uploaded files from a bucket in S3, and stores reports and state there.

``drops/SOURCE/`` holds the files that people upload, ``refused/SOURCE/`` the reports of refused
rows, and ``state/SOURCE/`` the last applied snapshot. Only objects in ``drops/`` cause a message.
"""

import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from gridwix_gateway.sources.files.faults import FileFault
from gridwix_gateway.sources.files.ports import Drop, DropGone, Drops

DROPS = "drops/"
REPORTS = "refused/"
MAX_DROP_BYTES = 1_000_000_000
MAX_KEY_BYTES = 1_024
"""Maximum bytes of a key in S3. The key of a report is longer than that of its drop."""

MAX_LISTED = 10_000
"""Maximum objects listed under one prefix. Older drops should have expired by the bucket's
lifecycle.
"""

ACCEPT_MISSING = "accept-missing"
"""Object metadata, ``true`` once a person has confirmed the file's missing rows."""

REFUSED_DROP = "refused-drop"
"""Metadata of a report: digest of the drop that was refused as a whole. The drop itself is not
changed, because that would cause another message.
"""

ORPHANED_AFTER = timedelta(days=1)
"""Age from which a file of the state that no plan refers to is deleted. A plan refers to its files
within a quarter of an hour.
"""

_CHUNK = 1 << 20
_GONE = frozenset({"NoSuchKey", "404", "PreconditionFailed", "412"})


class S3Drops(Drops):
    """Lists and downloads uploaded files, and stores reports and state of sources, in an S3 bucket.

    Args:
        client: botocore's client of S3.
        bucket: Name of the bucket.
        folder: Folder for temporary files; None for the system's own.
        clock: Returns the time.
    """

    def __init__(
        self,
        client: Any,
        bucket: str,
        folder: Path | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._folder = folder
        self._clock = clock

    def describe_drop(self, name: str) -> Drop:
        """Return tag, time and size of the file at a key. Raises DropGone if there is no file."""
        try:
            head = self._client.head_object(Bucket=self._bucket, Key=name)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                raise DropGone(name) from None
            raise
        return Drop(
            name,
            head["ETag"].strip('"'),
            _whole_seconds(head["LastModified"]),
            head["ContentLength"],
            head["Metadata"].get(ACCEPT_MISSING) == "true",
        )

    def list_drops(self, source: str) -> Sequence[Drop]:
        found = [
            Drop(
                item["Key"],
                item["ETag"].strip('"'),
                _whole_seconds(item["LastModified"]),
                item["Size"],
            )
            for item in self._list_objects(f"{DROPS}{source}/")
            if not item["Key"].endswith("/")
        ]
        return sorted(found, key=lambda drop: drop.order)

    @contextmanager
    def open_drop(self, drop: Drop) -> Iterator[Path]:
        if drop.size > MAX_DROP_BYTES:
            raise FileFault(
                "too-large",
                f"the file has {drop.size:,} bytes; at most {MAX_DROP_BYTES:,} are read",
            )
        try:
            response = self._client.get_object(
                Bucket=self._bucket, Key=drop.name, IfMatch=f'"{drop.tag}"'
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                raise DropGone(drop.name) from None
            raise
        with self._downloaded(response, Path(drop.name).suffix) as path:
            yield path

    def put_report(self, drop: Drop, content: bytes, *, whole: bool = False) -> str:
        name = _report_name(drop.name)
        self._client.put_object(
            Bucket=self._bucket,
            Key=name,
            Body=content,
            ContentType="text/csv; charset=utf-8",
            Metadata={REFUSED_DROP: _digest(drop)} if whole else {},
        )
        return name

    def is_refused(self, drop: Drop) -> bool:
        try:
            head = self._client.head_object(Bucket=self._bucket, Key=_report_name(drop.name))
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return False
            raise
        # The report may be that of a former drop under the same name.
        return bool(head["Metadata"].get(REFUSED_DROP) == _digest(drop))

    def put_file(self, name: str, path: Path) -> None:
        with path.open("rb") as body:
            self._client.put_object(
                Bucket=self._bucket, Key=name, Body=body, ContentLength=path.stat().st_size
            )

    @contextmanager
    def open_file(self, name: str) -> Iterator[Path]:
        try:
            response = self._client.get_object(Bucket=self._bucket, Key=name)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                raise FileNotFoundError(name) from None
            raise
        with self._downloaded(response, Path(name).suffix) as path:
            yield path

    def delete_files(self, prefix: str, former: Collection[str], keep: Collection[str]) -> None:
        orphaned_before = self._clock() - ORPHANED_AFTER
        for item in self._list_objects(prefix):
            orphaned = item["Key"] not in keep and item["LastModified"] < orphaned_before
            if item["Key"] in former or orphaned:
                self._client.delete_object(Bucket=self._bucket, Key=item["Key"])

    def _list_objects(self, prefix: str) -> Iterator[Any]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, PaginationConfig={"MaxItems": MAX_LISTED}
        )
        for page in pages:
            yield from page.get("Contents", ())

    @contextmanager
    def _downloaded(self, response: Any, suffix: str) -> Iterator[Path]:
        """Download a response's body to a temporary file, and check that it is complete."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            path = Path(folder) / f"file{suffix}"
            with path.open("wb") as file:
                for chunk in response["Body"].iter_chunks(_CHUNK):
                    file.write(chunk)
            if path.stat().st_size != response["ContentLength"]:
                raise OSError("the download is incomplete")
            yield path


def _report_name(drop: str) -> str:
    """Return the key of the report about an uploaded file, from the key of that file.

    >>> _report_name("drops/tracker/a.csv")
    'refused/tracker/a.csv.csv'
    """
    name = f"{REPORTS}{drop.removeprefix(DROPS)}.csv"
    if len(name.encode()) <= MAX_KEY_BYTES:
        return name
    digest = sha256(drop.encode()).hexdigest()[:16]
    return f"{name.encode()[: MAX_KEY_BYTES - 24].decode(errors='ignore')}-{digest}.csv"


def _digest(drop: Drop) -> str:
    """Return a digest of an uploaded file's id, to be stored in S3 metadata.

    The id itself contains the file's key, which may have characters that S3 metadata cannot hold.
    """
    return sha256(drop.id.encode()).hexdigest()[:32]


def _whole_seconds(moment: datetime) -> datetime:
    """Return an object's time without fractions of a second.

    S3 gives milliseconds in lists and none in headers, so both become comparable.
    """
    return moment.astimezone(UTC).replace(microsecond=0)
