"""The members of the profile's records that a source may set. Pure.

The community gateway profile (``docs/community-gateway.openapi.yaml``) names them; a test compares
this table with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

GATEWAYS_OWN = frozenset({"id", "companyId", "version", "createdAt", "updatedAt", "deletedAt"})
"""Members that the gateway writes itself."""


@dataclass(frozen=True, slots=True)
class CollectionRules:
    """The rules of one collection.

    Attributes:
        statuses: The known statuses; empty if the collection has none.
        required: Members that a record must have. The gateway adds what ``computed`` lists.
        references: Members that name a record, with the collection of that record.
        computed: Members that the gateway computes if the source does not set them.
    """

    statuses: frozenset[str]
    required: frozenset[str]
    references: Mapping[str, str]
    computed: frozenset[str] = frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


RULES: Mapping[str, CollectionRules] = {
    "partners": CollectionRules(
        _words("invited onboarding active suspended terminated"), _words("name role status"), {}
    ),
    "onboarding-programs": CollectionRules(
        _words("draft published retired"), _words("key name status steps"), {}
    ),
    "enrollments": CollectionRules(
        _words("invited in_progress on_hold completed withdrawn rejected expired"),
        _words("partnerId programId programVersion status steps"),
        {"partnerId": "partners", "programId": "onboarding-programs"},
        _words("programVersion percentComplete currentStepKeys"),
    ),
    "compliance-checks": CollectionRules(
        _words("not_started pending passed failed waived expired"),
        _words("partnerId ruleKey title category status"),
        {"partnerId": "partners", "enrollmentId": "enrollments"},
    ),
    "cases": CollectionRules(
        _words("new open awaiting_partner awaiting_internal resolved closed cancelled"),
        _words("number partnerId subject category priority status"),
        {"partnerId": "partners"},
        _words("number statusHistory"),
    ),
    "collaboration-requests": CollectionRules(
        _words("received triaged in_progress waiting_on_partner completed rejected duplicate"),
        _words("number type status sourceSubmissionId"),
        {"partnerId": "partners"},
    ),
    "service-notices": CollectionRules(
        _words(
            "investigating identified monitoring resolved postmortem scheduled in_progress"
            " verifying completed cancelled published withdrawn"
        ),
        _words("kind title impact status startsAt audience"),
        {},
    ),
}
"""Collections that a source may write. Documents and approvals have contents and decisions, which
no mapped row has.
"""

STEP_STATUSES = _words("locked available in_progress submitted changes_requested completed waived")
