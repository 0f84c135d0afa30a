"""JSON document of ``gridwix build``."""

from ops.json_output import JsonOutput


class BuildOutput(JsonOutput):
    """Result of a build of the functions and their layer: the template to deploy."""

    template: str
    """path of the built template"""
