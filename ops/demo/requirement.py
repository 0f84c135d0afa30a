"""Demo scenario: a required form gets another title and other instructions in Trading Grid.

Texts that portal editors wrote stay as they are.
"""

from gridwix.clients.wix.patch import set_field
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import ONBOARDING_STEPS
from ops.demo.scenario import Claim, ScenarioResult, wait_for_row
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment

PROGRAM = "prg_supplier_na"
STEP = WixItemId("supplier-na.tax_form.en")
COPY = "<p>Not sure which form is yours? Our partner desk helps.</p>"
OWN_WORDS = "<p>Sign it, scan it, send it: ten minutes.</p>"
TITLE = "Tax form: W-9, or W-8BEN-E from 1 April"
NEW_WORDS = "<p>Send all forms by the end of March.</p>"


def run_scenario(local: LocalEnvironment) -> ScenarioResult:
    """Edit texts of a step on the portal, then change its title and instructions in Trading Grid.

    Returns what the portal shows after each change in Trading Grid.

    Raises:
        OpsError: The portal does not show a change.
    """
    local.connections.wix.patch_item(
        ONBOARDING_STEPS, STEP, [set_field("copy", COPY), set_field("instructions", OWN_WORDS)]
    )
    local.trading_grid.order(f"programs/{PROGRAM}", {"steps": {"tax_form": {"title": TITLE}}})
    changed, shown_in = wait_for_row(
        local,
        ONBOARDING_STEPS,
        lambda row: row["_id"] == STEP and row["title"] == TITLE,
        "the changed requirement",
    )
    local.trading_grid.order(f"programs/{PROGRAM}", {"instructionsHtml": NEW_WORDS})
    last, listed_in = wait_for_row(
        local,
        ONBOARDING_STEPS,
        lambda row: row["_id"] == STEP and bool(row.get("conflicts")),
        "the conflict",
    )
    hops = [
        Hop("requirement changed", f"on the portal: {TITLE}", shown_in),
        Hop(
            "both sides changed",
            "the portal's instructions stay; Trading Grid's are listed on the row",
            listed_in,
        ),
    ]
    conflict = {
        "field": "instructions",
        "kept": OWN_WORDS,
        "refused": NEW_WORDS,
        "refusedFrom": "trading_grid",
    }
    claims = [
        Claim(
            "texts that portal editors wrote are unchanged",
            (changed["copy"], changed["instructions"]) == (COPY, OWN_WORDS),
        ),
        Claim(
            "a text that both sides changed keeps its owner's version,"
            " and the other version is kept as a conflict",
            last["conflicts"] == [conflict],
        ),
    ]
    return ScenarioResult(hops, claims)
