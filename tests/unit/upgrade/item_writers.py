"""Writes full items of each kind with this release's own writers. All that they hold is made up."""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from gridwix.clients.aws.budget import DynamoDBCallBudget
from gridwix.clients.aws.configuration_versions import DynamoDBConfigurationVersions
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.edge import add_handover, claim_key, confirm_key
from gridwix.clients.aws.handovers import DynamoDBHandovers
from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.aws.partner_list import DynamoDBPartnerList
from gridwix.clients.aws.refresh_states import DynamoDBRefreshStates
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.clients.aws.signed import AwsResponse, Service, SignedCaller
from gridwix.document_sync.transfer_table import DynamoDBTransfers
from gridwix.document_sync.transfers import Arrival, LateUpload, PortalFile, Transfer
from gridwix.mapping.audiences import PartnerKind
from gridwix.mapping.handovers import TTL_SECONDS
from gridwix.models.configuration_versions import (
    ConfigurationChange,
    ConfigurationPointer,
    configuration_digest,
)
from gridwix.models.cursors import FeedCursor
from gridwix.models.ids import CollectionId, CompanyId, PartnerId, WixItemId
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.models.key_claims import KeyClaim
from gridwix.models.trading_grid.requests import (
    ClaimedIdentifier,
    NewRequest,
    RequestRouting,
    Submitter,
)
from gridwix.models.wix import Refusal
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState
from gridwix.partner_messenger.outbox_table import DynamoDBOutbox
from gridwix.partner_requests.orders import RequestOrder, StepOrder
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Outcome
from gridwix.publication.audience_refreshes import RefreshState
from gridwix.publication.hub_partners import KeptPartners
from gridwix.publication.models import Claim, Publication, RowKey, Versions
from gridwix.publication.partner_table import PartnerTable
from gridwix.wix_webhook.endpoint import AwsWixEdge, WixEdgeSettings
from gridwix.wix_webhook.submissions import NewSubmission

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = 1_780_000_000.25
AT = datetime(2026, 11, 23, 9, 58, 12, 500_000, UTC)
PARTNER = PartnerId("GC00700011NR")
ROW = RowKey(CollectionId("PartnerStatus"), WixItemId(PARTNER))
VERSIONS = Versions(live={f"partners/{PARTNER}": 7}, settled={"cases/case_1": 4})
NEWER = Versions(live={f"partners/{PARTNER}": 8}, settled={"cases/case_1": 4})
AUDIENCE = frozenset({PARTNER})
CONFIGURATION = b'{"labels": {}}'


class BotoCaller(SignedCaller):
    """The caller of the edge functions, over boto3's client."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._client = client

    def call(
        self,
        service: Service,
        operation: str,
        payload: Mapping[str, Any],
        *,
        expected_code: str = "",
    ) -> AwsResponse:
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        try:
            members = getattr(self._client, method)(**payload)
        except ClientError as error:
            if error.response["Error"]["Code"] != expected_code:
                raise
            return AwsResponse(expected_code, cast(dict[str, Any], error.response))
        return AwsResponse("", members)


def refresh_states(client: "DynamoDBClient", table: str) -> DynamoDBRefreshStates:
    return DynamoDBRefreshStates(client, table, "document_sync")


def write_audience_refresh(client: "DynamoDBClient", table: str) -> None:
    state = RefreshState("audiences-document_sync-1780000015250", NOW + 15, NOW - 1, 0.75)
    refresh_states(client, table).save(state)


def partner_list(client: "DynamoDBClient", table: str) -> DynamoDBPartnerList:
    return DynamoDBPartnerList(client, table, CompanyId("GC00000000"))


def write_partner_list(client: "DynamoDBClient", table: str) -> None:
    partners = PartnerTable()
    partners.put(PartnerId("GC070000000101"), 7, PartnerKind("supplier", "US"))
    partners.put(PartnerId("GC070000000102"), 1, None)
    moment = datetime.fromtimestamp(NOW, UTC)
    kept = KeptPartners(moment, NOW - 60, moment, partners.to_bytes())
    partner_list(client, table).save(kept)


def read_partner_list(client: "DynamoDBClient", table: str) -> object:
    """What is kept, with its partners in place of their bytes."""
    kept = partner_list(client, table).load()
    return kept and {
        "as_of": kept.as_of,
        "listed_at": kept.listed_at,
        "newest": kept.newest,
        "partners": dict(PartnerTable.from_bytes(kept.content).kinds()),
    }


def budget(client: "DynamoDBClient", table: str) -> DynamoDBCallBudget:
    return DynamoDBCallBudget(
        client, table, "site-1", calls_per_minute=180, burst=60, clock=lambda: NOW
    )


def write_budget(client: "DynamoDBClient", table: str) -> None:
    budget(client, table).take(3)
    budget(client, table).exhaust(30)


def write_configuration_change(client: "DynamoDBClient", table: str) -> None:
    """Write the pointer, and the change that it moves with."""
    versions = DynamoDBConfigurationVersions(client, table)
    version = configuration_digest(CONFIGURATION)
    versions.move_pointer(versions.read_pointer(), version, "apply", AT, "commit 1f2e3d")


def read_configuration_changes(
    client: "DynamoDBClient", table: str
) -> tuple[ConfigurationPointer, list[ConfigurationChange]]:
    versions = DynamoDBConfigurationVersions(client, table)
    return versions.read_pointer(), [*versions.list_changes(5)]


def write_configuration_version(client: "DynamoDBClient", table: str) -> None:
    DynamoDBConfigurationVersions(client, table).add_version(CONFIGURATION)


def read_configuration_version(client: "DynamoDBClient", table: str) -> str:
    content = DynamoDBConfigurationVersions(client, table).read_content(
        configuration_digest(CONFIGURATION)
    )
    return "" if content is None else content.decode()


def write_cursor(client: "DynamoDBClient", table: str) -> None:
    cursor = FeedCursor("cur_42", resyncing=True, listing="page_3")
    DynamoDBCursorStore(client, table, lambda: NOW).advance("trading_grid.events", cursor)


def write_dispatches(client: "DynamoDBClient", table: str) -> None:
    planned = Dispatch(
        id="dispatch-1",
        campaign="case-awaiting-partner",
        occasion="evt_1001",
        subject="cases/case_1",
        partner_id=PARTNER,
        since=AT,
        due_at=AT,
        channel="email",
        recipient="member-1",
        version=5,
        entries=frozenset({"entry-1", "entry-2"}),
        digest="digest-1",
        attempts=2,
        revision=3,
    )
    sent = Dispatch(
        id="dispatch-2",
        campaign="document-updated",
        occasion="evt_1002",
        subject="documents/doc_1",
        partner_id=PARTNER,
        since=AT,
        due_at=AT,
        state=DispatchState.SUPPRESSED,
        reason="turned_off",
    )
    DynamoDBOutbox(client, table, time.time).add_dispatches([planned, sent])


def write_handovers(client: "DynamoDBClient", table: str) -> None:
    # The feed writes the one, the webhook function the other.
    DynamoDBHandovers(client, table, lambda: NOW).record(
        {"cases/case_1@5": frozenset({"evt_1", "evt_2"})}
    )
    add_handover(
        BotoCaller(client), table, "cases/case_2@1", "evt_3", ttl_seconds=TTL_SECONDS, now=NOW
    )


def read_handovers(client: "DynamoDBClient", table: str) -> object:
    handovers = DynamoDBHandovers(client, table, lambda: NOW)
    return handovers.read_event_ids(["cases/case_1@5", "cases/case_2@1"])


def write_journal(client: "DynamoDBClient", table: str) -> None:
    entry = JournalEntry(
        record="compliance-checks/chk_1",
        at=NOW,
        function="status_publisher",
        outcome=JournalOutcome.DEFERRED,
        event_id="evt_1001",
        event_type="compliance.status_changed",
        via="webhook",
        trace="0af7651916cd43dd8448eb211c80319c",
        partner=PARTNER,
        version=8,
        occurred_at=NOW - 2.5,
        queued_at=NOW - 1,
        attempt=2,
        reason="row_held",
        wait=4.5,
        rows={"PartnerStatus#GC00700011NR": "deferred:row_held"},
        more_rows=3,
        request_id="req-1",
    )
    DynamoDBJournal(client, table, 30 * 86_400).add([entry])


def write_ledger(client: "DynamoDBClient", table: str) -> None:
    ledger = DynamoDBLedger(client, table)
    claim = Claim(ROW, 0, VERSIONS, AUDIENCE)
    ledger.claim([claim], holder="worker-1", now=NOW, until=NOW + 90)
    publication = Publication(ROW, VERSIONS, "0" * 32, "evt_1000", AUDIENCE, NOW - 3)
    ledger.commit([publication], holder="worker-1")
    # Somebody is writing the row again.
    claim = Claim(ROW, 2, NEWER, AUDIENCE)
    ledger.claim([claim], holder="worker-2", now=NOW, until=NOW + 90)


def write_refusal(client: "DynamoDBClient", table: str) -> None:
    refusal = Refusal(*ROW, "WDE0080", "too large")
    DynamoDBRefusedItems(client, table).add([refusal], function="status_publisher", at=NOW)


SUBMISSIONS = ("sub-open", "sub-held", "sub-delivered", "sub-removed")


def write_submissions(client: "DynamoDBClient", table: str) -> None:
    edge = AwsWixEdge(
        WixEdgeSettings("bus", table, "400", "none", "secret"), BotoCaller(client), lambda: NOW
    )
    for identifier in SUBMISSIONS:
        submission = NewSubmission(
            id=identifier,
            form="invoice-question",
            submitted_at=AT.isoformat(),
            member_id="member-1",
            values='{"amount":"0.10","subject":"Invoice"}',
            partner_id=PARTNER,
            locale="en",
            plain=("amount",),
        )
        edge.store_submission(submission, NOW)
    inbox = DynamoDBSubmissionInbox(client, table)
    request = NewRequest(
        type="invoice_question",
        partner_id=PARTNER,
        partner_match="member",
        submitter=Submitter(
            name="Pat Doe",
            email="pat@partner.example",
            company="Partner",
            claimed_identifiers=(
                ClaimedIdentifier(scheme="gln", value="0614141000524", partner_id=PARTNER),
            ),
        ),
        form_key="invoice-question",
        form_version=1,
        answers={"amount": "0.10"},
        routing=RequestRouting(team_key="finance", rule_key="invoices"),
        priority="normal",
        source_submission_id="sub-open",
    )
    inbox.keep_order(
        "sub-open", RequestOrder(partner_id=PARTNER, request=request, file_ids=("f1",))
    )
    step = StepOrder(
        partner_id=PARTNER, enrollment_id="enr_1", step_key="tax_form", note="", answers={"a": 1}
    )
    inbox.keep_order("sub-held", step)
    inbox.note_file_try("sub-held", 2, AT)
    inbox.hold_submission(
        "sub-held", HoldReason.ATTACHMENTS, "too_large", detail="released, and held", row_due=True
    )
    inbox.remove_submission("sub-removed")
    inbox.settle_submission(
        "sub-delivered", Outcome("collaboration-requests/req_1", "R-1", note="A file was left out.")
    )


def write_count(client: "DynamoDBClient", table: str) -> None:
    inbox = DynamoDBSubmissionInbox(client, table)
    inbox.count_submission("member-1", "2026-11-23T09", "sub-1", 5)


def read_count(client: "DynamoDBClient", table: str) -> object:
    """The same submission again, and another one beyond the limit."""
    inbox = DynamoDBSubmissionInbox(client, table)
    counted = [("sub-1", 1), ("sub-2", 1)]
    return [
        inbox.count_submission("member-1", "2026-11-23T09", identifier, limit)
        for identifier, limit in counted
    ]


def write_transfer(client: "DynamoDBClient", table: str) -> None:
    transfer = Transfer(
        document_id="doc_1",
        edition=3,
        published=2,
        refused=1,
        shown=PortalFile(version=1, sha256="ab" * 32, private=True, file_id="file-1"),
        arriving=Arrival(version=2, sha256="cd" * 32, private=True, begun=NOW, file_id="file-2"),
        late=(
            LateUpload(
                version=1, sha256="ef" * 32, private=True, begun=NOW - 60, search_at=NOW + 990
            ),
        ),
        leaving=("file-0",),
        still_shown="file-0",
        fault="too_large",
        held_until=NOW + 60,
    )
    DynamoDBTransfers(client, table).save_transfer(transfer)


def claim_webhook(client: "DynamoDBClient", table: str) -> object:
    """Whether a request is new: the same one, and one after the claim has expired."""
    caller = BotoCaller(client)
    claims = [
        claim_key(caller, table, "msg_1.1780000000", lease_seconds=600, now=now)
        for now in (NOW, NOW + 601)
    ]
    return [claim is KeyClaim.GRANTED for claim in claims]


def write_webhook_claim(client: "DynamoDBClient", table: str) -> None:
    confirm_key(BotoCaller(client), table, "msg_1.1780000000", ttl_seconds=600, now=NOW)
