"""Demo scenario: rows are edited and deleted in Wix, and a full comparison repairs them."""

import time
from collections.abc import Sequence

from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import OPEN_ISSUES, PARTNER_STATUS
from gridwix.models.portal.open_issues import OpenIssueRow
from gridwix.models.portal.partner_status import PartnerStatusRow
from gridwix.models.portal.rows import field_names
from gridwix.models.reconciliation import DriftReport, RunRequest
from gridwix.models.wix import DataItem
from gridwix.publication.drift import row_fingerprint
from ops.demo.scenario import Claim, ScenarioResult
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment
from ops.reconcile import COLLECTIONS, request_run, wait_for_reports

PARTNER = WixItemId("GC070000000101")


def run_scenario(local: LocalEnvironment) -> ScenarioResult:
    """Edit one row and delete another in Wix, compare in a dry run, repair, and compare again.

    Raises:
        OpsError: A run does not finish.
    """
    local.wait_until_idle()
    wix, before = local.connections.wix, _row_fingerprints(local)
    issue = next(item for page in wix.query_pages(OPEN_ISSUES) for item in page.items)
    wix.save_item(
        PARTNER_STATUS,
        DataItem(PARTNER, {**local.partner_rows()[PARTNER], "headline": "Everything is fine"}),
    )
    wix.remove_item(OPEN_ISSUES, issue.id)
    seen, took_to_see = _run_reconciliation(local, dry_run=True)
    repaired, took = _run_reconciliation(local)
    again, _ = _run_reconciliation(local)
    rows = sum(report.rows for report in repaired)
    hops = [
        Hop(
            "dry run",
            f"{_drifted_rows(seen)} of {rows} rows in {len(seen)} collections have drifted",
            took_to_see,
        ),
        Hop(
            "repaired", f"{sum(report.repaired for report in repaired)} rows published again", took
        ),
    ]
    claims = [
        Claim(
            "a dry run finds the edited row and the deleted row, and nothing else",
            _drifted_rows(seen) == _drifted_rows(repaired) == 2,
        ),
        Claim("the comparison restores both rows", _row_fingerprints(local) == before),
        Claim("the next comparison finds no drift", _drifted_rows(again) == 0),
    ]
    return ScenarioResult(hops, claims)


def _row_fingerprints(local: LocalEnvironment) -> dict[str, str]:
    """Return the content hash of each row of ``PartnerStatus`` and ``OpenIssues``, by id."""
    published = {
        PARTNER_STATUS: field_names(PartnerStatusRow),
        OPEN_ISSUES: field_names(OpenIssueRow),
    }
    wix = local.connections.wix
    return {
        item.id: row_fingerprint(item, names)
        for collection, names in published.items()
        for page in wix.query_pages(collection)
        for item in page.items
    }


def _run_reconciliation(
    local: LocalEnvironment, *, dry_run: bool = False
) -> tuple[Sequence[DriftReport], float]:
    begun = time.monotonic()
    run = request_run(local.stack, RunRequest(mode="full", dry_run=dry_run))
    found = list(wait_for_reports(local.stack, run, COLLECTIONS, poll=0.2))
    local.wait_until_idle()
    return found, time.monotonic() - begun


def _drifted_rows(found: Sequence[DriftReport]) -> int:
    return sum(report.drifted + report.missing + report.extra for report in found)
