"""JSON document of ``gridwix build``."""

from ops.json_output import JsonOutput


class BuildOutput(JsonOutput):
    """A built bundle."""

    template: str
    """path of the built template"""
