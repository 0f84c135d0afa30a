"""The document of each command, by the command's words."""

from collections.abc import Mapping

from ops.json_output import JsonOutput
from ops.outputs.refused import RefusedOutput

OUTPUTS: Mapping[str, type[JsonOutput]] = {
    "refused": RefusedOutput,
}
"""``python -m ops.schemas`` writes the schema of each into ``docs/command/``."""
