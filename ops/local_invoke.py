"""Running one function in Lambda's own container image with ``sam local invoke``, wired to a running world as the deployed function is."""

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

from ops.bundle import architecture, build_bundle, run_sam
from ops.errors import OpsError
from ops.forward import forward_ports
from ops.local_environment import LocalEnvironment
from ops.paths import BUILDS, ROOT, display_path
from ops.waiting import STANDSTILL

EVENTS = ROOT / "events"
IMAGE = f"public.ecr.aws/lambda/python:3.13-{architecture()}"
DESKTOP_HOST = "host.docker.internal"


@dataclass(frozen=True, slots=True)
class Case:
    """One sample event of one function: ``events/<function>/<case>.json``."""

    function: str
    name: str

    @property
    def path(self) -> Path:
        return EVENTS / self.function / f"{self.name}.json"

    @property
    def logical_id(self) -> str:
        return "".join(word.capitalize() for word in self.function.split("_")) + "Function"


def list_cases() -> list[Case]:
    """Every sample event that there is."""
    return [Case(path.parent.name, path.stem) for path in sorted(EVENTS.glob("*/*.json"))]


def missing_requirement() -> str | None:
    """What a container needs and this machine has not; None if it can be run."""
    try:
        if subprocess.run(["docker", "info"], capture_output=True, timeout=STANDSTILL, check=False).returncode:
            return "no Docker engine answers"
        if subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, timeout=STANDSTILL, check=False).returncode:
            return f"the image {IMAGE} is not here: docker pull {IMAGE}"
    except (OSError, subprocess.TimeoutExpired):
        return "there is no Docker"
    return None


def invoke_function(local: LocalEnvironment, case: Case) -> dict[str, Any]:
    """Invoke the function with the event and return what it returned. Raises OpsError if it cannot be run, or fails."""
    template, log = template_with_endpoint(build_bundle(local.run / "sam-build.log")), local.run / "local-invoke.log"
    host = _host_address()
    urls = (local.cloud.endpoint, local.trading_grid.url, local.wix.url)
    variables = {**_function_variables(local, case), "AWS_ENDPOINT_URL": local.cloud.endpoint}
    environment = local.run / "local-invoke.env.json"
    environment.write_text(json.dumps({case.logical_id: {name: value.replace("//127.0.0.1:", f"//{host}:") for name, value in variables.items()}}))
    options = [
        *("--template-file", str(template), "--event", str(case.path), "--env-vars", str(environment)),
        *("--parameter-overrides", f"Architecture={architecture()}", "--skip-pull-image", "--layer-cache-basedir", str(BUILDS / "layers")),
    ]
    with forward_ports(host, [int(url.rpartition(":")[2]) for url in urls]) if host != DESKTOP_HOST else contextlib.nullcontext():
        output = run_sam(["local", "invoke", case.logical_id, *options], log, environment=local.cloud.environment())
    answer: object = json.loads(output.strip().splitlines()[-1]) if output.strip() else None
    if not isinstance(answer, dict) or "errorMessage" in answer:
        raise OpsError(f"{case.function} failed: see {display_path(log)}")
    return answer


def _function_variables(local: LocalEnvironment, case: Case) -> dict[str, str]:
    """The environment variables of the deployed function."""
    answer = local.stack.aws.functions.get_function_configuration(FunctionName=local.stack.output(f"{case.logical_id}Name"))
    return answer["Environment"]["Variables"]


def _host_address() -> str:
    """What this machine is called inside a container: on Linux the bridge's own address, elsewhere a name that Docker passes on to the loopback interface."""
    if sys.platform != "linux":
        return DESKTOP_HOST
    command = ["docker", "network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=STANDSTILL, check=True).stdout
    return bridge_address(json.loads(found))


def bridge_address(configuration: Sequence[Mapping[str, str]]) -> str:
    """This machine's address on Docker's bridge: the gateway, or where Docker does not name it the first address of the network."""
    network = next(entry for entry in configuration if ":" not in entry["Subnet"])
    return network.get("Gateway") or str(ip_network(network["Subnet"])[1])


def template_with_endpoint(built: Path) -> Path:
    """A copy of a built template whose functions take the address of the local cloud: SAM passes on only variables that the template declares."""
    template = yaml.load(built.read_text(), _Loader)  # noqa: S506  # A SafeLoader that knows CloudFormation's tags.
    template["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = ""
    copy = built.with_name("local-invoke.json")
    copy.write_text(json.dumps(template))
    return copy


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short tags as their long form."""


def _construct_intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = str(node.value)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _construct_intrinsic)
