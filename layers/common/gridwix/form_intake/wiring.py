"""Wiring of ``form_intake``: builds the service from its adapters."""

from gridwix.clients.files import FileClient
from gridwix.clients.wix.links import PartnerLinks
from gridwix.files.attachments import Attachments
from gridwix.form_intake.document_uploads import DocumentUploads
from gridwix.form_intake.due_rows import DueRows
from gridwix.form_intake.follow_ups import FollowUps
from gridwix.form_intake.new_requests import NewRequests
from gridwix.form_intake.partner_lookup import PartnerLookup
from gridwix.form_intake.request_attachments import RequestAttachments
from gridwix.form_intake.service import FormIntake
from gridwix.form_intake.settings import IntakeSettings
from gridwix.form_intake.submission_rows import SubmissionRows
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import SubmissionRetention
from gridwix.runtime.aws import aws_clock, dynamodb
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import once
from gridwix.runtime.media import media
from gridwix.runtime.opentext import directory
from gridwix.runtime.publication import ledger, publisher
from gridwix.runtime.record_faults import fault_log
from gridwix.runtime.trading_grid import community
from gridwix.runtime.wix import wix_data


@once
def form_intake() -> FormIntake:
    """Return the form intake with its adapters; it is built once per execution environment."""
    settings = IntakeSettings.from_environment()
    gateway, files = community(settings), FileClient(exempt=settings.exempt_hosts)
    library, attachments = media(settings, files), Attachments(files, gateway)
    inbox = DynamoDBSubmissionInbox(
        dynamodb(),
        settings.submission_table,
        retention=SubmissionRetention(settings.held_submission_days, settings.submission_days),
        clock=aws_clock(),
    )
    rows = SubmissionRows(publisher(settings, ledger(settings), "form_intake"), configuration())
    return FormIntake(
        inbox=inbox,
        partners=PartnerLookup(
            PartnerLinks(wix_data(settings), note=fault_log.note), directory(settings)
        ),
        requests=NewRequests(
            gateway,
            RequestAttachments(library, attachments, settings.media_hosts),
            configuration(),
        ),
        follow_ups=FollowUps(
            gateway, DocumentUploads(gateway, library, attachments, configuration().documents)
        ),
        rows=rows,
        due_rows=DueRows(inbox, rows, gateway),
        configuration=configuration(),
        clock=aws_clock(),
    )
