"""MiniStack's launcher: functions share each unpacked layer and get batches as on AWS, requests
count as encrypted, and nothing else changes.
"""

import json
import subprocess
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops import ministack_launcher
from ops.ministack_launcher import (
    FILE,
    DelayedWake,
    Layers,
    count_as_encrypted,
    fill_batches,
    gather_batches,
    hand_over_delayed,
    is_due,
    name_events,
    share_layers,
)
from ops.paths import TOOLS

IN_MINISTACK = """
import json, runpy, sys, tempfile, time
from pathlib import Path
launcher, folder, layer, code = sys.argv[1:]
from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import lambda_svc, sqs
names = runpy.run_path(launcher)
names["share_layers"](lambda_runtime, names["Layers"](Path(folder)))
names["fill_batches"](sqs)
names["gather_batches"](lambda_svc)
lambda_svc._resolve_layer_zip = lambda reference: Path(layer).read_bytes()
arn = "arn:aws:lambda:us-east-1:000000000000:function:one"
config = {"FunctionName": "one", "FunctionArn": arn, "Runtime": "python3.13",
          "Handler": "handler.handler", "Layers": ["arn:layer"]}
workers = [lambda_runtime.Worker("one", config, Path(code).read_bytes()) for _ in "12"]
paths = [worker.invoke({}, "1").get("result") for worker in workers]
sqs._act_create_queue({"QueueName": "q"}, "")
(url,) = list(sqs._queues)
for number in range(25):
    sqs._act_send_message({"MessageBody": str(number)}, url)
batches = [len(sqs._receive_messages_for_esm(url, size)) for size in (21, 21)]
mapping = {"BatchSize": 30, "MaximumBatchingWindowInSeconds": 900,
           "ScalingConfig": {"MaximumConcurrency": "4"}}
limits = []
for number in range(30):
    sqs._act_send_message({"MessageBody": str(number)}, url)
    limits.append(lambda_svc._sqs_esm_concurrency(mapping, {}, {}, sqs._queues[url]))
names["hand_over_delayed"](lambda_svc, sqs)
sqs._queues[url]["messages"][-1]["visible_at"] = time.time() + 0.05
lambda_svc._esm_wake.clear()
wakes = [lambda_svc._esm_wake.wait(3600)]
lambda_svc.esm_wake.set()
wakes.append(lambda_svc._esm_wake.wait(3600))
names["count_as_encrypted"](app)
app.pin_request_origin("10.1.2.3", False)
origin = iam_evaluator._request_origin.get()
names["name_events"](iam_actions)
entries = [{"Source": "a", "DetailType": "x"}, {"Source": "a", "DetailType": "y"}]
put = json.dumps({"Entries": entries}).encode()
keys = iam_actions.request_tag_context("events", "events:PutEvents", put, {})
print(json.dumps([paths, batches, limits, wakes, origin, keys]))
lambda_runtime.kill_workers(workers)
"""


def archive(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, text in files.items():
            made.writestr(name.replace("__", "/"), text)
    return path


def launched(folder: Path) -> SimpleNamespace:
    """MiniStack's module with shared layers, whose code counts as known."""
    runtime = SimpleNamespace(Worker=SimpleNamespace(_spawn=archive), zipfile=zipfile)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ministack_launcher, "KNOWN", {"archive": ""})
        share_layers(runtime, Layers(folder))
    return runtime


def unpack(runtime: SimpleNamespace, source: Path) -> Path:
    """What MiniStack does with the archive of a layer or of a function."""
    target = source.with_suffix("")
    target.mkdir()
    with runtime.zipfile.ZipFile(str(source)) as opened:
        opened.namelist()
        opened.extractall(str(target))
    return target


def environment(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_layer_when_two_environments_have_it_then_it_is_unpacked_once_and_cannot_be_written(
    tmp_path: Path,
) -> None:
    runtime = launched(tmp_path / "shared")
    sources = [
        archive(environment(tmp_path, name) / "layer_0.zip", python__a="1", python__b__c="2")
        for name in ("one", "two")
    ]

    first, second = (unpack(runtime, source) for source in sources)

    assert first.resolve() == second.resolve() != first
    assert {path.relative_to(first).as_posix(): path.read_text() for path in files(first)} == {
        "python/a": "1",
        "python/b/c": "2",
    }
    assert {path.stat().st_mode & 0o777 for path in files(first)} == {FILE}
    assert not [source for source in sources if source.exists()]


def test_layer_when_another_has_other_content_then_each_has_its_own(tmp_path: Path) -> None:
    runtime = launched(tmp_path / "shared")

    found = [
        unpack(runtime, archive(environment(tmp_path, text) / "layer_0.zip", a=text)) / "a"
        for text in ("old", "new")
    ]

    assert [path.read_text() for path in found] == ["old", "new"]


def test_code_of_a_function_is_unpacked_as_before(tmp_path: Path) -> None:
    source = archive(tmp_path / "code.zip", handler="")

    unpacked = unpack(launched(tmp_path / "shared"), source)

    assert not unpacked.is_symlink()
    assert (unpacked / "handler").is_file()
    assert source.is_file()


def test_layer_when_a_path_leads_outside_then_the_file_stays_inside(tmp_path: Path) -> None:
    source = archive(tmp_path / "layer_0.zip", **{"..__..__evil": "", "__rooted": ""})

    unpacked = unpack(launched(tmp_path / "shared"), source)

    assert {path.name for path in files(unpacked)} == {"evil", "rooted"}
    assert not (tmp_path / "evil").exists()


def test_layer_when_unpacking_fails_halfway_then_the_next_environment_gets_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, layers = archive(tmp_path / "layer_0.zip", a="1", b="2"), Layers(tmp_path / "shared")

    def broken(opened: zipfile.ZipFile, folder: Path) -> None:
        opened.extract("a", folder)
        raise OSError("no room on the device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no room"):
        patch.setattr(zipfile.ZipFile, "extractall", broken)
        layers.unpacked(source)

    assert {path.name for path in files(layers.unpacked(source))} == {"a", "b"}


def test_layer_when_many_environments_start_at_once_then_each_sees_all_of_it(
    tmp_path: Path,
) -> None:
    source = archive(tmp_path / "layer_0.zip", **{f"file{number}": "" for number in range(200)})
    layers = Layers(tmp_path / "shared")

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: len(files(layers.unpacked(source))), range(8)))

    assert seen == [200] * 8
    assert len(list((tmp_path / "shared").iterdir())) == 1


@pytest.mark.parametrize(("waiting", "size", "batch"), [(25, 100, 25), (25, 12, 12), (0, 5, 0)])
def test_batch_has_as_many_messages_as_wait_and_as_the_mapping_takes(
    waiting: int, size: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = list(range(waiting))

    def receive(url: str, number: int) -> list[int]:
        taken = messages[: min(number, 10)]
        del messages[: len(taken)]
        return taken

    queues = SimpleNamespace(_receive_messages_for_esm=receive)
    monkeypatch.setattr(ministack_launcher, "KNOWN", {receive.__qualname__: ""})
    fill_batches(queues)

    assert queues._receive_messages_for_esm("url", size) == list(range(batch))
    assert len(messages) == waiting - batch


@pytest.mark.parametrize(
    ("visible_at", "due"),
    [
        ([], False),
        ([100.0], False),
        ([98.9, 100.0], True),
        ([99.5, 99.6, 99.7], True),
        ([99.5, 99.6, 130.0], False),
        ([130.0, 130.0, 130.0, 130.0], False),
    ],
    ids=["none", "new", "waited", "full", "one-in-flight", "all-in-flight"],
)
def test_second_batch_is_due_when_it_is_full_or_has_waited_for_the_window(
    visible_at: list[float], due: bool
) -> None:
    mapping = {"BatchSize": 3, "MaximumBatchingWindowInSeconds": 1}

    assert is_due(mapping, [{"visible_at": at} for at in visible_at], 100.0) is due


def test_second_batch_when_the_mapping_has_no_window_is_due_at_once() -> None:
    assert is_due({"BatchSize": 3}, [{"visible_at": 100.0}], 100.0)


@pytest.mark.parametrize(
    ("delays", "longest"),
    [((), 1.0), ((0.25, 30.0), 0.25), ((-5.0,), 1.0), ((30.0,), 1.0)],
    ids=["none", "soon", "visible", "later"],
)
def test_poller_waits_no_longer_than_until_a_message_becomes_visible(
    delays: tuple[float, ...], longest: float
) -> None:
    waited: list[float] = []
    wake: Any = SimpleNamespace(wait=waited.append)
    queue = {"messages": [{"visible_at": time.time() + delay} for delay in delays]}

    DelayedWake(wake, SimpleNamespace(_data={"q": queue})).wait(1.0)

    assert longest - 0.2 <= waited[0] <= longest


def test_launcher_when_ministack_has_other_code_then_it_refuses_and_says_where(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = SimpleNamespace(Worker=SimpleNamespace(_spawn=files), zipfile=zipfile)
    queues = SimpleNamespace(_receive_messages_for_esm=files)
    mappings = SimpleNamespace(_sqs_esm_concurrency=files, _poll_loop=files, _esm_wake=None)
    app = SimpleNamespace(pin_request_origin=files)
    actions = SimpleNamespace(request_tag_context=files)
    monkeypatch.setattr(ministack_launcher, "KNOWN", {"files": "0123456789abcdef"})

    changes: list[Callable[[], None]] = [
        lambda: share_layers(runtime, Layers(Path())),
        lambda: fill_batches(queues),
        lambda: gather_batches(mappings),
        lambda: hand_over_delayed(mappings, queues),
        lambda: count_as_encrypted(app),
        lambda: name_events(actions),
    ]
    for refused in changes:
        with pytest.raises(SystemExit, match=r"files has changed .* adapt ministack_launcher\.py"):
            refused()

    assert runtime.zipfile is zipfile
    assert queues._receive_messages_for_esm is mappings._sqs_esm_concurrency is files
    assert mappings._esm_wake is None
    assert app.pin_request_origin is files
    assert actions.request_tag_context is files


def test_installed_ministack_has_the_known_code_and_works_with_all_changes(
    tmp_path: Path,
) -> None:
    layer = archive(tmp_path / "layer.zip", **{"python__shared.py": "import os\nhere = __file__"})
    code = archive(
        tmp_path / "code.zip",
        **{"handler.py": "import os, shared\nhandler = lambda *_: os.path.realpath(shared.here)"},
    )
    program = [str(TOOLS / "ministack/bin/python"), "-I", "-c", IN_MINISTACK]
    paths = [ministack_launcher.__file__, *map(str, (tmp_path / "shared", layer, code))]

    done = subprocess.run(
        [*program, *paths],
        capture_output=True,
        text=True,
        check=False,
        env={"TMPDIR": str(tmp_path)},
    )

    assert done.returncode == 0, done.stderr
    (first, second), batches, limits, wakes, origin, keys = json.loads(done.stdout.splitlines()[-1])
    assert first == second
    assert batches == [21, 4]
    assert limits == [*([1] * 29), 4]
    assert wakes == [False, True]
    assert origin == ["10.1.2.3", True]
    assert keys == {"events:source": "a", "events:detail-type": None}
    assert Path(first).parents[2] == (tmp_path / "shared").resolve()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
