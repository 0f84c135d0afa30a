"""Validates request bodies with the schemas of the community gateway profile's OpenAPI file.

So the emulator accepts exactly the request bodies that the file describes.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from emulators.common.clock import is_rfc3339
from emulators.trading_grid.problems import Problem

PROFILE = Path(__file__).parents[2] / "docs/community-gateway.openapi.yaml"
MAX_FAULTS = 20
_FORMATS = FormatChecker(["date", "uuid"])


@_FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or is_rfc3339(value)


@cache
def _components() -> dict[str, Any]:
    # In C where PyYAML has it: the one in Python takes ten times as long.
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    components: dict[str, Any] = yaml.load(PROFILE.read_text(), loader)["components"]  # noqa: S506
    return components


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{name}", "components": _components()}
    return Draft202012Validator(schema, format_checker=_FORMATS)


def check_schema(name: str, body: Any) -> None:
    """Validate a request body by the schema ``name`` of the community gateway profile.

    Raises Problem with an error for each invalid member, at most 20.
    """
    faults = [
        {
            "pointer": "/" + "/".join(str(part) for part in fault.absolute_path),
            "code": str(fault.validator),
            "detail": fault.message[:200],
        }
        for _, fault in zip(range(MAX_FAULTS), _validator(name).iter_errors(body), strict=False)
    ]
    if faults:
        raise Problem("validation", "The request is not valid.", errors=faults)
