"""A deployed stack, as CloudFormation and its functions describe it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from gridwix.runtime.settings import Settings
from ops.aws import Aws
from ops.errors import StackError

_DEAD_LETTER = "DeadLetterQueueUrl"
_FUNCTION = "FunctionName"


@dataclass(frozen=True, slots=True)
class QueuePair:
    """A consumer's queue and its dead-letter queue, under the consumer's name, such as ``status_publisher``."""

    name: str
    url: str
    dead_letter_url: str


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack's name and outputs, and the clients to reach what stands behind them. ``created_at`` is in Unix seconds, 0 if it is not known."""

    name: str
    outputs: Mapping[str, str]
    aws: Aws
    created_at: float = 0.0

    @classmethod
    def read(cls, name: str, aws: Aws) -> "Stack":
        """Raises StackError if there is no stack of that name."""
        try:
            answer = aws.cloudformation.describe_stacks(StackName=name)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ValidationError":
                raise
            raise StackError(f"there is no stack {name} in this account and region") from error
        described = answer["Stacks"][0]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
        return cls(name, outputs, aws, described["CreationTime"].timestamp())

    def output(self, name: str) -> str:
        """Raises StackError if the stack has no such output."""
        try:
            return self.outputs[name]
        except KeyError:
            raise StackError(f"stack {self.name} has no output {name}: was it deployed from this version of the template?") from None

    @property
    def queues(self) -> tuple[QueuePair, ...]:
        """Every queue that has a dead-letter queue, in the order of the outputs."""
        names = [output.removesuffix(_DEAD_LETTER) for output in self.outputs if output.endswith(_DEAD_LETTER)]
        return tuple(QueuePair(snake_case(name), self.output(f"{name}QueueUrl"), self.output(f"{name}{_DEAD_LETTER}")) for name in names)

    @property
    def functions(self) -> Mapping[str, str]:
        """The name that AWS has for each function, under ours, such as ``status_publisher``."""
        return {snake_case(output.removesuffix(_FUNCTION)): name for output, name in self.outputs.items() if output.endswith(_FUNCTION)}

    def read_resources(self) -> Mapping[str, Mapping[str, str]]:
        """The physical ids of the stack's resources, by type and logical id: ``resources()["AWS::Events::Rule"]["DoorbellRule"]``."""
        found: dict[str, dict[str, str]] = {}
        for page in self.aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name):
            for one in page["StackResourceSummaries"]:
                found.setdefault(one["ResourceType"], {})[one["LogicalResourceId"]] = one.get("PhysicalResourceId", "")
        return found

    def queue(self, name: str) -> QueuePair:
        """Raises StackError naming the queues that there are."""
        for pair in self.queues:
            if pair.name == name:
                return pair
        raise StackError(f"stack {self.name} has no queue {name}; it has {', '.join(pair.name for pair in self.queues)}")

    def log_group(self, function: str) -> str:
        return f"/gridwix/{self.name}/{function}"

    def settings[S: Settings](self, function_output: str, model: type[S]) -> S:
        """The settings that a deployed function runs with, so that what is probed is what runs. Raises ConfigurationError if they are not complete."""
        answer = self.aws.functions.get_function_configuration(FunctionName=self.output(function_output))
        return model.read(answer.get("Environment", {}).get("Variables", {}))

    def put_secret(self, output: str, value: Mapping[str, Any]) -> None:
        """Store the value of the secret whose name the output holds."""
        self.aws.secrets.put_secret_value(SecretId=self.output(output), SecretString=json.dumps(value))


def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
