"""Options that several commands share."""

from typing import Annotated

import typer

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
DEFAULT_STACK = "gridwix"
