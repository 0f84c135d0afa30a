"""``gridwix build``: builds the bundle of functions and layer for this machine's processor."""

from ops.bundle import build_bundle
from ops.command_examples import example
from ops.commands.options import Json
from ops.console import print_result, show_step
from ops.json_output import print_json_output
from ops.outputs.bundle import BuildOutput
from ops.paths import display_path, new_run


@example("gridwix build")
def build(as_json: Json = False) -> None:
    """Build the functions and their layer for this machine's processor."""
    with show_step("Building the functions and their layer"):
        template = build_bundle(new_run("build") / "sam-build.log")
    if as_json:
        print_json_output(BuildOutput(template=str(template)))
    else:
        print_result(display_path(template))
