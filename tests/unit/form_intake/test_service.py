"""From the inbox to Trading Grid: each submission makes one request, in order for each partner, whatever goes wrong on the way."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gridwix.errors import Conflict, NotFound, Refused, SourceBehind, Unavailable, UpstreamError
from gridwix.files.attachments import Attachments
from gridwix.form_intake.document_uploads import DocumentUploads
from gridwix.form_intake.projection import attachment_label
from gridwix.form_intake.request_attachments import RequestAttachments
from gridwix.form_intake.service import PATIENCE, FormIntake
from gridwix.form_intake.submission_rows import SubmissionRows
from gridwix.mapping.references import idempotency_key, reference
from gridwix.models.ids import PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_REQUESTS
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.models.trading_grid.requests import CollaborationRequest, NewRequest
from gridwix.partner_requests.submissions import HoldReason, Stage, Submission
from gridwix.publication.publisher import Publisher
from gridwix.request_publisher.service import RequestPublisher
from gridwix.runtime.configuration import configuration
from tests.factories import BALTIC, NOW, PRAIRIE_GOLD, change, comment, request, submission
from tests.fakes.deadlines import PASSED
from tests.fakes.intake import FakeDocumentDesk, FakeFiles, FakeFollowUpDesk, FakeInbox, FakeLookups, FakeRequestDesk
from tests.fakes.ledger import MemoryLedger
from tests.fakes.portal import FakePortal, lost_answer
from tests.fakes.stores import FakeRefusedItems
from tests.fakes.trading_grid import FakeTradingGrid

GLN = "0614141000524"
VALUES = {"invoice_number": "INV-88213", "question": "Which price will you pay?", "your_name": "Dana Whitfield", "email": "ap@prairiegold.example"}


class Bench:
    def __init__(self) -> None:
        self.now = NOW
        self.inbox, self.desk, self.cases, self.lookups = FakeInbox(), FakeRequestDesk(), FakeFollowUpDesk(), FakeLookups()
        self.portal, self.ledger = FakePortal(), MemoryLedger()
        self.files = FakeFiles()
        self.attachments = Attachments(self.files, self.files)
        self.documents = FakeDocumentDesk()
        self.uploads = DocumentUploads(self.documents, self.files, self.attachments, configuration().documents)
        self.lookups.links = {"member-1": frozenset({PartnerId(PRAIRIE_GOLD)}), "member-2": frozenset({PartnerId(BALTIC)})}
        self.lookups.identifiers = {(IdentifierScheme.GLN, GLN): PartnerId(PRAIRIE_GOLD)}
        publisher = Publisher(self.portal, self.ledger, FakeRefusedItems(), function="test", clock=self.time, hold=90)
        self.rows = SubmissionRows(publisher, configuration())
        self.intake = self.worker()

    def worker(self, at_once: int = 1) -> FormIntake:
        """One more function at work."""
        clients = (self.inbox, self.lookups, self.lookups, self.desk, self.cases, RequestAttachments(self.files, self.attachments), self.uploads)
        return FormIntake(*clients, self.rows, configuration(), clock=self.time, at_once=at_once)

    def time(self) -> float:
        return self.now.timestamp()

    def accept(self, identifier: str, *, member: str | None = "member-1", values: Mapping[str, Any] = VALUES, **fields: Any) -> Submission:
        self.now += timedelta(seconds=1)
        sent = submission(identifier, member_id=member, values=values, received_at=self.now, submitted_at=self.now, **fields)
        self.inbox.accept(sent)
        return sent

    def row(self, identifier: str) -> dict[str, Any]:
        return dict(self.portal.rows[PARTNER_REQUESTS, WixItemId(identifier)].data)

    def stage(self, identifier: str) -> Stage:
        return self.inbox.submissions[identifier].stage


def test_submission_becomes_one_request_whose_number_goes_back_to_the_portal() -> None:
    bench = Bench()
    bench.accept("sub-1")

    report = bench.intake.run(["sub-1"])

    ((key, order),) = bench.desk.made
    assert (key, order.partner_id, order.partner_match, order.routing.team_key) == (idempotency_key("sub-1"), PRAIRIE_GOLD, "member", "ap-disputes")
    assert (report.failures, list(report.delivered), report.unmatched) == ({}, ["sub-1"], 0)
    assert (bench.row("sub-1")["number"], bench.row("sub-1")["reference"], bench.row("sub-1")["memberId"]) == ("CR-1", reference("sub-1"), "member-1")
    assert (bench.stage("sub-1"), bench.inbox.submissions["sub-1"].values) == (Stage.DELIVERED, {})


@pytest.mark.parametrize(("chosen", "partner"), [(BALTIC, BALTIC), (PRAIRIE_GOLD, PRAIRIE_GOLD), ("GC-of-somebody-else", None), (None, None)])
def test_member_of_several_partners_chooses_whose_request_it_is(chosen: str | None, partner: str | None) -> None:
    bench = Bench()
    bench.lookups.links["member-1"] = frozenset({PartnerId(PRAIRIE_GOLD), PartnerId(BALTIC)})
    bench.accept("sub-1", partner_id=chosen)

    bench.intake.run(["sub-1"])

    assert bench.desk.made[0][1].partner_id == partner


def test_visitor_is_matched_by_what_the_directory_knows() -> None:
    bench = Bench()
    bench.accept("sub-1", member=None, values={**VALUES, "gln": "06141 41000 52-4"})

    bench.intake.run(["sub-1"])

    assert (bench.desk.made[0][1].partner_id, bench.desk.made[0][1].partner_match) == (PRAIRIE_GOLD, "gln")


@pytest.mark.parametrize("values", [VALUES, {**VALUES, "gln": "9506000100012"}, {**VALUES, "gln": "no number"}])
def test_unmatched_visitor_is_for_a_person_and_never_guessed_by_the_address(values: dict[str, Any]) -> None:
    bench = Bench()
    bench.accept("sub-1", member=None, values=values)

    report = bench.intake.run(["sub-1"])

    assert (bench.desk.made[0][1].partner_id, report.unmatched) == (None, 1)
    assert "partnerId" not in bench.row("sub-1")


@pytest.mark.parametrize(
    ("values", "fields", "reason"),
    [
        ({**VALUES, "website": "https://spam.example"}, {}, HoldReason.HONEYPOT),
        ({**VALUES, "email": "nobody"}, {"member": None}, HoldReason.INVALID),
        (VALUES, {"form": "no-such-form"}, HoldReason.UNKNOWN_FORM),
        ({**VALUES, "attachments": [{"url": "https://x.example/a.exe", "displayName": "a.exe"}]}, {}, HoldReason.ATTACHMENTS),
        ({**VALUES, "attachments": [{"url": "https://x.example/a.pdf", "displayName": "a.pdf", "fileSize": 99_999_999}]}, {}, HoldReason.ATTACHMENTS),
        ({**VALUES, "attachments": [{"url": "https://x.example/a.pdf", "displayName": "a.pdf"}] * 6}, {}, HoldReason.ATTACHMENTS),
        ({**VALUES, "attachments": [{"url": "https://x.example/gone.pdf", "displayName": "a.pdf"}]}, {}, HoldReason.ATTACHMENTS),
        ({**VALUES, "attachments": [{"url": "https://x.example/page.html", "displayName": "a.pdf"}]}, {}, HoldReason.ATTACHMENTS),
    ],
)
def test_what_looks_wrong_waits_for_a_person_and_shows_nowhere(values: dict[str, Any], fields: dict[str, Any], reason: HoldReason) -> None:
    bench = Bench()
    bench.accept("sub-1", values=values, **fields)

    report = bench.intake.run(["sub-1"])

    assert (report.held, report.failures) == ({"sub-1": reason}, {})
    assert (bench.stage("sub-1"), bench.desk.made, bench.portal.rows) == (Stage.HELD, [], {})


def test_member_reads_on_the_portal_which_answer_does_not_fit() -> None:
    bench = Bench()
    bench.accept("sub-1", values={**VALUES, "email": "nobody", "quantity": "1,234"})

    report = bench.intake.run(["sub-1"])

    assert (report.held, bench.desk.made) == ({"sub-1": HoldReason.INVALID}, [])
    row = bench.row("sub-1")
    assert (row["status"], row["open"], row["memberId"]) == ("not_possible", False, "member-1")
    assert row["message"] == ("Quantity: can be 1.234 or 1234: write it without separators for thousands. E-mail address: is not an e-mail address.")


def test_member_of_a_follow_up_reads_which_answer_does_not_fit() -> None:
    bench = Bench()
    bench.accept("sub-1", form="issue-comment", values={"case_id": "case_1", "comment": "x" * 4001})

    bench.intake.run(["sub-1"])

    assert (bench.row("sub-1")["kind"], bench.row("sub-1")["message"]) == ("case_comment", "Your comment: is longer than 4000 characters.")


def test_released_submission_replaces_what_its_row_said_of_its_answers() -> None:
    bench = Bench()
    bench.accept("sub-1", values={**VALUES, "email": "nobody"})
    bench.intake.run(["sub-1"])

    bench.inbox.release("sub-1")
    bench.intake.run(["sub-1"])

    assert (bench.row("sub-1")["number"], bench.row("sub-1").get("message")) == ("CR-1", None)


@pytest.mark.parametrize(
    ("gln", "sentence"),
    [("0614141000006", "This is not a GLN: check digit"), ("6.14141E+11", "This is not a GLN: a spreadsheet has shortened it; write all 13 digits")],
)
def test_wrong_identifier_holds_nothing_up_and_both_sides_read_what_is_wrong_with_it(gln: str, sentence: str) -> None:
    bench = Bench()
    bench.accept("sub-1", values={**VALUES, "gln": gln})

    bench.intake.run(["sub-1"])

    [(_, order)] = bench.desk.made
    assert (order.answers["gln"], order.submitter.claimed_identifiers) == (f"{gln} ({sentence})", ())
    assert (bench.row("sub-1")["number"], bench.row("sub-1")["message"]) == ("CR-1", f"GLN: {sentence}.")


@pytest.mark.parametrize(
    ("written_in", "answer"),
    [({"locale": "de-DE"}, "1234"), ({"locale": "en-US"}, "1.234"), ({"plain": frozenset({"quantity"})}, "1.234"), ({"partner_id": PRAIRIE_GOLD}, "1.234")],
)
def test_numbers_are_read_as_their_writer_writes_them(written_in: dict[str, Any], answer: str) -> None:
    bench = Bench()
    bench.accept("sub-1", values={**VALUES, "quantity": "1.234"}, **written_in)

    bench.intake.run(["sub-1"])

    assert bench.desk.made[0][1].answers["quantity"] == answer


def test_files_are_copied_to_trading_grid_before_the_request_is_made_and_once() -> None:
    bench = Bench()
    bench.files.content["https://x.example/a.pdf"] = b"%PDF-1.4 price list"
    bench.accept("sub-1", values={**VALUES, "attachments": [{"url": "https://x.example/a.pdf", "displayName": "../Preisliste 李.pdf"}]})
    bench.desk.lose = 1

    bench.intake.run(["sub-1"])
    bench.intake.run(["sub-1"])

    ((_, order),) = bench.desk.made
    assert [(one.upload_id, one.file_name) for one in order.attachments] == [("upl_1", "Preisliste 李.pdf")]
    assert bench.files.uploaded == {"upl_1": b"%PDF-1.4 price list"}


def test_files_that_cannot_be_had_now_hold_up_their_partner_and_nobody_else() -> None:
    bench = Bench()
    bench.files.down = True
    bench.accept("sub-1", values={**VALUES, "attachments": [{"url": "https://x.example/a.pdf", "displayName": "a.pdf"}]})
    bench.accept("sub-2")
    bench.accept("sub-3", member="member-2")

    report = bench.intake.run(["sub-1"])

    assert isinstance(report.failures["sub-1"], Unavailable)
    assert bench.desk.sources() == ["sub-3"]


def test_submission_that_is_released_goes_without_the_file_that_cannot_be_had() -> None:
    bench = Bench()
    bench.accept("sub-1", values={**VALUES, "attachments": [{"url": "https://x.example/gone.pdf", "displayName": "a.pdf"}]})
    bench.intake.run()

    assert bench.inbox.release("sub-1")
    bench.intake.run()

    ((_, order),) = bench.desk.made
    assert (order.attachments, order.answers["files"]) == ((), [{"name": "a.pdf", "url": "https://x.example/gone.pdf"}])


def uploaded(bench: Bench, name: str = "Price list.pdf", *, content: bytes = b"%PDF-1.7 prices", mark: str | None = None) -> dict[str, Any]:
    """A file that member-1 has uploaded for a question about an invoice of Prairie Gold, as the portal's backend hands it in."""
    file_id = f"up-{len(bench.files.marked) + 1}.pdf"
    bench.files.marked[file_id] = frozenset({attachment_label("member-1", PRAIRIE_GOLD, "invoice-question") if mark is None else mark})
    bench.files.content[f"https://files.example/{file_id}"] = content
    return {"fileId": file_id, "displayName": name, "sizeInBytes": len(content)}


def test_uploaded_files_go_along_with_their_request_and_leave_the_portal() -> None:
    bench = Bench()
    files = [uploaded(bench), uploaded(bench, "Order 李.pdf", content=b"%PDF-1.7 order")]
    bench.accept("sub-1", partner_id=PRAIRIE_GOLD, values={**VALUES, "attachments": files})

    bench.intake.run(["sub-1"])

    ((_, order),) = bench.desk.made
    assert [(one.upload_id, one.file_name) for one in order.attachments] == [("upl_1", "Price list.pdf"), ("upl_2", "Order 李.pdf")]
    assert order.answers["files"] == [{"name": "Price list.pdf"}, {"name": "Order 李.pdf"}]
    assert bench.files.uploaded == {"upl_1": b"%PDF-1.7 prices", "upl_2": b"%PDF-1.7 order"}
    assert (bench.stage("sub-1"), bench.files.marked) == (Stage.DELIVERED, {})


def test_uploaded_files_stay_until_their_request_is_made_and_are_copied_once() -> None:
    bench = Bench()
    bench.accept("sub-1", partner_id=PRAIRIE_GOLD, values={**VALUES, "attachments": [uploaded(bench)]})
    bench.desk.down = lambda _: True
    bench.intake.run(["sub-1"])
    waiting = dict(bench.files.marked)

    bench.desk.down, bench.desk.lose = lambda _: False, 1
    bench.intake.run(["sub-1"])
    bench.intake.run(["sub-1"])

    assert len(waiting) == 1
    assert (len(bench.desk.made), list(bench.files.uploaded), bench.files.marked) == (1, ["upl_1"], {})
    assert bench.stage("sub-1") is Stage.DELIVERED


@pytest.mark.parametrize(
    "mark",
    [
        attachment_label("member-2", PRAIRIE_GOLD, "invoice-question"),
        attachment_label("member-1", BALTIC, "invoice-question"),
        attachment_label("member-1", PRAIRIE_GOLD, "partner-question"),
        "",
    ],
)
def test_file_that_was_uploaded_for_anything_else_is_not_taken_along(mark: str) -> None:
    bench = Bench()
    bench.accept("sub-1", partner_id=PRAIRIE_GOLD, values={**VALUES, "attachments": [uploaded(bench), uploaded(bench, mark=mark)]})

    report = bench.intake.run(["sub-1"])

    assert report.held == {"sub-1": HoldReason.ATTACHMENTS}
    assert (bench.desk.made, len(bench.files.marked)) == ([], 2)


def test_visitor_hands_in_no_uploaded_file() -> None:
    bench = Bench()
    bench.accept("sub-1", member=None, values={**VALUES, "attachments": [uploaded(bench)]})

    assert bench.intake.run(["sub-1"]).held == {"sub-1": HoldReason.ATTACHMENTS}


@pytest.mark.parametrize("changes", [{"displayName": "a.exe"}, {"sizeInBytes": 99_999_999}, {"fileId": "gone.pdf"}, {"displayName": "prices.png"}])
def test_uploaded_file_that_may_not_come_along_waits_for_a_person_and_released_it_stays_on_the_portal(changes: dict[str, Any]) -> None:
    bench = Bench()
    bench.accept("sub-1", partner_id=PRAIRIE_GOLD, values={**VALUES, "attachments": [{**uploaded(bench), **changes}]})
    held = bench.intake.run(["sub-1"]).held
    bench.files.content.clear()

    bench.inbox.release("sub-1")
    bench.intake.run()

    ((_, order),) = bench.desk.made
    assert held == {"sub-1": HoldReason.ATTACHMENTS}
    assert (order.attachments, len(bench.files.marked)) == ((), 1)
    assert [file["name"] for file in order.answers["files"]] == [changes.get("displayName", "Price list.pdf")]


def test_held_submission_that_is_released_is_delivered() -> None:
    bench = Bench()
    bench.accept("sub-1", values={**VALUES, "website": "https://no-spam.example"})
    bench.intake.run(["sub-1"])

    assert bench.inbox.release("sub-1")
    bench.intake.run()

    assert bench.desk.sources() == ["sub-1"]
    assert not bench.inbox.release("sub-1")


def test_flood_of_one_person_is_held_beyond_the_limit_and_nobody_elses() -> None:
    bench = Bench()
    limit = configuration().intake.submissions_per_hour
    for number in range(limit + 3):
        bench.accept(f"sub-{number:02}")
    bench.accept("other", member="member-2")

    bench.intake.run()

    assert len(bench.desk.sources(PRAIRIE_GOLD)) == limit
    assert bench.desk.sources(BALTIC) == ["other"]
    assert [one.id for one in bench.inbox.waiting(Stage.HELD, None, 100).submissions] == [f"sub-{number:02}" for number in range(limit, limit + 3)]


def test_request_that_trading_grid_will_not_have_is_held_and_does_not_block() -> None:
    bench = Bench()
    bench.desk.refuse = lambda order: order.source_submission_id == "sub-1"
    bench.accept("sub-1")
    bench.accept("sub-2")

    report = bench.intake.run(["sub-1", "sub-2"])

    assert (report.held, list(report.delivered)) == ({"sub-1": HoldReason.REFUSED}, ["sub-2"])
    assert [error.code for error in report.refusals] == ["upstream_refused"]


def test_while_trading_grid_is_down_everybody_has_a_reference_and_nothing_is_lost() -> None:
    bench = Bench()
    bench.lookups.down = True
    bench.desk.down = lambda _: True
    for number in range(5):
        bench.accept(f"sub-{number}", member=f"member-{number % 2 + 1}")

    for _ in range(3):
        report = bench.intake.run([f"sub-{number}" for number in range(5)])

    assert all(isinstance(error, Unavailable) for error in report.failures.values())
    assert len(report.failures) == 5
    assert [bench.row(f"sub-{number}")["reference"] for number in range(5)] == [reference(f"sub-{number}") for number in range(5)]
    assert bench.portal.calls == 1

    bench.lookups.down = False
    bench.desk.down = lambda _: False
    bench.intake.run()

    assert bench.desk.sources(PRAIRIE_GOLD) == ["sub-0", "sub-2", "sub-4"]
    assert bench.desk.sources(BALTIC) == ["sub-1", "sub-3"]
    assert bench.row("sub-3")["number"]


def test_answer_of_the_directory_that_is_not_understood_stops_nobody_else_and_not_for_ever() -> None:
    bench = Bench()
    known = bench.lookups.partner_known_by

    def partner_known_by(scheme: IdentifierScheme, identifier: str) -> PartnerId | None:
        if identifier == "9506000100012":
            raise Unavailable(system="trading_grid", status=200, vendor_code="malformed-answer")
        return known(scheme, identifier)

    bench.lookups.partner_known_by = partner_known_by  # type: ignore[method-assign]
    bench.accept("sub-1", member=None, values={**VALUES, "gln": "9506000100012"})
    bench.accept("sub-2")
    bench.accept("sub-3", member=None, values={**VALUES, "gln": GLN})

    report = bench.intake.run()

    assert (list(report.failures), sorted(bench.desk.sources())) == (["sub-1"], ["sub-2", "sub-3"])
    bench.now += PATIENCE + timedelta(minutes=1)
    assert bench.intake.run().held == {"sub-1": HoldReason.UNREADABLE}


@pytest.mark.parametrize("error", [NotFound(system="trading_grid", status=404), Conflict(system="trading_grid", status=409)])
def test_request_that_is_not_found_or_in_conflict_for_hours_holds_up_the_partner_no_longer(error: UpstreamError) -> None:
    bench = Bench()
    create_request = bench.desk.create_request

    def picky(request: NewRequest, key: str) -> CollaborationRequest:
        if request.source_submission_id == "sub-1":
            raise error
        return create_request(request, key)

    bench.desk.create_request = picky  # type: ignore[method-assign, assignment]
    bench.accept("sub-1")
    bench.accept("sub-2")

    assert list(bench.intake.run().failures) == ["sub-1", "sub-2"]
    bench.now += PATIENCE + timedelta(minutes=1)
    report = bench.intake.run()

    assert (report.held, list(report.delivered), report.failures) == ({"sub-1": HoldReason.REFUSED}, ["sub-2"], {})


def test_request_that_was_made_is_not_called_refused_when_its_file_cannot_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    def forget(*_: object) -> None:
        raise Refused(system="wix", status=400)

    monkeypatch.setattr(RequestAttachments, "forget", forget)
    bench = Bench()
    bench.accept("sub-1")

    assert (list(bench.intake.run().delivered), bench.stage("sub-1")) == (["sub-1"], Stage.DELIVERED)


def test_partner_whose_request_cannot_be_made_now_waits_in_order_and_holds_up_nobody_else() -> None:
    bench = Bench()
    bench.desk.down = lambda order: order.source_submission_id == "sub-000"
    for number in range(250):
        bench.accept(f"sub-{number:03}", member=f"member-{number % 2 + 1}", released=True)

    report = bench.intake.run(["sub-000", "sub-249"])

    assert bench.desk.sources(PRAIRIE_GOLD) == []
    assert len(bench.desk.sources(BALTIC)) == 125
    assert set(report.failures) == {f"sub-{number:03}" for number in range(0, 250, 2)}

    bench.desk.down = lambda _: False
    bench.intake.run()

    assert bench.desk.sources(PRAIRIE_GOLD) == [f"sub-{number:03}" for number in range(0, 250, 2)]


def test_what_is_asked_for_is_the_same_at_every_attempt_although_everything_has_changed() -> None:
    bench = Bench()
    bench.accept("sub-1")
    bench.desk.lose = 1
    bench.intake.run(["sub-1"])
    bench.lookups.links = {}
    bench.now += timedelta(days=3)

    report = bench.intake.run(["sub-1"])

    assert (len(bench.desk.made), bench.desk.calls, report.failures) == (1, 2, {})
    assert bench.stage("sub-1") is Stage.DELIVERED


def test_crash_between_trading_grids_commit_and_our_record_makes_no_second_request() -> None:
    bench = Bench()
    bench.accept("sub-1")
    bench.inbox.drop = 1

    first, second = bench.intake.run(["sub-1"]), bench.intake.run(["sub-1"])

    assert (list(first.failures), second.failures) == (["sub-1"], {})
    assert len(bench.desk.made) == 1


def test_portal_that_fails_delays_no_request() -> None:
    bench = Bench()
    bench.accept("sub-1")
    bench.portal.troubles = [lost_answer(lands=None)]

    report = bench.intake.run(["sub-1"])

    assert (list(report.delivered), report.failures) == (["sub-1"], {})


def test_event_for_a_submission_that_is_not_in_the_inbox_yet_comes_again() -> None:
    report = Bench().intake.run(["sub-9"])

    assert isinstance(report.failures["sub-9"], SourceBehind)


def test_run_that_has_no_time_left_has_the_rest_rung_for_again() -> None:
    bench = Bench()
    for number in range(150):
        bench.accept(f"sub-{number:03}", released=True)

    report = bench.intake.run(["sub-149"], deadline=PASSED)

    assert len(bench.desk.made) == 100
    assert isinstance(report.failures["sub-149"], SourceBehind)


class Grid(FakeTradingGrid):
    """Trading Grid that knows requests."""


def test_progress_of_a_request_is_followed_to_the_portal() -> None:
    bench = Bench()
    grid = Grid()
    bench.accept("sub-1")
    bench.intake.run()
    publisher = RequestPublisher(grid, bench.inbox, bench.rows, configuration())
    grid.put(request("req_1", 2, number="CR-1", status="waiting_on_partner", nextStep="Send us the price file.", sourceSubmissionId="sub-1"))
    moved = change(type="request.status_changed", subject="collaboration-requests/req_1", version=2)

    reports = [publisher.publish([moved]) for _ in range(2)]

    row = bench.row("sub-1")
    assert (row["statusLabel"], row["nextStep"], row["memberId"]) == ("Waiting for you", "Send us the price file.", "member-1")
    assert all(report.failure(moved) is None for report in reports)
    assert len(list(bench.portal.history((PARTNER_REQUESTS, WixItemId("sub-1"))))) == 2


def test_question_of_the_team_reaches_the_row_and_no_comment_of_a_request_that_nobody_sees_is_read() -> None:
    bench = Bench()
    grid = Grid(asked={"req_1": [comment("cmt_1", "Which price?"), comment("cmt_2", "Careful.", "internal")]})
    bench.accept("sub-1")
    bench.intake.run()
    publisher = RequestPublisher(grid, bench.inbox, bench.rows, configuration())
    grid.put(request("req_1", 3, number="CR-1", status="waiting_on_partner", sourceSubmissionId="sub-1"), request("req_2", 1, sourceSubmissionId=None))
    asked = [change(f"e{n}", type="request.commented", subject=f"collaboration-requests/req_{n}", version=1) for n in (1, 2)]

    report = publisher.publish(asked)

    row = bench.row("sub-1")
    assert [one["text"] for one in row["comments"]] == ["Which price?"]
    assert (row["answerable"], report.reasons, grid.calls) == (True, {}, 3)


def test_gateway_without_comments_on_requests_gives_a_row_that_takes_no_answer() -> None:
    bench = Bench()
    grid = Grid(asked=None)
    grid.put(request("req_1", 3, status="waiting_on_partner", sourceSubmissionId="sub-1"))
    publisher = RequestPublisher(grid, bench.inbox, bench.rows, configuration())

    publisher.publish([change(type="request.status_changed", subject="collaboration-requests/req_1", version=3)])

    assert bench.row("sub-1")["answerable"] is False


def test_progress_that_cannot_be_read_yet_comes_again_and_one_that_is_not_from_the_portal_is_nothing() -> None:
    bench = Bench()
    grid = Grid()
    publisher = RequestPublisher(grid, bench.inbox, bench.rows, configuration())
    grid.put(request("req_1", 1), request("req_2", 1, sourceSubmissionId=None))
    behind, foreign, unknown = (
        change(f"e{number}", type="request.status_changed", subject=f"collaboration-requests/req_{number}", version=version)
        for number, version in ((1, 2), (2, 1), (3, 1))
    )

    report = publisher.publish([behind, foreign, unknown])

    assert isinstance(report.failure(behind), SourceBehind)
    assert report.failure(foreign) is None
    assert isinstance(report.failure(unknown), SourceBehind)
    assert bench.portal.rows == {}


@settings(max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
class Deliveries(RuleBasedStateMachine):
    """Submissions come in, are delivered to us again and again, and everything that can fail fails; in the end each has made one request, in order."""

    @initialize()
    def begin(self) -> None:
        self.bench = Bench()
        self.accepted: list[tuple[str, str, datetime]] = []

    @rule(member=st.sampled_from(["member-1", "member-2"]))
    def accept(self, member: str) -> None:
        if len(self.accepted) < 15:
            sent = self.bench.accept(f"sub-{len(self.accepted):02}", member=member)
            self.accepted.append((sent.id, member, sent.received_at))

    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        """Wix delivers what it has delivered before."""
        if self.accepted:
            identifier, member, at = data.draw(st.sampled_from(self.accepted))
            self.bench.inbox.accept(submission(identifier, member_id=member, received_at=at + timedelta(days=2), values=VALUES))

    @rule(down=st.sets(st.integers(0, 14), max_size=3), lookups=st.booleans(), lose=st.integers(0, 2), drop=st.integers(0, 2), lost=st.integers(0, 1))
    def weather(self, down: set[int], lookups: bool, lose: int, drop: int, lost: int) -> None:
        self.bench.desk.down = lambda order: int(order.source_submission_id[4:]) in down
        self.bench.lookups.down = lookups
        self.bench.desk.lose, self.bench.inbox.drop, self.bench.inbox.lose = lose, drop, lost

    @rule(data=st.data(), at_once=st.integers(1, 3))
    def ring(self, data: st.DataObject, at_once: int) -> None:
        known = [identifier for identifier, *_ in self.accepted]
        rung = data.draw(st.lists(st.sampled_from(known), max_size=4)) if known else []
        bench = self.bench
        bench.worker(at_once).run(rung)

    @invariant()
    def each_at_most_once_and_in_order(self) -> None:
        for member, partner in (("member-1", PRAIRIE_GOLD), ("member-2", BALTIC)):
            sent = [identifier for identifier, owner, _ in self.accepted if owner == member]
            assert self.bench.desk.sources(partner) == sent[: len(self.bench.desk.sources(partner))]

    def teardown(self) -> None:
        if hasattr(self, "accepted"):
            self.weather(set(), False, 0, 0, 0)
            self.bench.intake.run()
            assert sorted(self.bench.desk.sources()) == [identifier for identifier, *_ in self.accepted]
            self.each_at_most_once_and_in_order()
            assert all(self.bench.row(identifier)["reference"] == reference(identifier) for identifier, *_ in self.accepted)


TestDeliveries = Deliveries.TestCase


SAMPLES = Path(__file__).parents[2] / "samples" / "files"


@pytest.mark.parametrize(
    ("sample", "name", "said"),
    [
        ("html--pandas.xls", "prices.xls", "a web page (HTML)"),
        ("xml-spreadsheet-2003--sheetjs.xls", "prices.xls", "XML Spreadsheet 2003"),
        ("tab-separated--pandas.xls", "prices.xlsx", "plain text with columns"),
        ("html--libreoffice.doc", "letter.doc", "called a Word document"),
        ("rtf--libreoffice.doc", "letter.doc", "rich text (RTF)"),
        ("protected--msoffcrypto.xlsx", "prices.xlsx", "protected by a password"),
        ("macros--libreoffice.xls", "prices.xls", "has macros"),
        ("private-key--openssl.pem", "as2.pem", "a private key"),
    ],
)
def test_member_reads_what_is_wrong_with_a_file_until_somebody_releases_the_request(sample: str, name: str, said: str) -> None:
    bench = Bench()
    bench.files.content["https://x.example/file"] = (SAMPLES / sample).read_bytes()
    bench.accept("sub-1", values={**VALUES, "attachments": [{"url": "https://x.example/file", "displayName": name}]})

    report = bench.intake.run(["sub-1"])

    assert (report.held, bench.files.uploaded) == ({"sub-1": HoldReason.ATTACHMENTS}, {})
    assert (bench.row("sub-1")["status"], said in bench.row("sub-1")["message"]) == ("not_possible", True)
    assert bench.inbox.submissions["sub-1"].file_fault

    bench.inbox.release("sub-1")
    bench.intake.run(["sub-1"])

    assert (bench.row("sub-1")["number"], bench.row("sub-1").get("message")) == ("CR-1", None)


def test_visitor_whose_file_is_something_else_gets_no_row() -> None:
    bench = Bench()
    bench.files.content["https://x.example/file"] = (SAMPLES / "html--pandas.xls").read_bytes()
    bench.accept("sub-1", member=None, values={**VALUES, "attachments": [{"url": "https://x.example/file", "displayName": "prices.xls"}]})

    report = bench.intake.run(["sub-1"])

    assert (report.held, bench.portal.rows) == ({"sub-1": HoldReason.ATTACHMENTS}, {})


@pytest.mark.parametrize("name", ["office-flags.xlsx", "office-flags.docx", "msgforge.msg", "openssl-der.cer", "pillow-heif.heic", "mock-edi.x12"])
def test_file_of_another_program_comes_along_with_a_request(name: str) -> None:
    bench = Bench()
    bench.files.content["https://x.example/file"] = (SAMPLES / name).read_bytes()
    bench.accept("sub-1", values={**VALUES, "attachments": [{"url": "https://x.example/file", "displayName": name}]})

    bench.intake.run(["sub-1"])

    assert bench.files.uploaded == {"upl_1": (SAMPLES / name).read_bytes()}
    assert [one.file_name for one in bench.desk.made[0][1].attachments] == [name]
