"""A client of DynamoDB that asks the soak test's model and moto, and compares the responses."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from gridwix.clients.aws.signed import AwsResponse, Service
from soak.cloud.attribute_values import canonical_number
from soak.cloud.boto import pagination, service_model
from soak.cloud.dynamodb import DynamoDB
from soak.kernel.edges import Edges, NoFaults
from soak.kernel.tasks import Scheduler

REGION = "eu-west-1"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Index:
    """An index of the template."""

    name: str
    partition: str
    sort: str | None
    projection: str


@dataclass(frozen=True)
class Table:
    """A table of the template."""

    name: str
    partition: str
    sort: str | None
    types: Mapping[str, str]
    indexes: Mapping[str, Index]
    ttl: str | None


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_multi_constructor("!", lambda *_: None)


def template_tables() -> dict[str, Mapping[str, Any]]:
    """The properties of all tables in the template."""
    document = yaml.load((ROOT / "template.yaml").read_text("utf-8"), Loader=_Loader)
    return {
        name: resource["Properties"]
        for name, resource in document["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


def table_schema(name: str, properties: Mapping[str, Any]) -> Table:
    """The schema of a table."""
    indexes = [
        Index(one["IndexName"], *_keys(one["KeySchema"]), one["Projection"]["ProjectionType"])
        for one in properties.get("GlobalSecondaryIndexes", ())
    ]
    types = {
        one["AttributeName"]: one["AttributeType"] for one in properties["AttributeDefinitions"]
    }
    ttl = properties.get("TimeToLiveSpecification", {}).get("AttributeName")
    schema = _keys(properties["KeySchema"])
    return Table(name, *schema, types, {one.name: one for one in indexes}, ttl)


def _keys(schema: list[Mapping[str, str]]) -> tuple[str, str | None]:
    names = {one["KeyType"]: one["AttributeName"] for one in schema}
    return names["HASH"], names.get("RANGE")


class Twins:
    """Both clients, with empty tables of the template."""

    def __init__(self, moto: Any) -> None:
        self._moto = moto
        self._properties = template_tables()
        for name, properties in self._properties.items():
            wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
            moto.create_table(
                TableName=name, **{one: properties[one] for one in wanted if one in properties}
            )
        self.calls = 0
        self.clear()

    def clear(self) -> None:
        """Empty all tables."""
        edges = Edges(Scheduler(1.78e9), Random(1), NoFaults(), {})
        schemas = {name: table_schema(name, one) for name, one in self._properties.items()}
        self.model = DynamoDB(schemas, edges)
        self.exceptions = self.model.exceptions
        for table in dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables.values():
            table.items.clear()

    def call(self, method: str, **request: Any) -> Any:
        """Call both, and return or raise what the model does."""
        self.calls += 1
        expected = _outcome(self._moto, method, request)
        found = _outcome(self.model, method, request)
        model, moto = _comparable(found, request), _comparable(expected, request)
        assert model == moto, f"{method} {request}\nmodel: {model}\nmoto:  {moto}"
        if isinstance(found, ClientError):
            raise found
        return found

    def get_item(self, **request: Any) -> Any:
        return self.call("get_item", **request)

    def put_item(self, **request: Any) -> Any:
        return self.call("put_item", **request)

    def update_item(self, **request: Any) -> Any:
        return self.call("update_item", **request)

    def delete_item(self, **request: Any) -> Any:
        return self.call("delete_item", **request)

    def batch_get_item(self, **request: Any) -> Any:
        return self.call("batch_get_item", **request)

    def batch_write_item(self, **request: Any) -> Any:
        return self.call("batch_write_item", **request)

    def transact_write_items(self, **request: Any) -> Any:
        return self.call("transact_write_items", **request)

    def query(self, **request: Any) -> Any:
        return self.call("query", **request)

    def scan(self, **request: Any) -> Any:
        return self.call("scan", **request)

    def get_paginator(self, name: str) -> Any:
        """Paginator of botocore over both."""
        from botocore.paginate import Paginator

        operation = name.capitalize()
        method: Any = {"query": self.query, "scan": self.scan}[name]
        model = service_model().operation_model(operation)
        return Paginator(method, pagination()[operation], model)

    def require_equal_items(self) -> None:
        """Fail unless both have the same items."""
        for name in self._properties:
            expected = [_canonical(item) for item in self._moto.scan(TableName=name)["Items"]]
            found = [_canonical(item) for item in self.model.tables[name].all_items()]
            assert sorted(found, key=repr) == sorted(expected, key=repr), name


class TwinCaller:
    """The calls of the webhook functions, which do without boto."""

    def __init__(self, twins: Twins) -> None:
        self._twins = twins

    def call(
        self,
        service: Service,
        operation: str,
        payload: Mapping[str, Any],
        *,
        expected_code: str = "",
    ) -> AwsResponse:
        """Call both."""
        method = {"PutItem": "put_item", "UpdateItem": "update_item"}[operation]
        try:
            response = self._twins.call(method, **payload)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code != expected_code:
                raise
            return AwsResponse(code, dict(error.response))
        return AwsResponse("", response)


@contextmanager
def twin_clients() -> Iterator[Twins]:
    """Both clients."""
    with mock_aws():
        config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
        yield Twins(
            boto3.client(
                "dynamodb",
                region_name=REGION,
                config=config,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        )


def _outcome(client: Any, method: str, request: Mapping[str, Any]) -> Any:
    try:
        return getattr(client, method)(**request)
    except ClientError as error:
        return error


def _comparable(outcome: Any, request: Mapping[str, Any]) -> Any:
    """What must be equal: all but the request's id, and the texts about an invalid request."""
    if isinstance(outcome, ClientError):
        code = outcome.response["Error"]["Code"]
        if code == "ValidationException":
            return code
        return type(outcome).__name__, _canonical(_without_metadata(outcome.response))
    response = _without_metadata(outcome)
    if "Limit" in request and response.get("ScannedCount") == request["Limit"]:
        # Where a page ends with the last item, DynamoDB does not know that. moto does.
        response.pop("LastEvaluatedKey", None)
    if "Items" in response and "KeyConditionExpression" not in request:
        response["Items"] = sorted(map(_canonical, response["Items"]), key=repr)
    return _canonical(response)


def _without_metadata(response: Mapping[str, Any]) -> dict[str, Any]:
    # moto also tells what nobody has asked for.
    left_out = {"ResponseMetadata", "ConsumedCapacity", "ItemCollectionMetrics"}
    return {name: value for name, value in response.items() if name not in left_out}


def _canonical(value: Any) -> Any:
    """A response with canonical numbers, and without an order where there is none."""
    match value:
        case {"N": str() as number} if len(value) == 1:
            return {"N": canonical_number(number)}
        case {"SS": [*members]} if len(value) == 1:
            return {"SS": sorted(members)}
        case {"Responses": _}:
            return {
                name: {
                    table: sorted((_canonical(one) for one in part), key=repr)
                    for table, part in found.items()
                }
                if name == "Responses"
                else found
                for name, found in value.items()
            }
        case Mapping():
            return {name: _canonical(one) for name, one in sorted(value.items())}
        case [*members]:
            return [_canonical(one) for one in members]
        case _:
            return value
