"""A deployed stack with Trading Grid and Wix, in which nothing is wrong until a test plants it.

The stack has the resources, outputs, settings and roles of ``template.yaml``. DynamoDB is moto's;
the other services answer from the members of :class:`World`.
"""

import json
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import formatdate
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
from botocore.exceptions import ClientError

from gridwix.clients.aws.configuration_versions import DynamoDBConfigurationVersions
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.http import VERSION
from gridwix.models.cursors import FeedCursor
from gridwix.runtime.build_report import bundled_version
from ops.aws import Aws
from ops.checkup import examine_stack
from ops.configuration import FOLDER
from ops.examination import merge_causes
from ops.probes import Finding
from ops.role_probe import template_policies
from ops.stack import Stack, snake_case
from ops.timers import READERS, Reader
from tests.fakes.aws import OneAtATime, as_client, create_configuration_table, create_table
from tests.unit.template.rules import Template, target

HOUR = 3600.0
DAY = 86_400.0

TOPIC = "arn:aws:sns:eu-west-1:1:alarms"

KINDS = {"AWS::Serverless::Function": "AWS::Lambda::Function"}
"""Types that SAM replaces."""

type Asked = tuple[str, str, bytes, str, str]
"""Method, URL, body and credentials of a request, which decide its response."""

type Change = Callable[[httpx.Response], httpx.Response]


@dataclass
class Wire(httpx.BaseTransport):
    """Sends requests to the emulators; ``changes`` are applied to the responses of a path pattern.

    ``hosts`` has the port on this machine of each name that stands for an emulator. ``known`` has
    the responses to earlier requests, of other worlds as well: the doctor changes nothing, so the
    same request gets the same response, with the date of now.
    """

    known: dict[Asked, httpx.Response] = field(default_factory=dict)
    hosts: dict[str, str] = field(default_factory=dict)
    changes: list[tuple[str, Change]] = field(default_factory=list)
    network: httpx.HTTPTransport = field(default_factory=httpx.HTTPTransport)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.netloc.decode()
        places = {f"{host}{request.url.path}", f"{host}{request.url.raw_path.decode()}"}
        changes = [
            change
            for pattern, change in self.changes
            if any(fnmatchcase(place, pattern) for place in places)
        ]
        body = request.read()
        if named := self.hosts.get(host):
            request = httpx.Request(
                request.method,
                request.url.copy_with(scheme="http", netloc=named.encode()),
                headers={**request.headers, "host": named},
                content=body,
                extensions=request.extensions,
            )
        response = self._send(request)
        for change in changes:
            # What was asked, for a change that depends on it.
            response.extensions["asked"] = body
            response = change(response)
        return response

    def _send(self, request: httpx.Request) -> httpx.Response:
        headers = request.headers
        asked = (
            request.method,
            str(request.url),
            request.content,
            headers.get("authorization", ""),
            headers.get("wix-site-id", ""),
        )
        found = self.known.get(asked)
        if found is None:
            found = self.network.handle_request(request)
            found.read()
            self.known[asked] = found
        return httpx.Response(
            found.status_code,
            content=found.content,
            headers={**found.headers, "date": formatdate(usegmt=True)},
        )


def answer(status: int, body: Any = None, **headers: str) -> Change:
    """Return a change that replaces a response; a ``str`` body is HTML."""
    return lambda _: (
        httpx.Response(status, text=body, headers={"Content-Type": "text/html", **headers})
        if isinstance(body, str)
        else httpx.Response(status, json=body or {}, headers=headers)
    )


def raises(error: Exception) -> Change:
    def change(_: httpx.Response) -> httpx.Response:
        raise error

    return change


def edited(edit: Callable[[Any], object]) -> Change:
    """Return a change that edits the JSON of a response."""

    def change(response: httpx.Response) -> httpx.Response:
        document = response.json()
        edit(document)
        return httpx.Response(response.status_code, json=document)

    return change


def dated(seconds: float) -> Change:
    """Return a change of the response's ``Date``, by seconds."""
    return lambda response: httpx.Response(
        response.status_code,
        content=response.content,
        headers={**response.headers, "date": formatdate(time.time() + seconds, usegmt=True)},
    )


class KnownReads:
    """moto's DynamoDB, in which a read of a table that never changes is made once.

    Args:
        tables: moto's DynamoDB.
        steady: The tables that nobody writes any more.
        known: The reads and their results, of other worlds as well.
    """

    def __init__(
        self, tables: OneAtATime, steady: Collection[str], known: dict[str, object]
    ) -> None:
        self._tables = tables
        self._steady = steady
        self._known = known

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._tables, name)
        if name not in {"get_item", "query", "scan"}:
            return method

        def read(**arguments: Any) -> Any:
            if arguments["TableName"] not in self._steady:
                return method(**arguments)
            asked = f"{name} {arguments}"
            if asked not in self._known:
                self._known[asked] = method(**arguments)
            return self._known[asked]

        return read


class NotThere(ClientError):
    """A resource that AWS does not know."""

    def __init__(self, code: str = "ResourceNotFoundException") -> None:
        super().__init__({"Error": {"Code": code, "Message": "not there"}}, "Get")


class _Exceptions:
    ResourceNotFoundException = NotThere
    NoSuchEntityException = NotThere


class Service:
    """A client of an AWS service: methods by boto3's names, and paginators by operation."""

    exceptions = _Exceptions

    def __init__(self, pages: Mapping[str, Callable[..., Any]] | None = None, **calls: Any) -> None:
        self._pages = pages or {}
        self.__dict__.update(calls)

    def get_paginator(self, operation: str) -> Any:
        read = self._pages[operation]

        class Paginator:
            def paginate(self, **arguments: Any) -> Iterator[Any]:
                yield read(**arguments)

        return Paginator()


@dataclass
class World:
    """The state of everything that the doctor looks at.

    Args:
        template: The template.
        parameters: Its parameters' values.
        tables: moto's DynamoDB.
        scratch: A folder for a changed copy of ``config/``.
        heard_by_all: URL of a site that accepts rings and lets everybody listen.
        head: The newest place in the feed.
        names: Tables of another world, by their logical names, whose content fits this one; without
            them it makes its own. What is written goes into tables of this world alone.
        reads: The reads of those tables and their results.
    """

    template: Template
    parameters: dict[str, str]
    tables: OneAtATime
    scratch: Path
    heard_by_all: str
    head: FeedCursor = field(default_factory=lambda: FeedCursor(None))
    names: dict[str, str] = field(default_factory=dict)
    reads: dict[str, object] = field(default_factory=dict)
    secrets: dict[str, str | None] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    states: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    dead_letters: dict[str, int] = field(default_factory=dict)
    removed_actions: set[str] = field(default_factory=set)
    subscriptions: list[str] = field(default_factory=lambda: [f"{TOPIC}:1"])
    topics: list[str] = field(default_factory=lambda: [TOPIC])
    topic_is_gone: bool = False
    metrics: dict[tuple[str, ...], list[tuple[float, float]]] = field(default_factory=dict)
    build: dict[str, Any] = field(default_factory=dict)
    aws_clock: float = 0.0
    wire: Wire = field(default_factory=Wire)
    folder: Path = FOLDER
    today: date | None = None

    def __post_init__(self) -> None:
        self.build = {
            "time_zones": "2026f",
            "release": VERSION,
            "config_version": bundled_version(),
            "byte_code": True,
        }
        self._steady = frozenset(self.names.values())
        # One for each of the tables that the doctor reads or takes calls from.
        self.names = self.names or {
            "CursorTable": create_table(self.tables, "name"),
            "RefusedItemTable": create_table(self.tables, "row"),
            "BudgetTable": create_table(self.tables, "site"),
            "SubmissionTable": create_table(
                self.tables, "id", index=("waiting", "waiting", "receivedAt")
            ),
            "ConfigurationTable": create_configuration_table(self.tables),
        }

    def publish(self, content: bytes) -> None:
        """Put a compiled configuration into effect."""
        table = self.names["ConfigurationTable"] = create_configuration_table(self.tables)
        store = DynamoDBConfigurationVersions(as_client(self.tables), table)
        version = store.add_version(content)
        an_hour_ago = datetime.fromtimestamp(time.time() - HOUR, UTC)
        store.move_pointer(store.read_pointer(), version, "apply", an_hour_ago)

    def value(self, node: Any) -> str:
        """Return what a Ref or GetAtt of the template stands for."""
        name = target(node) if isinstance(node, dict) else str(node)
        return self.parameters.get(name, self.names.get(name, name))

    def resources(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Yield id, type and properties of each deployed resource."""
        for name, one in self.template["Resources"].items():
            if name not in self.gone and one.get("Condition") != "HasEventArchive":
                yield name, KINDS.get(one["Type"], one["Type"]), one.get("Properties", {})

    def place_cursors(
        self, feed: FeedCursor, read_at: float, readers: Sequence[Reader] = READERS
    ) -> None:
        """Store the cursors of readers, read at a time (Unix seconds); others are at the head."""
        table = self.names["CursorTable"] = create_table(self.tables, "name")
        now = time.time()
        for reader in READERS:
            place, at = (feed, read_at) if reader in readers else (self.head, now)
            store = DynamoDBCursorStore(as_client(self.tables), table, partial(float, at))
            store.advance(reader.cursor, place)

    def variables(self, function: str) -> dict[str, str]:
        found = self.template["Resources"][function]["Properties"]
        said = found.get("Environment", {}).get("Variables", {})
        return {name: self.value(one) for name, one in said.items()}

    def stack(self) -> Stack:
        outputs = {
            name: self.value(one["Value"])
            for name, one in self.template["Outputs"].items()
            if "Condition" not in one
            or (one["Condition"] == "HasPortalRing" and self.parameters["PortalRingUrl"])
        }
        now = time.time()
        date = formatdate(now + self.aws_clock, usegmt=True)
        return Stack("gridwix", outputs, self._aws(), now - 30 * DAY, date, now)

    def examine(self) -> list[Finding]:
        """Return the doctor's rows that are no success."""
        found = examine_stack(
            self.stack(),
            20,
            report_probe=lambda _: None,
            report_wait=lambda _: None,
            transport=self.wire,
            folder=self.folder,
            today=self.today,
        )
        return [row for row in merge_causes(found) if not row.works]

    def _aws(self) -> Aws:
        services: dict[str, object] = {
            "cloudformation": Service({"list_stack_resources": self._list_resources}),
            "cloudwatch": Service(
                {"get_metric_data": self._metric_data}, describe_alarms=self._alarms
            ),
            "events": Service({"list_rules": self._rules}),
            "functions": Service(
                get_function_configuration=lambda FunctionName: {  # noqa: N803 - boto3's name
                    "Environment": {"Variables": self.variables(FunctionName)}
                },
                get_function_concurrency=lambda **_: {},
                list_event_source_mappings=lambda EventSourceArn: {  # noqa: N803 - boto3's name
                    "EventSourceMappings": [
                        {"UUID": "u-1", "State": self.states.get(EventSourceArn, "Enabled")}
                    ]
                },
            ),
            "iam": Service(get_role_policy=self._role_policy),
            "logs": Service({"filter_log_events": self._log_lines}),
            "scheduler": Service(get_schedule=self._schedule),
            "secrets": Service(get_secret_value=self._secret),
            "sns": Service({"list_subscriptions_by_topic": self._subscriptions}),
            "sqs": Service(get_queue_attributes=self._queue, list_queue_tags=lambda **_: {}),
        }
        services["dynamodb"] = KnownReads(self.tables, self._steady, self.reads)
        return cast("Aws", type("FakeAws", (), services)())

    def _list_resources(self, **_: Any) -> Any:
        return {
            "StackResourceSummaries": [
                {"ResourceType": kind, "LogicalResourceId": name, "PhysicalResourceId": name}
                for name, kind, _ in self.resources()
            ]
        }

    def _alarms(self, AlarmNames: list[str]) -> Any:  # noqa: N803 - boto3's name
        return {
            "MetricAlarms": [
                {
                    "AlarmName": name,
                    "StateValue": "OK",
                    "Threshold": 1.0,
                    "AlarmActions": self.topics,
                }
                for name in AlarmNames
            ]
        }

    def _rules(self, **_: Any) -> Any:
        return {
            "Rules": [
                {"Name": name, "State": self.states.get(name, "ENABLED")}
                for name, kind, _ in self.resources()
                if kind == "AWS::Events::Rule"
            ]
        }

    def _schedule(self, Name: str) -> Any:  # noqa: N803 - boto3's name
        state = self.states.get(Name, "ENABLED")
        return {"State": state, "ScheduleExpression": "rate(15 minutes)"}

    def _queue(self, QueueUrl: str, **_: Any) -> Any:  # noqa: N803 - boto3's name
        statement = {"Effect": "Allow", "Action": "sqs:SendMessage"}
        policy = {} if QueueUrl in self.closed else {"Policy": json.dumps({"Statement": statement})}
        waiting = self.dead_letters.get(QueueUrl, 0)
        return {
            "Attributes": {
                "QueueArn": QueueUrl,
                "ApproximateNumberOfMessages": str(waiting),
                "ApproximateNumberOfMessagesNotVisible": "0",
                "ApproximateNumberOfMessagesDelayed": "0",
                "VisibilityTimeout": "360",
                "MessageRetentionPeriod": "1209600",
                **policy,
            }
        }

    def _role_policy(self, RoleName: str, PolicyName: str) -> Any:  # noqa: N803 - boto3's names
        actions = template_policies()[RoleName, PolicyName]
        allowed = sorted(actions - {one for one in self.removed_actions if one in actions})
        return {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": allowed}]}}

    def _secret(self, SecretId: str) -> Any:  # noqa: N803 - boto3's name
        text = self.secrets.get(SecretId)
        if text is None:
            raise NotThere
        return {"SecretString": text}

    def _subscriptions(self, **_: Any) -> Any:
        if self.topic_is_gone:
            raise NotThere("NotFound")
        return {"Subscriptions": [{"SubscriptionArn": one} for one in self.subscriptions]}

    def _metric_data(self, MetricDataQueries: list[Any], **_: Any) -> Any:  # noqa: N803 - boto3's
        now = time.time()
        results = []
        for query in MetricDataQueries:
            metric = query["MetricStat"]["Metric"]
            key = (metric["MetricName"], *(one["Value"] for one in metric["Dimensions"]))
            found = self.metrics.get(key, [])
            results.append(
                {
                    "Id": query["Id"],
                    "Values": [value for _, value in found],
                    "Timestamps": [datetime.fromtimestamp(now - ago, UTC) for ago, _ in found],
                }
            )
        return {"MetricDataResults": results}

    def _log_lines(self, logGroupName: str, **_: Any) -> Any:  # noqa: N803 - boto3's name
        function = logGroupName.rpartition("/")[2]
        if function not in {snake_case("FormIntake"), snake_case("PartnerMessenger")}:
            return {"events": []}
        at = int(time.time() * 1000)
        line = json.dumps({"_aws": {"Timestamp": at}, **self.build})
        return {"events": [{"timestamp": at, "message": line}]}
