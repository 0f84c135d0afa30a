"""Demo scenario: the portal shows how many EDI documents a partner exchanged on each of 30 days.

gridwix counts the documents that Lens, the transaction search of Trading Grid, has of these days.
"""

from gridwix.models.portal.collection_ids import PARTNER_ACTIVITY
from ops.demo.scenario import Claim, Row, ScenarioResult, wait_for_row
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment

PARTNER = "GC070000000101"
STATES = ("delivered", "acknowledged", "rejected", "late", "failed", "underway", "other")
LEAST_DAYS = 15
"""Minimum number of days with documents on the partner's row once all hours are counted."""


def run_scenario(local: LocalEnvironment) -> ScenarioResult:
    """Have gridwix count 30 days of documents in the emulator, and check the partner's row.

    Raises:
        OpsError: The portal does not show the activity.
    """
    local.request_activity()
    row, shown_in = wait_for_row(
        local,
        PARTNER_ACTIVITY,
        lambda row: row["_id"] == PARTNER and len(_busy_days(row)) >= LEAST_DAYS,
        "the activity",
    )
    local.wait_until_idle()
    lines = row["lines"]
    documents = sum(line["total"] for line in lines)
    failed = sum(sum(line["failedDaily"]) for line in lines)
    hops = [
        Hop("Lens", "the hours of 30 days, newest first", 0.0),
        Hop("on the portal", f"{documents} documents on {len(_busy_days(row))} days", shown_in),
        Hop("on the portal", f"{failed} of them were rejected, late or failed", shown_in),
    ]
    claims = [
        Claim(
            "documents in both directions are counted by type and day",
            {line["direction"] for line in lines} == {"inbound", "outbound"}
            and all(len(line["daily"]) == len(row["days"]) for line in lines),
        ),
        Claim(
            "each document counts on one day and in one state",
            all(
                line["total"] == sum(line["daily"]) == sum(line[state] for state in STATES)
                for line in lines
            ),
        ),
        Claim(
            "the newest failures are named, and the others are counted",
            0 < failed == len(row["failures"]) + row.get("moreFailures", 0),
        ),
    ]
    return ScenarioResult(hops, claims)


def _busy_days(row: Row) -> list[str]:
    """Return the days on which the row of a partner's activity has documents."""
    return [
        day
        for place, day in enumerate(row["days"])
        if any(line["daily"][place] for line in row["lines"])
    ]
