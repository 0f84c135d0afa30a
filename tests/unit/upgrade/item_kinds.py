"""Each kind of item: its table, its writer and its reader."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.item_schemas import ItemKind
from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.document_sync.transfer_table import DynamoDBTransfers
from gridwix.partner_messenger.outbox_table import DynamoDBOutbox
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.transaction_monitor.exception_table import DynamoDBKnownExceptions
from tests.fakes.aws import (
    OneAtATime,
    create_configuration_table,
    create_journal_table,
    create_table,
)
from tests.unit.upgrade import item_writers as items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class StoredKind:
    """How a kind of item comes about.

    - ``table``: logical id of its table in the template; ``create`` makes one like it;
    - ``write`` writes full items with this release's code, ``read`` returns what it reads of them;
    - ``volatile``: attributes that differ each time.
    """

    table: str
    create: Callable[[OneAtATime], str]
    write: Callable[["DynamoDBClient", str], object]
    read: Callable[["DynamoDBClient", str], object]
    volatile: tuple[str, ...] = ()


def table_with(key: str, *index: str) -> Callable[[OneAtATime], str]:
    """Makes a table with this partition key, and an index with its name and keys."""
    named = (index[0], index[1], index[2]) if index else None
    return lambda tables: create_table(tables, key, index=named)


KINDS: Mapping[ItemKind, StoredKind] = {
    ItemKind.AUDIENCE_REFRESH: StoredKind(
        "BudgetTable",
        table_with("site"),
        items.write_audience_refresh,
        lambda client, table: items.refresh_states(client, table).read_state(),
    ),
    ItemKind.BUDGET: StoredKind(
        "BudgetTable",
        table_with("site"),
        items.write_budget,
        # Seconds until the block ends.
        lambda client, table: items.budget(client, table).take(1),
    ),
    ItemKind.CONFIGURATION_CHANGE: StoredKind(
        "ConfigurationTable",
        create_configuration_table,
        items.write_configuration_change,
        items.read_configuration_changes,
    ),
    ItemKind.CONFIGURATION_VERSION: StoredKind(
        "ConfigurationTable",
        create_configuration_table,
        items.write_configuration_version,
        items.read_configuration_version,
        # Equal texts are other bytes in another release of zlib. Their reader compares the text.
        volatile=("content",),
    ),
    ItemKind.CURSOR: StoredKind(
        "CursorTable",
        table_with("name"),
        items.write_cursor,
        lambda client, table: DynamoDBCursorStore(client, table, lambda: items.NOW).read_cursor(
            "trading_grid.events"
        ),
    ),
    ItemKind.DISPATCH: StoredKind(
        "DispatchTable",
        table_with("id", "waiting", "waiting", "dueAt"),
        items.write_dispatches,
        lambda client, table: [
            *DynamoDBOutbox(client, table, time.time).read_dispatches(["dispatch-1"]).values(),
            *DynamoDBOutbox(client, table, time.time).read_dispatches(["dispatch-2"]).values(),
            *DynamoDBOutbox(client, table, time.time).due_dispatches(items.AT, 5),
        ],
        volatile=("writtenBy",),
    ),
    ItemKind.HANDOVER: StoredKind(
        "HandoverTable", table_with("change"), items.write_handovers, items.read_handovers
    ),
    ItemKind.JOURNAL_ENTRY: StoredKind(
        "JournalTable",
        create_journal_table,
        items.write_journal,
        lambda client, table: DynamoDBJournal(client, table).of_record(
            "compliance-checks/chk_1", limit=5
        ),
    ),
    ItemKind.KNOWN_EXCEPTION: StoredKind(
        "ExceptionTable",
        table_with("process"),
        lambda client, table: DynamoDBKnownExceptions(client, table).record(
            {"corr-1": "rejected"}, at=items.NOW
        ),
        lambda client, table: DynamoDBKnownExceptions(client, table).read_states(["corr-1"]),
    ),
    ItemKind.LEDGER_ENTRY: StoredKind(
        "LedgerTable",
        table_with("row"),
        items.write_ledger,
        lambda client, table: DynamoDBLedger(client, table).read_entries([items.ROW])[items.ROW],
    ),
    ItemKind.PARTNER_LIST: StoredKind(
        "BudgetTable",
        table_with("site"),
        items.write_partner_list,
        items.read_partner_list,
        volatile=("mark", "content"),
    ),
    ItemKind.REFUSED_ITEM: StoredKind(
        "RefusedItemTable",
        table_with("row"),
        items.write_refusal,
        lambda client, table: [*DynamoDBRefusedItems(client, table).list_items()],
    ),
    ItemKind.SUBMISSION: StoredKind(
        "SubmissionTable",
        table_with("id", "waiting", "waiting", "receivedAt"),
        items.write_submissions,
        lambda client, table: DynamoDBSubmissionInbox(client, table).read_submissions(
            items.SUBMISSIONS
        ),
    ),
    ItemKind.SUBMISSION_COUNT: StoredKind(
        "SubmissionTable", table_with("id"), items.write_count, items.read_count
    ),
    ItemKind.TELLING: StoredKind(
        "DispatchTable",
        table_with("id"),
        lambda client, table: DynamoDBOutbox(client, table, time.time).tell_once("key", "d1"),
        lambda client, table: [
            DynamoDBOutbox(client, table, time.time).tell_once("key", one) for one in ("d1", "d2")
        ],
        volatile=("expiration",),
    ),
    ItemKind.TRANSFER: StoredKind(
        "TransferTable",
        table_with("document", "waiting", "waiting", "document"),
        items.write_transfer,
        lambda client, table: DynamoDBTransfers(client, table).read_transfers(["doc_1"]),
        volatile=("writtenBy",),
    ),
    ItemKind.WATERMARK: StoredKind(
        "DispatchTable",
        table_with("id"),
        lambda client, table: DynamoDBOutbox(client, table, time.time).raise_watermark(
            "cases/case_1", 5
        ),
        lambda client, table: DynamoDBOutbox(client, table, time.time).watermarks(["cases/case_1"]),
        volatile=("expiration",),
    ),
    ItemKind.WEBHOOK_CLAIM: StoredKind(
        "WebhookInboxTable",
        table_with("id"),
        items.write_webhook_claim,
        items.claim_webhook,
    ),
}


def plain(value: object) -> Any:
    """A value as JSON has it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in sorted(value.items())}
    if isinstance(value, set | frozenset):
        return sorted(map(plain, value))
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value
