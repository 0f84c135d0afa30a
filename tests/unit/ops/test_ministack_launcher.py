"""MiniStack's launcher: functions share each unpacked layer, and nothing else changes."""

import json
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from ops import ministack_launcher
from ops.ministack_launcher import FILE, KNOWN_SPAWN, Layers, share_layers
from ops.paths import TOOLS

TWO_ENVIRONMENTS = """
import json, runpy, sys, tempfile
from pathlib import Path
launcher, folder, layer, code = sys.argv[1:]
from ministack.core import lambda_runtime
from ministack.services import lambda_svc
names = runpy.run_path(launcher)
names["share_layers"](lambda_runtime, names["Layers"](Path(folder)))
lambda_svc._resolve_layer_zip = lambda reference: Path(layer).read_bytes()
arn = "arn:aws:lambda:us-east-1:000000000000:function:one"
config = {"FunctionName": "one", "FunctionArn": arn, "Runtime": "python3.13",
          "Handler": "handler.handler", "Layers": ["arn:layer"]}
workers = [lambda_runtime.Worker("one", config, Path(code).read_bytes()) for _ in "12"]
print(json.dumps([worker.invoke({}, "1").get("result") for worker in workers]))
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
        patch.setattr(ministack_launcher, "KNOWN_SPAWN", "")
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


def test_launcher_when_ministack_starts_environments_otherwise_then_it_refuses_and_says_where() -> (
    None
):
    runtime = SimpleNamespace(Worker=SimpleNamespace(_spawn=files), zipfile=zipfile)

    with pytest.raises(SystemExit, match=r"_spawn has changed .* adapt ministack_launcher\.py"):
        share_layers(runtime, Layers(Path("unused")))

    assert runtime.zipfile is zipfile
    assert len(KNOWN_SPAWN) >= 16


def test_installed_ministack_runs_functions_from_one_shared_layer(tmp_path: Path) -> None:
    layer = archive(tmp_path / "layer.zip", **{"python__shared.py": "import os\nhere = __file__"})
    code = archive(
        tmp_path / "code.zip",
        **{"handler.py": "import os, shared\nhandler = lambda *_: os.path.realpath(shared.here)"},
    )
    program = [str(TOOLS / "ministack/bin/python"), "-I", "-c", TWO_ENVIRONMENTS]
    paths = [ministack_launcher.__file__, *map(str, (tmp_path / "shared", layer, code))]

    done = subprocess.run(
        [*program, *paths],
        capture_output=True,
        text=True,
        check=False,
        env={"TMPDIR": str(tmp_path)},
    )

    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout.splitlines()[-1])
    assert first == second
    assert Path(first).parents[2] == (tmp_path / "shared").resolve()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
