"""The pipeline's script for changes of ``config/`` alone: check, compile, and apply."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from gridwix.runtime.configuration import FILE, configuration
from ops.backend import generate_modules
from ops.paths import ROOT
from ops.role_page import PAGE

WORKFLOW: dict[str, Any] = yaml.safe_load(
    (ROOT / ".github/workflows/configuration.yml").read_text()
)
TOOL = '#!/bin/sh\necho "${0##*/}" "$@" >> "$CALLS"\n'
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@partner.example",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@partner.example",
}
COMPILED = "layers/common/gridwix/runtime/configuration.json"


class Checkout:
    """A checkout with a history of two commits, in which the project's tools only write down how
    they were called.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = folder / "checkout", folder / "calls"
        self.calls.touch()
        for name in (".venv/bin/gridwix", "bin/make", "bin/gh"):
            tool = self.folder / name
            tool.parent.mkdir(parents=True, exist_ok=True)
            # `make config` compiles the folder.
            more = f'[ "$1" != config ] || cat config/routing.yaml > {COMPILED}\n'
            tool.write_text(TOOL + (more if name == "bin/make" else ""))
            tool.chmod(0o755)
        (self.folder / ".ci").mkdir()
        shutil.copy(ROOT / ".ci/configuration", self.folder / ".ci/configuration")
        (self.folder / ".gitignore").write_text(".venv/\nbin/\n")
        self.git("init", "--quiet", "--initial-branch", "main")
        for name in (
            COMPILED,
            *(f"portal/backend/{name}" for name in generate_modules(configuration())),
            str(PAGE.relative_to(ROOT)),
        ):
            self.write(name, "first")
        self.first = self.commit({"config/routing.yaml": "first", "template.yaml": "first"})

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env={"PATH": os.defpath, **GIT},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, files: dict[str, str]) -> str:
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "change")
        return self.git("rev-parse", "HEAD")

    def run(self, *arguments: str, **environment: str) -> tuple[int, list[str]]:
        """Run the script; return its exit code and the calls of tools."""
        done = subprocess.run(
            [self.folder / ".ci/configuration", *arguments],
            env={
                "PATH": f"{self.folder / 'bin'}:{os.defpath}",
                "CALLS": str(self.calls),
                **GIT,
                **environment,
            },
            capture_output=True,
            check=False,
        )
        made = self.calls.read_text().splitlines()
        return done.returncode, [call for call in made if call != "make .venv/.ready"]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_change_of_the_configuration_is_applied_with_its_commit_as_note(
    checkout: Checkout,
) -> None:
    head = checkout.commit({"config/routing.yaml": "second", COMPILED: "second"})

    code, calls = checkout.run("apply", "staging", BEFORE=checkout.first)

    assert code == 0
    assert calls == [f"gridwix config apply --stack gridwix-staging --yes --note commit {head[:7]}"]


def test_change_that_needs_code_is_left_to_the_deployment(checkout: Checkout) -> None:
    checkout.commit({"config/routing.yaml": "second", "template.yaml": "second"})

    assert checkout.run("apply", "prod", BEFORE=checkout.first) == (0, [])


def test_run_by_hand_applies_whatever_the_last_push_was(checkout: Checkout) -> None:
    checkout.commit({"template.yaml": "second"})

    code, calls = checkout.run("apply", "prod")

    assert code == 0
    assert calls[0].startswith("gridwix config apply --stack gridwix-prod --yes")


def test_pull_request_is_checked_and_compared_with_its_base(checkout: Checkout) -> None:
    checkout.commit({"config/routing.yaml": "second"})

    code, calls = checkout.run("check", checkout.first)

    assert code == 0
    assert calls[0] == "gridwix config check"
    assert re.fullmatch(r"gridwix config diff --with /\S+/config", calls[1])
    # The copy of the base is gone.
    assert not Path(calls[1].split()[-1]).exists()


def test_compiled_files_are_committed_to_the_branch_and_checked_there(
    checkout: Checkout, tmp_path: Path
) -> None:
    subprocess.run(
        ["git", "clone", "--quiet", "--bare", checkout.folder, tmp_path / "origin"], check=True
    )
    checkout.git("remote", "add", "origin", str(tmp_path / "origin"))
    checkout.git("checkout", "--quiet", "-b", "labels")
    head = checkout.commit({"config/routing.yaml": "second"})

    code, calls = checkout.run("compile", "labels")
    pushed = checkout.git("ls-remote", "origin", "refs/heads/labels").split()[0]
    again, later = checkout.run("compile", "labels")

    assert (code, again) == (0, 0)
    assert calls == ["make config", "gh workflow run ci.yml --ref labels"]
    assert pushed == checkout.git("rev-parse", "HEAD") != head
    assert checkout.git("diff", "--name-only", head, pushed) == COMPILED
    # Nothing is left to compile, so there is no further commit and no further run.
    assert later[2:] == ["make config"]


@pytest.mark.parametrize(
    "arguments", [(), ("apply",), ("apply", "dev"), ("remove", "staging")], ids=" ".join
)
def test_unknown_action_or_environment_runs_no_tool(
    checkout: Checkout, arguments: tuple[str, ...]
) -> None:
    code, calls = checkout.run(*arguments)

    assert (code != 0, calls) == (True, [])


def test_script_knows_every_file_that_make_config_writes_of_the_configuration() -> None:
    script = (ROOT / ".ci/configuration").read_text()
    (listed,) = re.findall(r"^made=\((.*)\)$", script, re.MULTILINE)

    assert sorted(listed.split()) == sorted(
        [
            str(FILE.relative_to(ROOT)),
            *(f"portal/backend/{name}" for name in generate_modules(configuration())),
            str(PAGE.relative_to(ROOT)),
        ]
    )


def test_only_jobs_after_the_merge_get_credentials_of_aws() -> None:
    jobs = WORKFLOW["jobs"]
    with_token = {name for name, job in jobs.items() if "id-token" in job.get("permissions", {})}

    assert with_token == {"staging", "prod"}
    assert "github.ref == 'refs/heads/main'" in jobs["staging"]["if"]
    assert "github.event_name != 'pull_request'" in jobs["staging"]["if"]
    assert jobs["prod"]["needs"] == "staging"
    assert [jobs[name]["environment"] for name in ("staging", "prod")] == ["staging", "prod"]


def test_only_branches_of_the_repository_are_written_to() -> None:
    job = WORKFLOW["jobs"]["compile"]
    writing = {
        name
        for name, one in WORKFLOW["jobs"].items()
        if "write" in {one.get("permissions", {}).get(kind) for kind in ("contents", "actions")}
    }

    assert writing == {"compile"}
    assert job["if"] == "github.event.pull_request.head.repo.full_name == github.repository"


def test_change_of_the_configuration_never_takes_the_place_of_a_waiting_deployment() -> None:
    deploy = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text())["jobs"]
    groups = [
        {job["concurrency"]["group"] for job in jobs.values() if "concurrency" in job}
        for jobs in (WORKFLOW["jobs"], deploy)
    ]

    assert groups[0].isdisjoint(groups[1])
