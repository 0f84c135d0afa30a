"""Options that several commands share."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from ops.aws_session import SessionChoice, choose_session
from ops.stack import DEFAULT_STACK

__all__ = [
    "DEFAULT_STACK",
    "Json",
    "Profile",
    "Region",
    "StackName",
    "Yes",
    "with_aws_options",
]

StackName = Annotated[
    str,
    typer.Option(
        "--stack",
        help=(
            "Name of the CloudFormation stack."
            " Credentials, region and endpoint come from the AWS environment."
        ),
    ),
]

Profile = Annotated[
    str | None,
    typer.Option(
        "--profile", help="Named profile of the AWS configuration, in place of the environment's."
    ),
]

Region = Annotated[
    str | None,
    typer.Option("--region", help="AWS region, in place of the environment's or the profile's."),
]

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document (docs/command.md#json).")
]


def with_aws_options[**P](command: Callable[P, None]) -> Callable[..., None]:
    """Decorate a command that has ``--stack``, to add the options ``--profile`` and ``--region``.

    Every ``Aws()`` that the command creates uses the session that these options choose.
    """
    signature = inspect.signature(command, eval_str=True)
    added: dict[str, Any] = {"profile": Profile, "region": Region}
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in added.items()
    ]

    @functools.wraps(command)
    def run_in_session(
        *args: Any, profile: str | None = None, region: str | None = None, **kwargs: Any
    ) -> None:
        with choose_session(SessionChoice(profile, region)):
            command(*args, **kwargs)

    # Typer reads a command's options from these.
    run_in_session.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), *parameters]
    )
    run_in_session.__annotations__ = {**command.__annotations__, **added}
    return run_in_session
