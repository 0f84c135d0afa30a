"""Environment variables of ``form_intake``."""

from pydantic import Field

from gridwix.runtime.settings import FileSettings, RequestSettings


class IntakeSettings(RequestSettings, FileSettings):
    """Settings of ``form_intake``: those of requests and those of files.

    ``held_submission_days``: how long a held submission is kept. ``submission_days``: how long a
    delivered one is.
    """

    held_submission_days: int = Field(default=90, ge=1)
    submission_days: int = Field(default=400, ge=3)
