"""``gridwix build``: builds the bundle for this machine's processor."""

from ops.bundle import build_bundle
from ops.console import print_result, show_step
from ops.paths import display_path, new_run


def build() -> None:
    """Build the functions and their layer for this machine's processor."""
    with show_step("Building the functions and their layer"):
        template = build_bundle(new_run("build") / "sam-build.log")
    print_result(display_path(template))
