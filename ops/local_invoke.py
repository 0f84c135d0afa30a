"""Runs one function in Lambda's container image with ``sam local invoke``.

The function gets the settings of the deployed function in the local environment.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import yaml

from ops.bundle import GATEWAY, GRIDWIX, Application, architecture, build_bundle, run_sam
from ops.errors import OpsError
from ops.forward import forward_ports
from ops.local_environment import LocalEnvironment
from ops.paths import BUILDS, ROOT, display_path
from ops.stack import Stack
from ops.waiting import STANDSTILL

EVENTS = ROOT / "events"
IMAGE = f"public.ecr.aws/lambda/python:3.13-{architecture()}"
DESKTOP_HOST = "host.docker.internal"
"""Name of this machine inside a container of Docker Desktop."""


@dataclass(frozen=True, slots=True)
class Case:
    """A sample event of a function: ``events/<function>/<name>.json``."""

    function: str
    name: str

    @property
    def path(self) -> Path:
        return EVENTS / self.function / f"{self.name}.json"

    @property
    def application(self) -> Application:
        """The application (gridwix or its gateway) that the function belongs to."""
        is_gateways = (ROOT / GATEWAY.folder / "functions" / self.function).is_dir()
        return GATEWAY if is_gateways else GRIDWIX

    @property
    def logical_id(self) -> str:
        return "".join(word.capitalize() for word in self.function.split("_")) + "Function"


def list_cases() -> list[Case]:
    """Return the sample events of all functions."""
    return [Case(path.parent.name, path.stem) for path in sorted(EVENTS.glob("*/*.json"))]


def missing_requirement() -> str | None:
    """Return why this machine cannot run functions in containers; None if it can.

    Docker or the image of Lambda may be missing.
    """
    try:
        if subprocess.run(
            ["docker", "info"], capture_output=True, timeout=STANDSTILL, check=False
        ).returncode:
            return "no Docker engine answers"
        if subprocess.run(
            ["docker", "image", "inspect", IMAGE],
            capture_output=True,
            timeout=STANDSTILL,
            check=False,
        ).returncode:
            return f"the image {IMAGE} is not here (docker pull {IMAGE})"
    except (OSError, subprocess.TimeoutExpired):
        return "there is no Docker"
    return None


def invoke_function(local: LocalEnvironment, case: Case) -> dict[str, Any]:
    """Invoke a function with a sample event in a container; return the response of the function.

    Args:
        local: The running local environment. A function of the gateway needs the gateway deployed
            in it.
        case: The function and its event.

    Raises:
        OpsError: The function failed or could not be run.
    """
    template, log = (
        template_with_endpoint(build_bundle(local.run / "sam-build.log", case.application)),
        local.run / "local-invoke.log",
    )
    host = _host_address()
    urls = (local.cloud.endpoint, local.trading_grid.url, local.wix.url)
    variables = {**_function_variables(local, case), "AWS_ENDPOINT_URL": local.cloud.endpoint}
    environment = local.run / "local-invoke.env.json"
    environment.write_text(
        json.dumps(
            {
                case.logical_id: {
                    name: value.replace("//127.0.0.1:", f"//{host}:")
                    for name, value in variables.items()
                }
            }
        )
    )
    options = [
        *(
            "--template-file",
            str(template),
            "--event",
            str(case.path),
            "--env-vars",
            str(environment),
        ),
        *(
            "--parameter-overrides",
            f"Architecture={architecture()}",
            "--skip-pull-image",
            "--layer-cache-basedir",
            str(BUILDS / "layers"),
        ),
    ]
    with (
        forward_ports(host, [int(url.rpartition(":")[2]) for url in urls])
        if host != DESKTOP_HOST
        else contextlib.nullcontext()
    ):
        output = run_sam(
            ["local", "invoke", case.logical_id, *options],
            log,
            environment=local.cloud.environment(),
        )
    answer: object = json.loads(output.strip().splitlines()[-1]) if output.strip() else None
    if not isinstance(answer, dict) or "errorMessage" in answer:
        raise OpsError(f"{case.function} failed", f"see {display_path(log)}")
    return answer


def _function_variables(local: LocalEnvironment, case: Case) -> dict[str, str]:
    """Return the environment variables of the deployed function to which a sample event belongs.

    ``case`` is the sample event. The container in which the function runs on this machine gets the
    same variables.
    """
    stack = _deployed_stack(local, case)
    answer = stack.aws.functions.get_function_configuration(
        FunctionName=stack.output(f"{case.logical_id}Name")
    )
    return answer["Environment"]["Variables"]


def _deployed_stack(local: LocalEnvironment, case: Case) -> Stack:
    if case.application is GRIDWIX:
        return local.stack
    if local.own_gateway is None:
        raise OpsError(
            f"{case.function} is a function of the gateway, which is not deployed",
            "start the local environment with its own gateway",
        )
    return local.own_gateway.stack


def _host_address() -> str:
    """Return the address at which a container reaches this machine.

    On Linux this is the address of Docker's bridge, elsewhere a name that Docker forwards to the
    loopback interface.
    """
    if sys.platform != "linux":
        return DESKTOP_HOST
    command = ["docker", "network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}"]
    found = subprocess.run(
        command, capture_output=True, text=True, timeout=STANDSTILL, check=True
    ).stdout
    return bridge_address(json.loads(found))


def bridge_address(configuration: Sequence[Mapping[str, str]]) -> str:
    """Return this machine's address on Docker's bridge, from the bridge's network configuration.

    It is the network's gateway, or the first address of the network if Docker names no gateway.

    >>> bridge_address([{"Subnet": "172.17.0.0/16"}])
    '172.17.0.1'
    """
    network = next(entry for entry in configuration if ":" not in entry["Subnet"])
    return network.get("Gateway") or str(ip_network(network["Subnet"])[1])


def template_with_endpoint(built: Path) -> Path:
    """Write a copy of a built template in which functions declare ``AWS_ENDPOINT_URL``.

    Return the path of the copy. SAM passes on only variables that the template declares.
    """
    template = yaml.load(built.read_text(), _Loader)  # noqa: S506  # A SafeLoader that knows CloudFormation's tags.
    template["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = ""
    copy = built.with_name("local-invoke.json")
    copy.write_text(json.dumps(template))
    return copy


class _Loader(yaml.SafeLoader):
    """YAML loader that reads CloudFormation's short tags (``!Ref``) in their long form."""


def _construct_intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = str(node.value)
    # The short form is "Resource.Attribute", the long form a list of both.
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _construct_intrinsic)
