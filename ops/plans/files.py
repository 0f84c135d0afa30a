"""Reads and writes the files of plans, and the progress of their application.

The progress of ``plan.json`` is in ``plan.json.progress`` next to it. Both files are replaced
atomically.
"""

import contextlib
import json
import os
from pathlib import Path

from pydantic import AwareDatetime, ValidationError

from ops.errors import OpsError
from ops.json_output import JsonOutput
from ops.plans.models import PLAN, Plan

MAX_BYTES = 64 * 1024 * 1024
"""Maximum size of a plan's file."""


class PlanError(OpsError):
    """A plan cannot be made, read or applied."""


class Progress(JsonOutput):
    """Progress of applying a plan, which ``digest`` identifies.

    ``finished_at`` is None until all changes are made.
    """

    digest: str
    begun_at: AwareDatetime
    finished_at: AwareDatetime | None = None


def write_plan(path: Path, plan: Plan) -> None:
    """Write a sealed plan (a plan with its digest) to a file, which is replaced atomically.

    Raises PlanError if the file cannot be written.
    """
    _replace(path, json.dumps(plan.model_dump(mode="json", by_alias=True), indent=2) + "\n")


def read_plan(path: Path) -> Plan:
    """Read a plan from its file.

    Raises:
        PlanError: The file is missing, is no plan of this release, or was edited.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PlanError(
            f"{path} cannot be read ({error.strerror or error})",
            "give the file that a command with --plan wrote",
        ) from None
    again = "make the plan again with --plan"
    if len(text) > MAX_BYTES:
        raise PlanError(f"{path} is larger than any plan", again)
    try:
        plan = PLAN.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"])) or "it"
        raise PlanError(
            f"{path} is no plan that this release understands ({place}: {fault['msg']})", again
        ) from None
    if plan.compute_digest() != plan.digest:
        raise PlanError(f"{path} was edited after it was made", again)
    return plan


def progress_path(path: Path) -> Path:
    """Return the path of the file with the progress of applying a plan.

    >>> progress_path(Path("plan.json")).name
    'plan.json.progress'
    """
    return path.with_name(f"{path.name}.progress")


def read_progress(path: Path, plan: Plan) -> Progress | None:
    """Return the progress of applying a plan; None if its application has not begun.

    Raises PlanError if the progress file exists and cannot be read: it is unknown then which
    changes were made.
    """
    place = progress_path(path)
    try:
        found = Progress.model_validate_json(place.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        raise PlanError(
            f"{place} cannot be read, so it is not known what was applied", "make the plan again"
        ) from None
    # The file of an earlier plan of the same name says nothing of this one.
    return found if found.digest == plan.digest else None


def write_progress(path: Path, progress: Progress) -> None:
    """Store the progress of applying a plan. Raises PlanError if the file cannot be written."""
    _replace(progress_path(path), progress.model_dump_json(by_alias=True) + "\n")


def _replace(path: Path, text: str) -> None:
    other = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with other.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        other.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            other.unlink()
        raise PlanError(
            f"{path} cannot be written ({error.strerror or error})",
            "name another file, or correct the permissions of its folder",
        ) from None
