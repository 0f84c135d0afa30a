"""Removal of uploads that were not handed in: what goes, what stays, and what a run may cost."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from gridwix.errors import Refused
from gridwix.models.files import FileState, MediaFile, UploadPage
from gridwix.models.reconciliation import RunRequest, UploadsPage
from gridwix.reconciler.upload_sweep import (
    MAX_REMOVALS,
    PAGES_PER_MESSAGE,
    UploadReport,
    UploadSweep,
)
from tests.fakes.reconciliation import FakeContinuation

DAY = 86_400
NOW = 1_900_000_000.0


@dataclass
class Library:
    """A list of old uploads in pages of two, by id; ``unlabelled`` and ``undeletable`` are ids."""

    pages: list[list[str]]
    unlabelled: frozenset[str] = frozenset()
    undeletable: frozenset[str] = frozenset()
    calls: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)

    def uploads_before(self, before: float, cursor: str | None) -> UploadPage:
        assert before == NOW - 7 * DAY
        self.calls.append("list")
        number = int(cursor or "0")
        files = tuple(
            MediaFile(
                one,
                FileState.READY,
                9,
                frozenset() if one in self.unlabelled else frozenset({"mine", "gridwix-0f"}),
            )
            for one in self.pages[number]
        )
        more = number + 1 < len(self.pages)
        return UploadPage(files, str(number + 1) if more else None)

    def remove(self, ids: Collection[str]) -> None:
        self.calls.append("remove")
        if not self.undeletable.isdisjoint(ids):
            raise Refused("no", system="wix")
        self.removed |= set(ids)


@dataclass
class Inbox:
    """The files of the submissions that wait."""

    files: frozenset[str] = frozenset()
    calls: list[str] = field(default_factory=list)

    def awaited(self, file_ids: Collection[str]) -> frozenset[str]:
        self.calls.append("awaited")
        return self.files & set(file_ids)


def sweep(library: Library, inbox: Inbox, queue: FakeContinuation) -> UploadSweep:
    inbox.calls = library.calls
    return UploadSweep(
        uploads=library, awaited=inbox, continuation=queue, days=7, clock=lambda: NOW
    )


def test_old_uploads_go_unless_a_submission_waits_for_them_or_they_are_not_ours() -> None:
    library = Library([["a", "b"], ["c", "d"]], unlabelled=frozenset("d"))
    queue = FakeContinuation()
    service = sweep(library, Inbox(frozenset("b")), queue)

    page = service.first_page(RunRequest(mode="uploads"), run="uploads-1")
    report = service.handle(page)

    assert report == UploadReport(orphans=("a", "c"), removed=2, awaited=1, foreign=1)
    assert library.removed == {"a", "c"}
    # The files first: a submission that arrives after the list was read still counts.
    assert library.calls == ["list", "list", "awaited", "remove"]
    assert queue.pages == []
    # Delivered twice, the message removes nothing else.
    library.pages = [["b", "d"]]
    assert service.handle(page) == UploadReport(awaited=1, foreign=1)


def test_dry_run_names_what_it_would_remove_and_removes_nothing() -> None:
    library = Library([["a", "b"]] * (PAGES_PER_MESSAGE + 1))
    queue = FakeContinuation()
    service = sweep(library, Inbox(frozenset("b")), queue)

    request = RunRequest(mode="uploads", dry_run=True)
    report = service.handle(service.first_page(request, run="uploads-1"))

    assert report == UploadReport(dry_run=True, orphans=("a",), awaited=1)
    assert (library.removed, "remove" in library.calls) == (set(), False)
    (following,) = queue.pages
    assert isinstance(following, UploadsPage)
    assert following.dry_run


def test_message_reads_a_few_pages_and_the_next_one_goes_on() -> None:
    names = [[f"f{page}a", f"f{page}b"] for page in range(PAGES_PER_MESSAGE + 2)]
    library, queue = Library(names), FakeContinuation()
    service = sweep(library, Inbox(), queue)

    service.handle(service.first_page(RunRequest(mode="uploads"), run="uploads-1"))

    assert library.removed == {one for page in names[:PAGES_PER_MESSAGE] for one in page}
    (following,) = queue.pages
    assert isinstance(following, UploadsPage)
    service.handle(following)
    assert library.removed == {one for page in names for one in page}
    assert len(queue.pages) == 1


def test_file_that_wix_does_not_remove_keeps_no_other_one_back() -> None:
    names = [f"f{number}" for number in range(60)]
    library = Library([names], undeletable=frozenset({"f7", "f41"}))

    report = sweep(library, Inbox(), FakeContinuation()).handle(
        UploadsPage(run="uploads-1", before=datetime.fromtimestamp(NOW - 7 * DAY, UTC))
    )

    assert (report.removed, report.refused) == (58, 2)
    assert library.removed == set(names) - {"f7", "f41"}


@pytest.mark.parametrize("number", [1, 200])
def test_calls_are_bounded_when_wix_removes_nothing(number: int) -> None:
    names = [f"f{one}" for one in range(number)]
    library = Library([names], undeletable=frozenset(names))

    report = sweep(library, Inbox(), FakeContinuation()).handle(
        UploadsPage(run="uploads-1", before=datetime.fromtimestamp(NOW - 7 * DAY, UTC))
    )

    assert (report.removed, report.refused) == (0, number)
    assert library.calls.count("remove") <= MAX_REMOVALS
