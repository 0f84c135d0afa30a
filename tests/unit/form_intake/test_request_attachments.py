"""Files of a request: copied to Trading Grid once, checked by content, removed from the portal."""

from contextlib import suppress
from datetime import timedelta
from typing import IO, Any

import pytest

from gridwix.clients.files import FileClient
from gridwix.errors import FileUnreachable, Refused, Unavailable
from gridwix.form_intake.holding import MAX_FILE_TRIES
from gridwix.form_intake.projection import attachment_label
from gridwix.form_intake.request_attachments import RequestAttachments
from gridwix.form_intake.service import FILE_RESERVE
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.files import FileFacts
from gridwix.partner_requests.submissions import HoldReason, Stage
from tests.factories import BALTIC, PRAIRIE_GOLD
from tests.fakes.deadlines import PASSED
from tests.fakes.dripping_server import dripping_server
from tests.fakes.intake import FakeFiles
from tests.unit.form_intake.intake_bench import SAMPLES, VALUES, Bench, Killed


def test_files_are_copied_to_trading_grid_before_the_request_is_made_and_once() -> None:
    bench = Bench()
    bench.files.content["https://x.example/a.pdf"] = b"%PDF-1.4 price list"
    bench.accept(
        "sub-1",
        values={
            **VALUES,
            "attachments": [
                {"url": "https://x.example/a.pdf", "displayName": "../Preis\ud800liste 李.pdf"}
            ],
        },
    )
    bench.desk.lose = 1

    bench.intake.deliver_submissions(["sub-1"])
    bench.intake.deliver_submissions(["sub-1"])

    ((_, order),) = bench.desk.made
    assert [(one.upload_id, one.file_name) for one in order.attachments] == [
        ("upl_1", "Preisliste 李.pdf")
    ]
    assert bench.files.uploaded == {"upl_1": b"%PDF-1.4 price list"}


def with_file(url: str) -> dict[str, Any]:
    return {**VALUES, "attachments": [{"url": url, "displayName": "a.pdf"}]}


DEAD, PDF = "https://x.example/dead.pdf", "https://x.example/a.pdf"


def test_all_that_needs_no_file_is_delivered_before_any_file_is_fetched() -> None:
    bench = Bench()
    bench.files.content[PDF] = b"%PDF-1.4 price list"
    delivered: list[list[str]] = []
    fetch = bench.files.fetch

    def seen(*args: Any, **kwargs: Any) -> Any:
        delivered.append(bench.desk.sources())
        return fetch(*args, **kwargs)

    bench.files.fetch = seen  # type: ignore[method-assign]
    bench.accept("sub-1", values=with_file(PDF))
    for number in range(2, 250):
        bench.accept(f"sub-{number}", released=True)

    bench.intake.deliver_submissions()

    assert [len(before) for before in delivered] == [248]
    assert bench.desk.sources()[-1] == "sub-1"


def test_files_of_members_who_act_for_a_partner_come_before_those_of_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gridwix.form_intake.service.MAX_WITH_FILES", 3)
    bench = Bench()
    bench.files.content[PDF] = b"%PDF-1.4 price list"
    for number in range(4):
        sender = "account" if number % 2 else None
        bench.accept(f"stranger-{number}", member=sender, values=with_file(PDF))
    bench.accept("member", values=with_file(PDF))

    bench.intake.deliver_submissions()

    assert bench.desk.sources() == ["member", "stranger-0", "stranger-1"]


def test_file_that_cannot_be_fetched_now_holds_up_nobody_not_even_its_own_partner() -> None:
    bench = Bench()
    bench.files.dead = {DEAD}
    bench.files.content[PDF] = b"%PDF-1.4 price list"
    bench.accept("sub-1", values=with_file(DEAD))
    bench.accept("sub-2")
    bench.accept("sub-3", values=with_file(PDF))
    bench.accept("sub-4", member="member-2")

    report = bench.intake.deliver_submissions(["sub-1"])

    assert isinstance(report.files_awaited["sub-1"], FileUnreachable)
    # It is counted for itself: the alarm of an outage of Trading Grid would ring for it otherwise.
    assert report.failures == {}
    assert sorted(bench.desk.sources()) == ["sub-2", "sub-3", "sub-4"]
    assert bench.row("sub-1")["status"] == "received"


def test_address_that_gives_no_bytes_is_tried_less_and_less_often_and_then_its_sender_is_told() -> (
    None
):
    bench = Bench()
    bench.files.dead = {DEAD}
    sent = bench.accept("sub-1", values=with_file(DEAD))

    minutes = 0
    while bench.stage("sub-1") is Stage.OPEN:
        bench.intake.deliver_submissions()
        bench.now += timedelta(minutes=1)
        minutes += 1

    assert len(bench.files.fetched) == MAX_FILE_TRIES
    assert timedelta(hours=1) < bench.now - sent.received_at < timedelta(hours=3)
    assert bench.inbox.submissions["sub-1"].file_fault == "unreachable"
    assert (
        bench.row("sub-1")["status"],
        "could not be fetched" in bench.row("sub-1")["message"],
    ) == (
        "not_possible",
        True,
    )

    bench.inbox.release_submission("sub-1", bench.now)
    bench.intake.deliver_submissions()

    assert bench.desk.sources() == ["sub-1"]


class SlowFiles(FakeFiles):
    """Fetches for real, from a server that sends a byte now and then."""

    def __init__(self, client: FileClient) -> None:
        super().__init__()
        self.client = client

    def fetch(
        self, url: str, into: IO[bytes], most: int, deadline: Deadline = NO_DEADLINE
    ) -> FileFacts:
        return self.client.fetch(url, into, most, deadline)


def test_files_that_drip_end_before_the_run_and_the_others_are_delivered() -> None:
    with dripping_server() as host:
        files = SlowFiles(FileClient(exempt={host}))
        bench = Bench(files=files, media_hosts=frozenset({host}))
        for number in range(3):
            bench.accept(f"slow-{number}", member=None, values=with_file(f"http://{host}/body"))
        for number in range(10):
            bench.accept(f"sub-{number}", member=f"member-{number % 2 + 1}")
        left = FILE_RESERVE + 0.4

        report = bench.worker(at_once=2).deliver_submissions(
            deadline=Deadline(lambda: left, reserve=1.0)
        )

    assert sorted(bench.desk.sources()) == [f"sub-{number}" for number in range(10)]
    assert sorted(report.files_awaited) == ["slow-0", "slow-1", "slow-2"]
    assert all(isinstance(error, FileUnreachable) for error in report.files_awaited.values())


def test_file_that_ends_the_worker_each_time_keeps_no_other_file_back_and_is_held() -> None:
    bench = Bench()
    bench.files.content = {PDF: b"%PDF-1.4 price list", DEAD: b"%PDF-1.4 price list"}
    fetch = bench.files.fetch

    def deadly(url: str, *args: Any) -> FileFacts:
        if url == DEAD:
            raise Killed
        return fetch(url, *args)

    bench.files.fetch = deadly  # type: ignore[method-assign, assignment]
    bench.accept("sub-1", values=with_file(DEAD))
    bench.accept("sub-2", member="member-2", values=with_file(PDF))

    kills = 0
    while bench.stage("sub-1") is Stage.OPEN:
        with suppress(Killed):
            bench.intake.deliver_submissions()
            kills -= 1
        kills += 1
        bench.now += timedelta(minutes=1)

    assert (bench.desk.sources(), kills) == (["sub-2"], MAX_FILE_TRIES)
    assert bench.inbox.submissions["sub-1"].file_fault == "unreachable"


def test_files_that_come_late_in_a_run_wait_for_the_next_one() -> None:
    bench = Bench()
    bench.files.content[PDF] = b"%PDF-1.4 price list"
    bench.accept("sub-1", values=with_file(PDF))
    bench.accept("sub-2")

    report = bench.intake.deliver_submissions(["sub-1", "sub-2"], deadline=PASSED)

    assert (list(report.delivered), list(report.files_awaited)) == (["sub-2"], ["sub-1"])
    assert (bench.files.fetched, bench.row("sub-1")["status"]) == ([], "received")


def test_trading_grid_that_takes_no_file_now_counts_no_try_of_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    bench.files.content[PDF] = b"%PDF-1.4 price list"
    bench.accept("sub-1", values=with_file(PDF))

    def refuse(*_: object) -> None:
        raise Unavailable(system="trading_grid", status=503)

    monkeypatch.setattr(bench.files, "announce_upload", refuse)
    report = bench.intake.deliver_submissions()
    monkeypatch.undo()

    assert (list(report.failures), bench.inbox.submissions["sub-1"].file_tries) == (["sub-1"], 0)
    assert list(bench.intake.deliver_submissions().delivered) == ["sub-1"]


@pytest.mark.parametrize(
    "url", ["https://files.elsewhere/a.pdf", "https://notexample/a.pdf", "https://[::1", "\ud800"]
)
def test_address_that_is_none_of_wix_is_not_asked_at_all(url: str) -> None:
    bench = Bench()
    bench.accept("sub-1", values=with_file(url))
    bench.accept("sub-2")

    report = bench.intake.deliver_submissions()

    assert (report.held, list(report.delivered)) == ({"sub-1": HoldReason.ATTACHMENTS}, ["sub-2"])
    assert (bench.inbox.submissions["sub-1"].file_fault, bench.files.fetched) == ("blocked", [])


def test_submission_that_is_released_goes_without_the_file_that_cannot_be_had() -> None:
    bench = Bench()
    bench.accept(
        "sub-1",
        values={
            **VALUES,
            "attachments": [{"url": "https://x.example/gone.pdf", "displayName": "a.pdf"}],
        },
    )
    bench.intake.deliver_submissions()

    assert bench.inbox.release_submission("sub-1")
    bench.intake.deliver_submissions()

    ((_, order),) = bench.desk.made
    assert (order.attachments, order.answers["files"]) == (
        (),
        [{"name": "a.pdf"}],
    )


def uploaded(
    bench: Bench,
    name: str = "Price list.pdf",
    *,
    content: bytes = b"%PDF-1.7 prices",
    mark: str | None = None,
) -> dict[str, Any]:
    """A file object of the portal's backend: member-1 has uploaded it for an invoice question of
    Prairie Gold.
    """
    file_id = f"up-{len(bench.files.marked) + 1}.pdf"
    bench.files.marked[file_id] = frozenset(
        {attachment_label("member-1", PRAIRIE_GOLD, "invoice-question") if mark is None else mark}
    )
    bench.files.content[f"https://files.example/{file_id}"] = content
    return {"fileId": file_id, "displayName": name, "sizeInBytes": len(content)}


def test_uploaded_files_go_along_with_their_request_and_leave_the_portal() -> None:
    bench = Bench()
    files = [uploaded(bench), uploaded(bench, "Order 李.pdf", content=b"%PDF-1.7 order")]
    bench.accept("sub-1", partner_id=PRAIRIE_GOLD, values={**VALUES, "attachments": files})

    bench.intake.deliver_submissions(["sub-1"])

    ((_, order),) = bench.desk.made
    assert [(one.upload_id, one.file_name) for one in order.attachments] == [
        ("upl_1", "Price list.pdf"),
        ("upl_2", "Order 李.pdf"),
    ]
    assert order.answers["files"] == [{"name": "Price list.pdf"}, {"name": "Order 李.pdf"}]
    assert bench.files.uploaded == {"upl_1": b"%PDF-1.7 prices", "upl_2": b"%PDF-1.7 order"}
    assert (bench.stage("sub-1"), bench.files.marked) == (Stage.DELIVERED, {})


def test_uploaded_files_stay_until_their_request_is_made_and_are_copied_once() -> None:
    bench = Bench()
    bench.accept(
        "sub-1", partner_id=PRAIRIE_GOLD, values={**VALUES, "attachments": [uploaded(bench)]}
    )
    bench.desk.down = lambda _: True
    bench.intake.deliver_submissions(["sub-1"])
    waiting = dict(bench.files.marked)

    bench.desk.down, bench.desk.lose = lambda _: False, 1
    bench.intake.deliver_submissions(["sub-1"])
    bench.intake.deliver_submissions(["sub-1"])

    assert len(waiting) == 1
    assert (len(bench.desk.made), list(bench.files.uploaded), bench.files.marked) == (
        1,
        ["upl_1"],
        {},
    )
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
    bench.accept(
        "sub-1",
        partner_id=PRAIRIE_GOLD,
        values={**VALUES, "attachments": [uploaded(bench), uploaded(bench, mark=mark)]},
    )

    report = bench.intake.deliver_submissions(["sub-1"])

    assert report.held == {"sub-1": HoldReason.ATTACHMENTS}
    assert (bench.desk.made, len(bench.files.marked)) == ([], 2)


def test_visitor_hands_in_no_uploaded_file() -> None:
    bench = Bench()
    bench.accept("sub-1", member=None, values={**VALUES, "attachments": [uploaded(bench)]})

    assert bench.intake.deliver_submissions(["sub-1"]).held == {"sub-1": HoldReason.ATTACHMENTS}


@pytest.mark.parametrize(
    "changes",
    [
        {"displayName": "a.exe"},
        {"sizeInBytes": 99_999_999},
        {"fileId": "gone.pdf"},
        {"displayName": "prices.png"},
    ],
)
def test_uploaded_file_that_may_not_come_along_waits_for_a_person_and_then_stays_on_the_portal(
    changes: dict[str, Any],
) -> None:
    bench = Bench()
    bench.accept(
        "sub-1",
        partner_id=PRAIRIE_GOLD,
        values={**VALUES, "attachments": [{**uploaded(bench), **changes}]},
    )
    held = bench.intake.deliver_submissions(["sub-1"]).held
    received = bench.row("sub-1")
    bench.files.content.clear()

    bench.inbox.release_submission("sub-1")
    bench.intake.deliver_submissions()

    ((_, order),) = bench.desk.made
    assert held == {"sub-1": HoldReason.ATTACHMENTS}
    assert (received["status"], received["partnerId"]) == ("received", PRAIRIE_GOLD)
    assert (order.attachments, len(bench.files.marked)) == ((), 1)
    assert [file["name"] for file in order.answers["files"]] == [
        changes.get("displayName", "Price list.pdf")
    ]


def test_request_that_was_made_is_not_called_refused_when_its_file_cannot_be_removed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def remove_uploads(*_: object) -> None:
        raise Refused(system="wix", status=400)

    monkeypatch.setattr(RequestAttachments, "remove_uploads", remove_uploads)
    bench = Bench()
    bench.accept("sub-1")

    assert (list(bench.intake.deliver_submissions().delivered), bench.stage("sub-1")) == (
        ["sub-1"],
        Stage.DELIVERED,
    )


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
def test_member_reads_what_is_wrong_with_a_file_until_somebody_releases_the_request(
    sample: str, name: str, said: str
) -> None:
    bench = Bench()
    bench.files.content["https://x.example/file"] = (SAMPLES / sample).read_bytes()
    bench.accept(
        "sub-1",
        values={**VALUES, "attachments": [{"url": "https://x.example/file", "displayName": name}]},
    )

    report = bench.intake.deliver_submissions(["sub-1"])

    assert (report.held, bench.files.uploaded) == ({"sub-1": HoldReason.ATTACHMENTS}, {})
    assert (bench.row("sub-1")["status"], said in bench.row("sub-1")["message"]) == (
        "not_possible",
        True,
    )
    assert bench.inbox.submissions["sub-1"].file_fault

    bench.inbox.release_submission("sub-1")
    bench.intake.deliver_submissions(["sub-1"])

    assert (bench.row("sub-1")["number"], bench.row("sub-1").get("message")) == ("CR-1", None)


def test_visitor_whose_file_is_something_else_gets_no_row() -> None:
    bench = Bench()
    bench.files.content["https://x.example/file"] = (SAMPLES / "html--pandas.xls").read_bytes()
    bench.accept(
        "sub-1",
        member=None,
        values={
            **VALUES,
            "attachments": [{"url": "https://x.example/file", "displayName": "prices.xls"}],
        },
    )

    report = bench.intake.deliver_submissions(["sub-1"])

    assert (report.held, bench.portal.rows) == ({"sub-1": HoldReason.ATTACHMENTS}, {})


@pytest.mark.parametrize(
    "name",
    [
        "office-flags.xlsx",
        "office-flags.docx",
        "msgforge.msg",
        "openssl-der.cer",
        "pillow-heif.heic",
        "mock-edi.x12",
    ],
)
def test_file_of_another_program_comes_along_with_a_request(name: str) -> None:
    bench = Bench()
    bench.files.content["https://x.example/file"] = (SAMPLES / name).read_bytes()
    bench.accept(
        "sub-1",
        values={**VALUES, "attachments": [{"url": "https://x.example/file", "displayName": name}]},
    )

    bench.intake.deliver_submissions(["sub-1"])

    assert bench.files.uploaded == {"upl_1": (SAMPLES / name).read_bytes()}
    assert [one.file_name for one in bench.desk.made[0][1].attachments] == [name]
