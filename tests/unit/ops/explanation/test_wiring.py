"""The command reads the tables of the stack, and calls Wix once."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.document_sync.transfer_table import DynamoDBTransfers
from gridwix.document_sync.transfers import PortalFile, Transfer
from gridwix.publication.models import Claim, Publication, Versions
from ops.commands import explain as command
from ops.stack import Stack
from tests.fakes.aws import OneAtATime, as_client, create_table
from tests.unit.ops.explanation.world import World, fields_of, records_of, row_key

GUIDE = row_key("PartnerDocuments", "doc_1")


def test_row_is_explained_by_the_tables_of_the_stack(
    tables: OneAtATime, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, client = World(), as_client(tables)
    names = {"TransferTableName": "document", "SubmissionTableName": "id", "Ledger": "row"}
    outputs = {output: create_table(tables, key) for output, key in names.items()}
    shown = PortalFile(version=2, sha256="ab", private=True, file_id="file-2")
    DynamoDBTransfers(client, outputs["TransferTableName"]).save_transfer(
        Transfer(document_id="doc_1", shown=shown, edition=8)
    )
    ledger, versions = DynamoDBLedger(client, outputs["Ledger"]), Versions({"documents/doc_1": 2})
    ledger.claim([Claim(GUIDE, 0, versions)], holder="h", now=1.0, until=61.0)
    ledger.commit([Publication(GUIDE, versions, "hash", "evt_1")], holder="h")
    settings = SimpleNamespace(ledger_table=outputs["Ledger"])
    monkeypatch.setattr(command, "publisher_settings", lambda _: settings)
    budgets: list[Any] = []
    monkeypatch.setattr(command, "shared_budget", lambda *_: "the functions' own")

    @contextmanager
    def connect(_: Stack, budget: Any, **__: Any) -> Iterator[Any]:
        budgets.append(budget)
        yield SimpleNamespace(wix=world.portal, community=world.library)

    monkeypatch.setattr(command, "connect", connect)
    stack = Stack("gridwix", outputs, cast(Any, SimpleNamespace(dynamodb=client)))

    found = command.explain_row(stack, GUIDE)

    assert fields_of(found)["fileId"].expected == "file-2"
    assert records_of(found, "fileId")["transfers/doc_1"] == 8
    assert [(one.version, one.shown) for one in fields_of(found)["title"].records] == [(3, 2)]
    assert (world.portal.calls, budgets) == (1, ["the functions' own"])
