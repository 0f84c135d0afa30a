"""Starts MiniStack with six changes.

All but the last are as on AWS, and the first three save most of the work of a test run.

- **The environments of all functions share each unpacked layer.** MiniStack unpacks the layer's
  thousands of files again for each environment of each function, in threads of the server, which
  answers no request meanwhile. AWS mounts one read-only copy at ``/opt``, and MiniStack's own
  executor for Docker shares one copy as well.
- **An event source mapping hands over as many messages as its ``BatchSize`` allows.** MiniStack
  hands over ten at most, so a function that takes a thousand is called a hundred times as often.
- **Messages are gathered for the mapping's batching window**, but only while the function works on
  another batch: a message that comes alone is handed over at once. MiniStack has no window, and
  starts one environment after the other for single messages. A ``MaximumConcurrency`` that comes
  from a parameter of the template counts as the number that it is: MiniStack keeps it as text, and
  then hands over nothing at all.
- **A message is handed over when its delay ends.** On AWS, pollers wait in SQS for it. MiniStack
  looks once a second, so a message that a function put back for a second came back after up to two.
- **A policy sees the source and the type of the events that are put.** MiniStack knows no
  ``events:source`` and no ``events:detail-type`` of ``PutEvents``, so a condition on them refuses
  all.
- **Requests count as encrypted.** MiniStack serves plain HTTP on the loopback interface. The
  policies of the buckets deny requests without TLS, and MiniStack enforces them.

MiniStack's interpreter runs this file, so it imports nothing of gridwix.
"""

import hashlib
import inspect
import json
import shutil
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self

KNOWN = {
    "Worker._spawn": "c55febf956565c5e",
    "_poll_loop": "6a443090919adccf",
    "_receive_messages_for_esm": "f230dbcd4974adcf",
    "_sqs_esm_concurrency": "d3e9d1e865aa0b28",
    "pin_request_origin": "de819c1bd9ac2be4",
    "request_tag_context": "d46adb816e024778",
}
"""Starts of the SHA-256 of the functions in MiniStack that are patched here, by name."""

FILE = 0o444
"""Mode of an unpacked file: as on AWS, a function must not change it."""

_LAYER_ARCHIVE = "layer_*.zip"


class Layers:
    """Each distinct archive of a layer, unpacked once into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def unpacked(self, archive: Path) -> Path:
        """Return the folder with the unpacked archive of a layer. Safe to call from several
        threads.

        Raises:
            BadZipFile, OSError: It could not be unpacked. Part of it is never returned.
        """
        with archive.open("rb") as content:
            target = self._folder / hashlib.file_digest(content, "sha256").hexdigest()
        with self._lock:
            if not target.is_dir():
                partial = target.with_suffix(".partial")
                shutil.rmtree(partial, ignore_errors=True)
                with zipfile.ZipFile(archive) as opened:
                    # Never outside: extractall() drops roots and "..".
                    opened.extractall(partial)
                for path in partial.rglob("*"):
                    if path.is_file():
                        path.chmod(FILE)
                partial.rename(target)
        return target


class LayerArchive:
    """Stand-in for ``ZipFile``, with the part that MiniStack uses to unpack a layer."""

    def __init__(self, archive: Path, layers: Layers) -> None:
        self._archive = archive
        self._layers = layers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A copy for each environment would fill the memory.
        self._archive.unlink()

    def namelist(self) -> list[str]:
        """Return no name: MiniStack checks each one for paths that lead outside, by reading the
        links of all its folders. Extraction excludes such paths anyway.
        """
        return []

    def extractall(self, folder: str) -> None:
        """Replace the empty ``folder`` by a link to the shared copy."""
        shared = self._layers.unpacked(self._archive)
        Path(folder).rmdir()
        Path(folder).symlink_to(shared, target_is_directory=True)


def share_layers(runtime: Any, layers: Layers) -> None:
    """Make MiniStack's module ``lambda_runtime`` link to shared layers instead of unpacking copies.

    Raises:
        SystemExit: MiniStack starts environments by other code than this change was made for.
    """
    _require_known(runtime.Worker._spawn)
    runtime.zipfile = _zipfile_with_shared_layers(layers)


def fill_batches(queues: Any) -> None:
    """Make MiniStack's module ``sqs`` give event source mappings as many messages as ``BatchSize``.

    Raises:
        SystemExit: MiniStack receives messages by other code than this change was made for.
    """
    receive = queues._receive_messages_for_esm
    _require_known(receive)

    def receive_all(url: str, batch_size: int) -> list[dict[str, Any]]:
        batch: list[dict[str, Any]] = []
        while len(batch) < batch_size and (some := receive(url, batch_size - len(batch))):
            batch += some
        return batch

    queues._receive_messages_for_esm = receive_all


def gather_batches(mappings: Any) -> None:
    """Make MiniStack's module ``lambda_svc`` hold back a second batch until it is full or its
    batching window has passed.

    Raises:
        SystemExit: MiniStack limits batches by other code than this change was made for.
    """
    limit = mappings._sqs_esm_concurrency
    _require_known(limit)

    def due_batches(
        mapping: Mapping[str, Any],
        function: Any,
        configuration: Any,
        queue: Mapping[str, Any] | None = None,
    ) -> int:
        allowed: int = limit(_numbered(mapping), function, configuration, queue)
        messages = [] if queue is None else list(queue["messages"])
        return allowed if is_due(mapping, messages, time.time()) else min(allowed, 1)

    mappings._sqs_esm_concurrency = due_batches


class DelayedWake:
    """Stand-in for ``threading.Event``, with the part that MiniStack's poller uses.

    A wait also ends when a message of a queue becomes visible.
    """

    def __init__(self, wake: threading.Event, queues: Any) -> None:
        self._wake = wake
        self._queues = queues

    def set(self) -> None:
        self._wake.set()

    def clear(self) -> None:
        self._wake.clear()

    def wait(self, timeout: float) -> bool:
        """Wait for :meth:`set`, for ``timeout`` seconds at most. Return True if it was called."""
        now = time.time()
        messages = [
            message
            # The copies are made at once, while other threads change the originals.
            for queue in list(self._queues._data.values())
            for message in list(queue["messages"])
        ]
        delays = [at - now for one in messages if (at := one.get("visible_at", now)) > now]
        return self._wake.wait(min(timeout, *delays) if delays else timeout)


def hand_over_delayed(mappings: Any, queues: Any) -> None:
    """Make the queue poller of MiniStack's module ``lambda_svc`` wake up when a delayed message
    becomes visible.

    Raises:
        SystemExit: MiniStack polls by other code than this change was made for.
    """
    _require_known(mappings._poll_loop)
    mappings._esm_wake = DelayedWake(mappings._esm_wake, queues._queues)


def count_as_encrypted(app: Any) -> None:
    """Make MiniStack's module ``app`` report every request to policies as one over TLS.

    Raises:
        SystemExit: MiniStack notes the transport by other code than this change was made for.
    """
    pin = app.pin_request_origin
    _require_known(pin)

    def pin_encrypted(source_ip: str, _: bool) -> None:
        pin(source_ip, True)

    app.pin_request_origin = pin_encrypted


def name_events(actions: Any) -> None:
    """Make MiniStack's module ``iam_actions`` show policies the source and type of events.

    Raises:
        SystemExit: MiniStack finds the keys of a request by other code than this change was made
            for.
    """
    tags = actions.request_tag_context
    _require_known(tags)

    def with_events(
        service: str, iam_action: str, body: bytes, params: dict[str, Any]
    ) -> dict[str, Any]:
        keys: dict[str, Any] = tags(service, iam_action, body, params)
        return {**keys, **event_keys(body)} if iam_action == "events:PutEvents" else keys

    actions.request_tag_context = with_events


def event_keys(body: bytes) -> dict[str, Any]:
    """Return the values of IAM's condition keys for a ``PutEvents`` request.

    AWS checks each entry by itself, so entries that differ have no common value, and no condition
    allows them here.
    """
    entries = json.loads(body)["Entries"]
    keys: dict[str, Any] = {}
    for key, name in (("events:source", "Source"), ("events:detail-type", "DetailType")):
        values = {str(entry.get(name)) for entry in entries}
        keys[key] = values.pop() if len(values) == 1 else None
    return keys


def is_due(mapping: Mapping[str, Any], messages: Sequence[Mapping[str, Any]], now: float) -> bool:
    """Return True if the messages of a queue are a full batch, or have waited for the window.

    Args:
        mapping: The event source mapping: ``BatchSize``, ``MaximumBatchingWindowInSeconds``.
        messages: The queue's messages; ``visible_at`` (Unix seconds) is later than now for those
            in flight.
        now: Unix seconds.
    """
    visible = [since for one in messages if (since := one.get("visible_at", now)) <= now]
    batch_size: int = mapping.get("BatchSize", 10)
    window: float = mapping.get("MaximumBatchingWindowInSeconds", 0)
    waited: float = now - min(visible, default=now)
    return len(visible) >= batch_size or waited >= window


def _numbered(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an event source mapping with numbers in its scaling, where parameters left texts."""
    scaling = mapping.get("ScalingConfig") or {}
    return {**mapping, "ScalingConfig": {name: int(value) for name, value in scaling.items()}}


def _require_known(function: Callable[..., Any]) -> None:
    """Raise SystemExit if the source of a function in MiniStack is not the one that the patch was
    written for.
    """
    name = function.__qualname__
    found = hashlib.sha256(inspect.getsource(function).encode()).hexdigest()
    if not found.startswith(KNOWN[name]):
        raise SystemExit(
            f"MiniStack's {name} has changed ({found[:16]}). Read what it does now, adapt"
            f" {Path(__file__).name}, and change KNOWN."
        )


def _zipfile_with_shared_layers(layers: Layers) -> ModuleType:
    """Return a stand-in for the module ``zipfile`` with a ``ZipFile`` that shares layers."""

    def open_archive(file: Any, *arguments: Any, **options: Any) -> Any:
        path = Path(file) if isinstance(file, str) else None
        if path is not None and path.match(_LAYER_ARCHIVE):
            return LayerArchive(path, layers)
        return zipfile.ZipFile(file, *arguments, **options)

    stand_in = ModuleType("zipfile")
    vars(stand_in).update(vars(zipfile), ZipFile=open_archive)
    return stand_in


def main() -> None:
    """Run MiniStack in the foreground, with the changes, until SIGTERM.

    The layers are in ``TMPDIR``, which the caller removes.
    """
    folder = Path(tempfile.mkdtemp(prefix="layers-"))
    share_layers(import_module("ministack.core.lambda_runtime"), Layers(folder))
    queues = import_module("ministack.services.sqs")
    mappings = import_module("ministack.services.lambda_svc")
    fill_batches(queues)
    gather_batches(mappings)
    hand_over_delayed(mappings, queues)
    name_events(import_module("ministack.core.iam_actions"))
    count_as_encrypted(import_module("ministack.app"))
    sys.exit(import_module("ministack.app").main())


if __name__ == "__main__":
    main()
