"""The media client and the Wix emulator's Media Manager, over HTTP."""

import io
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx
import pytest

from emulators.common.server import thread
from emulators.wix.app import build_app
from emulators.wix.site import new_site
from gridwix.clients.files import FileClient
from gridwix.clients.http import new_client
from gridwix.clients.wix.auth import wix_auth
from gridwix.clients.wix.media import PART, PREFIX, RESUMABLE_FROM, MediaClient
from gridwix.clients.wix.site import WixSite
from gridwix.errors import BudgetExhausted, FileRefused, Forbidden, Refused, Unavailable
from gridwix.models.files import FileState, MediaFile, NewFile
from ops.emulator import Emulator
from ops.waiting import wait_for
from tests.fakes.wire import CountingBudget

PDF = b"%PDF-1.7 a guide"


class Library:
    """The media library of a site, and changes of it from outside."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url = url
        info = Emulator(url).info()
        self.budget = CountingBudget()
        host = url.removeprefix("http://")
        self.site = WixSite(
            http,
            wix_auth({"apiKey": info["apiKey"]}, info["siteId"], base_url=url),
            self.budget,
            base_url=url,
            sleep=lambda _: None,
        )
        self.client = MediaClient(self.site, FileClient(exempt={host}))

    def control(self, path: str, order: Mapping[str, Any]) -> None:
        Emulator(self.url).order(path, order)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Change the library as a person does."""
        return self.site.call("by hand", "POST", f"{PREFIX}/{path}", body=body)

    def patch(self, path: str, **body: Any) -> dict[str, Any]:
        return self.site.call("by hand", "PATCH", f"{PREFIX}/{path}", body=body)

    def counted(self, ids: Sequence[str]) -> tuple[frozenset[str], int]:
        """Return the lost files among these, and the number of calls."""
        taken = self.budget.taken
        return self.client.lost(ids), self.budget.taken - taken

    def upload(
        self,
        content: bytes = PDF,
        name: str = "Guide Größe 李.pdf",
        *,
        label: str = "doc_1",
        private: bool = True,
    ) -> MediaFile:
        return self.client.upload(
            NewFile(name, "application/pdf", len(content), private, label), pieces(content)
        )

    def ready(self, file: MediaFile) -> MediaFile:
        return until(
            lambda: self.client.files([file.file_id])[file.file_id],
            lambda one: one.state is not FileState.PENDING,
        )

    def all(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = Emulator(self.url).read("media/files")["files"]
        return found


def until[T](read: Callable[[], T], done: Callable[[T], bool]) -> T:
    return wait_for(lambda: [value] if done(value := read()) else [], "the file to get there")[0]


def pieces(content: bytes, size: int = 256 * 1024) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with thread(build_app(new_site())) as address:
        yield address


@pytest.fixture
def library(url: str) -> Iterator[Library]:
    with new_client() as http:
        yield Library(url, http)
    for path in ("faults", "media/files"):
        Emulator(url).clear(path)


def test_file_comes_in_two_calls_and_can_be_opened_by_a_link_alone(library: Library) -> None:
    file = library.ready(library.upload())

    assert (file.state, file.size, file.labels) == (FileState.READY, len(PDF), frozenset({"doc_1"}))
    (kept,) = library.all()
    assert (kept["displayName"], kept["private"], httpx.get(kept["url"]).status_code) == (
        "Guide Größe 李.pdf",
        True,
        403,
    )
    assert httpx.get(library.client.download_url(file.file_id, 10)).content == PDF


def test_upload_takes_two_calls_of_the_budget(library: Library) -> None:
    library.upload()

    assert library.budget.taken == 2


def test_upload_when_only_one_call_is_left_takes_none_and_sends_nothing(library: Library) -> None:
    library.budget.left = 1

    with pytest.raises(BudgetExhausted):
        library.upload()

    assert (library.budget.left, library.budget.taken) == (1, 0)


def test_large_file_goes_in_parts_and_arrives_whole(library: Library) -> None:
    content = PDF + os.urandom(RESUMABLE_FROM + PART)

    file = library.ready(library.upload(content))

    target = io.BytesIO()
    FileClient(exempt={library.url.removeprefix("http://")}).fetch(
        library.client.download_url(file.file_id, 10), target, len(content)
    )
    assert target.getvalue() == content


@pytest.mark.parametrize("kind", ["drop", "drop_after", "status"])
def test_part_whose_connection_breaks_is_sent_again_and_not_the_whole(
    library: Library, kind: str
) -> None:
    content = PDF + os.urandom(RESUMABLE_FROM + PART)
    library.control(
        "faults",
        {"kind": kind, "path": "/_media/resumable/*", "method": "PATCH", "skip": 1, "status": 503},
    )

    file = library.ready(library.upload(content))

    assert file.size == len(content)


def test_bytes_that_are_refused_on_the_way_make_no_file(library: Library) -> None:
    def broken() -> Iterator[bytes]:
        yield PDF
        raise FileRefused("changed")

    for size in (len(PDF) + 10, RESUMABLE_FROM + 10):
        with pytest.raises(FileRefused):
            library.client.upload(
                NewFile("a.pdf", "application/pdf", size, True, "doc_1"), broken()
            )

    assert library.all() == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "upload_url_expired"}, Forbidden),
        ({"kind": "media_refuse"}, Refused),
        ({"kind": "media_refuse", "options": {"rule": "FILE_SIZE_OVER_LIMIT"}}, FileRefused),
        ({"kind": "media_refuse", "options": {"rule": "MISMATCH_MIME_TYPE"}}, FileRefused),
        ({"kind": "drop", "path": "/_media/upload/*"}, Unavailable),
        ({"kind": "drop_after", "path": "/_media/upload/*"}, Unavailable),
        ({"kind": "status", "status": 503, "path": "/_media/upload/*"}, Unavailable),
    ],
)
def test_what_goes_wrong_with_an_upload_has_its_error(
    library: Library, fault: dict[str, Any], kind: type[Exception]
) -> None:
    library.control("faults", fault)

    with pytest.raises(kind):
        library.upload()


def test_file_without_an_answer_is_found_by_its_label(library: Library) -> None:
    begun = time.time()
    library.upload(label="doc_2")
    library.control("faults", {"kind": "drop_after", "path": "/_media/upload/*"})
    with pytest.raises(Unavailable):
        library.upload()

    assert [file.labels for file in library.client.labelled("doc_1", begun - 5)] == [{"doc_1"}]
    assert library.client.labelled("doc_1", begun + 3600) == []
    assert library.client.labelled("doc_3", begun - 5) == []


def test_file_that_could_not_be_processed_has_failed(library: Library) -> None:
    library.control("faults", {"kind": "media_failed"})

    assert library.ready(library.upload()).state is FileState.FAILED


def test_removed_file_is_gone_and_so_is_every_link_to_it(library: Library) -> None:
    files = [library.ready(library.upload()) for _ in range(2)]
    link = library.client.download_url(files[0].file_id, 10)

    library.client.remove([files[0].file_id])
    library.client.remove([file.file_id for file in files])
    library.client.remove([files[0].file_id])

    assert (library.all(), library.client.files([file.file_id for file in files])) == ([], {})
    assert library.client.file(files[0].file_id) is None
    assert httpx.get(link).status_code in (403, 404)


def test_link_ends_with_its_time(library: Library) -> None:
    file = library.ready(library.upload())
    link = library.client.download_url(file.file_id, 10)
    assert httpx.get(link).status_code == 200

    library.control("clock", {"advance": 601})

    assert httpx.get(link).status_code == 403


def test_address_that_is_not_public_is_not_uploaded_to(url: str, library: Library) -> None:
    info = Emulator(url).info()
    with new_client() as http:
        site = WixSite(
            http,
            wix_auth({"apiKey": info["apiKey"]}, info["siteId"], base_url=url),
            CountingBudget(),
            base_url=url,
        )
        with pytest.raises(FileRefused):
            MediaClient(site, FileClient()).upload(
                NewFile("a.pdf", "application/pdf", len(PDF), True, "doc_1"), pieces(PDF)
            )
    assert library.all() == []


def test_lost_files_are_those_in_the_trash_and_those_that_are_gone_however_many_there_are(
    library: Library,
) -> None:
    files = [library.ready(library.upload(PDF + b"%d" % number)).file_id for number in range(6)]
    there, moved, trashed, gone = files[0], files[1], files[2], files[3:]
    folder = library.post("folders", displayName="By hand")["folder"]["id"]
    library.patch("files/update-file-descriptor", file={"id": moved, "parentFolderId": folder})
    library.post("bulk/files/delete", fileIds=[trashed])

    before, some = library.counted(files)
    library.post("bulk/files/delete", fileIds=gone, permanent=True)
    after, most = library.counted(files)

    assert (set(before), some) == ({trashed}, 1)
    # The one that was moved is not in our folder, and the answer that would tell is spoiled: who
    # copies asks for it once more.
    assert (set(after), most) == ({moved, trashed, *gone}, 3)
    assert library.client.files([moved])[moved].state is FileState.READY
    assert library.client.lost([there, moved]) == set()


def test_all_files_are_lost_where_none_is_there(library: Library) -> None:
    assert library.client.lost(["9b1f42_0.pdf", "9b1f42_1.pdf"]) == {"9b1f42_0.pdf", "9b1f42_1.pdf"}
    assert library.client.lost([]) == set()
