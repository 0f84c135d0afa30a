"""Environment variables of ``form_intake``."""

from pydantic import Field

from gridwix.runtime.settings import FileSettings, RequestSettings, host_names


class IntakeSettings(RequestSettings, FileSettings):
    """Environment variables of ``form_intake``, with those for requests and for files.

    ``held_submission_days``: days for which a submission held for manual review is kept.
    ``submission_days``: days for which a delivered submission is kept. ``visitor_file_hosts``:
    hosts, separated by commas, on which the files of forms may be, with their subdomains; ``none``
    for none.
    """

    held_submission_days: int = Field(default=90, ge=1)
    submission_days: int = Field(default=400, ge=3)
    visitor_file_hosts: str

    @property
    def media_hosts(self) -> frozenset[str]:
        return host_names(self.visitor_file_hosts)
