"""``gridwix invoke``: one function in Lambda's own container image."""

from typing import Annotated

import typer

from ops.console import console, note, step
from ops.demo.compliance_check import run_all_transitions
from ops.errors import OpsError
from ops.local_environment import start_local_environment
from ops.local_invoke import Case, cases, what_is_missing
from ops.local_invoke import invoke as run_case
from ops.paths import new_run, shown


def invoke(
    function: Annotated[str, typer.Argument(help="The function, such as status_publisher.")],
    event: Annotated[str, typer.Argument(help="One of its sample events, such as compliance_passed.")],
) -> None:
    """Run one function in a container with a sample event, against a local cloud and the stand-ins.

    Needs Docker and Lambda's image for Python 3.13.
    """
    case = Case(function, event)
    if case not in cases():
        raise OpsError("\n".join([f"there is no {shown(case.path)}; there are:", *(f"  {each.function} {each.name}" for each in cases())]))
    if missing := what_is_missing():
        raise OpsError(f"sam local invoke needs a container: {missing}")
    run = new_run("invoke")
    with start_local_environment(run, step) as local:
        with step("Bringing the records to what the sample events tell of"):
            run_all_transitions(local)
        with step(f"Invoking {case.logical_id}"):
            answer = run_case(local, case)
        console.print_json(data=answer)
        note((f"the function's log: {shown(run / 'local-invoke.log')}", "dim"))
