"""Settings of the job that every program of the comparison does, and the report at its end.

Standard library only.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

BATCH = 1000
"""Number of rows of one page and of one bulk call: the maximum of Wix."""

WRITERS = 4
"""Number of bulk calls in flight, for the programs that have several."""

COLLECTION = "PartnerStatus"
SAVE = "/wix-data/v2/bulk/items/save"


@dataclass(frozen=True, slots=True)
class Job:
    """Settings of the compared job: ``url`` of the source and the sink, and ``state``, a folder, or
    "" to keep nothing.

    ``calls_per_minute`` is the limit that a program with a call budget keeps.
    """

    url: str
    state: str
    calls_per_minute: int

    def page_url(self, page: int) -> str:
        """Return the URL of a page of the source; the first page is 0."""
        return f"{self.url}/rows?page={page}"


def read_job() -> Job:
    """Return the job of this process, read from its arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--state", default="")
    parser.add_argument("--calls-per-minute", type=int, default=180)
    found = parser.parse_args()
    return Job(found.url, found.state, found.calls_per_minute)


def report(named: int) -> None:
    """Print the number of refused rows that this process can name, and its peak memory in KB."""
    status = Path("/proc/self/status").read_text()
    # Not getrusage: its maximum includes the process that this one was forked from.
    peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"named": named, "peak": int(peak)}), flush=True)
