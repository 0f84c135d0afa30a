"""DynamoDB table of the outbox: one item per dispatch (planned message), under the key ``id``.

The sparse index ``waiting`` holds the dispatches that are ``due`` at some time, oldest first, and
the dispatches that are ``failed`` or ``unknown``.

An item ``watch#...`` is a high-water mark. For a campaign that sends some hours after an event, the
mark is the greatest known version of the record. For a daily task, such as removing old messages,
the mark is the last day, or the last part of the work, that is done.

An item ``told#...`` deduplicates a message about a record that several partners see. If a member
acts for several of these partners, only one of the dispatches to the member may be sent, and the
item names this dispatch.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from gridwix.clients.aws.batches import read_items
from gridwix.clients.aws.boto import failed_conditions, translate_aws_errors
from gridwix.clients.aws.item_schemas import ItemKind, schema_attribute, schema_value
from gridwix.clients.aws.items import Item, Value, decode_item, encode_item
from gridwix.clients.aws.repeats import REPORT_STORED, new_mark, was_carried_out
from gridwix.errors import RecordFault
from gridwix.mapping.record_faults import confine_to_record, readable_id
from gridwix.models.ids import PartnerId
from gridwix.partner_messenger.dispatches import OPEN, Collected, Dispatch, DispatchState
from gridwix.partner_messenger.ports import Outbox
from gridwix.ports import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "waiting"
DUE = "due"
KEPT = timedelta(days=400)
"""Default time to live of a dispatch after it was due. Until it ends, the dispatch is deduplicated.
It is longer than any event is kept, and than a message stays on the portal
(``gridwix.configuration.messaging.LONGEST_KEPT_DAYS``)."""

MAX_ENTRIES = 100
"""Maximum number of entries in one digest."""

WATCH = "watch#"
TOLD = "told#"
SHOWN = frozenset({DispatchState.FAILED, DispatchState.UNKNOWN})
"""States that need an operator: such a dispatch stays in the index, under its state's name."""

_TEXTS = ("id", "campaign", "occasion", "subject", "recipient", "digest", "state", "reason")


class DynamoDBOutbox(Outbox):
    """Stores dispatches (planned messages) in DynamoDB, with optimistic locking on their revision.

    A worker claims a dispatch before it sends the message, so that no other worker does. The index
    of due dispatches is eventually consistent, so a claim is checked in the table itself. A stored
    dispatch that this release cannot read is left out of results and reported as a fault to the
    callback ``note``. It stays stored. ``clock`` returns Unix seconds, from which the time to live
    of items other than dispatches is computed.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        clock: Clock,
        *,
        kept: timedelta = KEPT,
        note: Callable[[RecordFault], None] = lambda _: None,
    ) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._kept = kept
        self._note = note

    def add_dispatches(self, dispatches: Sequence[Dispatch]) -> Sequence[Dispatch]:
        known = self._stored_ids([dispatch.id for dispatch in dispatches])
        return [
            dispatch
            for dispatch in dispatches
            if dispatch.id not in known and self._put_new(dispatch)
        ]

    def add_to_digest(self, entry: Dispatch, digest: Dispatch) -> Collected:
        """Store a message and add its id to the digest, in one transaction: both or neither.

        A digest combines the messages of a day. The digest's item holds the ids of its messages, so
        the worker that claims the digest has all of them.
        """
        collected = replace(entry, state=DispatchState.COLLECTED, digest=digest.id)
        fresh = {
            name: value
            for name, value in _dispatch_item(digest, self._kept).items()
            if name not in ("id", "entries", "revision")
        }
        names = {f"#{name}": name for name in fresh}
        first = ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in fresh)
        update: Any = {
            "TableName": self._table,
            "Key": encode_item({"id": digest.id}),
            "UpdateExpression": f"SET {first} ADD entries :entry, revision :one",
            "ConditionExpression": (
                "attribute_not_exists(id) OR (#state = :planned AND size(entries) < :most)"
            ),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": encode_item(
                {f":{name}": value for name, value in fresh.items()}
                | {
                    ":entry": {entry.id},
                    ":one": 1,
                    ":planned": DispatchState.PLANNED.value,
                    ":most": MAX_ENTRIES,
                }
            ),
        }
        put: Any = {
            "TableName": self._table,
            "Item": encode_item(_dispatch_item(collected, self._kept)),
            "ConditionExpression": "attribute_not_exists(id)",
        }
        with translate_aws_errors("TransactWriteItems"):
            try:
                self._client.transact_write_items(TransactItems=[{"Put": put}, {"Update": update}])
            except self._client.exceptions.TransactionCanceledException as error:
                is_known = failed_conditions("TransactWriteItems", error)[0]
                return Collected.KNOWN if is_known else Collected.CLOSED
        return Collected.ADDED

    def read_dispatches(self, ids: Collection[str]) -> Mapping[str, Dispatch]:
        return {
            dispatch.id: dispatch
            for dispatch in self._readable_dispatches(
                read_items(self._client, self._table, "id", ids)
            )
        }

    def due_dispatches(self, until: datetime, limit: int) -> Sequence[Dispatch]:
        return list(islice(self._readable_dispatches(self._query_index(DUE, limit, until)), limit))

    def list_in_state(self, state: DispatchState, limit: int) -> Sequence[Dispatch]:
        """Return at most ``limit`` dispatches in a state, FAILED or UNKNOWN, oldest first."""
        return list(
            islice(self._readable_dispatches(self._query_index(state.value, limit, None)), limit)
        )

    def claim_dispatch(self, dispatch: Dispatch, *, until: datetime) -> Dispatch | None:
        claimed = replace(
            dispatch,
            state=DispatchState.SENDING,
            due_at=until,
            attempts=dispatch.attempts + 1,
            revision=dispatch.revision + 1,
        )
        return claimed if self._replace_dispatch(dispatch, claimed) else None

    def settle_dispatch(
        self,
        dispatch: Dispatch,
        state: DispatchState,
        *,
        reason: str = "",
        due_at: datetime | None = None,
    ) -> bool:
        settled = replace(
            dispatch,
            state=state,
            reason=reason,
            due_at=due_at or dispatch.due_at,
            revision=dispatch.revision + 1,
        )
        return self._replace_dispatch(dispatch, settled)

    def release_dispatch(self, identifier: str, at: datetime) -> bool:
        """Schedule a FAILED or UNKNOWN dispatch for another attempt, and return True.

        Returns False, and does nothing, if there is no dispatch with this id, if the dispatch is in
        any other state, or if it has just been changed.

        Args:
            identifier: The dispatch's id.
            at: Time at which the dispatch becomes due.
        """
        dispatch = self.read_dispatches([identifier]).get(identifier)
        if dispatch is None or dispatch.state not in SHOWN:
            return False
        again = replace(
            dispatch,
            state=DispatchState.PLANNED,
            reason="",
            since=at,
            due_at=at,
            attempts=0,
            revision=dispatch.revision + 1,
        )
        return self._replace_dispatch(dispatch, again)

    def tell_once(self, key: str, dispatch_id: str) -> bool:
        item: Mapping[str, Value] = {
            "id": TOLD + key,
            "dispatch": dispatch_id,
            "expiration": self._expiration(),
            **schema_attribute(ItemKind.TELLING),
        }
        with translate_aws_errors("PutItem"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=encode_item(item),
                    ConditionExpression="attribute_not_exists(id) OR dispatch = :dispatch",
                    ExpressionAttributeValues=encode_item({":dispatch": dispatch_id}),
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def raise_watermark(self, key: str, version: int) -> None:
        values = encode_item(
            {
                ":version": version,
                ":expires": self._expiration(),
                **schema_value(ItemKind.WATERMARK),
            }
        )
        with translate_aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=encode_item({"id": WATCH + key}),
                    UpdateExpression=(
                        "SET version = :version, expiration = :expires, schemaVersion = :schema"
                    ),
                    ConditionExpression="attribute_not_exists(version) OR version < :version",
                    ExpressionAttributeValues=values,
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return

    def watermarks(self, keys: Collection[str]) -> Mapping[str, int]:
        items = read_items(self._client, self._table, "id", [WATCH + key for key in keys])
        return {item["id"].removeprefix(WATCH): int(item["version"]) for item in items}

    def _expiration(self) -> int:
        return _expiration_time(datetime.fromtimestamp(self._clock(), UTC), self._kept)

    def _stored_ids(self, ids: Collection[str]) -> frozenset[str]:
        """Return those of these ids under which an item is stored already.

        This only saves writes: the condition of each write prevents duplicates.
        """
        return frozenset(item["id"] for item in read_items(self._client, self._table, "id", ids))

    def _put_new(self, dispatch: Dispatch) -> bool:
        mark = new_mark()
        with translate_aws_errors("PutItem"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=encode_item(_dispatch_item(dispatch, self._kept) | mark),
                    ConditionExpression="attribute_not_exists(id)",
                    **REPORT_STORED,
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                return was_carried_out(error, mark)
        return True

    def _replace_dispatch(self, before: Dispatch, after: Dispatch) -> bool:
        """Replace a stored dispatch; return False if it has changed since ``before`` was read.

        This is optimistic locking. If a response is lost, botocore repeats the request, and the
        second copy conflicts with the first. Such a conflict counts as success. Otherwise a worker
        would not know that it has claimed the dispatch, and the message might never be sent.
        """
        mark = new_mark()
        item = {
            name: value
            for name, value in (_dispatch_item(after, self._kept) | mark).items()
            if name not in ("id", "entries")
        }
        names = {f"#{name}": name for name in item}
        removed = [name for name in (INDEX, "reason") if name not in item]
        with translate_aws_errors("UpdateItem"):
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=encode_item({"id": before.id}),
                    UpdateExpression="SET "
                    + ", ".join(f"#{name} = :{name}" for name in item)
                    + (f" REMOVE {', '.join(removed)}" if removed else ""),
                    ConditionExpression="#revision = :before",
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=encode_item(
                        {f":{name}": value for name, value in item.items()}
                        | {":before": before.revision}
                    ),
                    **REPORT_STORED,
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                return was_carried_out(error, mark)
        return True

    def _query_index(self, waiting: str, limit: int, until: datetime | None) -> Iterator[Item]:
        """Yield the items of the index with this value of ``waiting``, in the order of due times.

        ``until`` limits them to items that are due by then; None for no limit.
        """
        condition, values = "waiting = :waiting", {":waiting": waiting}
        if until is not None:
            condition += " AND dueAt <= :until"
            values[":until"] = _sortable_time(until)
        position: Any = {}
        # Callers take ``limit`` readable items: the next page is read only if some were unreadable.
        while position is not None:
            with translate_aws_errors("Query"):
                response = self._client.query(
                    TableName=self._table,
                    IndexName=INDEX,
                    KeyConditionExpression=condition,
                    ExpressionAttributeValues=encode_item(values),
                    Limit=limit,
                    **position,
                )
            yield from map(decode_item, response["Items"])
            following = response.get("LastEvaluatedKey")
            position = None if following is None else {"ExclusiveStartKey": following}

    def _readable_dispatches(self, items: Iterable[Item]) -> Iterator[Dispatch]:
        for item in items:
            try:
                with confine_to_record(f"dispatches/{readable_id(item['id'])}"):
                    dispatch = _read_dispatch(item)
            except RecordFault as fault:
                self._note(fault)
            else:
                yield dispatch


def _sortable_time(at: datetime) -> str:
    """Return a time as UTC text for a sort key: alphabetical order is the order of time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _expiration_time(at: datetime, kept: timedelta) -> int:
    return int((at + kept).timestamp())


def _index_value(state: DispatchState) -> str:
    """Return the index's partition key for a state; "" for a state that the index leaves out."""
    if state in OPEN:
        return DUE
    return state.value if state in SHOWN else ""


def _dispatch_item(dispatch: Dispatch, kept: timedelta) -> dict[str, Value]:
    texts = {
        **{name: str(getattr(dispatch, name)) for name in _TEXTS},
        "partnerId": dispatch.partner_id,
        "channel": dispatch.channel or "",
        "since": _sortable_time(dispatch.since),
        "dueAt": _sortable_time(dispatch.due_at),
        INDEX: _index_value(dispatch.state),
    }
    # An empty text is left out: DynamoDB takes none as the key of an index.
    item: dict[str, Value] = {name: text for name, text in texts.items() if text}
    item |= {
        "version": dispatch.version,
        "attempts": dispatch.attempts,
        "revision": dispatch.revision,
        **schema_attribute(ItemKind.DISPATCH),
    }
    if dispatch.entries:
        item["entries"] = dispatch.entries
    return {**item, "expiration": _expiration_time(dispatch.due_at, kept)}


def _read_dispatch(item: Item) -> Dispatch:
    text: Mapping[str, str] = {
        name: value for name, value in item.items() if isinstance(value, str)
    }
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
        version=int(item["version"]),
        entries=item.get("entries", frozenset()),
        digest=text.get("digest", ""),
        state=DispatchState(text["state"]),
        reason=text.get("reason", ""),
        attempts=int(item["attempts"]),
        revision=int(item["revision"]),
    )
