"""Records and expected errors that the tests of the portal's backend share."""

from collections.abc import Callable, Sequence
from typing import Any

from ops.emulator import Emulator
from tests.contract.portal_site import Portal, Visitor

DAY = {"$date": "2026-03-12T09:00:00.000Z"}
INVALID, TOO_LARGE, NOT_FOUND, NOT_POSSIBLE = (
    {"error": {"code": code}} for code in ("invalid", "too_large", "not_found", "not_possible")
)
UNAVAILABLE = {"error": {"code": "unavailable"}}


def data_calls(site: Portal, work: Callable[[], object]) -> tuple[int, int]:
    """Return how many reads and writes of Wix Data some calls of web methods make."""
    wix = Emulator(site.wix, site.http)
    wix.clear("journal")
    work()
    calls = [
        entry["path"].rpartition("/")[2]
        for entry in wix.read("journal")["entries"]
        if entry["path"].startswith("/wix-data/")
    ]
    writes = sum(call in ("items", "save", "insert", "remove") for call in calls)
    return len(calls) - writes, writes


def refused(code: str, question: str) -> Any:
    """Return the response to a form whose answer to one question, by target, is invalid."""
    return {"error": {"code": code, "question": question}}


SECTIONS = [
    *("status", "onboarding", "issues", "notices"),
    *("documents", "requests", "messages", "activity"),
]
"""Names of all sections."""


def sections(
    member: Visitor, locale: str = "en", names: Sequence[str] = SECTIONS
) -> dict[str, Any]:
    found: dict[str, Any] = member.call("getPortal", None, locale, names)["sections"]
    return found


def an_issue(site: Portal, partner: str, name: str = "case_1", **more: Any) -> str:
    return site.row(
        "OpenIssues",
        f"{name}-{partner}",
        **{"partnerId": partner, "subject": "856 was late", "open": True, "updatedAt": DAY, **more},
    )


EDI_SETUP = {
    "standard": "X12",
    "connection": "AS2",
    "edi_address": "ZZ:PRAIRIEGOLD",
    "edi_contact": "edi@prairiegold.example",
    "test_from": "2026-04-01",
    "per_day": "120",
    "acknowledges": True,
    "comment": "Certificate follows",
}


def an_enrollment(
    site: Portal, partner: str, form_key: str | None = "edi-setup", **more: Any
) -> str:
    """An enrollment in a program of its own, with a step that has a form and one that has none."""
    program = f"prg-{partner}"
    offered = {"owner": "partner", "kind": "form", "status": "available"}
    steps = [{"key": key, "title": key, **offered} for key in ("edi_setup", "tax_form")]
    for key, form in (("edi_setup", form_key), ("tax_form", None)):
        for locale in ("de", "en"):
            facts = {
                "programId": program,
                "stepKey": key,
                "locale": locale,
                "title": key,
                "formKey": form,
            }
            site.row("OnboardingSteps", f"{program}.{key}.{locale}", **facts)
    return site.row(
        "OnboardingProgress",
        f"enr-{partner}",
        **{"partnerId": partner, "programId": program, "active": True, "steps": steps, **more},
    )
