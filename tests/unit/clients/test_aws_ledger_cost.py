"""Write units of the ledger, counted from its requests as AWS bills them.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html.
"""

from math import ceil
from typing import TYPE_CHECKING, Any, cast

import pytest

from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.publication.audiences import MAX_PARTNERS
from gridwix.publication.models import Claim, Publication, RowKey, Versions
from tests.fakes.aws import OneAtATime, create_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROW = RowKey(CollectionId("PartnerStatus"), WixItemId("GC00700011NR"))
HOLDER = "9d3e7f0c5b6a4e1d8c2b1a0f9e8d7c6b"
EVENT = "evt_01jd8x7m2n9q4r6s8t0v2w4y6z"
AUDIENCE = frozenset(f"GC00700011N{letter}" for letter in "RSTUVWXY"[:MAX_PARTNERS])


class Meter:
    """moto's DynamoDB. Adds up the write units of the requests, and what transactions would cost.

    A write costs one unit for each KB of the larger item, before or after it. In a transaction it
    costs two.
    """

    def __init__(self, tables: OneAtATime) -> None:
        self.units = 0
        self.transaction_units = 0
        self._tables = tables

    def update_item(self, **request: Any) -> Any:
        before = self._item_size(request)
        response = self._tables.update_item(**request)
        self._add(max(before, self._item_size(request)), 1)
        return response

    def transact_write_items(self, TransactItems: list[Any]) -> Any:  # noqa: N803 - boto3's name
        updates = [item["Update"] for item in TransactItems]
        before = [self._item_size(update) for update in updates]
        response = self._tables.transact_write_items(TransactItems=TransactItems)
        for update, size in zip(updates, before, strict=True):
            self._add(max(size, self._item_size(update)), 2)
        return response

    def _add(self, size: int, per_kilobyte: int) -> None:
        self.units += per_kilobyte * ceil(size / 1024)
        self.transaction_units += 2 * ceil(size / 1024)

    def _item_size(self, request: Any) -> int:
        found = self._tables.get_item(TableName=request["TableName"], Key=request["Key"])
        return sum(
            len(name.encode()) + len(text.encode()) if kind == "S" else len(name.encode()) + 21
            for name, value in found.get("Item", {}).items()
            for kind, text in value.items()
        )

    def __getattr__(self, name: str) -> Any:
        if name not in {"batch_get_item", "exceptions"}:
            raise AssertionError(f"the ledger's {name} is not metered")
        return getattr(self._tables, name)


def versions(live: int, settled: int, version: int) -> Versions:
    """A vector of this many records, with ids of the length that the emulator gives them."""
    return Versions(
        live={"partners/GC00700011NR": version}
        | {f"compliance-checks/chk_{number:06}": version for number in range(live - 1)},
        settled={f"cases/case_{number:06}": 3 for number in range(settled)},
    )


@pytest.mark.parametrize(("live", "settled"), [(6, 2), (30, 50)])
def test_changed_row_costs_half_the_write_units_of_transactions(
    live: int, settled: int, tables: OneAtATime
) -> None:
    meter = Meter(tables)
    ledger = DynamoDBLedger(cast("DynamoDBClient", meter), create_table(tables, "row"))
    publish(ledger, versions(live, settled, 7), revision=0)
    meter.units = meter.transaction_units = 0

    publish(ledger, versions(live, settled, 8), revision=2)

    assert meter.units > 0
    assert meter.units <= meter.transaction_units / 2


def test_changed_row_of_a_usual_partner_costs_two_write_units(tables: OneAtATime) -> None:
    meter = Meter(tables)
    ledger = DynamoDBLedger(cast("DynamoDBClient", meter), create_table(tables, "row"))
    publish(ledger, versions(6, 4, 7), revision=0)
    meter.units = 0

    publish(ledger, versions(6, 4, 8), revision=2)

    assert meter.units == 2


def publish(ledger: DynamoDBLedger, intended: Versions, revision: int) -> None:
    granted = ledger.claim(
        [Claim(ROW, revision, intended, AUDIENCE)],
        holder=HOLDER,
        now=1_780_000_000.25,
        until=1_780_000_090.5,
    )
    recorded = ledger.commit([Publication(ROW, intended, "f" * 32, EVENT, AUDIENCE)], holder=HOLDER)
    assert granted == recorded == {ROW}
