"""Builds the sweep of uploads of ``reconciler`` from its settings.

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
    """Return a new sweep of uploads. Its media client lists and removes files only."""
    return UploadSweep(
        uploads=media(settings, FileClient()),
        awaited=DynamoDBAwaitedFiles(dynamodb(), settings.submission_table),
        continuation=continuation,
        days=settings.upload_days,
        clock=aws_clock(),
    )
