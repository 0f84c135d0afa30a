"""The template as the soak test reads it, compared with what the template's own tests say of it."""

from pathlib import Path
from typing import Any

import pytest

from gridwix.mapping.cloud_events import KNOWN_TYPES
from gridwix.models.events import HUB_RESYNC_REQUESTED, RESYNC_REQUESTED
from soak.resources import read_expression, read_queue, read_rule
from soak.template import Template
from tests.unit.template.blocks import CONSUMERS, Consumer
from tests.unit.template.rules import load, of_type, target, timeout

PARAMETERS = {
    "TradingGridCommunityUrl": "https://grid.soak",
    "TradingGridCompanyId": "GC00700011NR",
    "WixSiteId": "site",
    "PortalUrl": "https://portal.soak/partner-portal",
}


@pytest.fixture(scope="module")
def template() -> Template:
    return Template(PARAMETERS)


@pytest.fixture(scope="module")
def source() -> dict[str, Any]:
    return load()


@pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda one: one.name)
def test_block_when_read_has_the_values_of_the_templates_table(
    template: Template, consumer: Consumer
) -> None:
    function = template.functions[f"{consumer.name}Function"]
    queue = template.queues[f"{consumer.name}Queue"]
    dead_letters = template.queues[f"{consumer.name}DeadLetterQueue"]
    event_source = function.source

    assert (queue.retention, queue.receives) == (consumer.retention, consumer.receives)
    assert queue.dead_letters == dead_letters.name
    assert (dead_letters.receives, dead_letters.dead_letters) == (None, None)
    assert event_source is not None
    assert (event_source.function, event_source.queue) == (function.name, queue.name)
    assert queue.visibility >= 6 * function.timeout + event_source.window
    assert event_source.reports_failures
    own_url = function.environment.get("QUEUE_URL")
    assert own_url in {None, f"https://sqs.soak/{queue.name}"}


def test_template_when_read_twice_by_two_readers_has_the_same_resources(
    template: Template, source: dict[str, Any]
) -> None:
    assert {
        name: (one.visibility, one.retention, one.receives or 0)
        for name, one in template.queues.items()
    } == {
        name: (
            one.get("VisibilityTimeout", 30),
            one["MessageRetentionPeriod"],
            one.get("RedrivePolicy", {}).get("maxReceiveCount", 0),
        )
        for name, one in of_type(source, "AWS::SQS::Queue")
    }
    assert {
        name: (one.timeout, one.environment.keys() - LAMBDAS_OWN)
        for name, one in template.functions.items()
    } == {
        name: (
            timeout(source, one),
            one["Environment"]["Variables"].keys()
            | source["Globals"]["Function"]["Environment"]["Variables"].keys(),
        )
        for name, one in of_type(source, "AWS::Serverless::Function")
    }
    for kind, read in {
        "AWS::DynamoDB::Table": template.tables,
        "AWS::Scheduler::Schedule": template.schedules,
        "AWS::SecretsManager::Secret": template.secrets,
        "AWS::Events::Rule": template.rules,
    }.items():
        assert list(read) == [name for name, _ in of_type(source, kind)]


LAMBDAS_OWN = {
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
}


def test_environment_when_read_names_what_the_template_refers_to(
    template: Template, source: dict[str, Any]
) -> None:
    known = {
        "AWS::DynamoDB::Table": template.tables,
        "AWS::SecretsManager::Secret": template.secrets,
        "AWS::S3::Bucket": template.buckets,
        "AWS::SQS::Queue": [one.url for one in template.queues.values()],
        "AWS::Events::EventBus": ["Bus"],
    }
    for name, properties in of_type(source, "AWS::Serverless::Function"):
        for variable, value in properties["Environment"]["Variables"].items():
            resource = source["Resources"].get(target(value))
            if resource:
                assert template.functions[name].environment[variable] in known[resource["Type"]]

    publisher = template.function_of("status_publisher")
    assert publisher.name == "StatusPublisherFunction"
    assert publisher.environment["TRADING_GRID_COMMUNITY_URL"] == "https://grid.soak"
    assert publisher.environment["LEDGER_TABLE"] == "LedgerTable"
    assert publisher.environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == str(publisher.memory)


def test_event_source_when_its_concurrency_is_a_parameter_has_the_parameters_value() -> None:
    usual = Template(PARAMETERS).function_of("partner_messenger").source
    raised = Template({**PARAMETERS, "PartnerMessengerConcurrency": "10"})

    source = raised.function_of("partner_messenger").source

    assert usual is not None and usual.maximum_concurrency == 2
    assert source is not None and source.maximum_concurrency == 10


@pytest.mark.parametrize(
    "detail_type", [*sorted(KNOWN_TYPES), RESYNC_REQUESTED, HUB_RESYNC_REQUESTED, "x.y"]
)
def test_rules_when_asked_give_the_queues_of_the_pattern(
    template: Template, source: dict[str, Any], detail_type: str
) -> None:
    expected = {
        name
        for name, rule in of_type(source, "AWS::Events::Rule")
        if "gridwix.trading_grid" in rule["EventPattern"]["source"]
        and any(
            detail_type.startswith(one["prefix"]) if isinstance(one, dict) else one == detail_type
            for one in rule["EventPattern"]["detail-type"]
        )
    }

    found = {
        name
        for name, rule in template.rules.items()
        if rule.matches("gridwix.trading_grid", detail_type)
    }

    assert found == expected
    assert not any(rule.matches("another", detail_type) for rule in template.rules.values())


def test_schedules_when_read_have_seconds_and_the_messages_of_the_template(
    template: Template,
) -> None:
    feed, full = template.schedules["FeedTimer"], template.schedules["FullReconcileTimer"]

    assert (feed.interval, feed.offset, feed.queue) == (60, None, "TradingGridFeedQueue")
    assert feed.message == '{"reason": "schedule"}'
    assert (full.interval, full.offset, full.message) == (86400, 7200, '{"mode": "full"}')


def test_tables_when_read_have_keys_indexes_and_ttl(template: Template) -> None:
    journal = template.tables["JournalTable"]

    assert (journal.partition, journal.sort, journal.ttl) == ("record", "step", "expiration")
    assert [(one.partition, one.sort) for one in journal.indexes.values()] == [
        ("eventId", "step"),
        ("partner", "step"),
    ]
    assert journal.types == {"record": "S", "step": "S", "eventId": "S", "partner": "S"}
    assert template.tables["LedgerTable"].ttl is None


def test_environment_when_a_parameter_has_no_value_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the parameter TradingGrid\w+ has no value"):
        _ = Template().functions


def test_template_when_a_parameter_is_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="no parameter Typo"):
        Template({"Typo": "1"})


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["a"]},
        {"source": ["a"], "detail-type": ["b"], "detail": {"c": ["d"]}},
        {"source": ["a"], "detail-type": [{"anything-but": "b"}]},
    ],
)
def test_rule_when_it_matches_in_another_way_is_refused(pattern: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Rule matches"):
        read_rule("Rule", {"EventPattern": pattern, "Targets": []})


def test_rule_when_it_changes_events_is_refused() -> None:
    pattern = {"source": ["a"], "detail-type": ["b"]}

    with pytest.raises(ValueError, match="changes the events"):
        read_rule("Rule", {"EventPattern": pattern, "Targets": [{"InputPath": "$.detail"}]})


def test_queue_when_it_is_fifo_is_refused() -> None:
    with pytest.raises(ValueError, match="not a standard queue"):
        read_queue("Queue", {"FifoQueue": True})


@pytest.mark.parametrize("expression", ["cron(0 2 ? * MON *)", "at(2026-11-29T00:00:00)"])
def test_expression_when_it_is_not_daily_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="not known here when"):
        read_expression(expression)


def test_reference_when_it_is_another_function_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        "Parameters: {}\n"
        "Globals: {Function: {MemorySize: 1, Environment: {Variables: {}}}}\n"
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties:\n"
        "      CodeUri: functions/f\n"
        "      Environment: {Variables: {NAME: !Sub x}}\n",
        encoding="utf-8",
    )

    with pytest.raises(ValueError, match="Fn::Sub"):
        _ = Template(path=path).functions
