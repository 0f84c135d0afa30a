"""The resources of ``template.yaml``, with every reference resolved.

Names are logical ids: a table's or a secret's name is its logical id, a bucket's is that in lower
case, and a queue's URL is ``https://sqs.soak/`` with it.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from soak.resources import (
    REGION,
    EventSource,
    Function,
    Queue,
    Rule,
    Schedule,
    Table,
    queue_url,
    read_event_source,
    read_expression,
    read_queue,
    read_rule,
    read_table,
    target_of,
)

ROOT = Path(__file__).parents[1]


class Template:
    """All resources that the simulation needs, by logical id.

    Args:
        parameters: Values in place of the template's defaults.
        path: The template.

    Raises:
        ValueError: A parameter that is used has no value, or something is not known here.
    """

    def __init__(
        self, parameters: Mapping[str, str] | None = None, path: Path = ROOT / "template.yaml"
    ) -> None:
        document = _read_document(path)
        self._resources: Mapping[str, Mapping[str, Any]] = document["Resources"]
        self._globals: Mapping[str, Any] = document["Globals"]["Function"]
        self._parameters = {
            name: str(one["Default"])
            for name, one in document["Parameters"].items()
            if "Default" in one
        } | dict(parameters or {})
        if unknown := self._parameters.keys() - document["Parameters"].keys():
            raise ValueError(f"the template has no parameter {', '.join(sorted(unknown))}")
        for name, one in document["Parameters"].items():
            _check_range(name, one, self._parameters.get(name, ""))

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """All DynamoDB tables of the template."""
        return self._read("AWS::DynamoDB::Table", read_table)

    @cached_property
    def queues(self) -> Mapping[str, Queue]:
        """All queues of the template, dead-letter queues included."""
        return self._read("AWS::SQS::Queue", read_queue)

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """All rules of the event bus."""
        return self._read("AWS::Events::Rule", read_rule)

    @cached_property
    def schedules(self) -> Mapping[str, Schedule]:
        """All schedules of the template."""
        return self._read("AWS::Scheduler::Schedule", self._schedule)

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """All functions of the template; those behind the webhook API have no event source."""
        return self._read("AWS::Serverless::Function", self._function)

    @cached_property
    def event_sources(self) -> tuple[EventSource, ...]:
        """The event source mappings: one for each function behind a queue."""
        return tuple(one.source for one in self.functions.values() if one.source)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Names of the secrets."""
        return tuple(name for name, _ in self._of_type("AWS::SecretsManager::Secret"))

    @cached_property
    def buckets(self) -> tuple[str, ...]:
        """Names of the buckets."""
        return tuple(name.lower() for name, _ in self._of_type("AWS::S3::Bucket"))

    def function_of(self, folder: str) -> Function:
        """Return the function with its code in a folder below ``functions``. Raises KeyError."""
        for function in self.functions.values():
            if function.folder == folder:
                return function
        raise KeyError(folder)

    def _of_type(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, resource in self._resources.items():
            if resource["Type"] == kind:
                yield name, resource["Properties"]

    def _read[T](self, kind: str, read: Callable[[str, Mapping[str, Any]], T]) -> Mapping[str, T]:
        return {name: read(name, properties) for name, properties in self._of_type(kind)}

    def _schedule(self, name: str, properties: Mapping[str, Any]) -> Schedule:
        interval, offset = read_expression(self._value(properties["ScheduleExpression"]))
        target = properties["Target"]
        return Schedule(name, target_of(target["Arn"]), str(target["Input"]), interval, offset)

    def _function(self, name: str, properties: Mapping[str, Any]) -> Function:
        memory = int(properties.get("MemorySize", self._globals["MemorySize"]))
        variables = {
            **self._globals["Environment"]["Variables"],
            **properties["Environment"]["Variables"],
        }
        environment = {key: self._value(value) for key, value in variables.items()} | {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": name,
            "AWS_SECRET_ACCESS_KEY": "soak",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        }
        return Function(
            name=name,
            folder=str(properties["CodeUri"]).rpartition("/")[2],
            timeout=int(properties.get("Timeout", self._globals["Timeout"])),
            memory=memory,
            environment=environment,
            source=read_event_source(name, properties.get("Events", {}), self._value),
        )

    def _value(self, value: Any) -> str:
        """Return the value of a variable as the function sees it."""
        if not isinstance(value, dict):
            return str(value)
        name = target_of(value)
        resource = self._resources.get(name)
        if resource is None:
            if name not in self._parameters:
                raise ValueError(f"the parameter {name} has no value")
            return self._parameters[name]
        match resource["Type"]:
            case "AWS::SQS::Queue":
                return queue_url(name)
            case "AWS::S3::Bucket":
                return name.lower()
            case _:
                return name


@cache
def _read_document(path: Path) -> Mapping[str, Any]:
    # Once in a process, which plays many worlds. Nobody changes it.
    document: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    return document


def _check_range(name: str, parameter: Mapping[str, Any], value: str) -> None:
    """Raise ValueError for a value of a parameter that CloudFormation refuses."""
    least, most = parameter.get("MinValue"), parameter.get("MaxValue")
    if (least is not None and float(value) < least) or (most is not None and float(value) > most):
        raise ValueError(f"{name} is from {least} to {most}, not {value}")
    if "AllowedValues" in parameter and value not in map(str, parameter["AllowedValues"]):
        raise ValueError(f"{name} is none of {parameter['AllowedValues']}: {value}")


class _Loader(yaml.CSafeLoader):
    """YAML loader that reads the short forms of CloudFormation's functions as their long ones."""


def _long_form(loader: _Loader, suffix: str, node: yaml.Node) -> Mapping[str, Any]:
    value: Any
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            assert isinstance(node, yaml.MappingNode)
            value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _long_form)
