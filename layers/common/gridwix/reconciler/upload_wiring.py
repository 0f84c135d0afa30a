"""Builds the service that removes old uploads, from the settings of ``reconciler``.

Loaded for the first message about uploads.
"""

from gridwix.clients.files import FileClient
from gridwix.partner_requests.awaited_file_table import DynamoDBAwaitedFiles
from gridwix.publication.reconciled import Continuation
from gridwix.reconciler.settings import ReconcilerSettings
from gridwix.reconciler.upload_sweep import UploadSweep
from gridwix.runtime.aws import aws_clock, dynamodb
from gridwix.runtime.media import media


def upload_sweep(settings: ReconcilerSettings, continuation: Continuation) -> UploadSweep:
    """Return a new service that removes old uploads which no submission names.

    Its client of the media library only lists and removes files.
    """
    return UploadSweep(
        uploads=media(settings, FileClient()),
        awaited=DynamoDBAwaitedFiles(dynamodb(), settings.submission_table),
        continuation=continuation,
        days=settings.upload_days,
        clock=aws_clock(),
    )
