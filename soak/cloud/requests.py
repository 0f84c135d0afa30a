"""Carries out requests that have arrived at DynamoDB: reads, writes and their refusals."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from random import Random
from typing import Any

from soak.cloud import pages
from soak.cloud.attribute_values import (
    Item,
    Refusal,
    invalid,
    not_known,
    read_values,
)
from soak.cloud.batches import batch_get, batch_write
from soak.cloud.closures import Values
from soak.cloud.expressions import Statement, read_statement, write_statement
from soak.cloud.tables import Change, Table
from soak.cloud.transactions import Prepare, Tokens, transact
from soak.kernel.edges import Fault

type Request = Mapping[str, Any]
type Response = dict[str, Any]

_EXPRESSIONS = frozenset({"ExpressionAttributeNames", "ExpressionAttributeValues"})
_CONDITIONAL = _EXPRESSIONS | {
    "TableName",
    "ConditionExpression",
    "ReturnValuesOnConditionCheckFailure",
}
_READ = _EXPRESSIONS | {
    "TableName",
    "ConsistentRead",
    "ExclusiveStartKey",
    "FilterExpression",
    "Limit",
    "ProjectionExpression",
}
_GET = frozenset({"TableName", "Key", "ConsistentRead"})
_PUT = _CONDITIONAL | {"Item"}
_UPDATE = _CONDITIONAL | {"Key", "UpdateExpression", "ReturnValues"}
_QUERY = _READ | {"IndexName", "KeyConditionExpression", "ScanIndexForward"}


class Requests:
    """Carries out requests to DynamoDB, each at once and as a whole.

    Args:
        tables: The tables by name.
        clock: Current virtual time.
        random: The seeded source of chance for parts of batches.
    """

    def __init__(
        self, tables: Mapping[str, Table], clock: Callable[[], float], random: Random
    ) -> None:
        self.tables = tables
        self._random = random
        self._tokens = Tokens(clock)
        self._operations: Mapping[str, Callable[[Request, Fault | None], Response]] = {
            "GetItem": self._get_item,
            "PutItem": self._put_item,
            "UpdateItem": self._update_item,
            "DeleteItem": self._delete_item,
            "BatchGetItem": lambda request, fault: batch_get(tables, request, fault, random),
            "BatchWriteItem": lambda request, fault: batch_write(tables, request, fault, random),
            "TransactWriteItems": self._transact_write_items,
            "Query": self._query,
            "Scan": self._scan,
        }

    def carry_out(self, operation: str, request: Request, fault: Fault | None) -> Response:
        """Carry out one request and return the response. Raises Refusal.

        Args:
            operation: Name of the operation, such as ``GetItem``.
            request: Its parameters.
            fault: STALE, PARTIAL or CONFLICT, for an operation that can have it.
        """
        return self._operations[operation](request, fault)

    def _table(self, request: Request) -> Table:
        name = request["TableName"]
        if name not in self.tables:
            raise Refusal("ResourceNotFoundException", "Requested resource not found")
        return self.tables[name]

    def _get_item(self, request: Request, fault: Fault | None) -> Response:
        require_known("GetItem", request, _GET)
        table = self._table(request)
        key = table.exact_key(read_values(request["Key"]))
        item = table.stale_item(key) if fault is Fault.STALE else table.get(key)
        return {} if item is None else {"Item": item}

    def _put_item(self, request: Request, fault: Fault | None) -> Response:
        table = self._table(request)
        change = prepare_put(table, request)
        refuse_conflict(fault)
        table.commit(change)
        return {}

    def _update_item(self, request: Request, fault: Fault | None) -> Response:
        table = self._table(request)
        wanted = request.get("ReturnValues", "NONE")
        if wanted not in {"NONE", "ALL_NEW"}:
            raise not_known(f"ReturnValues {wanted}")
        change = prepare_update(table, request)
        refuse_conflict(fault)
        table.commit(change)
        return {} if wanted == "NONE" or change.item is None else {"Attributes": dict(change.item)}

    def _delete_item(self, request: Request, fault: Fault | None) -> Response:
        table = self._table(request)
        change = prepare_delete(table, request)
        refuse_conflict(fault)
        table.commit(change)
        return {}

    def _transact_write_items(self, request: Request, fault: Fault | None) -> Response:
        return transact(self.tables, request, fault, self._random, self._tokens, _ACTIONS)

    def _query(self, request: Request, fault: Fault | None) -> Response:
        require_known("Query", request, _QUERY)
        table = self._table(request)
        index_name = request.get("IndexName")
        if index_name is None:
            index = table.own_index()
        elif index_name not in table.indexes:
            raise invalid(f"The table does not have the specified index: {index_name}")
        else:
            index = table.indexes[index_name]
            if request.get("ConsistentRead"):
                raise invalid("Consistent reads are not supported on global secondary indexes")
        statement = read_statement(
            request.get("KeyConditionExpression"),
            request.get("FilterExpression"),
            request.get("ProjectionExpression"),
            _names(request),
        )
        values = _values(request, statement.values)
        stale = fault is Fault.STALE
        return pages.query(table, index, request, statement, values, stale=stale)

    def _scan(self, request: Request, fault: Fault | None) -> Response:
        require_known("Scan", request, _READ)
        statement = read_statement(
            None,
            request.get("FilterExpression"),
            request.get("ProjectionExpression"),
            _names(request),
        )
        values = _values(request, statement.values)
        table = self._table(request)
        return pages.scan(table, request, statement, values, stale=fault is Fault.STALE)


def prepare_put(table: Table, request: Request) -> Change:
    """Check a Put, and its condition against the stored item. Raises Refusal."""
    require_known("Put", request, _PUT)
    statement, values = _write_parts(request)
    item = read_values(request["Item"])
    change = table.put(table.key_of(item), item)
    if statement.condition is not None:
        _require(statement, table.get(change.key), values, request)
    return change


def prepare_update(table: Table, request: Request) -> Change:
    """Check an Update, and its condition against the stored item. Raises Refusal."""
    require_known("Update", request, _UPDATE)
    statement, values = _write_parts(request)
    attributes = read_values(request["Key"])
    key = table.exact_key(attributes)
    before = table.get(key)
    if statement.update is None:
        raise not_known("an update without an UpdateExpression")
    for name in table.keys:
        if name in statement.update.changed:
            raise invalid(
                "One or more parameter values were invalid: Cannot update attribute"
                f" {name}. This attribute is part of the key"
            )
    _require(statement, before, values, request)
    item = statement.update.apply({} if before is None else before, values)
    item.update(attributes)
    return table.put(key, item)


def prepare_delete(table: Table, request: Request) -> Change:
    """Check a Delete, and its condition against the stored item. Raises Refusal."""
    require_known("Delete", request, _CONDITIONAL | {"Key"})
    statement, values = _write_parts(request)
    key = table.exact_key(read_values(request["Key"]))
    if statement.condition is not None:
        _require(statement, table.get(key), values, request)
    return table.remove(key)


def check_condition(table: Table, request: Request) -> None:
    """Check a condition against the stored item. Raises Refusal."""
    prepare_delete(table, request)


_ACTIONS: Mapping[str, Prepare] = {
    "Put": prepare_put,
    "Update": prepare_update,
    "Delete": prepare_delete,
    "ConditionCheck": check_condition,
}


def require_known(what: str, request: Request, known: AbstractSet[str]) -> None:
    """Raise Refusal for a request with parameters that this model lacks."""
    if not request.keys() <= known:
        unknown = ", ".join(sorted(request.keys() - known))
        raise not_known(f"the parameters {unknown} of {what}")


def refuse_conflict(fault: Fault | None) -> None:
    """Raise Refusal for a write to an item that another transaction is writing, if ``fault`` is
    CONFLICT.
    """
    if fault is Fault.CONFLICT:
        raise Refusal("TransactionConflictException", "Transaction is ongoing for the item")


def _write_parts(request: Request) -> tuple[Statement, Values]:
    statement = write_statement(
        request.get("ConditionExpression"), request.get("UpdateExpression"), _names(request)
    )
    return statement, _values(request, statement.values)


def _require(statement: Statement, item: Item | None, values: Values, request: Request) -> None:
    """Raise Refusal if a condition does not hold, with the item if the request asks for it."""
    condition = statement.condition
    if condition is None or condition({} if item is None else item, values):
        return
    wanted = request.get("ReturnValuesOnConditionCheckFailure", "NONE")
    if wanted not in {"NONE", "ALL_OLD"}:
        raise not_known(f"ReturnValuesOnConditionCheckFailure {wanted}")
    members = {"Item": item} if item is not None and wanted == "ALL_OLD" else {}
    raise Refusal(
        "ConditionalCheckFailedException", "The conditional request failed", members=members
    )


def _names(request: Request) -> tuple[tuple[str, str], ...]:
    names = request.get("ExpressionAttributeNames")
    if names is None:
        return ()
    if not names:
        raise invalid("ExpressionAttributeNames must not be empty")
    return tuple(names.items())


def _values(request: Request, used: AbstractSet[str]) -> Values:
    """Return the values of a request. Raises Refusal unless they are exactly those that its
    expressions use.
    """
    given = request.get("ExpressionAttributeValues")
    if given is None:
        given = {}
    elif not given:
        raise invalid("ExpressionAttributeValues must not be empty")
    if given.keys() != used:
        unused, missing = sorted(given.keys() - used), sorted(used - given.keys())
        raise invalid(f"Values that no expression uses: {unused}; that are not defined: {missing}")
    return read_values(given)
