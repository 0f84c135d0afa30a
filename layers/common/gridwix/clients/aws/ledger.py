"""DynamoDB adapter of :class:`gridwix.publication.ports.PublicationLedger`.

One item per row of the portal, under the key ``row`` = ``collection#item_id``. ``revision`` and
``heldUntil`` (Unix seconds) are numbers, ``holder``, ``contentHash`` and ``origin`` texts,
``published`` and ``intended`` version vectors as JSON. An attribute without a value is left out.
"""

import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from gridwix.clients.aws.batches import read_items
from gridwix.clients.aws.boto import error_of_client_error, translate_aws_errors
from gridwix.clients.aws.chunks import size_limited_chunks
from gridwix.clients.aws.error_codes import THROTTLED
from gridwix.clients.aws.items import Item, Value, encode_item, seconds_number
from gridwix.errors import UpstreamError
from gridwix.publication.models import Claim, LedgerEntry, Publication, RowKey, Versions
from gridwix.publication.ports import PublicationLedger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

MAX_WRITE = 100
"""Maximum number of items in one TransactWriteItems."""

MAX_WRITE_BYTES = 3_000_000
"""Maximum size, in bytes, of the version vectors in one TransactWriteItems. All its items together
may have 4 MB."""

WRITE_ROUNDS = 12
"""Maximum number of attempts per transaction. Each leaves out the rows that failed before."""

SETTLE_RETRIES = 4
"""Number of those attempts that a holder's own write may lose to another transaction in flight on
the same row."""

_BUSY = THROTTLED | {"TransactionConflict"}
"""Cancellation reasons that say nothing of the row's condition: a retry may succeed."""

_CLAIM = "SET intended = :intended, heldUntil = :until, holder = :holder, revision = :next"
_CLAIM_FIRST_IF = "attribute_not_exists(revision)"
_CLAIM_IF = "revision = :revision AND (attribute_not_exists(heldUntil) OR heldUntil <= :now)"
_COMMIT = (
    "SET published = :published, contentHash = :hash, origin = :origin, revision = revision + :one"
    " REMOVE intended, heldUntil, holder"
)
_RELEASE = "REMOVE heldUntil, holder"
_HELD = "holder = :holder"

type _Update = tuple[RowKey, TransactWriteItemTypeDef]

_logger = logging.getLogger(__name__)


class DynamoDBLedger(PublicationLedger):
    """Ledger entries and row leases. ``client`` and instances may be shared by threads.

    Rows are written in transactions of at most 100, each row under its own condition. A row whose
    condition fails does not keep the others of its transaction from being written.

    All methods raise :class:`gridwix.errors.UpstreamError` if nothing could be read, granted or
    recorded. If AWS fails half-way, ``claim`` and ``commit`` return what was done before: the rest
    counts as not granted or not recorded.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def read(self, keys: Collection[RowKey]) -> Mapping[RowKey, LedgerEntry]:
        rows = {_row_name(key): key for key in keys}
        items = read_items(self._client, self._table, "row", rows)
        return {key: _ledger_entry(key, item) for item in items for key in [rows[item["row"]]]}

    def claim(
        self, claims: Sequence[Claim], *, holder: str, now: float, until: float
    ) -> frozenset[RowKey]:
        """Lease rows. Raises ValueError if a row is claimed twice.

        A row is not granted this time if another transaction is in flight on it, or if DynamoDB
        throttles it.
        """
        _require_distinct([claim.key for claim in claims])
        return self._transact_rows(
            (self._claim_update(claim, holder, now, until) for claim in claims), retries=0
        )

    def commit(self, publications: Sequence[Publication], *, holder: str) -> frozenset[RowKey]:
        """Record publications and release their rows. Raises ValueError if a row is named twice.

        An expired lease counts until another holder claims the row.
        """
        _require_distinct([publication.key for publication in publications])
        return self._transact_rows(
            (self._commit_update(publication, holder) for publication in publications),
            retries=SETTLE_RETRIES,
        )

    def release(self, keys: Collection[RowKey], *, holder: str) -> None:
        """Release leases. Rows that ``holder`` does not hold are left alone.

        A lease that could not be removed expires by itself.
        """
        updates = (
            (self._row_update(key, _RELEASE, _HELD, {":holder": holder}), 0)
            for key in dict.fromkeys(keys)
        )
        self._transact_rows(updates, retries=SETTLE_RETRIES)

    def _claim_update(
        self, claim: Claim, holder: str, now: float, until: float
    ) -> tuple[_Update, int]:
        intended = _versions_json(claim.intended)
        values: dict[str, Value] = {
            ":intended": intended,
            ":until": seconds_number(until),
            ":holder": holder,
            ":next": claim.revision + 1,
        }
        # Revision 0: the row must have no entry yet.
        if claim.revision == 0:
            return self._row_update(claim.key, _CLAIM, _CLAIM_FIRST_IF, values), len(intended)
        values |= {":revision": claim.revision, ":now": seconds_number(now)}
        return self._row_update(claim.key, _CLAIM, _CLAIM_IF, values), len(intended)

    def _commit_update(self, publication: Publication, holder: str) -> tuple[_Update, int]:
        published = _versions_json(publication.versions)
        values: dict[str, Value] = {
            ":published": published,
            ":hash": publication.content_hash,
            ":origin": publication.origin,
            ":one": 1,
            ":holder": holder,
        }
        return self._row_update(publication.key, _COMMIT, _HELD, values), len(published)

    def _row_update(
        self, key: RowKey, update: str, condition: str, values: Mapping[str, Value]
    ) -> _Update:
        return key, {
            "Update": {
                "TableName": self._table,
                "Key": encode_item({"row": _row_name(key)}),
                "UpdateExpression": update,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": encode_item(values),
            }
        }

    def _transact_rows(
        self, updates: Iterable[tuple[_Update, int]], *, retries: int
    ) -> frozenset[RowKey]:
        """Run updates, each with its size in bytes, in transactions. Returns the written rows."""
        done: set[RowKey] = set()
        for chunk in size_limited_chunks(updates, count=MAX_WRITE, size=MAX_WRITE_BYTES):
            try:
                done |= self._transact_chunk(dict(chunk), retries)
            except UpstreamError as error:
                # Rows of earlier chunks are written: the caller must hear of them.
                if not (done and error.retryable):
                    raise
                _logger.warning(
                    "ledger_cut_short",
                    extra={
                        "code": error.code,
                        "vendor_code": error.vendor_code,
                        "rows_done": len(done),
                    },
                )
                break
        return frozenset(done)

    def _transact_chunk(
        self, pending: "dict[RowKey, TransactWriteItemTypeDef]", retries: int
    ) -> AbstractSet[RowKey]:
        """Write the rows of one transaction, without those that fail. Returns the written rows.

        A row that is busy or throttled is retried ``retries`` times, one whose condition fails
        never.
        """
        for _ in range(WRITE_ROUNDS):
            codes = self._attempt_transaction(pending)
            if not codes:
                return pending.keys()
            for key, code in codes.items():
                if code not in _BUSY or retries <= 0:
                    del pending[key]
                if code not in _BUSY and code != "ConditionalCheckFailed":
                    _logger.warning(
                        "ledger_row_rejected", extra={"row": _row_name(key), "vendor_code": code}
                    )
            if not _BUSY.isdisjoint(codes.values()):
                retries -= 1
            if not pending:
                break
        return frozenset()

    def _attempt_transaction(
        self, updates: "Mapping[RowKey, TransactWriteItemTypeDef]"
    ) -> Mapping[RowKey, str]:
        """Write all rows or none.

        Returns the cancellation reason of each row that failed; empty if all rows are written.
        """
        with translate_aws_errors("TransactWriteItems"):
            try:
                self._client.transact_write_items(TransactItems=list(updates.values()))
            except ClientError as error:
                reasons = error.response.get("CancellationReasons", ())
                codes = {
                    key: reason.get("Code", "None")
                    for key, reason in zip(updates, reasons, strict=False)
                }
                failed = {key: code for key, code in codes.items() if code != "None"}
                # Without reasons the call failed as a whole.
                if not failed:
                    raise error_of_client_error("TransactWriteItems", error) from error
                return failed
        return {}


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
    )
