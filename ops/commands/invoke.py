"""``gridwix invoke``: runs one function in Lambda's container image."""

from typing import Annotated

import typer

from ops.bundle import GATEWAY
from ops.command_examples import example
from ops.console import console, print_note, show_step
from ops.demo.compliance_check import run_all_transitions
from ops.errors import OpsError
from ops.local_environment import start_local_environment
from ops.local_invoke import Case, list_cases, missing_requirement
from ops.local_invoke import invoke_function as run_case
from ops.paths import display_path, new_run


@example("gridwix invoke status_publisher compliance_passed")
def invoke(
    function: Annotated[str, typer.Argument(help="The function, such as status_publisher.")],
    event: Annotated[
        str, typer.Argument(help="One of its sample events, such as compliance_passed.")
    ],
) -> None:
    """Run one function in a container with a sample event, in the local environment.

    Needs Docker and Lambda's image for Python 3.13.
    """
    case = Case(function, event)
    if case not in list_cases():
        raise OpsError(
            f"there is no {display_path(case.path)}",
            "\n".join(
                ["choose one of:", *(f"  {each.function} {each.name}" for each in list_cases())]
            ),
        )
    if missing := missing_requirement():
        raise OpsError(
            f"sam local invoke needs a container, and {missing}",
            "install and start Docker, or pull the image",
        )
    run = new_run("invoke")
    own_gateway = case.application is GATEWAY
    with start_local_environment(run, show_step, own_gateway=own_gateway) as local:
        with show_step("Bringing the records to the state of the sample events"):
            run_all_transitions(local)
        with show_step(f"Invoking {case.logical_id}"):
            answer = run_case(local, case)
        console.print_json(data=answer)
        print_note((f"the function's log: {display_path(run / 'local-invoke.log')}", "dim"))
