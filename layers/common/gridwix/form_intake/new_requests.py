"""Collaboration requests: builds the call that creates a request from a submission, and sends it.

A collaboration request is the item in Trading Grid that a submission becomes. By the idempotency
key of the call, a retry creates no second one.
"""

from collections.abc import Sequence
from contextlib import suppress

from gridwix.configuration.everything import Configuration
from gridwix.errors import FileRefused, FileUnreachable, Refused
from gridwix.form_intake.holding import MAX_FILE_TRIES
from gridwix.form_intake.matching import match_partner
from gridwix.form_intake.partner_lookup import KnownPartners
from gridwix.form_intake.permissions import SenderPermissions
from gridwix.form_intake.ports import RequestDesk
from gridwix.form_intake.projection import new_request
from gridwix.form_intake.request_attachments import RequestAttachments
from gridwix.form_intake.routing import select_route
from gridwix.form_intake.states import ReadSubmission
from gridwix.mapping.references import idempotency_key
from gridwix.mapping.texts import PartnerText
from gridwix.models.deadline import NO_DEADLINE, Deadline
from gridwix.models.trading_grid.requests import RequestAttachment
from gridwix.partner_requests.orders import RequestOrder
from gridwix.partner_requests.submissions import Outcome


class NewRequests:
    """Turns a submission into exactly one collaboration request: retries are idempotent."""

    def __init__(
        self, desk: RequestDesk, attachments: RequestAttachments, configuration: Configuration
    ) -> None:
        self._desk = desk
        self._attachments = attachments
        self._configuration = configuration

    def build_order(
        self,
        read: ReadSubmission,
        known: KnownPartners,
        permissions: SenderPermissions,
        deadline: Deadline = NO_DEADLINE,
    ) -> RequestOrder:
        """Build the order of a submission: the call to Trading Grid that creates a request.

        It matches the partner, selects the route (team, priority and due date) and copies the files
        to Trading Grid before the deadline.

        Raises:
            NotAllowed: The sender's role at the partner does not allow the form.
            FileRefused: A file cannot be taken over, and no operator has released the submission.
            RecordFault: The directory's answer for an identifier cannot be read.
            UpstreamError: A file cannot be copied now; FileUnreachable if its URL is the cause.
        """
        submission, reading = read.submission, read.reading
        owners = known.identified_by(read)
        match = match_partner(known.linked_to(submission), owners, submission.partner_id)
        permissions.require(match.partner_id)
        route = select_route(
            read.definition.type,
            reading.answers,
            submission.received_at,
            self._configuration.routing,
        )
        attachments = self._copy_files(read, deadline)
        return RequestOrder(
            partner_id=match.partner_id,
            request=new_request(
                submission,
                read.form_key,
                read.definition,
                reading,
                match,
                owners,
                route,
                attachments,
            ),
            file_ids=tuple(file.file_id for file in reading.files if file.file_id)
            if attachments
            else (),
        )

    def _copy_files(self, read: ReadSubmission, deadline: Deadline) -> Sequence[RequestAttachment]:
        try:
            return self._attachments.copy_files(
                read.submission,
                read.form_key,
                read.reading.files,
                self._configuration.intake.attachments,
                deadline,
            )
        except FileRefused:
            if not read.submission.released:
                raise
        except FileUnreachable:
            # Also one that was held for this, and released: its tries are not counted anew.
            if not read.submission.released or read.submission.file_tries < MAX_FILE_TRIES - 1:
                raise
        # An operator wants it delivered anyway: the files stay where Wix keeps them.
        return ()

    def create_request(
        self, submission_id: str, order: RequestOrder, note: PartnerText | None
    ) -> Outcome:
        """Create a request under the submission's idempotency key.

        Then remove the files that the member has uploaded for it from the portal.

        Args:
            submission_id: Id of the submission, from which the idempotency key is made.
            order: The call that creates the request, as stored before the first attempt.
            note: Message to the sender, for the portal row; None for none.

        Raises:
            UpstreamError: The request was not created, or its uploads could not be removed now.
        """
        request = self._desk.create_request(order.request, idempotency_key(submission_id))
        # The request exists: a file that Wix refuses to remove must not make it look refused.
        with suppress(Refused):
            self._attachments.remove_uploads(order.file_ids)
        note = note or PartnerText("")
        return Outcome(
            request.record,
            request.number,
            request=request,
            note=note.text,
            note_sentence=note.sentence,
        )
