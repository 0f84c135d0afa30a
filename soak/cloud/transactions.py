"""TransactWriteItems of DynamoDB: all writes or none, and at most once for a client request
token.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

from soak.cloud.attribute_values import Refusal, invalid, not_known
from soak.cloud.tables import Change, Table
from soak.kernel.edges import Fault

MAX_ACTIONS = 100
MAX_BYTES = 4 * 1024 * 1024
"""Maximum size in bytes of the items of a transaction."""

TOKEN_SECONDS = 600.0
"""Seconds for which a client request token makes a transaction idempotent."""

_NO_REASON: Mapping[str, Any] = {"Code": "None"}
_CONFLICT: Mapping[str, Any] = {
    "Code": "TransactionConflict",
    "Message": "Transaction is ongoing for the item",
}
type Action = Mapping[str, Any]
type Prepare = Callable[[Table, Action], Change | None]
"""Checks an action. Returns its change; None for one that changes nothing. Raises Refusal."""


class Tokens:
    """Client request tokens of the transactions that were carried out. ``clock``: current virtual
    time.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[str, Any] = {}
        self._order: deque[tuple[float, str]] = deque()

    def is_known(self, token: str, actions: Any) -> bool:
        """Return True if a transaction was carried out before. Raises Refusal if its token was used
        for another one.
        """
        now = self._clock()
        while self._order and self._order[0][0] <= now - TOKEN_SECONDS:
            del self._known[self._order.popleft()[1]]
        if token not in self._known:
            return False
        if self._known[token] != actions:
            raise Refusal(
                "IdempotentParameterMismatchException",
                "DynamoDB rejected the request because you retried a request with a different"
                " payload but with an idempotent token that was already used.",
            )
        return True

    def remember(self, token: str, actions: Any) -> None:
        """Store the token of a transaction that was carried out."""
        self._known[token] = actions
        self._order.append((self._clock(), token))


def transact(
    tables: Mapping[str, Table],
    request: Mapping[str, Any],
    fault: Fault | None,
    random: Random,
    tokens: Tokens,
    kinds: Mapping[str, Prepare],
) -> dict[str, Any]:
    """Carry out a TransactWriteItems and return the response. Raises Refusal.

    Args:
        tables: The tables by name.
        request: The request, with a token.
        fault: CONFLICT: another transaction is writing one of the items.
        random: Decides which item that is.
        tokens: Transactions that were carried out.
        kinds: For each kind of action, what checks it.
    """
    actions = request["TransactItems"]
    if not 1 <= len(actions) <= MAX_ACTIONS:
        raise invalid(f"a transaction has 1 to {MAX_ACTIONS} actions")
    parts = [_part(tables, action, kinds) for action in actions]
    _require_distinct(parts)
    token = request["ClientRequestToken"]
    if tokens.is_known(token, actions):
        return {}
    changes, reasons = _check_parts(parts, kinds)
    if fault is Fault.CONFLICT:
        reasons = [_NO_REASON] * len(actions)
        reasons[random.randrange(len(actions))] = _CONFLICT
    if any(reason is not _NO_REASON for reason in reasons):
        raise _cancelled(reasons)
    if sum(len(change.packed or b"") for _, change in changes) > MAX_BYTES:
        raise not_known(f"a transaction of more than {MAX_BYTES} bytes")
    for table, change in changes:
        table.commit(change)
    tokens.remember(token, actions)
    return {}


def _check_parts(
    parts: Iterable[tuple[str, Table, Action]], kinds: Mapping[str, Prepare]
) -> tuple[list[tuple[Table, Change]], list[Mapping[str, Any]]]:
    """Return the changes of a transaction, and for each part the reason against it."""
    changes: list[tuple[Table, Change]] = []
    reasons: list[Mapping[str, Any]] = []
    for kind, table, parameters in parts:
        try:
            change = kinds[kind](table, parameters)
        except Refusal as refusal:
            if refusal.code != "ConditionalCheckFailedException":
                raise
            reasons.append(_failed_condition(refusal))
        else:
            reasons.append(_NO_REASON)
            if change is not None:
                changes.append((table, change))
    return changes, reasons


def _part(
    tables: Mapping[str, Table], action: Action, kinds: Mapping[str, Prepare]
) -> tuple[str, Table, Action]:
    """Return the kind of a transaction's action, its table and its parameters."""
    if len(action) != 1:
        raise invalid("TransactItems can only contain one of Check, Put, Update or Delete")
    for kind, parameters in action.items():
        if kind not in kinds:
            break
        if parameters["TableName"] not in tables:
            raise Refusal("ResourceNotFoundException", "Requested resource not found")
        return kind, tables[parameters["TableName"]], parameters
    raise not_known(f"the actions {', '.join(action)}")


def _require_distinct(parts: list[tuple[str, Table, Action]]) -> None:
    places = [
        (
            table.schema.name,
            table.key_of(parameters["Item"])
            if kind == "Put"
            else table.exact_key(parameters["Key"]),
        )
        for kind, table, parameters in parts
    ]
    if len(set(places)) < len(places):
        raise invalid("Transaction request cannot include multiple operations on one item")


def _failed_condition(refusal: Refusal) -> Mapping[str, Any]:
    return {"Code": "ConditionalCheckFailed", "Message": refusal.message, **refusal.members}


def _cancelled(reasons: list[Mapping[str, Any]]) -> Refusal:
    codes = ", ".join(str(reason["Code"]) for reason in reasons)
    message = (
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    )
    return Refusal(
        "TransactionCanceledException",
        message,
        members={"Message": message, "CancellationReasons": [dict(one) for one in reasons]},
    )
