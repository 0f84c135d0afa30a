"""The outbox of messages, in DynamoDB: one item for each dispatch under the key ``id``.

The index ``waiting`` has what is ``due`` at some time, oldest first, and what is ``failed`` or ``unknown``.

The same table keeps how far a record has come, for campaigns that wait, and when old messages were last looked for, under ``watch#...``.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.answers import upstream_error
from gridwix.clients.aws.batches import read_items
from gridwix.clients.aws.boto import aws_errors
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record, readable_id
from gridwix.models.ids import PartnerId
from gridwix.partner_messenger.dispatches import OPEN, Collected, Dispatch, DispatchState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "waiting"
DUE = "due"
KEPT = timedelta(days=400)
"""For how long it is known what became of a dispatch, and so that it is not to be sent again: longer than any event is kept, and than its message stays on the
portal (``gridwix.configuration.messaging.LONGEST_KEPT_DAYS``)."""

MAX_ENTRIES = 100
"""What one digest collects at most."""

WATCH = "watch#"
SHOWN = frozenset({DispatchState.FAILED, DispatchState.UNKNOWN})
"""The states that a person should look at: they stay in the index, under their own names."""

_TEXTS = ("id", "campaign", "occasion", "subject", "recipient", "digest", "state", "reason")


class DynamoDBOutbox:
    """The semantics are those of ``gridwix.partner_messenger.ports.Outbox``. The index lags behind by moments, and what it shows is claimed in the table.

    A stored dispatch that this release cannot read is handed to ``note`` and left out; it stays where it is.
    """

    def __init__(self, client: "DynamoDBClient", table: str, *, note: Callable[[RecordFault], None] = lambda _: None) -> None:
        self._client = client
        self._table = table
        self._note = note

    def plan(self, dispatches: Sequence[Dispatch]) -> Sequence[Dispatch]:
        known = self._known([dispatch.id for dispatch in dispatches])
        return [dispatch for dispatch in dispatches if dispatch.id not in known and self._put(dispatch)]

    def collect(self, entry: Dispatch, digest: Dispatch) -> Collected:
        """As the port says. The digest holds its entries itself, so that whoever claims it has them all."""
        collected = replace(entry, state=DispatchState.COLLECTED, digest=digest.id)
        fresh = {name: value for name, value in _item(digest).items() if name not in ("id", "entries", "revision")}
        names = {f"#{name}": name for name in fresh}
        first = ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in fresh)
        update: Any = {
            "TableName": self._table,
            "Key": {"id": {"S": digest.id}},
            "UpdateExpression": f"SET {first} ADD entries :entry, revision :one",
            "ConditionExpression": "attribute_not_exists(id) OR (#state = :planned AND size(entries) < :most)",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {f":{name}": value for name, value in fresh.items()}
            | {":entry": {"SS": [entry.id]}, ":one": {"N": "1"}, ":planned": {"S": DispatchState.PLANNED.value}, ":most": {"N": str(MAX_ENTRIES)}},
        }
        put: Any = {"TableName": self._table, "Item": _item(collected), "ConditionExpression": "attribute_not_exists(id)"}
        with aws_errors("TransactWriteItems"):
            try:
                self._client.transact_write_items(TransactItems=[{"Put": put}, {"Update": update}])
            except self._client.exceptions.TransactionCanceledException as error:
                codes = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])]
                if "ConditionalCheckFailed" not in codes:
                    raise upstream_error("TransactWriteItems", "TransactionInProgressException", status=400) from error
                return Collected.KNOWN if codes[0] == "ConditionalCheckFailed" else Collected.CLOSED
        return Collected.ADDED

    def read(self, ids: Collection[str]) -> Mapping[str, Dispatch]:
        return {dispatch.id: dispatch for dispatch in self._readable(read_items(self._client, self._table, "id", ids))}

    def due(self, until: datetime, limit: int) -> Sequence[Dispatch]:
        return list(islice(self._readable(self._query(DUE, limit, until)), limit))

    def listed(self, state: DispatchState, limit: int) -> Sequence[Dispatch]:
        """At most ``limit`` of those that are FAILED or UNKNOWN, oldest first."""
        return list(islice(self._readable(self._query(state.value, limit, None)), limit))

    def claim(self, dispatch: Dispatch, *, until: datetime) -> Dispatch | None:
        claimed = replace(dispatch, state=DispatchState.SENDING, due_at=until, attempts=dispatch.attempts + 1, revision=dispatch.revision + 1)
        return claimed if self._change(dispatch, claimed) else None

    def settle(self, dispatch: Dispatch, state: DispatchState, *, reason: str = "", due_at: datetime | None = None) -> bool:
        settled = replace(dispatch, state=state, reason=reason, due_at=due_at or dispatch.due_at, revision=dispatch.revision + 1)
        return self._change(dispatch, settled)

    def release(self, identifier: str, at: datetime) -> bool:
        """Have one that FAILED, or is UNKNOWN, sent once more; False if it is neither."""
        dispatch = self.read([identifier]).get(identifier)
        if dispatch is None or dispatch.state not in SHOWN:
            return False
        again = replace(dispatch, state=DispatchState.PLANNED, reason="", since=at, due_at=at, attempts=0, revision=dispatch.revision + 1)
        return self._change(dispatch, again)

    def note(self, key: str, version: int) -> None:
        values: Any = {":version": {"N": str(version)}, ":expires": {"N": _expiry(datetime.now(UTC))}}
        with aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"id": {"S": WATCH + key}},
                    UpdateExpression="SET version = :version, expiration = :expires",
                    ConditionExpression="attribute_not_exists(version) OR version < :version",
                    ExpressionAttributeValues=values,
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return

    def noted(self, keys: Collection[str]) -> Mapping[str, int]:
        items = read_items(self._client, self._table, "id", [WATCH + key for key in keys])
        return {item["id"]["S"].removeprefix(WATCH): int(item["version"]["N"]) for item in items}

    def _known(self, ids: Collection[str]) -> frozenset[str]:
        """Which of these are recorded. It spares writes; what decides is the write's own condition."""
        return frozenset(item["id"]["S"] for item in read_items(self._client, self._table, "id", ids))

    def _put(self, dispatch: Dispatch) -> bool:
        with aws_errors("PutItem"):
            try:
                self._client.put_item(TableName=self._table, Item=_item(dispatch), ConditionExpression="attribute_not_exists(id)")
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def _change(self, before: Dispatch, after: Dispatch) -> bool:
        """Write what became of a dispatch; False if it is not as it was read."""
        item: Any = {name: value for name, value in _item(after).items() if name not in ("id", "entries")}
        names = {f"#{name}": name for name in item}
        gone = [name for name in (INDEX, "reason") if name not in item]
        with aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key={"id": {"S": before.id}},
                    UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in item) + (f" REMOVE {', '.join(gone)}" if gone else ""),
                    ConditionExpression="#revision = :before",
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues={f":{name}": value for name, value in item.items()} | {":before": {"N": str(before.revision)}},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def _query(self, waiting: str, limit: int, until: datetime | None) -> Iterator[Mapping[str, Any]]:
        condition, values = "waiting = :waiting", {":waiting": {"S": waiting}}
        if until is not None:
            condition += " AND dueAt <= :until"
            values[":until"] = {"S": _moment(until)}
        position: Any = {}
        # The next page is only read if something of this one was left out.
        while position is not None:
            with aws_errors("Query"):
                answer = self._client.query(
                    TableName=self._table,
                    IndexName=INDEX,
                    KeyConditionExpression=condition,
                    ExpressionAttributeValues=values,
                    Limit=limit,
                    **position,
                )
            yield from answer["Items"]
            following = answer.get("LastEvaluatedKey")
            position = None if following is None else {"ExclusiveStartKey": following}

    def _readable(self, items: Iterable[Mapping[str, Any]]) -> Iterator[Dispatch]:
        for item in items:
            try:
                with confine_to_record(f"dispatches/{readable_id(item['id']['S'])}"):
                    dispatch = _dispatch(item)
            except RecordFault as fault:
                self._note(fault)
            else:
                yield dispatch


def _moment(at: datetime) -> str:
    """A text that sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _expiry(at: datetime) -> str:
    return str(int((at + KEPT).timestamp()))


def _item(dispatch: Dispatch) -> dict[str, Any]:
    texts = {
        **{name: str(getattr(dispatch, name)) for name in _TEXTS},
        "partnerId": dispatch.partner_id,
        "channel": dispatch.channel or "",
        "since": _moment(dispatch.since),
        "dueAt": _moment(dispatch.due_at),
        INDEX: DUE if dispatch.state in OPEN else dispatch.state.value if dispatch.state in SHOWN else "",
    }
    numbers = {"version": dispatch.version, "attempts": dispatch.attempts, "revision": dispatch.revision}
    item: dict[str, Any] = {name: {"S": text} for name, text in texts.items() if text} | {name: {"N": str(number)} for name, number in numbers.items()}
    if dispatch.entries:
        item["entries"] = {"SS": sorted(dispatch.entries)}
    return {**item, "expiration": {"N": _expiry(dispatch.due_at)}}


def _dispatch(item: Mapping[str, Any]) -> Dispatch:
    text = {name: value["S"] for name, value in item.items() if "S" in value}
    number = {name: int(value["N"]) for name, value in item.items() if "N" in value}
    channel: Any = text.get("channel")
    return Dispatch(
        id=text["id"],
        campaign=text["campaign"],
        occasion=text["occasion"],
        subject=text["subject"],
        partner_id=PartnerId(text["partnerId"]),
        since=datetime.fromisoformat(text["since"]),
        due_at=datetime.fromisoformat(text["dueAt"]),
        channel=channel,
        recipient=text.get("recipient", ""),
        version=number["version"],
        entries=frozenset(item.get("entries", {}).get("SS", ())),
        digest=text.get("digest", ""),
        state=DispatchState(text["state"]),
        reason=text.get("reason", ""),
        attempts=number["attempts"],
        revision=number["revision"],
    )
