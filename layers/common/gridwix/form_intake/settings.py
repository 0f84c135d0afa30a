"""Environment variables of ``form_intake``."""

from gridwix.runtime.settings import FileSettings, RequestSettings


class IntakeSettings(RequestSettings, FileSettings):
    """Settings of ``form_intake``: those of requests and those of files."""
