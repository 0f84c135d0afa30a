"""Compares what was deployed with this checkout: resources, release, settings and byte code.

Functions that run every minute log their build (``gridwix.runtime.build_report``).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gridwix.clients.http import VERSION
from gridwix.errors import GridwixError
from gridwix.runtime.build_report import (
    BYTE_CODE,
    CONFIGURATION,
    RELEASE,
    configuration_digest,
)
from ops.probes import NotChecked, Probe, SharedRead
from ops.role_probe import TEMPLATE, read_template
from ops.stack import Stack
from ops.time_zones import FUNCTIONS, read_last_line

SAM_TYPES: Mapping[str, str] = {"AWS::Serverless::Function": "AWS::Lambda::Function"}
"""Resource types of SAM that keep their logical id, with those that they become."""

MOST_NAMED = 5
"""Maximum number of missing resources that a message names."""

DEPLOY = "`sam build && sam deploy`"

type Builds = Mapping[str, Mapping[str, Any]]
"""Members of the log line by function."""


def build_probes(stack: Stack, now: float) -> list[Probe]:
    """Return the probes of the deployed build. ``now`` is in Unix seconds."""
    builds = SharedRead(lambda: read_builds(stack, now))
    return [
        ("Stack", "template", lambda: check_template(stack)),
        ("Stack", "release", lambda: check_release(builds())),
        ("Stack", "config/", lambda: check_configuration(builds())),
        ("Stack", "byte code", lambda: check_byte_code(builds())),
    ]


def read_builds(stack: Stack, now: float) -> Builds:
    """Return what functions logged about their build. ``now`` is in Unix seconds.

    Raises:
        NotChecked: None has run for a day.
        GridwixError: A log cannot be read.
    """
    lines = {
        function: line
        for function in FUNCTIONS
        if (line := read_last_line(stack, function, now, RELEASE)) is not None
    }
    if not lines:
        raise NotChecked(
            f"not known yet: neither {' nor '.join(FUNCTIONS)} has run in the last 24 hours, or the"
            " deployed release is older than this check"
        )
    return {function: line.fields for function, line in lines.items()}


def check_template(stack: Stack, template: Path = TEMPLATE) -> str:
    """Return how many resources of the template are deployed.

    Args:
        stack: The deployed stack.
        template: This checkout's template.

    Raises:
        GridwixError: The stack lacks some.
    """
    wanted = template_resources(template)
    deployed = stack.read_resources()
    missing = [name for name, kind in wanted.items() if name not in deployed.get(kind, {})]
    if missing:
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        raise GridwixError(
            f"the deployed template is older than this command: the stack lacks"
            f" {', '.join(missing[:MOST_NAMED])}{more}. Deploy this checkout ({DEPLOY}), or use the"
            " command of the deployed release"
        )
    return f"{len(wanted)} resources as in template.yaml"


def template_resources(template: Path = TEMPLATE) -> Mapping[str, str]:
    """Return the resources that every stack of a template has: types by logical id.

    Those with a condition are left out, and those that SAM gives another id.
    """
    return {
        name: kind
        for name, one in read_template(template)["Resources"].items()
        if "Condition" not in one
        and not (kind := SAM_TYPES.get(one["Type"], one["Type"])).startswith("AWS::Serverless::")
    }


def check_release(builds: Builds, release: str = VERSION) -> str:
    """Return the deployed release. Raises GridwixError if it is not the command's.

    Args:
        builds: What functions logged.
        release: The release of this command.
    """
    other = {
        name: str(one[RELEASE])[:20] for name, one in builds.items() if one[RELEASE] != release
    }
    if other:
        said = ", ".join(f"{name} has {found}" for name, found in other.items())
        raise GridwixError(
            f"{said}, and this command is of {release}: deploy this checkout ({DEPLOY}), or use the"
            " command of the deployed release"
        )
    return release


def check_configuration(builds: Builds, digest: str | None = None) -> str:
    """Return the digest of the deployed settings. Raises GridwixError if the checkout has others.

    Args:
        builds: What functions logged.
        digest: The digest of this checkout's compiled settings.
    """
    own = digest or configuration_digest()
    other = sorted(name for name, one in builds.items() if one.get(CONFIGURATION) != own)
    if other:
        raise GridwixError(
            f"{' and '.join(other)} run with other settings than config/ of this checkout: `make"
            f" config` and deploy ({DEPLOY}), or check out what was deployed"
        )
    return f"as in this checkout ({own})"


def check_byte_code(builds: Builds) -> str:
    """Return that the layer has byte code. Raises GridwixError if it has none."""
    if any(one.get(BYTE_CODE) is False for one in builds.values()):
        raise GridwixError(
            "the layer holds no byte code, so each cold start compiles for seconds: build it with"
            f" the makefile of the layer, with Python 3.13 ({DEPLOY}), and not with another"
            " BuildMethod or by zipping the sources"
        )
    return "in the layer"
