"""The report of the conformance kit groups what was not checked."""

from ops.gateway.check.report import CapabilityReport, Finding, Unchecked, Verdict
from ops.gateway.check.rules import Capability, Need, Rule


def rule(key: str) -> Rule:
    return Rule(f"lists.{key}", "Records come in order", Need.READ, None)


def test_what_was_not_checked_is_grouped_by_reason_and_by_extent() -> None:
    order, limit, total, pages = rule("order"), rule("limit"), rule("total"), rule("pages")
    part = CapabilityReport(
        Capability("lists", "Lists"),
        [
            Finding(order, Verdict.HOLDS, reason="approvals is empty"),
            Finding(limit, Verdict.SKIPPED, reason="approvals is empty"),
            Finding(total, Verdict.BROKEN, reason="approvals is empty"),
            Finding(pages, Verdict.SKIPPED, reason="no time is left"),
            Finding(rule("filters"), Verdict.HOLDS),
        ],
    )

    assert part.unchecked_groups() == [
        Unchecked("approvals is empty", True, [order, total]),
        Unchecked("approvals is empty", False, [limit]),
        Unchecked("no time is left", False, [pages]),
    ]
