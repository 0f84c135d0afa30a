"""Files of a request: copies them from the portal to Trading Grid."""

from collections.abc import Collection, Sequence

from gridwix.configuration.files import FileRules
from gridwix.errors import FileRefused
from gridwix.files.attachments import Attachments, add_download_url
from gridwix.files.ports import UploadedFiles
from gridwix.files.types import is_on_host
from gridwix.form_intake.projection import attachment_label
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.files import AttachedFile, FileFault
from gridwix.models.trading_grid.requests import RequestAttachment
from gridwix.partner_requests.submissions import Submission


class RequestAttachments:
    """Copies the files of a request to Trading Grid.

    These are files of a Wix form, which have a URL, and uploads of a member, which have an id.

    An upload is accepted only if its label shows that this member uploaded it for this partner and
    this form. The URL of a form's file is accepted only on one of the hosts on which Wix stores
    files: a sender of a form could name any address.

    Args:
        uploaded: The uploads of members.
        attachments: Copies files.
        media_hosts: Hosts of the files of forms, see :func:`gridwix.files.types.is_on_host`.
    """

    def __init__(
        self, uploaded: UploadedFiles, attachments: Attachments, media_hosts: Collection[str]
    ) -> None:
        self._uploaded = uploaded
        self._attachments = attachments
        self._media_hosts = media_hosts

    def copy_files(
        self,
        submission: Submission,
        form: str,
        files: Sequence[AttachedFile],
        rules: FileRules,
        deadline: Deadline = NO_DEADLINE,
    ) -> tuple[RequestAttachment, ...]:
        """Copy all files of a request to Trading Grid.

        Args:
            submission: The submission, with its member and partner.
            form: Key of the submission's form.
            files: The files.
            rules: Size and types that are allowed.
            deadline: The copies end before it.

        Raises:
            FileRefused: A file cannot be taken over, or was uploaded for another purpose.
            UpstreamError: A file cannot be copied now. Retry.
        """
        return self._attachments.copy_all(
            [self._fetchable_file(submission, form, file) for file in files], rules, deadline
        )

    def remove_uploads(self, file_ids: Sequence[str]) -> None:
        """Remove a member's uploads from the portal. Raises UpstreamError."""
        if file_ids:
            self._uploaded.remove(file_ids)

    def _fetchable_file(
        self, submission: Submission, form: str, attached: AttachedFile
    ) -> AttachedFile:
        """Return the file with the URL from which it can be fetched.

        Raises FileRefused for an upload that is gone, and for one without the label that the
        portal's backend gives to uploads of this member for this partner and form. Also raises
        FileRefused for a URL that is not on a host of Wix.
        """
        if not attached.file_id:
            if not is_on_host(attached.url, self._media_hosts):
                raise FileRefused(FileFault.BLOCKED)
            return attached
        found = add_download_url(
            self._uploaded,
            attached,
            attachment_label(submission.member_id or "", submission.partner_id or "", form),
        )
        if found is None:
            raise FileRefused(FileFault.GONE)
        return found
