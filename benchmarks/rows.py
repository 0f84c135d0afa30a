"""The sample row of the benchmarks that write in bulk."""

from typing import Any


def example_row(number: int, identifier: str) -> dict[str, Any]:
    """Return a row of ``PartnerStatus`` of about 500 bytes, for the partner ``identifier``."""
    return {
        "partnerId": identifier,
        "partnerName": f"Partner {number}",
        "status": "active",
        "headline": "Action needed: 856 ASN received before dock arrival",
        "onboardingPercent": number % 101,
        "nextStep": "Send the 856 before the truck reaches the dock.",
        "nextSteps": [
            {
                "kind": "compliance_check",
                "text": "Send the 856 before the truck.",
                "reference": f"compliance-checks/chk_{number}",
            }
        ],
        "cases": [
            {
                "number": f"TG-2026-{number:06}",
                "subject": "810 price differs from the 850",
                "status": "open",
                "priority": "normal",
            }
        ],
    }
