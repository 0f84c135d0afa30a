"""Use case 2 through the deployed stack: a changed requirement appears on the portal.

Content that people wrote on the portal survives.
"""

from typing import Any

from gridwix.clients.wix.patch import set_field
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import ONBOARDING_PROGRESS, ONBOARDING_STEPS
from ops.local_environment import LocalEnvironment

PROGRAM = "prg_supplier_na"
TAX_FORM = WixItemId("supplier-na.tax_form.en")
ENROLLMENT = WixItemId("enr_01J9QK")


def step(local: LocalEnvironment) -> dict[str, Any]:
    item = local.connections.wix.get_item(ONBOARDING_STEPS, TAX_FORM)
    assert item is not None
    return dict(item.data)


def edit(local: LocalEnvironment, wish: dict[str, Any]) -> None:
    local.trading_grid.order(f"programs/{PROGRAM}", wish)


def test_changed_tax_form_shows_and_hand_written_copy_survives(
    local_cloud: LocalEnvironment,
) -> None:
    wix = local_cloud.connections.wix
    wix.patch_item(
        ONBOARDING_STEPS,
        TAX_FORM,
        [
            set_field("copy", "<p>We help you with it.</p>"),
            set_field("instructions", "<p>Our own words.</p>"),
        ],
    )

    edit(
        local_cloud,
        {
            "steps": {
                "tax_form": {"title": "Tax form: W-9, or W-8BEN-E from 1 April", "dueInDays": 7}
            }
        },
    )

    local_cloud.wait_for(lambda: step(local_cloud)["dueInDays"] == 7, "the changed requirement")
    shown = step(local_cloud)
    assert shown["title"] == "Tax form: W-9, or W-8BEN-E from 1 April"
    assert (shown["copy"], shown["instructions"]) == (
        "<p>We help you with it.</p>",
        "<p>Our own words.</p>",
    )
    assert "conflicts" not in shown

    edit(local_cloud, {"instructionsHtml": "<p>Please hurry.</p>"})

    local_cloud.wait_for(lambda: "conflicts" in step(local_cloud), "the conflict")
    (conflict,) = step(local_cloud)["conflicts"]
    assert (conflict["field"], conflict["kept"], conflict["refused"]) == (
        "instructions",
        "<p>Our own words.</p>",
        "<p>Please hurry.</p>",
    )
    assert step(local_cloud)["instructions"] == "<p>Our own words.</p>"


def test_open_enrollment_keeps_the_steps_it_began_with(local_cloud: LocalEnvironment) -> None:
    progress = local_cloud.connections.wix.get_item(ONBOARDING_PROGRESS, ENROLLMENT)

    assert progress is not None
    titles = {one["key"]: one["title"] for one in progress.data["steps"]}
    assert titles["tax_form"] == "Tax form: W-9 (US) or W-8BEN-E (non-US entity)"


def test_step_that_is_removed_stays_for_those_who_are_at_it(local_cloud: LocalEnvironment) -> None:
    edit(local_cloud, {"remove": ["label_cert"]})

    def retired() -> bool:
        item = local_cloud.connections.wix.get_item(
            ONBOARDING_STEPS, WixItemId("supplier-na.label_cert.en")
        )
        return item is not None and item.data["retired"] is True

    local_cloud.wait_for(retired, "the step to be retired")
