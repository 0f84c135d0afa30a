"""The rows that the portal must have in the good world."""

from typing import Any

FIRST, SECOND = "GC080000000001", "GC080000000002"

type Document = dict[str, Any]


def step(key: str, status: str, **members: Any) -> Document:
    """A step of an enrollment."""
    return {
        "key": key,
        "status": status,
        "title": f"[[p1.e1.v1]] {key}",
        "owner": "partner",
        "kind": "document",
        "waitsOn": [],
        "requiredDocumentTypes": ["w9"] if key == "tax" else [],
        "dueOn": "2026-04-01",
        "note": None,
        **members,
    }


def good_rows() -> dict[str, dict[str, Document]]:
    """The rows of the good world by collection and id."""
    case_text = {"subject": "[[p1.c1.v3]] 856 rejected", "nextStep": "[[p1.c1.v3]] Send it again."}
    case_codes = {
        "number": "TG-1-1",
        "category": "asn_rejection",
        "priority": "high",
        "status": "awaiting_partner",
        "dueAt": {"$date": "2026-03-15T12:00:00.000Z"},
    }
    quiet = {"failedChecks": 0, "openCases": 0, "status": "active"}
    return {
        "PartnerStatus": {
            FIRST: {
                "partnerId": FIRST,
                "partnerName": "[[p1.p1.v1]] Foods",
                "status": "active",
                "headline": "Failed: [[p1.k1.v2]] Certificate",
                "onboardingPercent": 50,
                "targetGoLive": "2026-05-01",
                "currentSteps": ["[[p1.e1.v1]] tax"],
                "failedChecks": 1,
                "openCases": 1,
                "cases": [{**case_text, **case_codes}],
                "nextSteps": [
                    {
                        "reference": "compliance-checks/chk_1_1",
                        "text": "[[p1.k1.v2]] Upload it.",
                        "dueOn": "2026-03-20",
                    },
                    {"reference": "cases/case_1_1", "text": "[[p1.c1.v3]] Send it again."},
                    {
                        "reference": "enrollments/enr_1_1/steps/tax",
                        "text": "[[p1.e1.v1]] tax",
                        "dueOn": "2026-04-01",
                    },
                ],
                "documentRequests": [
                    {
                        "reference": "enrollments/enr_1_1/steps/tax",
                        "documentTypes": ["w9"],
                        "title": "[[p1.e1.v1]] tax",
                    }
                ],
            },
            SECOND: {"partnerId": SECOND, "partnerName": "[[p2.p2.v1]] Foods", **quiet},
        },
        "OpenIssues": {
            "case_1_1": {
                **case_text,
                **case_codes,
                "partnerId": FIRST,
                "open": True,
                "waitsFor": "partner",
                "affected": [{"name": "856 (X12)", "poNumber": "4500 [[p1.t1.v1]]"}],
                "comments": [
                    {"author": "hub", "text": "[[p1.m1.v1]] Look."},
                    {"author": "partner", "text": "[[p1.s2.v1]] Done."},
                ],
                "history": [{"status": "new"}, {"status": "awaiting_partner"}],
                "updatedAt": {"$date": "2026-03-12T16:00:00.000Z"},
            }
        },
        "ServiceNotices": {
            "ntc_0_1": {
                "kind": "incident",
                "title": "[[p0.n1.v2]] incident",
                "impact": "minor",
                "status": "identified",
                "active": True,
                "forEverybody": False,
                "partnerIds": [FIRST],
                "entries": [{"html": "<p>[[p0.n1.v2]]</p>"}, {"html": "<p>[[p0.n1.v1]]</p>"}],
            }
        },
        **_more_rows(),
    }


def _more_rows() -> dict[str, dict[str, Document]]:
    document = {
        "partnerId": FIRST,
        "forEverybody": False,
        "partnerIds": [FIRST],
        "status": "published",
        "category": "insurance",
        "private": True,
        "expiresOn": "2026-12-01",
        "version": 1,
    }
    sent = {"partnerId": FIRST, "memberId": "m1"}
    return {
        "OnboardingProgress": {
            "enr_1_1": {
                "partnerId": FIRST,
                "programId": "prg_0_1",
                "programVersion": 1,
                "status": "in_progress",
                "active": True,
                "percentComplete": 50,
                "targetGoLive": "2026-05-01",
                "steps": [step("profile", "completed"), step("tax", "available")],
            }
        },
        "OnboardingSteps": {
            "soak-1.tax.en": {
                "programKey": "soak-1",
                "stepKey": "tax",
                "locale": "en",
                "retired": False,
                "title": "[[p0.g1.v1]] Tax form",
                "programName": "[[p0.g1.v1]] Onboarding",
                "instructions": "<p>[[p0.g1.v1]]</p>",
            }
        },
        "PartnerDocuments": {
            "doc_1_1": {
                **document,
                "title": "[[p1.d1.v1]] coi",
                "restricted": False,
                "fileId": "file1",
            },
            "doc_1_2": {**document, "title": "[[p1.d2.v1]] w9", "restricted": True, "fileId": ""},
        },
        "PartnerRequests": {
            "sub1": {
                **sent,
                "kind": "request",
                "record": "collaboration-requests/req_1",
                "number": "CR-1",
                "status": "triaged",
                "open": True,
                "dueAt": {"$date": "2026-03-16T12:00:00.000Z"},
            },
            "sub2": {**sent, "kind": "case_comment", "status": "done", "open": False},
        },
    }
