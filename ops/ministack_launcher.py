"""Starts MiniStack, an emulator of AWS on this machine, with six patches.

With all but the last, MiniStack does as AWS does. The first three save most of the work of a test
run.

- **The environments of all functions share each unpacked layer.** MiniStack unpacks the layer's
  thousands of files again for each environment of each function, in threads of the server, which
  answers no request meanwhile. AWS mounts one read-only copy at ``/opt``, and MiniStack's own
  executor for Docker shares one copy as well.
- **An event source mapping gives a function as many messages as its ``BatchSize`` allows.**
  MiniStack gives ten at most, so a function that takes a thousand is called a hundred times as
  often.
- **Messages are gathered for the mapping's batching window**, but only while the function works on
  another batch: a function that is idle gets a message at once. MiniStack has no window, and starts
  one environment after the other for single messages. A ``MaximumConcurrency`` that comes from a
  parameter of the template counts as the number that it is: MiniStack keeps it as text, and then
  gives the function no message at all.
- **A function gets a delayed message as soon as the delay ends.** On AWS, pollers wait in SQS for
  the message. MiniStack looks once a second, so a message with a delay of a second came back after
  up to two.
- **A policy can use the source and the type of the events that are put.** MiniStack knows no
  ``events:source`` and no ``events:detail-type`` of ``PutEvents``, so a policy with a condition on
  them refuses every event.
- **Requests count as encrypted.** MiniStack serves plain HTTP on the loopback interface. The
  policies of the buckets deny requests without TLS, and MiniStack enforces these policies.

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
    """Unpacks each distinct archive of a Lambda layer once, into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def unpacked(self, archive: Path) -> Path:
        """Return the folder with the unpacked archive of a layer; unpack the archive if necessary.

        Safe to call from several threads.

        Raises:
            BadZipFile, OSError: The archive could not be unpacked. A partly unpacked folder is
                never returned.
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
    """Replacement for the ``ZipFile`` with which MiniStack unpacks the archive of a Lambda layer.

    Instead of unpacking, it links the target folder to an unpacked copy that all environments
    share. It has only the methods that MiniStack calls.
    """

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
        """Return an empty list, so that MiniStack checks no file name of the archive.

        For each name, MiniStack would check that the file stays inside the target folder, which
        reads the links of all folders on the path. Extraction leaves out paths to the outside
        anyway.
        """
        return []

    def extractall(self, folder: str) -> None:
        """Replace the empty ``folder`` by a symbolic link to the unpacked, shared layer."""
        shared = self._layers.unpacked(self._archive)
        Path(folder).rmdir()
        Path(folder).symlink_to(shared, target_is_directory=True)


def share_layers(runtime: Any, layers: Layers) -> None:
    """Patch MiniStack's module ``lambda_runtime``: environments link to one unpacked layer.

    Without the patch, each environment of a function unpacks a copy of its own.

    Raises:
        SystemExit: The function of MiniStack that is patched has changed, so the patch may no
            longer fit.
    """
    _require_known(runtime.Worker._spawn)
    runtime.zipfile = _zipfile_with_shared_layers(layers)


def fill_batches(queues: Any) -> None:
    """Patch MiniStack's module ``sqs``: a batch has as many messages as ``BatchSize`` allows.

    ``BatchSize`` is a setting of the event source mapping between a queue and a function.

    Raises:
        SystemExit: The function of MiniStack that is patched has changed, so the patch may no
            longer fit.
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
    """Patch MiniStack's module ``lambda_svc``: a busy function gets another batch once it is due.

    A batch is due once it is full, or its batching window has passed (:func:`is_due`). Until then,
    the function works on one batch at a time. An idle function gets its messages at once.

    Raises:
        SystemExit: The function of MiniStack that is patched has changed, so the patch may no
            longer fit.
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
    """Replacement for the ``threading.Event`` that MiniStack's queue poller waits for.

    A wait also ends when a delayed message of any queue becomes visible.
    """

    def __init__(self, wake: threading.Event, queues: Any) -> None:
        self._wake = wake
        self._queues = queues

    def set(self) -> None:
        self._wake.set()

    def clear(self) -> None:
        self._wake.clear()

    def wait(self, timeout: float) -> bool:
        """Wait until :meth:`set` is called, for ``timeout`` seconds at most.

        Return True if :meth:`set` was called. Return False after the timeout, or once the delay of
        the next delayed message in any SQS queue has ended.
        """
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
    """Patch MiniStack's module ``lambda_svc``: delayed messages wake up its queue poller.

    The poller wakes up as soon as a message becomes visible.

    Raises:
        SystemExit: The function of MiniStack that is patched has changed, so the patch may no
            longer fit.
    """
    _require_known(mappings._poll_loop)
    mappings._esm_wake = DelayedWake(mappings._esm_wake, queues._queues)


def count_as_encrypted(app: Any) -> None:
    """Patch MiniStack's module ``app``: to IAM policies, every request counts as made over TLS.

    Raises:
        SystemExit: The function of MiniStack that is patched has changed, so the patch may no
            longer fit.
    """
    pin = app.pin_request_origin
    _require_known(pin)

    def pin_encrypted(source_ip: str, _: bool) -> None:
        pin(source_ip, True)

    app.pin_request_origin = pin_encrypted


def name_events(actions: Any) -> None:
    """Patch MiniStack's module ``iam_actions``: policies can test the source and type of events.

    These are IAM's condition keys ``events:source`` and ``events:detail-type`` of ``PutEvents``.

    Raises:
        SystemExit: The function of MiniStack that is patched has changed, so the patch may no
            longer fit.
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
    """Return the values of IAM's condition keys for the source and type of events to put.

    ``body`` is that of a ``PutEvents`` request. AWS checks each event by itself. Here, events that
    differ give the value None, so a policy with a condition on the key allows none of them.
    """
    entries = json.loads(body)["Entries"]
    keys: dict[str, Any] = {}
    for key, name in (("events:source", "Source"), ("events:detail-type", "DetailType")):
        values = {str(entry.get(name)) for entry in entries}
        keys[key] = values.pop() if len(values) == 1 else None
    return keys


def is_due(mapping: Mapping[str, Any], messages: Sequence[Mapping[str, Any]], now: float) -> bool:
    """Return True if the messages of a queue are a full batch, or one has waited long enough.

    Long enough is the batching window of the event source mapping.

    Args:
        mapping: The event source mapping: ``BatchSize``, ``MaximumBatchingWindowInSeconds``.
        messages: The queue's messages; ``visible_at`` (Unix seconds) is later than now for messages
            in flight or delayed.
        now: The current time, in Unix seconds.
    """
    visible = [since for one in messages if (since := one.get("visible_at", now)) <= now]
    batch_size: int = mapping.get("BatchSize", 10)
    window: float = mapping.get("MaximumBatchingWindowInSeconds", 0)
    waited: float = now - min(visible, default=now)
    return len(visible) >= batch_size or waited >= window


def _numbered(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an event source mapping with integers in its ``ScalingConfig``.

    MiniStack keeps a value that comes from a template parameter as text.
    """
    scaling = mapping.get("ScalingConfig") or {}
    return {**mapping, "ScalingConfig": {name: int(value) for name, value in scaling.items()}}


def _require_known(function: Callable[..., Any]) -> None:
    """Raise SystemExit if the source code of a MiniStack function has changed.

    The patch of the function was written for the code with the digest in ``KNOWN``.
    """
    name = function.__qualname__
    found = hashlib.sha256(inspect.getsource(function).encode()).hexdigest()
    if not found.startswith(KNOWN[name]):
        raise SystemExit(
            f"MiniStack's {name} has changed ({found[:16]}). Read what it does now, adapt"
            f" {Path(__file__).name}, and change KNOWN."
        )


def _zipfile_with_shared_layers(layers: Layers) -> ModuleType:
    """Return a replacement for the module ``zipfile`` that does not unpack a layer again.

    Its ``ZipFile`` opens the archive of a Lambda layer as a :class:`LayerArchive`, so that
    extracting the archive only makes a link to a shared, unpacked copy. Other archives are opened
    as usual.
    """

    def open_archive(file: Any, *arguments: Any, **options: Any) -> Any:
        path = Path(file) if isinstance(file, str) else None
        if path is not None and path.match(_LAYER_ARCHIVE):
            return LayerArchive(path, layers)
        return zipfile.ZipFile(file, *arguments, **options)

    stand_in = ModuleType("zipfile")
    vars(stand_in).update(vars(zipfile), ZipFile=open_archive)
    return stand_in


def main() -> None:
    """Run MiniStack with the patches of this module in the foreground, until SIGTERM.

    Layers are unpacked below ``TMPDIR``, which the caller removes.
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
