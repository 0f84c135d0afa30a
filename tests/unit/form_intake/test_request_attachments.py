"""Files of a request: copied to Trading Grid once, checked by content, removed from the portal."""

from typing import Any

import pytest

from gridwix.errors import Refused, Unavailable
from gridwix.form_intake.projection import attachment_label
from gridwix.form_intake.request_attachments import RequestAttachments
from gridwix.partner_requests.submissions import HoldReason, Stage
from tests.factories import BALTIC, PRAIRIE_GOLD
from tests.unit.form_intake.intake_bench import SAMPLES, VALUES, Bench


def test_files_are_copied_to_trading_grid_before_the_request_is_made_and_once() -> None:
    bench = Bench()
    bench.files.content["https://x.example/a.pdf"] = b"%PDF-1.4 price list"
    bench.accept(
        "sub-1",
        values={
            **VALUES,
            "attachments": [
                {"url": "https://x.example/a.pdf", "displayName": "../Preisliste 李.pdf"}
            ],
        },
    )
    bench.desk.lose = 1

    bench.intake.run(["sub-1"])
    bench.intake.run(["sub-1"])

    ((_, order),) = bench.desk.made
    assert [(one.upload_id, one.file_name) for one in order.attachments] == [
        ("upl_1", "Preisliste 李.pdf")
    ]
    assert bench.files.uploaded == {"upl_1": b"%PDF-1.4 price list"}


def test_files_that_cannot_be_had_now_hold_up_their_partner_and_nobody_else() -> None:
    bench = Bench()
    bench.files.down = True
    bench.accept(
        "sub-1",
        values={
            **VALUES,
            "attachments": [{"url": "https://x.example/a.pdf", "displayName": "a.pdf"}],
        },
    )
    bench.accept("sub-2")
    bench.accept("sub-3", member="member-2")

    report = bench.intake.run(["sub-1"])

    assert isinstance(report.failures["sub-1"], Unavailable)
    assert bench.desk.sources() == ["sub-3"]


def test_submission_that_is_released_goes_without_the_file_that_cannot_be_had() -> None:
    bench = Bench()
    bench.accept(
        "sub-1",
        values={
            **VALUES,
            "attachments": [{"url": "https://x.example/gone.pdf", "displayName": "a.pdf"}],
        },
    )
    bench.intake.run()

    assert bench.inbox.release_submission("sub-1")
    bench.intake.run()

    ((_, order),) = bench.desk.made
    assert (order.attachments, order.answers["files"]) == (
        (),
        [{"name": "a.pdf", "url": "https://x.example/gone.pdf"}],
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

    bench.intake.run(["sub-1"])

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
    bench.intake.run(["sub-1"])
    waiting = dict(bench.files.marked)

    bench.desk.down, bench.desk.lose = lambda _: False, 1
    bench.intake.run(["sub-1"])
    bench.intake.run(["sub-1"])

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

    report = bench.intake.run(["sub-1"])

    assert report.held == {"sub-1": HoldReason.ATTACHMENTS}
    assert (bench.desk.made, len(bench.files.marked)) == ([], 2)


def test_visitor_hands_in_no_uploaded_file() -> None:
    bench = Bench()
    bench.accept("sub-1", member=None, values={**VALUES, "attachments": [uploaded(bench)]})

    assert bench.intake.run(["sub-1"]).held == {"sub-1": HoldReason.ATTACHMENTS}


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
    held = bench.intake.run(["sub-1"]).held
    bench.files.content.clear()

    bench.inbox.release_submission("sub-1")
    bench.intake.run()

    ((_, order),) = bench.desk.made
    assert held == {"sub-1": HoldReason.ATTACHMENTS}
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

    assert (list(bench.intake.run().delivered), bench.stage("sub-1")) == (
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

    report = bench.intake.run(["sub-1"])

    assert (report.held, bench.files.uploaded) == ({"sub-1": HoldReason.ATTACHMENTS}, {})
    assert (bench.row("sub-1")["status"], said in bench.row("sub-1")["message"]) == (
        "not_possible",
        True,
    )
    assert bench.inbox.submissions["sub-1"].file_fault

    bench.inbox.release_submission("sub-1")
    bench.intake.run(["sub-1"])

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

    report = bench.intake.run(["sub-1"])

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

    bench.intake.run(["sub-1"])

    assert bench.files.uploaded == {"upl_1": (SAMPLES / name).read_bytes()}
    assert [one.file_name for one in bench.desk.made[0][1].attachments] == [name]
