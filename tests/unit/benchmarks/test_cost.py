"""What ``make cost`` bills: the arithmetic, the requests that it counts, and what it multiplies."""

import doctest
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest

from benchmarks.cost import billing, idle
from benchmarks.cost.billing import CallTime
from benchmarks.cost.cloud import Cloud, run_cloud
from benchmarks.cost.prices import PRICES, Item
from tests.unit.template.rules import ROOT, load

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in ("id", "waiting", "dueAt")
        ],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "waiting",
                "KeySchema": [
                    {"AttributeName": "waiting", "KeyType": "HASH"},
                    {"AttributeName": "dueAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    },
}
TEMPLATE: dict[str, Any] = {
    "Parameters": {},
    "Globals": {"Function": {"MemorySize": 512, "Environment": {"Variables": {}}}},
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Table": TABLE,
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {
                    "source": ["gridwix.trading_grid"],
                    "detail-type": [{"prefix": "case."}, "partner.created"],
                },
                "Targets": [{"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
            },
        },
    },
}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with run_cloud(TEMPLATE, {"Secret": {"apiKey": "k"}}) as running:
        yield running


def client(cloud: Cloud, service: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name="us-east-1",
        endpoint_url=cloud.url,
        aws_access_key_id="function",
        aws_secret_access_key="test",
    )


def billed(cloud: Cloud) -> dict[Item, float]:
    return {item: units for item, units in cloud.take_account("function").usage.items() if units}


@pytest.mark.parametrize("module", [billing, idle])
def test_examples_give_what_they_show(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_prices_name_a_page_of_aws_for_each_item() -> None:
    assert PRICES.keys() == set(Item)
    assert all(price.url.startswith("https://aws.amazon.com/") for price in PRICES.values())


def test_cost_of_a_million_of_everything_that_is_sold_by_the_million() -> None:
    usage = {
        Item.HTTP_API_REQUEST: 1e6,
        Item.REST_API_REQUEST: 1e6,
        Item.EVENT: 1e6,
        Item.QUEUE_REQUEST: 1e6,
        Item.INVOCATION: 1e6,
        Item.WRITE_UNIT: 1e6,
        Item.READ_UNIT: 1e6,
    }

    assert billing.cost(usage) == pytest.approx(1 + 3.5 + 1 + 0.4 + 0.2 + 0.625 + 0.125)


@pytest.mark.parametrize(
    ("attribute", "size"),
    [
        ({"S": "ä"}, 2),
        ({"N": "0"}, 1),
        ({"N": "-12.5"}, 4),
        ({"SS": ["ab", "c"]}, 3),
        ({"NS": ["1", "22"]}, 4),
        ({"NULL": True}, 1),
        ({"L": [{"S": "ab"}, {"BOOL": True}]}, 8),
        ({"M": {"key": {"S": "ab"}}}, 9),
    ],
)
def test_item_size_counts_names_and_values(attribute: dict[str, Any], size: int) -> None:
    assert billing.item_size({"name": attribute}) == 4 + size


def test_item_size_of_an_unknown_type_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="type B"):
        billing.item_size({"name": {"B": "AAAA"}})


def test_index_write_units_follow_what_changes_in_the_index() -> None:
    def units(before: tuple[int, Any], after: tuple[int, Any], *, changed: bool = True) -> int:
        return billing.index_write_units(before, after, changed=changed)

    assert units((0, None), (0, None)) == 0
    assert units((100, "a"), (100, "a"), changed=False) == 0
    assert units((100, "a"), (200, "a")) == 1
    assert units((100, "a"), (0, None)) == 1
    assert units((100, "a"), (1500, "b")) == 3


def test_queue_requests_of_few_and_of_large_messages() -> None:
    assert billing.queue_requests([]) == 0
    assert billing.queue_requests([800]) == 3
    assert billing.queue_requests([800] * 11) == 11 + 2 + 2
    assert billing.queue_requests([70_000]) == 2 + 2 + 1


def test_waiting_of_calls_that_overlap_half_counts_three_quarters() -> None:
    assert billing.waiting_seconds([], 1.0) == 0
    assert billing.waiting_seconds([CallTime(0, 2), CallTime(1, 3)], 0.1) == pytest.approx(0.15)
    assert billing.waiting_seconds([CallTime(5, 5), CallTime(5, 5)], 0.1) == pytest.approx(0.2)


def test_gb_seconds_scale_cpu_by_the_memorys_share_of_a_vcpu_and_round_up() -> None:
    assert billing.gb_seconds(0.001, 0.0, 1769) == pytest.approx(0.001 * 1769 / 1024)
    assert billing.gb_seconds(0.001, 0.0, 512) == pytest.approx(0.004 / 2)
    # More than one vCPU makes one thread no faster.
    assert billing.gb_seconds(0.001, 0.0, 3538) == pytest.approx(0.001 * 3538 / 1024)


def test_platform_log_of_a_function_that_only_warns_is_empty() -> None:
    assert billing.platform_log("r1", 512, "WARN") == []
    assert billing.log_bytes(["abc", "ä"]) == 3 + 2 + 2 * billing.LOG_OVERHEAD
    assert len(billing.platform_log("r1", 512, "INFO")) == 2


def test_cloud_bills_writes_by_the_larger_item_and_its_index(cloud: Cloud) -> None:
    tables = client(cloud, "dynamodb")
    key = {"id": {"S": "1"}}
    due = {"waiting": {"S": "w"}, "dueAt": {"S": "2026"}}

    tables.put_item(TableName="Table", Item={**key, "text": {"S": "x" * 1500}})
    assert billed(cloud) == {Item.WRITE_UNIT: 2}
    tables.put_item(TableName="Table", Item={**key, **due})
    assert billed(cloud) == {Item.WRITE_UNIT: 2 + 1}
    tables.delete_item(TableName="Table", Key=key)
    assert billed(cloud) == {Item.WRITE_UNIT: 1 + 1}


def test_cloud_bills_a_failed_condition_and_passes_the_error_on(cloud: Cloud) -> None:
    tables = client(cloud, "dynamodb")

    with pytest.raises(tables.exceptions.ConditionalCheckFailedException):
        tables.update_item(
            TableName="Table",
            Key={"id": {"S": "1"}},
            UpdateExpression="SET n = :n",
            ConditionExpression="attribute_exists(id)",
            ExpressionAttributeValues={":n": {"N": "1"}},
        )

    assert billed(cloud) == {Item.WRITE_UNIT: 1}


def test_cloud_bills_transactions_twice_and_batches_item_by_item(cloud: Cloud) -> None:
    tables = client(cloud, "dynamodb")
    items = [{"id": {"S": str(number)}} for number in range(3)]

    tables.transact_write_items(
        TransactItems=[{"Put": {"TableName": "Table", "Item": item}} for item in items]
    )
    assert billed(cloud) == {Item.WRITE_UNIT: 6}
    tables.batch_write_item(
        RequestItems={"Table": [{"PutRequest": {"Item": item}} for item in items]}
    )
    assert billed(cloud) == {Item.WRITE_UNIT: 3}


def test_cloud_bills_reads_by_consistency_and_missing_items_too(cloud: Cloud) -> None:
    tables = client(cloud, "dynamodb")
    tables.put_item(TableName="Table", Item={"id": {"S": "1"}, "text": {"S": "x" * 5000}})
    billed(cloud)
    keys = [{"id": {"S": name}} for name in ("1", "2", "3")]

    tables.get_item(TableName="Table", Key=keys[0])
    assert billed(cloud) == {Item.READ_UNIT: 1.0}
    tables.batch_get_item(RequestItems={"Table": {"Keys": keys, "ConsistentRead": True}})
    assert billed(cloud) == {Item.READ_UNIT: 4.0}
    tables.batch_get_item(RequestItems={"Table": {"Keys": keys}})
    assert billed(cloud) == {Item.READ_UNIT: 2.0}
    tables.scan(TableName="Table", FilterExpression="attribute_not_exists(id)")
    assert billed(cloud) == {Item.READ_UNIT: 1.0}


def test_cloud_puts_events_into_the_queues_of_matching_rules_and_bills_chunks(
    cloud: Cloud,
) -> None:
    detail = json.dumps({"text": "x" * 70_000})
    entries = [
        {"Source": "gridwix.trading_grid", "DetailType": kind, "Detail": text}
        for kind, text in [
            ("case.created", detail),
            ("partner.created", "{}"),
            ("partner.updated", "{}"),
        ]
    ]

    client(cloud, "events").put_events(Entries=entries)

    kinds = [json.loads(body)["detail-type"] for body in cloud.queues["Queue"]]
    assert kinds == ["case.created", "partner.created"]
    assert billed(cloud)[Item.EVENT] == 2 + 1 + 1


def test_cloud_counts_secrets_messages_and_objects(cloud: Cloud) -> None:
    secret = client(cloud, "secretsmanager").get_secret_value(SecretId="Secret")
    client(cloud, "sqs").send_message(QueueUrl=f"{cloud.url}/Queue", MessageBody="next")
    objects = client(cloud, "s3")
    objects.put_object(Bucket="reports", Key="runs/1", Body=b"page")

    assert objects.get_object(Bucket="reports", Key="runs/1")["Body"].read() == b"page"
    with pytest.raises(objects.exceptions.NoSuchKey):
        objects.get_object(Bucket="reports", Key="runs/2")

    assert json.loads(secret["SecretString"]) == {"apiKey": "k"}
    assert list(cloud.queues["Queue"]) == ["next"]
    # A message is billed when its queue is read: sent, received and deleted.
    assert billed(cloud) == {
        Item.SECRET_CALL: 1,
        Item.OBJECT_WRITE: 1,
        Item.OBJECT_READ: 2,
    }


def test_idle_month_of_the_template_has_its_queues_alarms_and_secrets() -> None:
    template = load(ROOT / "template.yaml")
    charges = idle.standing_charges(template)
    kinds = Counter(resource["Type"] for resource in template["Resources"].values())

    units = billing.total(charges.values())
    assert units[Item.ALARM_MONTH] == kinds["AWS::CloudWatch::Alarm"]
    assert units[Item.SECRET_MONTH] == kinds["AWS::SecretsManager::Secret"]
    assert charges["status_publisher"][Item.QUEUE_REQUEST] == 5 * 730 * 180
    assert charges["status_publisher"][Item.ALARM_MONTH] > 0
    assert idle.SHARED in charges


def test_idle_month_of_the_template_has_no_detailed_metrics_of_its_api() -> None:
    charges = idle.standing_charges(load(ROOT / "template.yaml"))

    assert charges[idle.SHARED][Item.METRIC_MONTH] == 0


@pytest.mark.parametrize(("detailed", "metrics"), [(True, 2 * 6), (False, 0)])
def test_idle_month_counts_detailed_metrics_of_each_route(detailed: bool, metrics: int) -> None:
    settings = {"DefaultRouteSettings": {"DetailedMetricsEnabled": detailed}}
    route = {"Type": "AWS::ApiGatewayV2::Route"}
    stage = {"Type": "AWS::ApiGatewayV2::Stage", "Properties": settings}

    charges = idle.standing_charges(
        {"Resources": {"Stage": stage, "Webhook": route, "Form": route}}
    )

    assert charges[idle.SHARED][Item.METRIC_MONTH] == metrics


def test_idle_month_counts_detailed_metrics_of_each_route_of_an_older_rest_api() -> None:
    api = {
        "Type": "AWS::Serverless::Api",
        "Properties": {"MethodSettings": [{"MetricsEnabled": True}]},
    }
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"Events": {name: {"Type": "Api"} for name in ("Webhook", "Form")}},
    }

    charges = idle.standing_charges({"Resources": {"Api": api, "Function": function}})

    assert charges[idle.SHARED][Item.METRIC_MONTH] == 2 * 5


@pytest.mark.parametrize(
    ("kind", "usd"), [("AWS::ApiGatewayV2::Api", 1.0), ("AWS::Serverless::Api", 3.5)]
)
def test_million_requests_have_the_price_of_the_templates_api(kind: str, usd: float) -> None:
    usage = billing.api_requests({"Resources": {"Api": {"Type": kind}}}, 2_000)

    assert 1e6 * billing.cost(usage) == usd


def test_requests_of_a_template_without_an_api_are_not_guessed() -> None:
    with pytest.raises(ValueError, match="one API"):
        billing.api_requests({"Resources": {}}, 2_000)


def test_schedules_of_the_template_are_those_of_its_timers() -> None:
    template = load(ROOT / "template.yaml")

    found = list(idle.schedules(template))

    timers = [
        one for one in template["Resources"].values() if one["Type"] == "AWS::Scheduler::Schedule"
    ]
    assert len(found) == len(timers)
    assert ("trading_grid_feed", '{"reason": "schedule"}', 730 * 60) in found


def test_runs_per_month_of_an_unknown_expression_are_not_guessed() -> None:
    with pytest.raises(ValueError, match="cron"):
        idle.runs_per_month("cron(0/5 * * * ? *)")


def test_worker_returns_answer_cpu_log_and_calls_of_a_function(tmp_path: Path) -> None:
    folder = tmp_path / "functions/echo"
    folder.mkdir(parents=True)
    (folder / "handler.py").write_text(
        "import sys\n"
        "def handler(event, context):\n"
        "    print('line', context.function_name)\n"
        "    print('warning', file=sys.stderr)\n"
        "    sum(range(2_000_000))\n"
        "    return {'got': event['n'], 'memory': context.memory_limit_in_mb}\n"
    )

    ran = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks/cost/worker.py"), str(tmp_path), "echo"],
        input='{"n": 1}\n{"n": 2}\n',
        capture_output=True,
        text=True,
        check=True,
        env={"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"},
    )

    results = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [one["answer"] for one in results] == [
        {"got": 1, "memory": 512},
        {"got": 2, "memory": 512},
    ]
    assert [sorted(one["log"]) for one in results] == [["line echo", "warning"]] * 2
    assert all(one["cpu"] > 0 and one["megabytes"] > 0 and one["calls"] == [] for one in results)
