"""Computes the monthly cost of a stack in which nothing happens, from the template alone. Pure.

The runs of the schedules are measured (``scenario``) and multiplied with :func:`runs_per_month`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.cost.billing import Usage
from benchmarks.cost.prices import Item

HOURS_PER_MONTH = 730
POLLERS = 5
"""Number of long polls that an event source mapping keeps open on a quiet queue.

Lambda reduces them to two, but not for a mapping with a maximum concurrency, as all of ours are:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""
POLL_SECONDS = 20
REST_API_METRICS = 5
"""Custom metrics of each route of a REST API with detailed metrics: count, two latencies, two
errors:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
"""
HTTP_API_METRICS = 6
"""Custom metrics of each route of an HTTP API with detailed metrics: those of a REST API, and the
bytes that it processed:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
"""
SHARED = "the stack"
"""Name, in the tables, of the costs that belong to no function."""

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}


def runs_per_month(expression: str) -> float:
    """Return the number of times that a schedule fires in a month.

    >>> runs_per_month("rate(5 minutes)"), round(runs_per_month("cron(0 2 * * ? *)"), 1)
    (8760.0, 30.4)

    Raises ValueError for a cron expression that is not once a day.
    """
    if found := _RATE.fullmatch(expression):
        return HOURS_PER_MONTH / (int(found[1]) * _HOURS[found[2]])
    if re.fullmatch(r"cron\(\d+ \d+ \* \* \? \*\)", expression):
        return HOURS_PER_MONTH / 24
    raise ValueError(f"it is not known here how often {expression} fires")


def standing_charges(template: Mapping[str, Any]) -> Mapping[str, Usage]:
    """Return the units per month, by function, of resources that cost while idle: polled queues,
    alarms, secrets, dashboards.
    """
    charges: defaultdict[str, Usage] = defaultdict(Counter)
    owners = queue_owners(template)
    for name, resource in template["Resources"].items():
        match resource["Type"]:
            case "AWS::SecretsManager::Secret":
                charges[SHARED][Item.SECRET_MONTH] += 1
            case "AWS::CloudWatch::Dashboard":
                charges[SHARED][Item.DASHBOARD_MONTH] += 1
            case "AWS::Serverless::Api" | "AWS::ApiGatewayV2::Stage":
                if metrics := _route_metrics(resource):
                    charges[SHARED][Item.METRIC_MONTH] += metrics * _routes(template)
            case "AWS::CloudWatch::Alarm":
                charges[_alarm_owner(name, template)][Item.ALARM_MONTH] += 1
    for owner in owners.values():
        polls = POLLERS * HOURS_PER_MONTH * 3600 // POLL_SECONDS
        charges[owner][Item.QUEUE_REQUEST] += polls
    return charges


def _route_metrics(resource: Mapping[str, Any]) -> int:
    """Return the number of custom metrics per route that an API with detailed metrics has."""
    properties = resource["Properties"]
    if resource["Type"] == "AWS::Serverless::Api":
        settings = properties.get("MethodSettings", ())
        return REST_API_METRICS * sum(bool(one.get("MetricsEnabled")) for one in settings)
    settings = properties.get("DefaultRouteSettings", {})
    return HTTP_API_METRICS if settings.get("DetailedMetricsEnabled") else 0


def schedules(template: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Yield function, message and runs per month of each schedule, with the default parameters."""
    owners = queue_owners(template)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Scheduler::Schedule":
            properties = resource["Properties"]
            parameter = properties["ScheduleExpression"]["Ref"]
            yield (
                owners[properties["Target"]["Arn"]["Fn::GetAtt"][0]],
                properties["Target"]["Input"],
                runs_per_month(template["Parameters"][parameter]["Default"]),
            )


def queue_owners(template: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the function that reads each queue, by the queue's logical id."""
    return {
        event["Properties"]["Queue"]["Fn::GetAtt"][0]: function_name(resource)
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"].get("Events", {}).values()
        if event["Type"] == "SQS"
    }


def function_name(resource: Mapping[str, Any]) -> str:
    """Return the name of a function of the template: that of its folder."""
    return str(resource["Properties"]["CodeUri"]).rpartition("/")[2]


def _routes(template: Mapping[str, Any]) -> int:
    resources = template["Resources"].values()
    kinds = [resource["Type"] for resource in resources]
    events = [
        event["Type"]
        for resource in resources
        if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"].get("Events", {}).values()
    ]
    return kinds.count("AWS::ApiGatewayV2::Route") + events.count("Api")


def _alarm_owner(alarm: str, template: Mapping[str, Any]) -> str:
    names = [
        function_name(resource)
        for logical, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
        and alarm.startswith(logical.removesuffix("Function"))
    ]
    return max(names, key=len, default=SHARED)
