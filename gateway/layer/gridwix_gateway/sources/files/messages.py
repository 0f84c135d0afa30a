"""Handles the SQS messages about uploaded files: passes each file to the processor of its source.

The folder of a file names its source, which is declared in the configuration. S3 sends a message
for each new file. The function sends a message to itself if its time is up, or if an older file is
to be processed now. A message names an object and has no content.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import unquote_plus

from gridwix_gateway.documents import Document
from gridwix_gateway.sources.files.ports import Drop, DropGone
from gridwix_gateway.sources.files.s3_drops import DROPS
from gridwix_gateway.sources.files.service import Result


class DropProcessor(Protocol):
    """Port: processes the uploaded files (drops) of one source."""

    def process_drop(self, drop: Drop) -> Result:
        """Process an uploaded file, and return the outcome. Idempotent."""

    def find_waiting(self, settled: Drop | None = None) -> str:
        """Return the key of an older uploaded file that must be applied now; "" if there is none.

        A newer file makes older ones superfluous. If the newer one is refused or deleted, an older
        one is applied in its place.

        Args:
            settled: The file that was not applied; None if it is not known.
        """


class DropDescriber(Protocol):
    """Port: looks up the object at a key of the bucket with uploaded files."""

    def describe_drop(self, name: str) -> Drop:
        """Return the file that is now at a key of the bucket: entity tag, size and upload time.

        Raises DropGone if there is no file at the key.
        """


class Observer(Protocol):
    """Port: receives the outcomes of uploaded files, for logs and metrics."""

    def record_result(self, source: str, drop: Drop, result: Result) -> None:
        """Record the outcome of an uploaded file."""

    def record_unknown(self, source: str) -> None:
        """Record a file in a folder that belongs to no declared source."""

    def record_failure(self, error: Exception) -> None:
        """Record an unexpected error in processing an SQS message.

        The message returns to the queue for a retry.
        """


class DropMessages:
    """Processes the SQS messages about uploaded files.

    Args:
        sources: Returns the processor of a source by the source's name; None if no source of this
            name is declared.
        describer: Looks up objects in the bucket.
        send: Sends a message to the function's own queue.
        observer: Receives the outcomes.
    """

    def __init__(
        self,
        sources: Callable[[str], DropProcessor | None],
        describer: DropDescriber,
        send: Callable[[str], None],
        observer: Observer,
    ) -> None:
        self._sources = sources
        self._describer = describer
        self._send = send
        self._observer = observer

    def handle_event(self, event: Mapping[str, Any]) -> Document:
        """Process an SQS event, and return the failed messages (partial batch response).

        A failed message is retried, and moves to the dead-letter queue after some attempts.
        """
        failed: list[Document] = []
        for message in event["Records"]:
            try:
                for name in drop_names(message["body"]):
                    self._process_name(name)
            except Exception as error:
                failed.append({"itemIdentifier": message["messageId"]})
                self._observer.record_failure(error)
        return {"batchItemFailures": failed}

    def _process_name(self, name: str) -> None:
        source_name = name.removeprefix(DROPS).partition("/")[0]
        source = self._sources(source_name)
        if source is None:
            self._observer.record_unknown(source_name)
            return
        try:
            drop = self._describer.describe_drop(name)
        except DropGone:
            self._announce(source.find_waiting())
            return
        result = source.process_drop(drop)
        self._observer.record_result(source_name, drop, result)
        self._announce(name if result.status == "unfinished" else result.waiting)

    def _announce(self, name: str) -> None:
        if name:
            self._send(json.dumps({"drop": name}))


def drop_names(body: str) -> Iterator[str]:
    """Yield the keys of the uploaded files that an SQS message names.

    The message comes from S3 or from the function itself.

    >>> list(drop_names('{"Records": [{"s3": {"object": {"key": "drops/a/My+file%2B.csv"}}}]}'))
    ['drops/a/My file+.csv']
    >>> list(drop_names('{"Service": "Amazon S3", "Event": "s3:TestEvent"}'))
    []

    Args:
        body: The body of a message.

    Yields:
        Keys of objects. Keys that end in ``/``, which only stand for a folder, are left out.
    """
    document = json.loads(body)
    if "drop" in document:
        yield str(document["drop"])
    for record in document.get("Records", ()):
        name = unquote_plus(record["s3"]["object"]["key"])
        if not name.endswith("/"):
            yield name
