"""DynamoDB adapter of the publication ledger, the table of published versions and leases of rows.

It implements :class:`gridwix.publication.ports.PublicationLedger` with one item per row of the
portal, under the key ``row`` = ``collection#item_id``. An attribute without a value is left out:

- ``published``: version vector (JSON) of the last write that is known to have reached Wix
- ``intended``: version vector (JSON) of a write that has begun and is not recorded as done
- ``contentHash``, ``origin``, ``writtenAt``: content hash of the last write, id of the event that
  led to that write, and its time in Unix seconds
- ``audience``: JSON array with the ids of the partners that may see the row
- ``holder``, ``heldUntil``: the worker that has the row's lease, and the lease's end in Unix
  seconds
- ``revision``: number that grows with each claim and commit (optimistic locking)
"""

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from gridwix.clients.aws.batches import read_items
from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.item_schemas import ItemKind, schema_value
from gridwix.clients.aws.items import Item, Value, encode_item, seconds_number
from gridwix.clients.aws.repeats import was_carried_out
from gridwix.concurrency import map_in_order
from gridwix.errors import Refused, Throttled, UpstreamConflict, UpstreamError
from gridwix.publication.audiences import Audience, audience_json, parse_audience
from gridwix.publication.models import Claim, LedgerEntry, Publication, RowKey, Versions
from gridwix.publication.ports import PublicationLedger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

WORKERS = 4
"""Maximum number of writes in flight. A write waits about 5 ms for DynamoDB and needs 1 ms of a
whole processor, or 3 ms of the 0.3 that a function of 512 MB has: three or four threads keep it
busy, and more would only wait for it. boto3 keeps 10 connections (``max_pool_connections``)."""

MAX_THROTTLED = 3
"""Number of throttled rows after which a worker, and with it all others, writes no further row.
boto3 has retried each of these rows, for a second or two."""

SETTLE_RETRIES = 4
"""Number of times that the holder of a claim retries its write while a transaction is in flight on
the row. This release makes no transactions, but functions of an earlier one do, until a deployment
ends."""

_CONDITION = "ConditionalCheckFailedException"

_CLAIM = (
    "SET intended = :intended, heldUntil = :until, holder = :holder, revision = :next,"
    " schemaVersion = :schema"
)
_CLAIM_FIRST_IF = "attribute_not_exists(revision)"
_CLAIM_IF = "revision = :revision AND (attribute_not_exists(heldUntil) OR heldUntil <= :now)"
_COMMIT = (
    "SET published = :published, contentHash = :hash, origin = :origin, revision = revision + :one,"
    " schemaVersion = :schema"
)
_AUDIENCE = ", audience = :audience"
_WRITTEN_AT = ", writtenAt = :at"
_SETTLED = " REMOVE intended, heldUntil, holder"
_RELEASE = "REMOVE heldUntil, holder"
_HELD = "holder = :holder"

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Update:
    """The conditional write of a portal row's item in the publication ledger.

    ``stored`` has attributes of the item after the write, None for an attribute that the item then
    lacks. If a response is lost and botocore retries the write, the condition fails, and the stored
    item shows by these attributes that the first attempt succeeded. ``stored`` is empty if the
    caller does not use the result of the write.
    """

    key: RowKey
    request: "UpdateItemInputTypeDef"
    stored: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Outcome of writing some rows' items in the publication ledger.

    ``written`` has the rows that were written. ``refused`` is the number of rows that were not,
    because another worker holds the row's lease, has changed its item, or keeps it busy with a
    transaction. ``rejection`` is the first error that concerned a single row, ``failure`` the error
    that ended the writing; None if there was none.
    """

    written: frozenset[RowKey] = frozenset()
    refused: int = 0
    rejection: UpstreamError | None = None
    failure: UpstreamError | None = None


class DynamoDBLedger(PublicationLedger):
    """Publication ledger in DynamoDB: published versions and leases of portal rows. Thread-safe.

    The ledger item of each row is written by one conditional UpdateItem, in at most ``WORKERS``
    threads; a single row starts no thread. An item of 1 KB costs one write unit per claim and per
    commit. A transaction of many rows would cost twice that and guarantee nothing more, because
    rows are independent (``docs/adr/0020-rows-are-written-one-by-one-and-chunks-overlap.md``).

    All methods raise :class:`gridwix.errors.UpstreamError` if nothing could be read, granted or
    recorded. If AWS fails half-way, ``claim`` and ``commit`` return the rows that were written
    before the failure; all others count as not granted or not recorded.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read_entries(self, keys: Collection[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        rows = {_row_name(key): key for key in keys}
        items = read_items(self._client, self._table, "row", rows)
        return {key: _ledger_entry(key, item) for item in items for key in [rows[item["row"]]]}

    def claim(
        self, claims: Sequence[Claim], *, holder: str, now: float, until: float
    ) -> frozenset[RowKey]:
        """Claim rows: take the lease to write them. Return the keys of the granted rows.

        A row is not granted if another holder has its lease or its ledger entry has changed since
        it was read. It is also not granted if DynamoDB throttles the write or a transaction is in
        flight on the item; then a retry may succeed. Raises ValueError if ``claims`` has a row
        twice.
        """
        _require_distinct([claim.key for claim in claims])
        return self._write_rows(
            [self._claim_update(claim, holder, now, until) for claim in claims], retries=0
        )

    def commit(self, publications: Sequence[Publication], *, holder: str) -> frozenset[RowKey]:
        """Record that rows were published, and release their leases. Return the keys of these rows.

        A row is left out if ``holder`` no longer has its lease. An expired lease still counts until
        another holder claims the row. Raises ValueError if ``publications`` has a row twice.
        """
        _require_distinct([publication.key for publication in publications])
        return self._write_rows(
            [self._commit_update(publication, holder) for publication in publications],
            retries=SETTLE_RETRIES,
        )

    def release(self, keys: Collection[RowKey], *, holder: str) -> None:
        """Release the leases of ``holder`` on rows. Leases of other holders stay.

        A lease that could not be removed expires by itself.
        """
        updates = [
            self._row_update(key, _RELEASE, _HELD, {":holder": holder}, {})
            for key in dict.fromkeys(keys)
        ]
        self._write_rows(updates, retries=SETTLE_RETRIES)

    def _claim_update(self, claim: Claim, holder: str, now: float, until: float) -> _Update:
        intended = _versions_json(claim.intended)
        values: dict[str, Value] = {
            ":intended": intended,
            ":until": seconds_number(until),
            ":holder": holder,
            ":next": claim.revision + 1,
            **schema_value(ItemKind.LEDGER_ENTRY),
        }
        stored = {"holder": holder, "revision": claim.revision + 1, "intended": intended}
        update = _CLAIM + _audience_update(claim.audience, values)
        # Revision 0: the row must have no entry yet.
        if claim.revision == 0:
            return self._row_update(claim.key, update, _CLAIM_FIRST_IF, values, stored)
        values |= {":revision": claim.revision, ":now": seconds_number(now)}
        return self._row_update(claim.key, update, _CLAIM_IF, values, stored)

    def _commit_update(self, publication: Publication, holder: str) -> _Update:
        published = _versions_json(publication.versions)
        values: dict[str, Value] = {
            ":published": published,
            ":hash": publication.content_hash,
            ":origin": publication.origin,
            ":one": 1,
            ":holder": holder,
            **schema_value(ItemKind.LEDGER_ENTRY),
        }
        stored = {
            "holder": None,
            "published": published,
            "contentHash": publication.content_hash,
            "origin": publication.origin,
        }
        update = _COMMIT + _audience_update(publication.audience, values)
        if publication.written_at is not None:
            values[":at"] = seconds_number(publication.written_at)
            update += _WRITTEN_AT
        update += _SETTLED
        return self._row_update(publication.key, update, _HELD, values, stored)

    def _row_update(
        self,
        key: RowKey,
        update: str,
        condition: str,
        values: Mapping[str, Value],
        stored: Mapping[str, object],
    ) -> _Update:
        return _Update(
            key,
            {
                "TableName": self._table,
                "Key": encode_item({"row": _row_name(key)}),
                "UpdateExpression": update,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": encode_item(values),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
            stored,
        )

    def _write_rows(self, updates: Sequence[_Update], *, retries: int) -> frozenset[RowKey]:
        """Write rows' items in the ledger, each independently. Return the keys of written rows."""
        # Each worker has a share of its own: a thread for each row would cost more than its write.
        shares = [updates[number::WORKERS] for number in range(min(WORKERS, len(updates)))]
        write_share = partial(self._write_share, retries=retries, stop=Event())
        outcomes = list(map_in_order(write_share, shares, workers=WORKERS))
        written = frozenset[RowKey]().union(*(outcome.written for outcome in outcomes))
        failure = next((outcome.failure for outcome in outcomes if outcome.failure), None)
        rejection = next((outcome.rejection for outcome in outcomes if outcome.rejection), None)
        answered = bool(written) or any(outcome.refused for outcome in outcomes)
        error = failure or rejection
        if error is None or (answered and error is rejection):
            return written
        # The caller must hear of the rows that are written.
        if not (answered and error.retryable):
            raise error
        _logger.warning(
            "ledger_cut_short",
            extra={
                "code": error.code,
                "vendor_code": error.vendor_code,
                "rows_done": len(written),
            },
        )
        return written

    def _write_share(self, updates: Sequence[_Update], *, retries: int, stop: Event) -> _Outcome:
        """Write one worker thread's share of the rows' ledger items, one after the other.

        Goes on after an error that concerns one row. Any other error, such as a failure of AWS or
        repeated throttling, sets ``stop``, which ends the work of all threads. Returns which rows
        were written, and the errors.
        """
        written: set[RowKey] = set()
        refused = throttled = 0
        rejection: UpstreamError | None = None
        for update in updates:
            if stop.is_set():
                break
            try:
                if self._write_row(update, retries):
                    written.add(update.key)
                else:
                    refused += 1
            except (Throttled, Refused) as error:
                # It says something of this row only, unless it goes on like that.
                _logger.warning(
                    "ledger_row_rejected",
                    extra={"row": _row_name(update.key), "vendor_code": error.vendor_code},
                )
                rejection = rejection or error
                throttled += isinstance(error, Throttled)
                if throttled == MAX_THROTTLED:
                    stop.set()
                    return _Outcome(frozenset(written), refused, rejection, error)
            except UpstreamError as error:
                stop.set()
                return _Outcome(frozenset(written), refused, rejection, error)
        return _Outcome(frozenset(written), refused, rejection)

    def _write_row(self, update: _Update, retries: int) -> bool:
        """Write a portal row's item in the ledger of published versions and leases.

        Returns True if it was written. False if the write's condition fails, for example because
        another worker holds the row's lease, or if a transaction keeps the item busy.
        """
        for _ in range(1 + retries):
            try:
                with translate_aws_errors("UpdateItem"):
                    return self._attempt_update(update)
            except UpstreamConflict:
                continue
        return False

    def _attempt_update(self, update: _Update) -> bool:
        try:
            self._client.update_item(**update.request)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != _CONDITION:
                raise
            return bool(update.stored) and was_carried_out(error, update.stored)
        return True


def _audience_update(audience: Audience | None, values: dict[str, Value]) -> str:
    """Return the part of an update expression that sets an audience; "" if ``audience`` is None.

    Adds the audience to the expression's ``values``.
    """
    if audience is None:
        return ""
    values[":audience"] = audience_json(audience)
    return _AUDIENCE


def _row_name(key: RowKey) -> str:
    return f"{key.collection}#{key.item_id}"


def _require_distinct(keys: Sequence[RowKey]) -> None:
    if len(set(keys)) < len(keys):
        raise ValueError("a row is named twice")


def _versions_json(versions: Versions) -> str:
    # The order is kept: it tells which settled records were remembered last.
    return json.dumps(
        {"live": dict(versions.live), "settled": dict(versions.settled)}, separators=(",", ":")
    )


def _parse_versions(text: str) -> Versions:
    return Versions(**json.loads(text))


def _ledger_entry(key: RowKey, item: Item) -> LedgerEntry:
    return LedgerEntry(
        key=key,
        revision=int(item["revision"]),
        published=_parse_versions(item["published"]) if "published" in item else Versions(),
        content_hash=item.get("contentHash", ""),
        origin=item.get("origin", ""),
        intended=_parse_versions(item["intended"]) if "intended" in item else None,
        held_until=float(item["heldUntil"]) if "heldUntil" in item else None,
        audience=parse_audience(item["audience"]) if "audience" in item else None,
        written_at=float(item["writtenAt"]) if "writtenAt" in item else None,
    )
