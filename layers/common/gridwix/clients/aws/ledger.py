"""The publication ledger, in DynamoDB. The semantics are those of ``gridwix.ports.PublicationLedger``.

One item per row of the portal, under the key ``row`` = ``collection#item_id``: ``revision`` and ``heldUntil`` (Unix seconds) are numbers, ``holder``,
``contentHash`` and ``origin`` strings, ``published`` and ``intended`` version vectors as JSON. An attribute that has nothing to say is left out.
"""

import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gridwix.clients.aws.answers import THROTTLED
from gridwix.clients.aws.batches import read_items
from gridwix.clients.aws.boto import aws_errors, translated
from gridwix.clients.aws.chunks import chunked
from gridwix.errors import UpstreamError
from gridwix.publication.models import Claim, LedgerEntry, Publication, RowKey, Versions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, TransactWriteItemTypeDef

MAX_WRITE = 100
"""Most items in one TransactWriteItems."""

MAX_WRITE_BYTES = 3_000_000
"""Most bytes of version vectors in one TransactWriteItems, whose items may come to 4 MB in all."""

WRITE_ROUNDS = 12
"""How often one transaction is tried. Each round leaves out the rows that failed the one before."""

SETTLE_RETRIES = 4
"""How many of those rounds a holder's own write may lose to a transaction of somebody else that is in flight on the same row."""

_BUSY = THROTTLED | {"TransactionConflict"}

_CLAIM = "SET intended = :intended, heldUntil = :until, holder = :holder, revision = :next"
_CLAIM_FIRST_IF = "attribute_not_exists(revision)"
_CLAIM_IF = "revision = :revision AND (attribute_not_exists(heldUntil) OR heldUntil <= :now)"
_COMMIT = "SET published = :published, contentHash = :hash, origin = :origin, revision = revision + :one REMOVE intended, heldUntil, holder"
_RELEASE = "REMOVE heldUntil, holder"
_HELD = "holder = :holder"

type _Update = tuple[RowKey, TransactWriteItemTypeDef]

_logger = logging.getLogger(__name__)


class DynamoDBLedger:
    """What has been published, and who may write a row right now. ``client`` and instances may be shared by threads.

    Rows are written in transactions of at most 100, each row under its own condition, and a row whose condition fails does not keep the others of its
    transaction from being written. All methods raise :class:`gridwix.errors.UpstreamError` if nothing could be read, granted or recorded; where AWS fails
    half-way, ``claim`` and ``commit`` return what was done before: the rest counts as not granted or not recorded.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read(self, keys: Collection[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        rows = {_row(key): key for key in keys}
        items = read_items(self._client, self._table, "row", rows)
        return {key: _entry(key, item) for item in items for key in [rows[item["row"]["S"]]]}

    def claim(self, claims: Sequence[Claim], *, holder: str, now: float, until: float) -> frozenset[RowKey]:
        """As the port says. A row on which another transaction is in flight, or which DynamoDB throttles, is not granted this time. Raises ValueError if a row
        is claimed twice."""
        _require_distinct([claim.key for claim in claims])
        return self._transact((self._claim(claim, holder, now, until) for claim in claims), retries=0)

    def commit(self, publications: Sequence[Publication], *, holder: str) -> frozenset[RowKey]:
        """As the port says; a hold that has lapsed counts until somebody else claims the row. Raises ValueError if a row is named twice."""
        _require_distinct([publication.key for publication in publications])
        return self._transact((self._commit(publication, holder) for publication in publications), retries=SETTLE_RETRIES)

    def release(self, keys: Collection[RowKey], *, holder: str) -> None:
        """As the port says; rows that ``holder`` does not hold are left alone, and a hold that could not be removed lapses by itself."""
        values: dict[str, AttributeValueTypeDef] = {":holder": {"S": holder}}
        self._transact(((self._update(key, _RELEASE, _HELD, values), 0) for key in dict.fromkeys(keys)), retries=SETTLE_RETRIES)

    def _claim(self, claim: Claim, holder: str, now: float, until: float) -> tuple[_Update, int]:
        intended = _dump(claim.intended)
        values: dict[str, AttributeValueTypeDef] = {
            ":intended": {"S": intended},
            ":until": {"N": repr(until)},
            ":holder": {"S": holder},
            ":next": {"N": str(claim.revision + 1)},
        }
        if claim.revision == 0:
            return self._update(claim.key, _CLAIM, _CLAIM_FIRST_IF, values), len(intended)
        values[":revision"] = {"N": str(claim.revision)}
        values[":now"] = {"N": repr(now)}
        return self._update(claim.key, _CLAIM, _CLAIM_IF, values), len(intended)

    def _commit(self, publication: Publication, holder: str) -> tuple[_Update, int]:
        published = _dump(publication.versions)
        values: dict[str, AttributeValueTypeDef] = {
            ":published": {"S": published},
            ":hash": {"S": publication.content_hash},
            ":origin": {"S": publication.origin},
            ":one": {"N": "1"},
            ":holder": {"S": holder},
        }
        return self._update(publication.key, _COMMIT, _HELD, values), len(published)

    def _update(self, key: RowKey, update: str, condition: str, values: "Mapping[str, AttributeValueTypeDef]") -> _Update:
        return key, {
            "Update": {
                "TableName": self._table,
                "Key": {"row": {"S": _row(key)}},
                "UpdateExpression": update,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": values,
            }
        }

    def _transact(self, updates: Iterable[tuple[_Update, int]], *, retries: int) -> frozenset[RowKey]:
        done: set[RowKey] = set()
        for chunk in chunked(updates, count=MAX_WRITE, size=MAX_WRITE_BYTES):
            try:
                done |= self._transact_chunk(dict(chunk), retries)
            except UpstreamError as error:
                if not (done and error.retryable):
                    raise
                _logger.warning("ledger_cut_short", extra={"code": error.code, "vendor_code": error.vendor_code, "rows_done": len(done)})
                break
        return frozenset(done)

    def _transact_chunk(self, pending: "dict[RowKey, TransactWriteItemTypeDef]", retries: int) -> AbstractSet[RowKey]:
        """The rows that were written. A row in the way of others is tried again ``retries`` times; one that fails its condition never."""
        for _ in range(WRITE_ROUNDS):
            codes = self._attempt(pending)
            if not codes:
                return pending.keys()
            for key, code in codes.items():
                if code not in _BUSY or retries <= 0:
                    del pending[key]
                if code not in _BUSY and code != "ConditionalCheckFailed":
                    _logger.warning("ledger_row_rejected", extra={"row": _row(key), "vendor_code": code})
            if not _BUSY.isdisjoint(codes.values()):
                retries -= 1
            if not pending:
                break
        return frozenset()

    def _attempt(self, updates: "Mapping[RowKey, TransactWriteItemTypeDef]") -> Mapping[RowKey, str]:
        """Write all of the rows and return nothing, or write none and return the code of each that stood in the way."""
        with aws_errors("TransactWriteItems"):
            try:
                self._client.transact_write_items(TransactItems=list(updates.values()))
            except ClientError as error:
                reasons = error.response.get("CancellationReasons", ())
                codes = {key: reason.get("Code", "None") for key, reason in zip(updates, reasons, strict=False)}
                in_the_way = {key: code for key, code in codes.items() if code != "None"}
                if not in_the_way:
                    raise translated("TransactWriteItems", error) from error
                return in_the_way
        return {}


def _row(key: RowKey) -> str:
    return f"{key.collection}#{key.item_id}"


def _require_distinct(keys: Sequence[RowKey]) -> None:
    if len(set(keys)) < len(keys):
        raise ValueError("a row is named twice")


def _dump(versions: Versions) -> str:
    # The order is kept: it tells which settled records were remembered last.
    return json.dumps({"live": dict(versions.live), "settled": dict(versions.settled)}, separators=(",", ":"))


def _load(text: str) -> Versions:
    return Versions(**json.loads(text))


def _entry(key: RowKey, item: "Mapping[str, Any]") -> LedgerEntry:
    published, intended, held_until = item.get("published"), item.get("intended"), item.get("heldUntil")
    return LedgerEntry(
        key=key,
        revision=int(item["revision"]["N"]),
        published=_load(published["S"]) if published else Versions(),
        content_hash=item["contentHash"]["S"] if "contentHash" in item else "",
        origin=item["origin"]["S"] if "origin" in item else "",
        intended=_load(intended["S"]) if intended else None,
        held_until=float(held_until["N"]) if held_until else None,
    )
