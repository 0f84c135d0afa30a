"""An upload that has another size than was announced is not fetched."""

from dataclasses import dataclass

import pytest

from gridwix.errors import FileRefused
from gridwix.files.attachments import add_download_url
from gridwix.models.files import AttachedFile, FileFault, FileState, MediaFile

ATTACHED = AttachedFile("", "plan.pdf", None, "up.pdf")


@dataclass
class Uploaded:
    """The portal's files: one."""

    size: int
    labels: frozenset[str]

    def file(self, file_id: str) -> MediaFile:
        return MediaFile(file_id, FileState.READY, self.size, self.labels)

    def download_url(self, file_id: str, minutes: int) -> str:
        return f"https://wix.example/{file_id}"

    def remove(self, ids: object) -> None:
        raise AssertionError("a submission has this file")


@pytest.mark.parametrize(
    ("size", "announced", "is_taken"),
    [
        (9, "gridwix-announced-9-pdf", True),
        # Wix does not say it yet; announced to an earlier release; not a label of ours.
        (0, "gridwix-announced-9-pdf", True),
        (10, "", True),
        (10, "gridwix-announced-9-pdf-x", True),
        (10, "gridwix-announced-9-pdf", False),
        (8, "gridwix-announced-9-pdf", False),
    ],
)
def test_upload_has_the_size_that_was_announced(size: int, announced: str, is_taken: bool) -> None:
    uploaded = Uploaded(size, frozenset({"gridwix-0f", announced}))

    if is_taken:
        found = add_download_url(uploaded, ATTACHED, "gridwix-0f")
        assert found is not None
        assert found.url == "https://wix.example/up.pdf"
    else:
        with pytest.raises(FileRefused) as refused:
            add_download_url(uploaded, ATTACHED, "gridwix-0f")
        assert refused.value.fault is FileFault.CHANGED
