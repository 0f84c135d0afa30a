"""Reads the IANA time zone release of the deployed functions from their logs.

That release may differ from the release on this machine and in this checkout.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from gridwix.errors import GridwixError
from gridwix.models.time_zones import VERSION
from gridwix.runtime.time_zones import MEMBER
from ops import logs
from ops.stack import Stack

FUNCTIONS = ("form_intake", "partner_messenger")
"""Functions that compute local times: business hours, due dates, quiet hours and reminders. They
run every minute.
"""

LOOK_BACK = (300, 3_600, 24 * 3_600)
"""Periods of logs to search for a time zone release, in seconds. The shortest with a report counts,
so that older deployments do not.
"""


@dataclass(frozen=True, slots=True)
class ReportedRelease:
    """The IANA time zone release that a function logged, with the time (Unix seconds)."""

    release: str
    at: float


def describe_time_zones(stack: Stack, now: float) -> str:
    """Return a text on the time zone release of the deployed functions. ``now`` is in Unix seconds.

    Raises:
        GridwixError: The functions have different releases, so their local times may differ by an
            hour.
    """
    said = {
        function: found
        for function in FUNCTIONS
        if (found := read_release(stack, function, now)) is not None
    }
    if not said:
        return (
            "not known yet: neither form_intake nor partner_messenger has run in the last 24 hours"
        )
    if len({found.release for found in said.values()}) > 1:
        raise GridwixError(
            f"{_releases_text(said)}: deploy the stack again, so that all functions have one layer"
        )
    newest = max(said.values(), key=lambda found: found.at)
    at = datetime.fromtimestamp(newest.at, UTC)
    other = (
        ""
        if newest.release == VERSION
        else f"; this gridwix has {VERSION}, which a deployment brings"
    )
    return (
        f"IANA {newest.release} in {' and '.join(said)},"
        f" by their logs of {at:%Y-%m-%d %H:%M} UTC{other}"
    )


def read_release(stack: Stack, function: str, now: float) -> ReportedRelease | None:
    """Return the last time zone release that a function logged; None if it logged none for a day.

    Raises GridwixError if the log cannot be read.
    """
    line = read_last_line(stack, function, now, MEMBER)
    return None if line is None else ReportedRelease(str(line.fields[MEMBER])[:20], line.at)


def read_last_line(stack: Stack, function: str, now: float, member: str) -> logs.LogLine | None:
    """Return the last log line of a function that has the field ``member``.

    Return None if the last day has no such line. ``now`` is in Unix seconds. Raises GridwixError if
    the log cannot be read.
    """
    for seconds in LOOK_BACK:
        try:
            lines = logs.read_lines(stack.aws.logs, stack.log_group(function), now - seconds)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            # The log group does not exist: the function has never run.
            if code == "ResourceNotFoundException":
                return None
            raise GridwixError(f"the log of {function} cannot be read: {code}") from None
        said = [line for line in lines if line.fields.get(member)]
        if said:
            return said[-1]
    return None


def _releases_text(said: Mapping[str, ReportedRelease]) -> str:
    return ", ".join(f"{function} has IANA {found.release}" for function, found in said.items())
