"""BatchGetItem and BatchWriteItem of DynamoDB, which may leave a part of the requests
unprocessed.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from soak.cloud.attribute_values import Item, Refusal, invalid, item_size, not_known, read_values
from soak.cloud.indexes import Key
from soak.cloud.tables import Change, Table
from soak.kernel.edges import Fault

MAX_KEYS = 100
MAX_WRITES = 25
MAX_BYTES = 16 * 1024 * 1024
"""Maximum size in bytes of the items of one batch."""

_READ = frozenset({"Keys", "ConsistentRead"})


def batch_get(
    tables: Mapping[str, Table], request: Mapping[str, Any], fault: Fault | None, random: Random
) -> dict[str, Any]:
    """Return the response to a BatchGetItem of one table. Raises Refusal.

    Args:
        tables: The tables by name.
        request: The request.
        fault: STALE: what a replica that lags would respond. PARTIAL: some keys are unprocessed.
        random: Decides which part.
    """
    table, wanted = _only_table(tables, request)
    if not wanted.keys() <= _READ:
        raise not_known(f"the parameters {', '.join(sorted(wanted))} of a batch read")
    given: Sequence[Any] = wanted["Keys"]
    if not 1 <= len(given) <= MAX_KEYS:
        raise invalid(f"a batch has 1 to {MAX_KEYS} keys")
    keys = [table.exact_key(read_values(key)) for key in given]
    _require_distinct(keys)
    done = _part(len(keys), fault, random)
    read = table.stale_item if fault is Fault.STALE else table.get
    items: list[Item] = []
    room = MAX_BYTES
    for place, key in enumerate(keys[:done]):
        item = read(key)
        if item is None:
            continue
        # The stored form is larger, and its size is known.
        room -= len(table.items.get(key, b""))
        if room < 0 and sum(item_size(one) for one in [*items, item]) > MAX_BYTES:
            done = place
            break
        items.append(item)
    # In no order: the last first, so that nothing can rely on the order of the keys.
    response: dict[str, Any] = {
        "Responses": {table.schema.name: items[::-1]},
        "UnprocessedKeys": {},
    }
    if done < len(given):
        response["UnprocessedKeys"] = {table.schema.name: {**wanted, "Keys": list(given[done:])}}
    return response


def batch_write(
    tables: Mapping[str, Table], request: Mapping[str, Any], fault: Fault | None, random: Random
) -> dict[str, Any]:
    """Carry out a BatchWriteItem of one table and return the response; arguments are those of
    :func:`batch_get`.

    All writes are checked before the first one. Each then succeeds or fails alone.
    """
    table, writes = _only_table(tables, request)
    if not 1 <= len(writes) <= MAX_WRITES:
        raise invalid(f"a batch has 1 to {MAX_WRITES} writes")
    changes = [_change(table, write) for write in writes]
    _require_distinct([change.key for change in changes])
    if sum(len(change.packed or b"") for change in changes) > MAX_BYTES:
        raise not_known(f"a batch of more than {MAX_BYTES} bytes")
    done = _part(len(changes), fault, random)
    for change in changes[:done]:
        table.commit(change)
    rest = list(writes[done:])
    return {"UnprocessedItems": {table.schema.name: rest} if rest else {}}


def _change(table: Table, write: Mapping[str, Any]) -> Change:
    match write:
        case {"PutRequest": {"Item": item}} if len(write) == 1:
            values = read_values(item)
            return table.put(table.key_of(values), values)
        case {"DeleteRequest": {"Key": key}} if len(write) == 1:
            return table.remove(table.exact_key(read_values(key)))
        case _:
            raise invalid("Supplied AttributeValue has neither a PutRequest nor a DeleteRequest")


def _only_table(tables: Mapping[str, Table], request: Mapping[str, Any]) -> tuple[Table, Any]:
    wanted = request["RequestItems"]
    if len(wanted) != 1:
        raise not_known("batches of several tables")
    for name, part in wanted.items():
        if name in tables:
            return tables[name], part
    raise Refusal("ResourceNotFoundException", "Requested resource not found")


def _require_distinct(keys: Sequence[Key]) -> None:
    if len(set(keys)) < len(keys):
        raise invalid("Provided list of item keys contains duplicates")


def _part(number: int, fault: Fault | None, random: Random) -> int:
    """Return the number of a batch's requests that are processed: with the fault PARTIAL, not all
    of them.

    A batch of a single request is throttled then.
    """
    if fault is not Fault.PARTIAL:
        return number
    if number == 1:
        raise Refusal(
            "ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded.",
        )
    return random.randrange(1, number)
