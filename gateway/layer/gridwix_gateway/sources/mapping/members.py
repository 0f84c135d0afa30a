"""Defines which members of a record a source may set, by collection. Pure.

The community gateway profile (``docs/community-gateway.openapi.yaml``) defines these members. A
test compares this table with the profile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridwix_gateway.profile.state_machines import STEP_STATUSES

GATEWAYS_OWN = frozenset({"id", "companyId", "version", "createdAt", "updatedAt", "deletedAt"})
"""Members of a record that only the gateway sets."""

OF_EVERY_RECORD = frozenset({"externalRefs", "statusReason"})
"""Members that a source may set in every collection."""


@dataclass(frozen=True, slots=True)
class CollectionRules:
    """Rules of one collection: members that a source may or must set, and permitted values.

    Attributes:
        statuses: The permitted statuses; empty if the collection has none.
        required: Members that a record must have. The gateway adds what ``computed`` lists.
        optional: Further members of the collection's records that a source may set.
        references: Members that hold the id of another record, with that record's collection.
        computed: Members that the gateway computes if the source does not set them.
        others: Permitted values of further members, by path: ``{"steps.owner": ...}``.
    """

    statuses: frozenset[str]
    required: frozenset[str]
    optional: frozenset[str]
    references: Mapping[str, str]
    computed: frozenset[str] = frozenset()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def words(self) -> Mapping[str, Sequence[str]]:
        """Permitted values of record fields, by the field's path, such as ``steps.owner``.

        They are ``statuses``, under the path ``status``, and ``others``.
        """
        return {**({"status": sorted(self.statuses)} if self.statuses else {}), **self.others}

    @property
    def members(self) -> frozenset[str]:
        """All members of the collection's records that a source may set."""
        return self.required | self.optional | self.computed | OF_EVERY_RECORD


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PRIORITIES = ("low", "normal", "high", "critical")
STEP_OWNERS = ("partner", "hub", "joint")
STEP_KINDS = ("form", "document", "check", "test", "approval", "info")

RULES: Mapping[str, CollectionRules] = {
    "partners": CollectionRules(
        _words("invited onboarding active suspended terminated"),
        _words("name role status"),
        _words(
            "partnerCompanyId legalName country mailbox tradingAddresses identifiers"
            " transactionTypes contacts"
        ),
        {},
    ),
    "onboarding-programs": CollectionRules(
        _words("draft published retired"),
        _words("key name status steps"),
        _words("audience instructionsHtml"),
        {},
        others={"steps.owner": STEP_OWNERS, "steps.kind": STEP_KINDS},
    ),
    "enrollments": CollectionRules(
        _words("invited in_progress on_hold completed withdrawn rejected expired"),
        _words("partnerId programId programVersion status steps"),
        _words("targetGoLive invitation"),
        {"partnerId": "partners", "programId": "onboarding-programs"},
        _words("programVersion percentComplete currentStepKeys"),
        {"steps.status": STEP_STATUSES, "steps.owner": STEP_OWNERS, "steps.kind": STEP_KINDS},
    ),
    "compliance-checks": CollectionRules(
        _words("not_started pending passed failed waived expired"),
        _words("partnerId ruleKey title category status"),
        _words(
            "enrollmentId severity evaluatedAt dueOn validUntil findings requiredDocumentType"
            " caseId nextAction"
        ),
        {"partnerId": "partners", "enrollmentId": "enrollments"},
    ),
    "cases": CollectionRules(
        _words("new open awaiting_partner awaiting_internal resolved closed cancelled"),
        _words("number partnerId subject category priority status"),
        _words(
            "description assigneeTeam assignee nextStep nextStepOwner dueAt resolution resolvedAt"
            " closedAt routedBy transactionRefs documentIds"
        ),
        {"partnerId": "partners"},
        _words("number statusHistory"),
        {"priority": PRIORITIES, "nextStepOwner": ("partner", "hub")},
    ),
    "collaboration-requests": CollectionRules(
        _words("received triaged in_progress waiting_on_partner completed rejected duplicate"),
        _words("number type status sourceSubmissionId"),
        _words(
            "partnerId partnerMatch submitter formKey formVersion answers attachments routing"
            " priority dueAt nextStep"
        ),
        {"partnerId": "partners"},
        others={
            "type": (
                "onboarding_inquiry",
                "support",
                "document_request",
                "data_change",
                "invoice_clarification",
                "asn_issue",
            ),
            "priority": PRIORITIES,
        },
    ),
    "service-notices": CollectionRules(
        _words(
            "investigating identified monitoring resolved postmortem scheduled in_progress"
            " verifying completed cancelled published withdrawn"
        ),
        _words("kind title impact status startsAt audience"),
        _words(
            "endsAt scheduledFor scheduledUntil affectedComponents affectedTransactionTypes updates"
            " workaround supersedesId"
        ),
        {},
        others={
            "kind": ("incident", "maintenance", "advisory"),
            "impact": ("none", "minor", "major", "critical"),
        },
    ),
}
"""Rules of the collections that a source of rows may write.

Documents and approvals are missing: their content and decisions cannot come from rows.

Values are restricted where the gateway or gridwix acts on them. A role, a category or a phase is
only shown, so a hub may use others.
"""

DOCUMENT_RULES: Mapping[str, CollectionRules] = {
    "documents": CollectionRules(
        frozenset(),
        _words("title type category classification"),
        _words("partnerId locale effectiveFrom expiresOn tags audience"),
        {"partnerId": "partners"},
    ),
}
"""Rules of the members that a source of documents may set. The gateway sets ``status`` and
``currentVersion``.
"""

SCHEMAS: Mapping[str, str] = {
    "partners": "Partner",
    "onboarding-programs": "OnboardingProgram",
    "enrollments": "Enrollment",
    "compliance-checks": "ComplianceCheck",
    "cases": "Case",
    "collaboration-requests": "CollaborationRequest",
    "service-notices": "ServiceNotice",
    "documents": "Document",
}
"""Name of the profile's schema, by collection."""
