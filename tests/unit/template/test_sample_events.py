"""The sample events in ``events/`` are what the templates of both applications wire."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.unit.template.rules import ROOT, Template, events, functions, load, of_type, target

TEMPLATES = (ROOT / "template.yaml", ROOT / "gateway/template.yaml")

by_template = pytest.mark.parametrize(
    "template", [load(path) for path in TEMPLATES], ids=["gridwix", "gateway"]
)


def folder_name(function: dict[str, Any]) -> str:
    return str(function["CodeUri"]).removeprefix("functions/")


def consumers(template: Template) -> dict[str, str]:
    """Return the function behind each queue, by its folder's name."""
    return {
        target(event["Queue"]): folder_name(function)
        for _, function, event in events(template, "SQS")
    }


def samples(function: str) -> dict[Path, Any]:
    return {
        path: json.loads(path.read_text())
        for path in sorted((ROOT / "events" / function).glob("*.json"))
    }


def sample_bodies(function: str) -> list[str]:
    return [record["body"] for event in samples(function).values() for record in event["Records"]]


def scheduled_inputs(template: Template) -> Iterator[tuple[str, str]]:
    """Yield the function that each schedule wakes, and what the schedule sends to its queue."""
    for _, schedule in of_type(template, "AWS::Scheduler::Schedule"):
        sent = schedule["Target"]
        yield consumers(template)[target(sent["Arn"])], sent["Input"]


@by_template
def test_every_function_of_the_template_has_sample_events(template: Template) -> None:
    names = [folder_name(function) for _, function in functions(template)]

    assert names
    assert [name for name in names if not samples(name)] == []


@by_template
def test_samples_of_a_function_behind_a_queue_are_batches_of_that_queue(
    template: Template,
) -> None:
    queues = consumers(template)

    for function in queues.values():
        for path, event in samples(function).items():
            names = {record["eventSourceARN"].rpartition(":")[2] for record in event["Records"]}
            assert names == {function.replace("_", "-")}, path
            assert {record["eventSource"] for record in event["Records"]} == {"aws:sqs"}, path
    assert len(queues) > 4


@by_template
def test_what_each_schedule_sends_is_a_sample(template: Template) -> None:
    sent = list(scheduled_inputs(template))

    assert len(sent) > 3
    assert [(name, body) for name, body in sent if body not in sample_bodies(name)] == []


@by_template
def test_what_each_bucket_announces_is_a_sample(template: Template) -> None:
    """A queue that a bucket announces objects to has a sample that its filter lets through."""
    for _, bucket in of_type(template, "AWS::S3::Bucket"):
        notifications = bucket.get("NotificationConfiguration", {})
        for announced in notifications.get("QueueConfigurations", []):
            function = consumers(template)[target(announced["Queue"])]
            (prefix,) = announced["Filter"]["S3Key"]["Rules"]
            found = [
                record
                for body in sample_bodies(function)
                for record in json.loads(body).get("Records", [])
            ]

            assert found
            for record in found:
                assert fnmatchcase(f"s3:{record['eventName']}", announced["Event"])
                assert record["s3"]["object"]["key"].startswith(prefix["Value"])


def test_samples_of_the_gateways_api_are_requests_of_its_rest_api() -> None:
    template = load(ROOT / "gateway/template.yaml")
    ((_, resource),) = of_type(template, "AWS::ApiGateway::Resource")
    ((_, stage),) = of_type(template, "AWS::ApiGateway::Stage")

    for path, event in samples("api").items():
        context = event["requestContext"]
        assert event["resource"] == context["resourcePath"] == f"/{resource['PathPart']}", path
        assert context["stage"] == stage["StageName"], path
        assert context["path"] == f"/{stage['StageName']}{event['path']}", path
        assert event["pathParameters"] == {"proxy": event["path"].removeprefix("/")}, path
        # With the binary media types of the API, each body comes as base64.
        assert event["isBase64Encoded"] == (event["body"] is not None), path
