"""``scripts/install-chromium``: what it installs, on a machine whose programs are fakes."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ops.paths import ROOT

TOOLS = ("bash", "dirname", "env", "grep", "mkdir", "mktemp", "rm", "tail", "touch")


class Machine:
    """A machine with these programs; ``apt`` is the last line of apt-get, run with ``$@``."""

    def __init__(self, folder: Path, *programs: str, knows: bool = True, apt: str = "") -> None:
        self.folder, self.calls = folder, folder / "calls"
        self.calls.touch()
        (folder / "bin").mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None
            (folder / "bin" / tool).symlink_to(found)
        self.add("id", "echo 0")
        self.add("apt-cache", "exit 0" if knows else "exit 100")
        self.add("apt-get", f'echo "$@" >> {self.calls}\n{apt}')
        for program in programs:
            self.add(program, "")

    def add(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!{self.folder}/bin/bash\n{script}\n")
        path.chmod(0o755)

    def install(self) -> str:
        """Run the script and return what it prints."""
        done = subprocess.run(
            [ROOT / "scripts/install-chromium"],
            cwd=self.folder,
            env={"PATH": str(self.folder / "bin"), "TMPDIR": str(self.folder)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout

    def installed(self) -> list[str]:
        """Return the packages that apt-get was asked for, one line per call."""
        lines = self.calls.read_text().splitlines()
        return [
            " ".join(word for word in line.split()[1:] if not word.startswith("-"))
            for line in lines
            if line.startswith("install")
        ]


def test_install_when_the_headless_shell_is_there_then_nothing_is_done(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "chromium-headless-shell", "chromium")

    assert machine.install() == ""
    assert machine.calls.read_text() == ""


def test_install_when_there_is_no_chromium_then_the_headless_shell_is_installed(
    tmp_path: Path,
) -> None:
    machine = Machine(tmp_path)

    assert machine.install() == "Setting up: Chromium\n"
    assert machine.installed() == ["chromium-headless-shell fonts-liberation"]


def test_install_when_there_is_another_chromium_then_the_headless_shell_is_tried_once(
    tmp_path: Path,
) -> None:
    machine = Machine(tmp_path, "chromium", apt="exit 100")

    first, second = machine.install(), machine.install()

    assert first.endswith("the browser tests use chromium, which is slower.\n")
    assert second == ""
    assert len(machine.calls.read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("programs", "installed"), [((), ["chromium fonts-liberation"]), (("google-chrome",), [])]
)
def test_install_when_the_release_has_no_headless_shell_then_it_takes_chromium_if_there_is_none(
    tmp_path: Path, programs: tuple[str, ...], installed: list[str]
) -> None:
    machine = Machine(tmp_path, *programs, knows=False)

    machine.install()

    assert machine.installed() == installed


def test_install_when_it_fails_then_the_tests_are_skipped_and_that_is_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path, apt="echo no network; exit 100")

    said = machine.install()

    assert said.endswith(
        "no network\nChromium could not be installed: the browser tests are skipped.\n"
    )
