"""Compares the deployed build with this checkout: resources, release, configuration, byte code.

The deployed build is read from logs: functions that run every minute log theirs
(``gridwix.runtime.build_report``).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gridwix.clients.http import VERSION
from gridwix.errors import GridwixError
from gridwix.models.configuration_versions import BUNDLED, ConfigurationPointer
from gridwix.runtime.build_report import (
    BYTE_CODE,
    CONFIGURATION,
    RELEASE,
    bundled_version,
)
from ops.configuration_versions import version_store
from ops.probes import NotChecked, Probe, SharedRead
from ops.role_probe import TEMPLATE, read_template
from ops.stack import Stack
from ops.time_zones import FUNCTIONS, read_last_line

SAM_TYPES: Mapping[str, str] = {"AWS::Serverless::Function": "AWS::Lambda::Function"}
"""Resource types of SAM that keep their logical id, each with the CloudFormation type that it
becomes.
"""

MOST_NAMED = 5
"""Maximum number of missing resources that a message names."""

DEPLOY = "`sam build && sam deploy`"

LOGGED_AT = "loggedAt"
"""Key of the time of the log line (Unix seconds) among the facts of a logged build."""

TAKEN_WITHIN = 60.0
"""Seconds after a change of the configuration in which functions may still use the former one."""

type Builds = Mapping[str, Mapping[str, Any]]
"""Members of the log line by function."""


def build_probes(stack: Stack, now: float) -> list[Probe]:
    """Return the checks of ``gridwix doctor`` on the deployed build. ``now`` is in Unix seconds."""
    builds = SharedRead(lambda: read_builds(stack, now))

    def configuration() -> str:
        return check_configuration(builds(), version_store(stack).read_pointer())

    return [
        ("Stack", "template", lambda: check_template(stack)),
        ("Stack", "release", lambda: check_release(builds())),
        ("Stack", "config/", configuration),
        ("Stack", "byte code", lambda: check_byte_code(builds())),
    ]


def read_builds(stack: Stack, now: float) -> Builds:
    """Return the facts that functions logged about their build, by function.

    These are the release, the version of the configuration and whether there is byte code. ``now``
    is in Unix seconds.

    Raises:
        NotChecked: None of the functions has run for a day.
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
    return {function: {**line.fields, LOGGED_AT: line.at} for function, line in lines.items()}


def check_template(stack: Stack, template: Path = TEMPLATE) -> str:
    """Return a sentence with the number of resources if the stack has all those of the template.

    Args:
        stack: The deployed stack.
        template: This checkout's template.

    Raises:
        GridwixError: The stack lacks resources of the template.
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

    Resources with a condition are left out, and so are resources that get another logical id from
    SAM.
    """
    return {
        name: kind
        for name, one in read_template(template)["Resources"].items()
        if "Condition" not in one
        and not (kind := SAM_TYPES.get(one["Type"], one["Type"])).startswith("AWS::Serverless::")
    }


def check_release(builds: Builds, release: str = VERSION) -> str:
    """Return the deployed release. Raises GridwixError if it is not the command's own release.

    Args:
        builds: The facts that functions logged about their build.
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


def check_configuration(
    builds: Builds, pointer: ConfigurationPointer, own: str | None = None
) -> str:
    """Describe the configuration in effect, compared with the functions and this checkout.

    Args:
        builds: The facts that functions logged about their build.
        pointer: The pointer to the version in effect.
        own: The version of this checkout's compiled settings; None to compute it.

    Raises:
        NotChecked: No function has run since the version was put into effect.
        GridwixError: A function does not use the version in effect, or the checkout has another
            version.
    """
    own = own or bundled_version()
    version, is_bundled = pointer.version, pointer.version == BUNDLED
    wanted = own if is_bundled else version
    settled_at = pointer.moved_at + TAKEN_WITHIN
    judged = {
        name: one
        for name, one in builds.items()
        if one.get(CONFIGURATION) == wanted or one.get(LOGGED_AT, settled_at) >= settled_at
    }
    other = sorted(name for name, one in judged.items() if one.get(CONFIGURATION) != wanted)
    if other and is_bundled:
        raise GridwixError(
            f"{' and '.join(other)} run with other settings than config/ of this checkout: `make"
            f" config` and deploy ({DEPLOY}), or `gridwix config apply`, or check out what was"
            " deployed"
        )
    if other:
        raise GridwixError(
            f"{' and '.join(other)} do not use version {version}, which is in effect: the deployed"
            " release refuses it, or cannot read it. Their log says why"
            ' ("configuration_not_used"): docs/runbook.md#configuration-not-used'
        )
    if not is_bundled and version != own:
        raise GridwixError(
            f"version {version} is in effect, and config/ of this checkout is another ({own}):"
            " `gridwix config diff` shows what differs. A published version stays in effect across"
            " deployments, until `gridwix config apply` or `gridwix config rollback bundled`"
        )
    if not judged:
        raise NotChecked(f"version {wanted} was put into effect a minute ago: look again soon")
    return f"as in this checkout ({own}), {'deployed' if is_bundled else 'published'}"


def check_byte_code(builds: Builds) -> str:
    """Return a short confirmation if the deployed layer has compiled Python modules.

    Raises GridwixError if it has none.
    """
    if any(one.get(BYTE_CODE) is False for one in builds.values()):
        raise GridwixError(
            "the layer holds no byte code, so each cold start compiles for seconds: build it with"
            f" the makefile of the layer, with Python 3.13 ({DEPLOY}), and not with another"
            " BuildMethod or by zipping the sources"
        )
    return "in the layer"
