"""Faults of sources: one that stops a run, and one that refuses a single record.

After a fault that stops a run, the next run retries from the checkpoint.
"""

from collections.abc import Mapping

FIXES: Mapping[str, str] = {
    "unreachable": "check the host name and the network; the next run tries again",
    "too-slow": "the API did not finish its answer in time; ask for smaller pages",
    "too-large": "ask for smaller pages or fewer members",
    "throttled": "none needed: the next run waits for as long as the API has asked for",
    "server-error": "the API fails on its own side; the next run tries again",
    "unauthenticated": "check the secret of the source, and that its account is not locked",
    "refused": "check the path, the query and the rights of the account",
    "redirect": "write the address that the API redirects to as the source's url",
    "foreign-link": "use a paging that does not follow links; this one leads to another host",
    "content-type": "check the url: a login page or a proxy may stand before the API",
    "not-json": "check the url; the API must answer JSON in UTF-8",
    "no-rows": "check `rows`: the answer has no list there; the API may have changed",
    "too-many-rows": "ask for smaller pages",
    "repeated-page": "check `paging`: the API gave the same page twice",
    "endless": "check `paging`: the list does not end",
    "unstable": "the list changes faster than it is read; ask for larger pages",
    "since-ignored": "check `since`: rows are older than what was asked for",
    "order": "add the order by the time of the update, ascending, to `since.value`",
    "too-many-refused": "see the refused rows: the API or its data may have changed",
    "too-many-missing": "check the account's rights; raise `guard` if the partners really left",
    "secret": "store the secret of the source with the members of its authentication",
    "crashed": "this is a defect of the gateway: report it with the place that the log names",
    "superseded": "none needed: another run of the source has taken over",
}
"""Advice on each fault, by code. A code is a metric dimension and a runbook anchor."""


class SourceFault(Exception):
    """A fault that stops a source's run. The checkpoint stays, so the next run retries.

    Args:
        code: Stable code of the fault, a key of :data:`FIXES`.
        detail: The reason in words. Holds no value of a row, no header and no query.
        wait_seconds: Seconds of the API's ``Retry-After``: no run begins before they have passed; 0
            if the API asks for no wait.
    """

    def __init__(self, code: str, detail: str, wait_seconds: float = 0.0) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.wait_seconds = wait_seconds

    @property
    def fix(self) -> str:
        """Advice on how to fix the fault."""
        return FIXES[self.code]


class RecordRefusal(Exception):
    """A record of a source is refused. The other records of the run are still written.

    Args:
        code: Stable code; a metric's dimension.
        detail: The reason, for the people who keep the source's data.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
