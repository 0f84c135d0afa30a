"""Which release of IANA's time zones the deployed functions run with, as they say it themselves: not this machine's, and not this checkout's."""

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
"""The functions that ask what time it is somewhere: office hours and due dates, quiet hours and reminders. Their schedules run them every minute."""

LOOK_BACK = (300, 3_600, 24 * 3_600)
"""Seconds of logs that are read: the first stretch in which a function has said it counts, so that what ran before the last deployment does not."""


@dataclass(frozen=True, slots=True)
class ReportedRelease:
    """What a function has said of its time zones, and when (Unix seconds)."""

    release: str
    at: float


def describe_time_zones(stack: Stack, now: float) -> str:
    """The deployed release, in words. Raises GridwixError if the functions have different ones: their answers differ by an hour somewhere."""
    said = {function: found for function in FUNCTIONS if (found := read_release(stack, function, now)) is not None}
    if not said:
        return "not known yet: neither form_intake nor partner_messenger has run in the last 24 hours"
    if len({found.release for found in said.values()}) > 1:
        raise GridwixError(f"{_releases_text(said)}: deploy the stack anew, so that all functions have one layer")
    newest = max(said.values(), key=lambda found: found.at)
    at = datetime.fromtimestamp(newest.at, UTC)
    other = "" if newest.release == VERSION else f"; this gridwix has {VERSION}, and a deployment takes it there"
    return f"IANA {newest.release} in {' and '.join(said)}, by their logs of {at:%Y-%m-%d %H:%M} UTC{other}"


def read_release(stack: Stack, function: str, now: float) -> ReportedRelease | None:
    """What a function said last; None if it has said nothing for a day, or never ran. Raises GridwixError."""
    for seconds in LOOK_BACK:
        try:
            lines = logs.read_lines(stack.aws.logs, stack.log_group(function), now - seconds)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "ResourceNotFoundException":
                return None
            raise GridwixError(f"the log of {function} cannot be read: {code}") from None
        said = [ReportedRelease(str(release)[:20], line.at) for line in lines if (release := line.fields.get(MEMBER))]
        if said:
            return said[-1]
    return None


def _releases_text(said: Mapping[str, ReportedRelease]) -> str:
    return ", ".join(f"{function} has IANA {found.release}" for function, found in said.items())
