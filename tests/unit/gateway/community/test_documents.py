"""Documents, versions and approvals over drafts."""

from collections.abc import Callable
from typing import Any

import pytest

from gridwix_gateway.community import documents
from gridwix_gateway.community.documents import (
    apply_decision,
    create_document,
    publish_version,
    submit_version,
    version_partition,
)
from gridwix_gateway.community.records import delete_record
from gridwix_gateway.community.reviews import decide_approval, request_approval
from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.items import item_document
from gridwix_gateway.store.records import Filters, Records
from tests.fakes.gateway.memory_table import MemoryTable

FIELDS = {
    "type": "coi",
    "title": "Certificate",
    "category": "insurance",
    "classification": "partner",
}


class Library:
    """A library with one document, ``doc``."""

    def __init__(self) -> None:
        self.table = MemoryTable()
        self.commits = Commits(self.table, "GC1", "t.")
        self.run(lambda draft: create_document(draft, FIELDS, "doc"))
        self.seen = 1

    def run[T](self, work: Callable[[Draft], T]) -> T:
        return self.commits.run(work)

    def submit(self, sha256: str, **fields: Any) -> tuple[Document, bool]:
        return self.run(lambda draft: submit_version(draft, "doc", fields, upload(sha256)))

    def publish(self, sha256: str) -> Document:
        return self.run(
            lambda draft: publish_version(draft, "doc", upload(sha256), f"content/{sha256}")
        )

    def decide(self, approval_id: str, decision: str) -> Document:
        return self.run(
            lambda draft: decide_approval(draft, approval_id, decision, "Why.", "reviewer")
        )

    def document(self) -> Document:
        found = Records(self.table).get("documents", "doc")
        assert found is not None
        return found

    def versions(self) -> list[Document]:
        return [item_document(i) for i in self.table.query(version_partition("doc"), limit=9)]

    def approvals(self) -> list[Document]:
        return list(Records(self.table).list_page("approvals", Filters(), "", 99).documents)

    def new_events(self) -> list[str]:
        page = Feed(self.table).read_page(self.seen, 99)
        self.seen = page.position
        return [event["type"].removeprefix("t.") for event in page.events]


def upload(sha256: str) -> Document:
    return {
        "fileName": f"{sha256}.pdf",
        "mediaType": "application/pdf",
        "sizeBytes": 5,
        "sha256": sha256,
        "scan": "skipped",
        "blob": f"content/{sha256}",
    }


@pytest.fixture
def library() -> Library:
    return Library()


def test_new_document_is_a_draft_without_a_version(library: Library) -> None:
    document = library.document()

    assert (document["status"], document["currentVersion"]) == ("draft", 0)
    assert (document["audience"], document["locale"]) == ({"all": True}, ["en"])


def test_document_of_an_unknown_partner_is_refused(library: Library) -> None:
    with pytest.raises(Problem) as refused:
        library.run(lambda draft: create_document(draft, {**FIELDS, "partnerId": "p1"}))

    assert (refused.value.code, refused.value.errors[0].pointer) == ("validation", "/partnerId")


def test_submitted_version_waits_for_one_approval_by_the_team_of_its_category(
    library: Library,
) -> None:
    version, is_new = library.submit("a", changeNote="First", baseVersion=0)

    (approval,) = library.approvals()
    assert (version["number"], version["status"], is_new) == (1, "in_review", True)
    assert (approval["approverTeam"], approval["subject"]["id"]) == ("vendor-compliance", "doc/1")
    assert library.document()["status"] == "in_review"
    assert library.new_events() == ["document.version_added", "approval.requested"]


def test_approved_version_is_current_and_its_bytes_make_no_new_one(library: Library) -> None:
    library.submit("a")
    library.decide(library.approvals()[0]["id"], "approved")

    again, is_new = library.submit("a")
    other, _ = library.submit("b")

    assert (again["number"], is_new, other["number"]) == (1, False, 2)
    assert library.document()["currentVersion"] == 1
    assert [version["status"] for version in library.versions()] == ["approved", "in_review"]
    assert library.new_events()[2:4] == ["approval.decided", "document.published"]


def test_rejected_first_version_leaves_a_draft_and_the_reason(library: Library) -> None:
    library.submit("a")
    library.decide(library.approvals()[0]["id"], "rejected")

    assert (library.document()["status"], library.document()["currentVersion"]) == ("draft", 0)
    assert [(one["status"], one["comment"]) for one in library.versions()] == [("rejected", "Why.")]
    assert library.new_events()[2:] == ["approval.decided", "document.status_changed"]


def test_approval_is_decided_once_and_asked_for_again_after_that(library: Library) -> None:
    library.submit("a")
    (approval,) = library.approvals()
    wish = {"subject": {"type": "document_version", "id": "doc/1"}}

    asked = library.run(lambda draft: request_approval(draft, wish))
    library.decide(approval["id"], "rejected")
    assert not [key for key in library.table.items if key.pk.startswith("A#")]
    with pytest.raises(Problem, match="rejected"):
        library.decide(approval["id"], "approved")
    again = library.run(lambda draft: request_approval(draft, {**wish, "approverTeam": "legal"}))

    assert asked["id"] == approval["id"] != again["id"]
    assert again["approverTeam"] == "legal"


@pytest.mark.parametrize("subject", ["doc/9", "doc/x", "doc", "other/1", "/1"])
def test_approval_of_no_version_is_not_found(library: Library, subject: str) -> None:
    library.submit("a")
    wish = {"subject": {"type": "document_version", "id": subject}}

    with pytest.raises(Problem) as refused:
        library.run(lambda draft: request_approval(draft, wish))

    assert refused.value.code == "not-found"


def test_hub_publishes_a_version_that_is_current_at_once(library: Library) -> None:
    library.publish("a")
    library.publish("a")
    version = library.publish("b")

    assert (version["baseVersion"], library.document()["currentVersion"]) == (1, 2)
    assert library.new_events() == ["document.published", "document.version_added"]


def test_withdrawn_document_takes_no_version_and_publishes_none(library: Library) -> None:
    library.submit("a")
    (approval,) = library.approvals()
    withdrawn = {"status": "withdrawn"}
    library.run(
        lambda draft: draft.change("documents", library.document(), withdrawn, "document.withdrawn")
    )

    for attempt in (
        lambda: library.submit("b"),
        lambda: library.publish("b"),
        lambda: library.decide(approval["id"], "approved"),
    ):
        with pytest.raises(Problem) as refused:
            attempt()
        assert refused.value.code == "invalid-transition"
    library.decide(approval["id"], "rejected")
    assert library.document()["status"] == "withdrawn"


def test_deleted_document_and_approval_are_not_found(library: Library) -> None:
    library.submit("a")
    (approval,) = library.approvals()
    library.run(lambda draft: delete_record(draft, "documents", "doc"))
    with pytest.raises(Problem) as of_document:
        library.submit("b")
    library.run(lambda draft: delete_record(draft, "approvals", approval["id"]))
    with pytest.raises(Problem) as of_approval:
        library.decide(approval["id"], "approved")

    assert (of_document.value.code, of_approval.value.code) == ("not-found", "not-found")


def test_decision_on_a_version_that_is_not_there_is_not_found(library: Library) -> None:
    with pytest.raises(Problem) as refused:
        library.run(lambda draft: apply_decision(draft, "doc", 7, "approved", None))

    assert refused.value.code == "not-found"


def test_number_of_versions_is_bounded(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_VERSIONS", 1)
    library.submit("a")

    with pytest.raises(Problem) as refused:
        library.submit("b")

    assert refused.value.code == "invalid-transition"
