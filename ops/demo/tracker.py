"""Demo scenario: the hub uploads its onboarding tracker, and its partners appear on the portal.

The tracker is an Excel workbook with one row per partner.
"""

import io
from collections.abc import Mapping, Sequence

from gridwix.models.portal.collection_ids import PARTNER_STATUS
from ops.demo.scenario import Claim, Row, ScenarioResult, wait_for_row
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment

SOURCE = "partner-tracker"
"""Name of the gateway's source: ``config/gateway/sources/partner-tracker.yaml``."""

HEADINGS = (
    "BUID",
    "Partner",
    "Role",
    "Status",
    "Country",
    "GLN",
    "D-U-N-S",
    "Target go-live",
    "Company profile",
    "Tax form",
    "Insurance",
    "EDI setup",
    "EDI testing",
    "Note on EDI testing",
    "Label certification",
    "Go-live approval",
)
RENAMED, ADVANCED = "GC090000000002", "GC090000000004"
"""Partners with cells that change in the second drop: the name of one, a step of the other."""

PARTNERS: Sequence[Sequence[str]] = (
    ("GC090000000001", "Alder Creek Mills", "Supplier", "Onboarding", "US", "", "", "31.03.2027"),
    (RENAMED, "Blue Heron Paper", "Supplier", "Onboarding", "CA", "", "", "30.04.2027"),
    ("GC090000000003", "Cedar & Finch", "Supplier", "Live", "US", "", "", ""),
    (ADVANCED, "Dover Street Textiles", "Supplier", "Onboarding", "GB", "", "", "15.05.2027"),
    ("GC090000000005", "Elbe Fracht GmbH", "Carrier", "Live", "DE", "", "", ""),
    ("GC090000000006", "Fox & Vale Foods", "Supplier", "Onboarding", "US", "", "", "01.06.2027"),
)
"""BUID, name, role, status, country, GLN, D-U-N-S and target of each partner of the tracker, all
fictional.
"""

STEPS = ("Done", "Open", "Open", "", "", "", "", "")
"""The tracker's words for the status of each onboarding step, the company profile first. The
gateway unlocks a step with an empty word.
"""


def run_scenario(local: LocalEnvironment) -> ScenarioResult:
    """Upload the tracker (a workbook) to the gateway's bucket, then again with two cells changed.

    After each upload, waits until the portal shows the change.

    Returns:
        The time that each change took, and the checks of the portal's rows. Both are empty if
        the environment has no gateway of its own, since the emulator takes no files.

    Raises:
        OpsError: The portal does not show a change.
    """
    gateway = local.own_gateway
    if gateway is None:
        return ScenarioResult([], [])
    before = set(local.partner_rows())
    gateway.drop_file(SOURCE, "tracker.xlsx", build_workbook({}))
    _, filled_in = wait_for_row(
        local, PARTNER_STATUS, lambda row: row["_id"] == PARTNERS[-1][0], "the last new partner"
    )
    local.wait_until_idle()
    filled = local.partner_rows()
    gateway.drop_file(
        SOURCE,
        "tracker.xlsx",
        build_workbook({(RENAMED, "Partner"): "Blue Heron Board", (ADVANCED, "Tax form"): "Done"}),
    )
    renamed, changed_in = wait_for_row(
        local,
        PARTNER_STATUS,
        lambda row: row["_id"] == RENAMED and row["partnerName"] == "Blue Heron Board",
        "the partner's new name",
    )
    local.wait_until_idle()
    after = local.partner_rows()
    hops = [
        Hop("tracker.xlsx dropped", f"{len(set(filled) - before)} partners appear", filled_in),
        Hop("two cells changed", f"{renamed['partnerName']} has its new name", changed_in),
    ]
    return ScenarioResult(hops, _claims(before, filled, after))


def build_workbook(cells: Mapping[tuple[str, str], str]) -> bytes:
    """Return the hub's onboarding tracker, a list of partners, as the bytes of an Excel workbook.

    The workbook has one row per partner with the states of the onboarding steps, and a row with the
    total.

    Args:
        cells: Texts of the cells that differ from the default, by partner id (BUID) and column
            heading.
    """
    # Slow to import, and no other command makes workbooks.
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(HEADINGS)
    for partner in PARTNERS:
        usual = dict(zip(HEADINGS, (*partner, *STEPS), strict=True))
        sheet.append([cells.get((partner[0], heading), usual[heading]) for heading in HEADINGS])
    sheet.append(["Total", f"{len(PARTNERS)} partners"])
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _claims(before: set[str], filled: Mapping[str, Row], after: Mapping[str, Row]) -> list[Claim]:
    new = {partner[0] for partner in PARTNERS}
    changed = {name for name in filled.keys() | after.keys() if filled.get(name) != after.get(name)}
    return [
        Claim(
            f"the tracker's {len(new)} partners are on the portal, and nobody else came or went",
            set(filled) == before | new,
        ),
        Claim(
            "two changed cells change two rows",
            changed == {RENAMED, ADVANCED},
        ),
    ]
