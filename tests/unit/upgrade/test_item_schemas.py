"""Items are written in the newest shape, and read in every shape that there ever was.

Each shape has a sample in ``tests/samples/upgrade/items/KIND/NUMBER.json``: ``items`` as DynamoDB
stores them, and ``reads``, what is read of them. Samples are only ever added. Each later release
has to read each of them, so a sample of ``reads`` may lack fields that came later.
"""

import base64
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from gridwix.clients.aws.item_schemas import SCHEMA_NUMBERS, SCHEMA_VERSION, ItemKind
from tests.fakes.aws import OneAtATime, as_client
from tests.unit.template.rules import load, of_type
from tests.unit.upgrade.item_kinds import KINDS, plain

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "tests/samples/upgrade/items"


def shapes(kind: ItemKind) -> list[int]:
    """The numbers of a kind's samples."""
    return sorted(int(path.stem) for path in (SAMPLES / kind).glob("*.json"))


def sample(kind: ItemKind, number: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / kind / f"{number}.json").read_text())
    return found


def stored(tables: OneAtATime, table: str) -> list[Any]:
    items = tables.scan(TableName=table)["Items"]
    for item in items:
        for attribute in item.values():
            # A set has no order.
            if "SS" in attribute:
                attribute["SS"] = sorted(attribute["SS"])
            # JSON has no bytes.
            if "B" in attribute:
                attribute["B"] = base64.b64encode(attribute["B"]).decode()
    return sorted(items, key=json.dumps)


def put(tables: OneAtATime, table: str, items: list[Any]) -> None:
    for item in items:
        attributes = {
            name: {"B": base64.b64decode(one["B"])} if "B" in one else one
            for name, one in item.items()
        }
        tables.put_item(TableName=table, Item=attributes)


def masked(kind: ItemKind, items: list[Any]) -> list[Any]:
    """Items without what differs each time."""
    return [
        {name: "…" if name in KINDS[kind].volatile else one for name, one in item.items()}
        for item in items
    ]


def covers(found: Any, wanted: Any) -> bool:
    """True if all of ``wanted`` is in ``found``; fields that came later may be there as well."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            name in found and covers(found[name], one) for name, one in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(map(covers, found, wanted))
        )
    return bool(found == wanted)


@pytest.mark.parametrize("kind", ItemKind)
def test_written_items_when_compared_are_those_of_the_newest_sample(
    kind: ItemKind, tables: OneAtATime
) -> None:
    table = KINDS[kind].create(tables)

    KINDS[kind].write(as_client(tables), table)
    items = stored(tables, table)
    read = plain(KINDS[kind].read(as_client(tables), table))

    newest = sample(kind, SCHEMA_NUMBERS[kind])
    assert masked(kind, items) == masked(kind, newest["items"]), (
        f"{kind} has a new shape. Raise its number in gridwix.clients.aws.item_schemas, and store"
        f" in {SAMPLES / kind}/{shapes(kind)[-1] + 1}.json:\n"
        + json.dumps({"items": items, "reads": read}, indent=2)
    )
    assert read == newest["reads"] or covers(read, newest["reads"])


@pytest.mark.parametrize("kind", ItemKind)
def test_samples_when_counted_have_every_number_up_to_the_newest(kind: ItemKind) -> None:
    assert shapes(kind) == list(range(1, SCHEMA_NUMBERS[kind] + 1))


@pytest.mark.parametrize(
    ("kind", "number"), [(kind, number) for kind in ItemKind for number in shapes(kind)]
)
def test_sample_when_read_means_what_it_always_meant(
    kind: ItemKind, number: int, tables: OneAtATime
) -> None:
    table, old = KINDS[kind].create(tables), sample(kind, number)
    put(tables, table, old["items"])

    read = plain(KINDS[kind].read(as_client(tables), table))

    # Shape 1 is from before there were numbers.
    numbers = {item.get(SCHEMA_VERSION, {"N": "1"})["N"] for item in old["items"]}
    assert numbers == {str(number)}
    assert covers(read, old["reads"]), read


@pytest.mark.parametrize("kind", ItemKind)
def test_item_of_a_later_release_when_read_is_read_without_what_is_unknown(
    kind: ItemKind, tables: OneAtATime
) -> None:
    newest = sample(kind, SCHEMA_NUMBERS[kind])
    items = copy.deepcopy(newest["items"])
    for item in items:
        item[SCHEMA_VERSION] = {"N": str(SCHEMA_NUMBERS[kind] + 1)}
        item["addedLater"] = {"S": "?"}
        for attribute in ("transfer", "order"):
            if attribute in item:
                later = json.loads(item[attribute]["S"]) | {"addedLater": "?"}
                item[attribute] = {"S": json.dumps(later)}
    table = KINDS[kind].create(tables)
    put(tables, table, items)

    assert covers(plain(KINDS[kind].read(as_client(tables), table)), newest["reads"])


def test_docs_when_compared_with_the_code_list_each_kind_with_its_table_and_number() -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)` \| `(\w+)` \| (\d+) \|",
        (ROOT / "docs/upgrades.md").read_text(),
        re.MULTILINE,
    )

    assert rows == [(kind, KINDS[kind].table, str(SCHEMA_NUMBERS[kind])) for kind in ItemKind]


def test_kinds_when_compared_with_the_template_cover_each_table() -> None:
    assert {stored.table for stored in KINDS.values()} == {
        name for name, _ in of_type(load(), "AWS::DynamoDB::Table")
    }
    assert set(KINDS) == set(ItemKind) == set(SCHEMA_NUMBERS)
    assert {path.name for path in SAMPLES.iterdir()} == set(ItemKind)
