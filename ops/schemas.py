"""Generates the JSON Schemas of the bus events from the models."""

import json
from pathlib import Path

from pydantic import BaseModel

from gridwix.models.events import Change, PollRequest, PortalEvent

FOLDER = Path(__file__).parents[1] / "docs/events"


def event_schemas() -> dict[Path, str]:
    """Return the text of each schema file."""
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


def write_schemas() -> None:
    """Write the schema files to ``docs/events``."""
    for path, text in event_schemas().items():
        path.write_text(text)


if __name__ == "__main__":
    write_schemas()
