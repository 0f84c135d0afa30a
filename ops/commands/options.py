"""Options that several commands share."""

from typing import Annotated

import typer

from ops.stack import DEFAULT_STACK

__all__ = ["DEFAULT_STACK", "StackName", "Yes"]

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

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
