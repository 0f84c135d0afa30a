"""Messages of the queue of drops, and what becomes of each.

S3 announces a file, or the function announces one to itself because its time is up. A message names
an object and carries no content.
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
    """Processes the drops of one source."""

    def process_drop(self, drop: Drop) -> Result:
        """Process a drop. Safe to repeat."""

    def find_waiting(self, settled: Drop | None = None) -> str:
        """Return the name of the drop that waits for a turn after ``settled``; "" if none does."""


class DropDescriber(Protocol):
    """Describes the object under a name."""

    def describe_drop(self, name: str) -> Drop:
        """Return the drop. Raises DropGone."""


class Observer(Protocol):
    """Receives what became of drops, for logs and metrics."""

    def record_result(self, source: str, drop: Drop, result: Result) -> None:
        """Record the result of a drop."""

    def record_unknown(self, source: str) -> None:
        """Record a file that lies under no source."""

    def record_failure(self, error: Exception) -> None:
        """Record a failure. Its message goes back to the queue."""


class DropMessages:
    """Processes the messages of an SQS event.

    Args:
        sources: Returns the source of a name; None if there is none.
        describer: Describes objects.
        send: Sends a message to the function's own queue.
        observer: Receives the results.
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
        """Process an SQS event, and return the messages that failed (partial batch response).

        A message that fails returns to the queue, and after some attempts to the dead-letter queue.
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
    """Yield the names of the objects in a message.

    >>> list(drop_names('{"Records": [{"s3": {"object": {"key": "drops/a/My+file%2B.csv"}}}]}'))
    ['drops/a/My file+.csv']
    >>> list(drop_names('{"Service": "Amazon S3", "Event": "s3:TestEvent"}'))
    []

    Args:
        body: The body of a message.

    Yields:
        Names. A folder's placeholder is none.
    """
    document = json.loads(body)
    if "drop" in document:
        yield str(document["drop"])
    for record in document.get("Records", ()):
        name = unquote_plus(record["s3"]["object"]["key"])
        if not name.endswith("/"):
            yield name
