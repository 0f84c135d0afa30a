"""The form intake on in-memory fakes. ``Bench.now`` is the time; each fake fails on request."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gridwix.files.attachments import Attachments
from gridwix.form_intake.document_uploads import DocumentUploads
from gridwix.form_intake.due_rows import DueRows
from gridwix.form_intake.follow_ups import FollowUps
from gridwix.form_intake.new_requests import NewRequests
from gridwix.form_intake.partner_lookup import PartnerLookup
from gridwix.form_intake.request_attachments import RequestAttachments
from gridwix.form_intake.service import FormIntake
from gridwix.form_intake.submission_rows import SubmissionRows
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_REQUESTS
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import Stage, Submission
from gridwix.publication.publisher import Publisher
from gridwix.runtime.configuration import configuration
from tests.factories import BALTIC, NOW, PRAIRIE_GOLD, submission
from tests.fakes.intake import (
    FakeDocumentDesk,
    FakeFiles,
    FakeFollowUpDesk,
    FakeInbox,
    FakeLookups,
    FakeRequestDesk,
)
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal
from tests.fakes.stores import FakeRefusedItems

GLN = "0614141000524"
VALUES = {
    "invoice_number": "INV-88213",
    "question": "Which price will you pay?",
    "your_name": "Dana Whitfield",
    "email": "ap@prairiegold.example",
}
MEDIA_HOSTS = frozenset({"example"})
"""Hosts of the files of forms in these tests."""
SAMPLES = Path(__file__).parents[2] / "samples" / "files"


class Bench:
    def __init__(
        self,
        inbox: Any = None,
        files: FakeFiles | None = None,
        media_hosts: frozenset[str] = MEDIA_HOSTS,
        limits: Mapping[str, Any] | None = None,
    ) -> None:
        self.now = NOW
        found = configuration()
        self.configuration = found.model_copy(
            update={"intake": found.intake.model_copy(update=limits or {})}
        )
        # Any: some tests look into the one in memory, others have one in DynamoDB.
        self.inbox: Any = inbox or FakeInbox()
        self.desk, self.cases, self.lookups = (
            FakeRequestDesk(),
            FakeFollowUpDesk(),
            FakeLookups(),
        )
        self.portal, self.ledger = FakePortal(), MemoryLedger()
        self.files, self.media_hosts = files or FakeFiles(), media_hosts
        self.attachments = Attachments(self.files, self.files)
        self.documents = FakeDocumentDesk()
        self.uploads = DocumentUploads(
            self.documents, self.files, self.attachments, configuration().documents
        )
        self.lookups.links = {
            "member-1": frozenset({PartnerId(PRAIRIE_GOLD)}),
            "member-2": frozenset({PartnerId(BALTIC)}),
        }
        self.lookups.identifiers = {(IdentifierScheme.GLN, GLN): PartnerId(PRAIRIE_GOLD)}
        publisher = Publisher(
            collections=self.portal,
            ledger=self.ledger,
            refused_items=FakeRefusedItems(),
            function="test",
            clock=self.time,
            hold=90,
        )
        self.rows = SubmissionRows(publisher, configuration())
        self.intake = self.worker()

    def worker(self, at_once: int = 1) -> FormIntake:
        """One more function, on the same inbox."""
        return FormIntake(
            inbox=self.inbox,
            partners=PartnerLookup(self.lookups, self.lookups),
            requests=NewRequests(
                self.desk,
                RequestAttachments(self.files, self.attachments, self.media_hosts),
                configuration(),
            ),
            follow_ups=FollowUps(self.cases, self.uploads),
            rows=self.rows,
            due_rows=DueRows(self.inbox, self.rows, self.desk),
            configuration=self.configuration,
            clock=self.time,
            at_once=at_once,
        )

    def time(self) -> float:
        return self.now.timestamp()

    def accept(
        self,
        identifier: str,
        *,
        member: str | None = "member-1",
        values: Mapping[str, Any] = VALUES,
        **fields: Any,
    ) -> Submission:
        self.now += timedelta(seconds=1)
        sent = submission(
            identifier,
            member_id=member,
            values=values,
            received_at=self.now,
            submitted_at=self.now,
            **fields,
        )
        self.inbox.accept(sent)
        return sent

    def row(self, identifier: str) -> dict[str, Any]:
        return dict(self.portal.rows[PARTNER_REQUESTS, WixItemId(identifier)].data)

    def stage(self, identifier: str) -> Stage:
        stage: Stage = self.inbox.submissions[identifier].stage
        return stage


class Killed(BaseException):
    """The end of a worker. No code of the product catches it."""


class Killer:
    """Kills the worker at its call number ``at``, before the call or after its effect."""

    def __init__(self, found: Bench, at: int, *, after: bool) -> None:
        self.calls, self._at, self._after = 0, at, after
        self._patch = pytest.MonkeyPatch()
        for edge, names in self._edges(found):
            for name in names.split():
                self._patch.setattr(edge, name, self._counted(getattr(edge, name)))

    @staticmethod
    def _edges(found: Bench) -> list[tuple[Any, str]]:
        return [
            (
                found.inbox,
                "list_submissions list_due_rows keep_order count_submission hold_submission"
                " note_file_try settle_submission clear_due_rows read_submissions",
            ),
            (found.desk, "create_request record request_comments"),
            (found.cases, "record add_comment add_request_comment move"),
            (found.documents, "record versions add_version"),
            (found.files, "file remove fetch announce_upload put"),
            (found.lookups, "partners_of partner_known_by"),
            (found.portal, "bulk_save bulk_remove"),
            (found.ledger, "read_entries claim commit release"),
        ]

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            is_last = self.calls >= self._at
            if is_last and not self._after:
                raise Killed
            answer = call(*args, **kwargs)
            if is_last:
                raise Killed
            return answer

        return counted

    def kills(self, run: Callable[[], object]) -> bool:
        """Run; return True if the worker was killed."""
        try:
            run()
        except Killed:
            return True
        finally:
            self._patch.undo()
        return False
