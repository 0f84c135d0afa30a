"""Lints the OpenAPI file of the community gateway API with Redocly and Spectral.

The recommended rules of both linters apply. Integration teams load this file into their own tools,
so it has to meet what these tools expect.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ops.npm_packages import install_if_possible, npm_command, program_command
from ops.paths import ROOT, display_path
from ops.waiting import STANDSTILL

PROFILE = ROOT / "docs/community-gateway.openapi.yaml"

TOOLS = ROOT / "ops/requirements/openapi"
"""Folder with the lock file of the linters, and Spectral's rules."""

_QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def lint(packages: Path, document: Path) -> list[str]:
    """Lint an OpenAPI file; return the problems.

    Args:
        packages: Folder with the linters in ``node_modules``.
        document: The OpenAPI file.

    Returns:
        One line per problem, warnings included: file, linter, rule, message.
    """
    # Outside of the checkout's folder Redocly finds no configuration that somebody left there.
    redocly = _run(packages, "redocly", "lint", str(document), "--format=json")
    rules = f"--ruleset={TOOLS / 'spectral.yaml'}"
    spectral = _run(packages, "spectral", "lint", str(document), rules, "--format=json", "--quiet")
    return [
        f"{display_path(document)}: {found}"
        for found in (*_redocly_problems(redocly), *_spectral_problems(spectral))
    ]


def main() -> None:
    """Lint the OpenAPI file of the community gateway API. Exits with 1 if anything is found.

    Skipped, with a note, if the linters cannot be installed.
    """
    packages = install_if_possible(TOOLS)
    if packages is None:
        reason = "npm's registry cannot be reached" if npm_command() else "npm is missing"
        print(f"Skipped: the OpenAPI document was not linted; {reason}.", file=sys.stderr)
        return
    problems = lint(packages, PROFILE)
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(bool(problems))


def _redocly_problems(report: Any) -> Iterator[str]:
    for problem in report["problems"]:
        place = problem["location"][0].get("pointer", "")
        yield f"redocly: {problem['ruleId']}: {problem['message']} ({place})"


def _spectral_problems(report: Any) -> Iterator[str]:
    for problem in report:
        place = "/".join(str(part) for part in problem["path"])
        yield f"spectral: {problem['code']}: {problem['message']} (#/{place})"


def _run(packages: Path, name: str, *arguments: str) -> Any:
    """Run a linter, and return its JSON report. Raises RuntimeError if it gives none.

    The exit code is ignored: it is 1 if the linter has found something.
    """
    done = subprocess.run(
        [*program_command(packages, name), *arguments],
        cwd=packages,
        env={**os.environ, **_QUIET},
        check=False,
        capture_output=True,
        text=True,
        timeout=STANDSTILL,
    )
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise RuntimeError(f"{name} has failed: {done.stderr}") from None


if __name__ == "__main__":
    main()
