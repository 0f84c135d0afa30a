"""Options that several commands have."""

from typing import Annotated

import typer

StackName = Annotated[str, typer.Option("--stack", help="Name of the CloudFormation stack. Credentials, region and endpoint are the AWS environment's.")]
DEFAULT_STACK = "gridwix"
