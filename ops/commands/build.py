"""``gridwix build``: build the bundle for this machine's processor."""

from ops.bundle import build as build_bundle
from ops.console import show, step
from ops.paths import new_run, shown


def build() -> None:
    """Build the functions and their layer for this machine's processor, as the demo and the tests do."""
    with step("Building the functions and their layer"):
        template = build_bundle(new_run("build") / "sam-build.log")
    show(shown(template))
