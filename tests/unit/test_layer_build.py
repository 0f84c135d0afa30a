"""The layer's build: which files stay, and byte code for every module."""

import hashlib
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ops.paths import TOOLS
from sam_build.layer import (
    BuildError,
    build_layer,
    compile_modules,
    install_wheels,
    main,
    remove_unused_files,
)


def write(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def python_of(layer: Path, program: str) -> str:
    """Run a program on a layer; return its standard error."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=layer, capture_output=True, text=True, check=False
    )
    return done.stderr


def test_unused_files_keep_of_botocore_the_services_that_are_called_and_what_concerns_all(
    tmp_path: Path,
) -> None:
    for service in ("dynamodb", "s3", "ec2"):
        (tmp_path / "botocore/data" / service).mkdir(parents=True)
    (tmp_path / "botocore/data/endpoints.json").write_text("{}")
    (tmp_path / "gridwix/runtime").mkdir(parents=True)
    (tmp_path / "gridwix/runtime/wiring.py").write_text(
        'session().create_client("dynamodb", config=AWS), session().create_client("s3")'
    )

    remove_unused_files(tmp_path)

    assert {path.name for path in (tmp_path / "botocore/data").iterdir()} == {
        "dynamodb",
        "s3",
        "endpoints.json",
    }


def test_unused_files_keep_of_babel_and_stdnum_what_forms_are_read_by(tmp_path: Path) -> None:
    for folder in ("botocore/data", "babel/locale-data", "stdnum/de", "gridwix/runtime"):
        (tmp_path / folder).mkdir(parents=True)
    for locale in ("root", "en", "en_GB", "de_CH", "pl", "pl_PL", "ja"):
        (tmp_path / f"babel/locale-data/{locale}.dat").touch()
    (tmp_path / "stdnum/ean.py").touch()
    (tmp_path / "gridwix/runtime/configuration.json").write_text(
        '{"forms": {"a": {"locale": "pl-PL"}, "b": {"locale": null}}}'
    )

    remove_unused_files(tmp_path)

    assert {path.stem for path in (tmp_path / "babel/locale-data").iterdir()} == {
        "root",
        "en",
        "en_GB",
        "de_CH",
        "pl",
        "pl_PL",
    }
    assert [path.name for path in (tmp_path / "stdnum").iterdir()] == ["ean.py"]


def test_unused_files_keep_of_powertools_what_is_imported_and_of_packages_their_metadata(
    tmp_path: Path,
) -> None:
    for name in (
        "utilities/typing",
        "utilities/jmespath_utils",
        "utilities/batch",
        "utilities/parser",
        "event_handler",
        "logging",
    ):
        (tmp_path / "aws_lambda_powertools" / name).mkdir(parents=True)
    for folder in ("botocore/data", "gridwix/runtime", "nh3-0.3.8.dist-info"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "gridwix/runtime/batch.py").write_text(
        "from aws_lambda_powertools.utilities.batch import BatchProcessor"
    )
    for name in ("METADATA", "RECORD", "WHEEL"):
        (tmp_path / "nh3-0.3.8.dist-info" / name).touch()
    (tmp_path / "nh3.pyi").touch()

    remove_unused_files(tmp_path)

    assert {path.name for path in (tmp_path / "aws_lambda_powertools").iterdir()} == {
        "utilities",
        "logging",
    }
    assert {path.name for path in (tmp_path / "aws_lambda_powertools/utilities").iterdir()} == {
        "typing",
        "jmespath_utils",
        "batch",
    }
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"batch.py", "METADATA"}


def test_dependencies_are_byte_code_alone_and_gridwix_keeps_its_sources(tmp_path: Path) -> None:
    write(tmp_path / "divided.py", "1 / 0")
    write(tmp_path / "package/of_python_two.py", "print 1")
    write(tmp_path / "gridwix/__init__.py")
    write(tmp_path / "gridwix/errors.py", "1 / 0")

    compile_modules(tmp_path)

    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        "divided.pyc",
        "gridwix/__init__.py",
        "gridwix/errors.py",
        f"gridwix/__pycache__/__init__.{sys.implementation.cache_tag}.pyc",
        f"gridwix/__pycache__/errors.{sys.implementation.cache_tag}.pyc",
    }
    assert 'File "/opt/python/divided.py", line 1' in python_of(tmp_path, "import divided")
    assert "    1 / 0\n" in python_of(tmp_path, "import gridwix.errors")


def test_byte_code_is_used_although_the_source_has_another_time(tmp_path: Path) -> None:
    write(tmp_path / "gridwix/__init__.py")
    write(tmp_path / "gridwix/errors.py", "raise SystemExit('compiled')")

    compile_modules(tmp_path)
    # A deployment sets times anew. The changed text proves that the source is not read.
    write(tmp_path / "gridwix/errors.py", "raise SystemExit('source')")

    assert python_of(tmp_path, "import gridwix.errors") == "compiled\n"


def test_a_module_of_gridwix_that_does_not_compile_fails_the_build(tmp_path: Path) -> None:
    write(tmp_path / "gridwix/broken.py", "print 1")

    with pytest.raises(BuildError, match=r"does not compile: .*gridwix/broken\.py"):
        compile_modules(tmp_path)


def test_byte_code_that_was_not_written_as_a_whole_fails_the_build(tmp_path: Path) -> None:
    """As on a full disk: Python does not notice a short write."""
    write(tmp_path / "large.py", "\n".join(f"name_{number} = 'text'" for number in range(2000)))
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from sam_build.layer import BuildError, _compile_module\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try:\n"
        f"    _compile_module(Path({str(tmp_path)!r}), Path('large.py').absolute(),"
        " beside_source=False)\n"
        "except (BuildError, OSError) as error:\n"
        "    sys.exit(type(error).__name__)\n"
    )

    assert python_of(tmp_path, program).strip() in {"BuildError", "OSError"}


def test_build_without_the_installer_says_what_cannot_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV", str(tmp_path / "missing"))

    with pytest.raises(BuildError, match="missing cannot be run"):
        build_layer("arm64", tmp_path / "artifacts")


def test_build_with_another_python_says_which_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sam_build.layer.PYTHON", (3, 99))

    assert main(["arm64", str(tmp_path)]) == 1

    assert "the layer is built with Python 3.99, and this is 3.13" in capsys.readouterr().err


def test_build_without_wheels_ends_with_the_installers_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installer = tmp_path / "uv"
    write(installer, "#!/bin/sh\necho no such wheel >&2\nexit 2\n")
    installer.chmod(installer.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("UV", str(installer))

    with pytest.raises(BuildError, match=r"^no such wheel\nthe layer's dependencies could not be"):
        build_layer("arm64", tmp_path / "artifacts")


def _new_wheel(folder: Path) -> Path:
    """A wheel of one empty module."""
    wheel = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr(
            "tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
        )
        archive.writestr(
            "tiny-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    return wheel


@pytest.mark.parametrize("changed", [False, True], ids=["the locked wheel", "another wheel"])
def test_wheel_is_installed_only_if_it_is_the_one_that_was_locked(
    changed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV", str(TOOLS / "bin/uv"))
    wheel = _new_wheel(tmp_path)
    locked = hashlib.sha256(wheel.read_bytes() + b"changed" * changed).hexdigest()
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        f"--no-index\n--find-links {tmp_path}\ntiny==1.0 --hash=sha256:{locked}\n"
    )

    if changed:
        with pytest.raises(BuildError, match="could not be installed"):
            install_wheels("arm64", requirements, tmp_path / "layer")
    else:
        install_wheels("arm64", requirements, tmp_path / "layer")

    assert (tmp_path / "layer/tiny.py").exists() is not changed


def test_wheel_without_a_hash_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV", str(TOOLS / "bin/uv"))
    _new_wheel(tmp_path)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"--no-index\n--find-links {tmp_path}\ntiny==1.0\n")

    with pytest.raises(BuildError, match="could not be installed"):
        install_wheels("arm64", requirements, tmp_path / "layer")
