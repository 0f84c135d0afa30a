"""The rule of what a partner may act on in a step, as the page and the portal's backend have it."""

import pytest

from gridwix.mapping.statuses import RUNNING_ENROLLMENT_STATUSES
from ops.paths import ROOT
from tests.contract.portal_site import needs_node
from tests.contract.test_portal_answers import call_function
from tests.step_cases import CASES

pytestmark = needs_node


@pytest.mark.parametrize("module", ["portal/backend/steps.js", "portal/element/steps.js"])
def test_a_step_is_the_partners_in_the_same_cases_as_in_gridwix(module: str) -> None:
    rows = [{"active": case.enrollment in RUNNING_ENROLLMENT_STATUSES} for case in CASES]

    found = call_function(
        ROOT / module,
        "isForPartner",
        [[row, dict(case.step())] for row, case in zip(rows, CASES, strict=True)],
    )

    assert [
        case for case, answer in zip(CASES, found, strict=True) if answer is not case.allowed
    ] == []
