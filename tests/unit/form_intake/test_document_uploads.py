"""A partner's upload becomes one version in Trading Grid that waits for approval, and is removed
from the portal.
"""

import hashlib
from typing import Any

import pytest

from gridwix.errors import Refused, Unavailable
from gridwix.form_intake.document_uploads import upload_label
from gridwix.mapping.references import idempotency_key
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.documents import DocumentVersion
from gridwix.partner_requests.submissions import HoldReason, Stage
from tests.factories import BALTIC, PRAIRIE_GOLD, document
from tests.fakes.documents import PDF
from tests.unit.form_intake.intake_bench import SAMPLES, Bench

ONE, TWO = PDF + b"one", PDF + b"two"
FILE = "9b1f42_6d0c1c86.pdf"


def uploaded(content: bytes = TWO, *, marked: str | None = None, **fields: Any) -> Bench:
    """A bench on whose portal Prairie Gold has uploaded a file for its agreement."""
    bench = Bench()
    agreement = document("doc_ag_101", currentVersion=1, **{"partnerId": PRAIRIE_GOLD, **fields})
    bench.documents.kept[agreement.record] = agreement
    first = {
        "number": 1,
        "fileName": "a.pdf",
        "mediaType": "application/pdf",
        "sizeBytes": len(ONE),
        "sha256": hashlib.sha256(ONE).hexdigest(),
    }
    bench.documents.shelf["doc_ag_101"] = [
        DocumentVersion.model_validate({**first, "source": "trading_grid", "status": "approved"})
    ]
    bench.files.marked[FILE] = frozenset(
        {upload_label(PartnerId(PRAIRIE_GOLD), "doc_ag_101") if marked is None else marked}
    )
    bench.files.content[f"https://files.example/{FILE}"] = content
    return bench


def send(
    bench: Bench,
    identifier: str = "sub-1",
    *,
    member: str | None = "member-1",
    name: str = "Agreement 李.pdf",
    **values: Any,
) -> None:
    file = [{"fileId": FILE, "displayName": name, "sizeInBytes": 14}]
    said = {
        "document_id": "doc_ag_101",
        "file": file,
        "base_version": 1,
        "comment": "Signed",
        **values,
    }
    bench.accept(identifier, form="document-version", member=member, values=said)
    bench.intake.deliver_submissions([identifier])


def test_upload_becomes_a_version_that_waits_and_leaves_the_portal() -> None:
    bench = uploaded()

    send(bench)

    ((document_id, key, version),) = bench.documents.added
    assert (document_id, key) == ("doc_ag_101", idempotency_key("sub-1"))
    assert (version.upload_id, version.base_version, version.change_note, version.source) == (
        "upl_1",
        1,
        "Signed",
        "portal",
    )
    assert bench.files.uploaded == {"upl_1": TWO}
    assert (bench.row("sub-1")["status"], bench.row("sub-1")["record"], bench.files.marked) == (
        "done",
        "documents/doc_ag_101",
        {},
    )


def test_version_is_done_although_the_portal_will_not_remove_its_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = uploaded()

    def refuse(_: object) -> None:
        raise Refused(system="wix", status=400)

    monkeypatch.setattr(bench.files, "remove", refuse)
    send(bench)

    assert (len(bench.documents.added), bench.stage("sub-1"), bench.row("sub-1")["status"]) == (
        1,
        Stage.DELIVERED,
        "done",
    )


def test_lost_answer_adds_no_second_version() -> None:
    bench = uploaded()
    bench.documents.lose = 1

    send(bench)
    bench.intake.deliver_submissions(["sub-1"])

    assert (len(bench.documents.added), bench.stage("sub-1"), len(bench.files.uploaded)) == (
        1,
        Stage.DELIVERED,
        1,
    )


def test_upload_that_waits_while_its_document_moves_to_another_partner_never_reaches_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = uploaded()

    def fail(*_: object) -> None:
        raise Unavailable(system="trading_grid", status=503)

    with monkeypatch.context() as broken:
        broken.setattr(bench.documents, "add_version", fail)
        send(bench)
    (agreement,) = bench.documents.kept.values()
    bench.documents.kept[agreement.record] = agreement.model_copy(update={"partner_id": BALTIC})

    bench.intake.deliver_submissions(["sub-1"])

    assert (bench.documents.added, bench.files.marked) == ([], {})
    assert bench.row("sub-1")["status"] != "done"


def test_bytes_that_the_document_has_already_make_no_version() -> None:
    bench = uploaded(ONE)

    send(bench)

    assert (bench.documents.added, bench.files.uploaded, bench.files.marked) == ([], {}, {})
    assert "already" in bench.row("sub-1")["message"]


@pytest.mark.parametrize(
    ("bench", "member"),
    [
        (uploaded(), "member-2"),
        (uploaded(), None),
        (uploaded(), "member-9"),
        (uploaded(partnerId=None), "member-1"),
        (uploaded(partnerId=BALTIC), "member-1"),
        (uploaded(classification="restricted"), "member-1"),
        (uploaded(marked=upload_label(PartnerId(PRAIRIE_GOLD), "doc_other")), "member-1"),
        (uploaded(marked=upload_label(PartnerId(BALTIC), "doc_ag_101")), "member-1"),
        (uploaded(marked="doc_ag_101"), "member-1"),
    ],
    ids=[
        "another-partner",
        "visitor",
        "unlinked",
        "library",
        "others-document",
        "restricted",
        "others-file",
        "others-label",
        "no-label",
    ],
)
def test_document_or_file_of_somebody_else_is_as_good_as_none(
    bench: Bench, member: str | None
) -> None:
    send(bench, member=member)

    assert (bench.documents.added, bench.files.uploaded, bench.stage("sub-1")) == (
        [],
        {},
        Stage.HELD,
    )
    assert bench.inbox.submissions["sub-1"].held_for is HoldReason.NOT_THEIRS


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ\x90\x00" + b"\x00" * 60, "Agreement.pdf"),
        (TWO, "Agreement.exe"),
        (TWO, "Agreement.xlsx"),
        (b"<html></html>", "Agreement.pdf"),
    ],
)
def test_file_that_lies_is_kept_for_a_person_and_the_partner_is_told(
    content: bytes, name: str
) -> None:
    bench = uploaded(content)

    send(bench, name=name)

    assert (bench.documents.added, bench.files.uploaded) == ([], {})
    assert bench.inbox.submissions["sub-1"].held_for is HoldReason.ATTACHMENTS
    assert (bench.row("sub-1")["status"], bench.files.marked != {}) == ("not_possible", True)
    assert "could not be taken" in bench.row("sub-1")["message"]


def test_document_that_takes_nothing_any_more_is_told_in_a_sentence() -> None:
    bench = uploaded()
    bench.documents.over = {"doc_ag_101"}

    send(bench)

    assert bench.row("sub-1")["status"] == "not_possible"
    assert "no new versions" in bench.row("sub-1")["message"]


@pytest.mark.parametrize(
    ("said", "believed"), [(1, 1), ("1", 1), (7, 1), (0, 1), ("-1", 1), ("x", 1), (None, 1)]
)
def test_version_that_it_was_made_from_is_believed_only_if_there_is_one(
    said: Any, believed: int
) -> None:
    bench = uploaded()

    send(bench, base_version=said)

    assert bench.documents.added[0][2].base_version == believed


@pytest.mark.parametrize(
    ("sample", "name", "said"),
    [
        ("html--sheetjs.xls", "Prices.xls", "a web page (HTML)"),
        ("private-key-der--openssl.cer", "as2.cer", "private key"),
        ("protected--msoffcrypto.docx", "a.docx", "password"),
    ],
)
def test_partner_reads_what_an_uploaded_file_is_if_not_what_it_says(
    sample: str, name: str, said: str
) -> None:
    bench = uploaded((SAMPLES / sample).read_bytes())

    send(bench, name=name)

    assert (bench.documents.added, bench.row("sub-1")["status"]) == ([], "not_possible")
    assert said in bench.row("sub-1")["message"]
