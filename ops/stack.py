"""A deployed stack, as CloudFormation and its functions describe it."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from gridwix.runtime.settings import Settings
from ops.aws import Aws
from ops.errors import StackError

GATEWAY_OUTPUT = "CommunityUrl"
"""An output that only the community gateway's stack has."""

OWN_OUTPUT = "TradingGridWebhookUrl"
"""An output that only gridwix's own stack has."""

DEFAULT_STACK = "gridwix"
"""Name of the stack that commands take without ``--stack``."""

_DEAD_LETTER = "DeadLetterQueueUrl"
_FUNCTION = "FunctionName"


@dataclass(frozen=True, slots=True)
class QueuePair:
    """The queue of a function, and its dead-letter queue.

    ``name`` is the name of the function, such as ``status_publisher``.
    """

    name: str
    url: str
    dead_letter_url: str


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack: its name and outputs, with AWS clients.

    ``id`` is its ARN, "" if unknown. ``created_at`` is in Unix seconds, 0 if unknown. ``date`` is
    the time of AWS's response by AWS's clock (header ``Date``), ``read_at`` the same time by this
    machine's clock (Unix seconds). ``parameters`` are the values of the template's parameters.
    """

    name: str
    outputs: Mapping[str, str]
    aws: Aws
    created_at: float = 0.0
    date: str = ""
    read_at: float = 0.0
    id: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, name: str, aws: Aws) -> "Stack":
        """Read a stack from CloudFormation. Raises StackError if it does not exist."""
        try:
            answer = aws.cloudformation.describe_stacks(StackName=name)
        except ClientError as error:
            # CloudFormation reports an unknown stack as a ValidationError.
            if error.response.get("Error", {}).get("Code") != "ValidationError":
                raise
            raise StackError(
                f"there is no stack {name} in this account and region",
                "name it with --stack, or choose its account and region with --profile and"
                " --region",
            ) from error
        described = answer["Stacks"][0]
        outputs = {
            output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])
        }
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        return cls(
            name,
            outputs,
            aws,
            described["CreationTime"].timestamp(),
            headers.get("date", ""),
            time.time(),
            id=described.get("StackId", ""),
            parameters={
                one["ParameterKey"]: one.get("ParameterValue", "")
                for one in described.get("Parameters", [])
            },
        )

    def output(self, name: str) -> str:
        """Return an output of the stack. Raises StackError if it has no such output."""
        try:
            return self.outputs[name]
        except KeyError:
            raise StackError(
                f"stack {self.name} has no output {name}", self._why_missing()
            ) from None

    def _why_missing(self) -> str:
        if GATEWAY_OUTPUT in self.outputs:
            return (
                "it is the community gateway's, so give gridwix's own stack, unless the gateway"
                " was deployed from another version of its template"
            )
        return "deploy it from this version of the template"

    @property
    def queues(self) -> tuple[QueuePair, ...]:
        """All queues of the stack that have a dead-letter queue, in the order of the outputs."""
        names = [
            output.removesuffix(_DEAD_LETTER)
            for output in self.outputs
            if output.endswith(_DEAD_LETTER)
        ]
        return tuple(
            QueuePair(
                snake_case(name),
                self.output(f"{name}QueueUrl"),
                self.output(f"{name}{_DEAD_LETTER}"),
            )
            for name in names
        )

    @property
    def functions(self) -> Mapping[str, str]:
        """Deployed name of each function, by its name in the code, such as ``status_publisher``."""
        return {
            snake_case(output.removesuffix(_FUNCTION)): name
            for output, name in self.outputs.items()
            if output.endswith(_FUNCTION)
        }

    def read_resources(self) -> Mapping[str, Mapping[str, str]]:
        """Return the physical ids of the stack's resources, by resource type and logical id.

        For example, ``read_resources()["AWS::Events::Rule"]["DoorbellRule"]`` is the name of a
        rule.
        """
        found: dict[str, dict[str, str]] = {}
        for page in self.aws.cloudformation.get_paginator("list_stack_resources").paginate(
            StackName=self.name
        ):
            for one in page["StackResourceSummaries"]:
                found.setdefault(one["ResourceType"], {})[one["LogicalResourceId"]] = one.get(
                    "PhysicalResourceId", ""
                )
        return found

    def queue(self, name: str) -> QueuePair:
        """Return the queue of a function with its dead-letter queue.

        Raises StackError if the function has none; the message names the existing queues.
        """
        for pair in self.queues:
            if pair.name == name:
                return pair
        raise StackError(
            f"stack {self.name} has no queue {name}",
            f"choose one of {', '.join(pair.name for pair in self.queues)}",
        )

    @property
    def is_gateway(self) -> bool:
        """True for the stack of the community gateway (``gateway/``).

        That stack has functions, queues and schedules, but no bus, and none of the tables of
        gridwix.
        """
        return GATEWAY_OUTPUT in self.outputs

    def log_group(self, function: str) -> str:
        """Return the name of a function's log group."""
        application = "gridwix-gateway" if self.is_gateway else "gridwix"
        return f"/{application}/{self.name}/{function}"

    def settings[S: Settings](self, function_output: str, model: type[S]) -> S:
        """Return the settings in the environment of a deployed function.

        Args:
            function_output: The output of the stack with the function's name.
            model: The settings model.

        Raises:
            ConfigurationError: The settings are incomplete.
        """
        answer = self.aws.functions.get_function_configuration(
            FunctionName=self.output(function_output)
        )
        return model.from_environment(answer.get("Environment", {}).get("Variables", {}))

    def put_secret(self, output: str, value: Mapping[str, Any]) -> None:
        """Store a value of a secret.

        ``output`` is the output of the stack that has the name of the secret.
        """
        self.aws.secrets.put_secret_value(
            SecretId=self.output(output), SecretString=json.dumps(value)
        )


def snake_case(name: str) -> str:
    """Return a CamelCase name in snake_case.

    >>> snake_case("StatusPublisher")
    'status_publisher'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
