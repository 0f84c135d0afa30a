"""The list of all partners in DynamoDB: kept in parts, and read as a whole or not at all."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from gridwix.clients.aws import partner_list
from gridwix.clients.aws.partner_list import PART_BYTES, DynamoDBPartnerList
from gridwix.models.ids import CompanyId
from gridwix.publication.hub_partners import KeptPartners
from tests.fakes.aws import OneAtATime, as_client, create_table

MOMENT = datetime(2026, 9, 21, 14, 13, 20, 250_000, tzinfo=UTC)
KEPT = KeptPartners(MOMENT, 1_789_999_000.5, MOMENT, b"content")


@pytest.fixture
def table(tables: OneAtATime) -> str:
    return create_table(tables, "site")


def kept_in(tables: OneAtATime, table: str, company: str = "GC00000000") -> DynamoDBPartnerList:
    return DynamoDBPartnerList(as_client(tables), table, CompanyId(company))


def test_load_when_nothing_is_kept_gives_nothing(tables: OneAtATime, table: str) -> None:
    assert kept_in(tables, table).load() is None


@pytest.mark.parametrize("size", [1, PART_BYTES, PART_BYTES + 1, 1_000_000])
def test_load_after_a_save_gives_what_was_kept(tables: OneAtATime, table: str, size: int) -> None:
    kept = replace(KEPT, content=Random(size).randbytes(size))
    kept_in(tables, table).save(replace(KEPT, content=b"older" * 200_000))

    kept_in(tables, table).save(kept)

    assert kept_in(tables, table).load() == kept


def test_lists_of_two_hubs_are_apart(tables: OneAtATime, table: str) -> None:
    kept_in(tables, table).save(KEPT)

    assert kept_in(tables, table, "GC00000001").load() is None


def test_list_that_is_being_replaced_counts_as_none(
    tables: OneAtATime, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner_list, "PART_BYTES", 4)
    kept_in(tables, table).save(KEPT)
    before = tables.scan(TableName=table)["Items"]
    kept_in(tables, table).save(replace(KEPT, content=b"another"))
    for item in before:
        if item["site"]["S"].endswith("/1"):
            tables.put_item(TableName=table, Item=item)

    assert kept_in(tables, table).load() is None


def test_list_of_too_many_parts_is_not_kept(
    tables: OneAtATime, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner_list, "PART_BYTES", 1)
    monkeypatch.setattr(partner_list, "MOST_PARTS", 6)

    kept_in(tables, table).save(KEPT)

    assert kept_in(tables, table).load() is None
