"""The files of a request, on their way from the portal to Trading Grid."""

from collections.abc import Sequence

from gridwix.configuration.files import FileRules
from gridwix.errors import FileRefused
from gridwix.files.attachments import Attachments, add_download_url
from gridwix.files.ports import UploadedFiles
from gridwix.form_intake.projection import attachment_label
from gridwix.models.files import AttachedFile, FileFault
from gridwix.models.trading_grid.requests import RequestAttachment
from gridwix.partner_requests.submissions import Submission


class RequestAttachments:
    """Files that come along with a request: those of a Wix form, which have an address, and those that a member has uploaded.

    An uploaded file counts only if this member has uploaded it for this partner and this form, which its label tells.
    """

    def __init__(self, uploaded: UploadedFiles, attachments: Attachments) -> None:
        self._uploaded = uploaded
        self._attachments = attachments

    def copied(self, submission: Submission, form: str, files: Sequence[AttachedFile], rules: FileRules) -> tuple[RequestAttachment, ...]:
        """Copy all; ``form`` is the form's key. Raises FileRefused for the first that cannot be, one that was uploaded for anything else among them, and
        UpstreamError if it is to be tried again."""
        return self._attachments.of_request([self._fetchable(submission, form, file) for file in files], rules)

    def forget(self, file_ids: Sequence[str]) -> None:
        """Remove uploaded files from the portal. Raises UpstreamError."""
        if file_ids:
            self._uploaded.remove(file_ids)

    def _fetchable(self, submission: Submission, form: str, attached: AttachedFile) -> AttachedFile:
        if not attached.file_id:
            return attached
        found = add_download_url(self._uploaded, attached, attachment_label(submission.member_id or "", submission.partner_id or "", form))
        if found is None:
            raise FileRefused(FileFault.GONE)
        return found
