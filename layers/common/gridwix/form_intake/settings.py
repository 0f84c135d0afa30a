"""Environment variables of ``form_intake``."""

from gridwix.runtime.settings import FileSettings, RequestSettings, host_names


class IntakeSettings(RequestSettings, FileSettings):
    """Settings of ``form_intake``: those of requests and those of files.

    ``visitor_file_hosts``: hosts, separated by commas, on which the files of forms may be, with
    their subdomains; ``none`` for none.
    """

    visitor_file_hosts: str

    @property
    def media_hosts(self) -> frozenset[str]:
        return host_names(self.visitor_file_hosts)
