"""Generates the JSON Schemas of bus events, plans and the commands' output from their models.

It also writes the copy of the community gateway's API schemas that the gateway uses.
"""

import json
from pathlib import Path

from pydantic import BaseModel

from gridwix.models.events import Change, PollRequest, PortalEvent
from ops.json_output import DIALECT, output_schema
from ops.outputs.registry import OUTPUTS
from ops.plans.models import PLAN
from ops.yaml_files import load_trusted_yaml

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs/events"
COMMAND_FOLDER = ROOT / "docs/command"
PLAN_SCHEMA = ROOT / "docs/plan.schema.json"
PROFILE = ROOT / "docs/community-gateway.openapi.yaml"
PACKAGED_PROFILE = ROOT / "gateway/layer/gridwix_gateway/profile/profile.json"
"""The profile's schemas as the gateway reads them: JSON, as reading YAML delays a cold start."""


def event_schemas() -> dict[Path, str]:
    """Return the text of the JSON Schema of each bus event, by file."""
    models: dict[str, type[BaseModel]] = {
        "change": Change,
        "poll-request": PollRequest,
        "portal-event": PortalEvent,
    }
    return {
        FOLDER / f"{name}.schema.json": json.dumps(model.model_json_schema(by_alias=True), indent=2)
        + "\n"
        for name, model in models.items()
    }


def schema_path(command: str) -> Path:
    """Return the path of the file with the JSON Schema of a command's output.

    >>> schema_path("campaign list").name
    'campaign-list.schema.json'
    """
    return COMMAND_FOLDER / f"{command.replace(' ', '-')}.schema.json"


def command_schemas() -> dict[Path, str]:
    """Return the JSON Schemas of commands' output and of plans, as text by file."""
    plan = {"$schema": DIALECT, **PLAN.json_schema(mode="serialization"), "title": "Plan"}
    return {
        PLAN_SCHEMA: json.dumps(plan, indent=2) + "\n",
        **{
            schema_path(command): json.dumps(output_schema(command, model), indent=2) + "\n"
            for command, model in OUTPUTS.items()
        },
    }


def packaged_profile() -> str:
    """Return the schemas of the community gateway's OpenAPI file as JSON, for the gateway's layer.

    The gateway needs only the schemas: operations and examples, more than half of the file, are
    left out.
    """
    schemas = load_trusted_yaml(PROFILE.read_text())["components"]["schemas"]
    return json.dumps({"components": {"schemas": schemas}}, ensure_ascii=False, indent=1) + "\n"


def write_schemas() -> None:
    """Write all generated JSON Schemas to ``docs``, and the gateway's copy of its API schemas."""
    for path, text in (event_schemas() | command_schemas()).items():
        path.write_text(text)
    PACKAGED_PROFILE.write_text(packaged_profile())


if __name__ == "__main__":
    write_schemas()
