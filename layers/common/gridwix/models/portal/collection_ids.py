"""Ids of the Wix data collections that gridwix reads or writes."""

from gridwix.models.ids import CollectionId

PARTNER_STATUS = CollectionId("PartnerStatus")
"""Collection with one row per partner, defined in ``portal/collections/PartnerStatus.json``."""

PARTNER_REQUESTS = CollectionId("PartnerRequests")
"""Collection with one row per submission of the request forms, by the submission's id."""

PARTNER_LINKS = CollectionId("PartnerLinks")
"""Collection with one row per member and partner: a partner for which the member may act."""

PARTNER_INVITATIONS = CollectionId("PartnerInvitations")
"""Collection with one row per invitation, by which a person becomes linked to a partner."""

MEMBER_SETTINGS = CollectionId("MemberSettings")
"""Collection with one row per member and setting, which the portal's backend writes."""

MEMBER_READ_MARKS = CollectionId("MemberReadMarks")
"""Collection with the read marks of members at each partner. Only the portal's backend uses it."""

PEOPLE_HISTORY = CollectionId("PeopleHistory")
"""Collection with one row per grant or removal of a person's access to a partner."""

PARTNER_MESSAGES = CollectionId("PartnerMessages")
"""Collection with one row per message to a partner, by the dispatch's id."""

ONBOARDING_STEPS = CollectionId("OnboardingSteps")
"""Collection with one row per program, step and locale: the step's description for all partners.
Its rows have two writers, see ``gridwix.publication.merge``.
"""

ONBOARDING_PROGRESS = CollectionId("OnboardingProgress")
"""Collection with one row per enrollment: the progress of a partner."""

OPEN_ISSUES = CollectionId("OpenIssues")
"""Collection with one row per case."""

SERVICE_NOTICES = CollectionId("ServiceNotices")
"""Collection with one row per service notice."""

PORTAL_CHANGES = CollectionId("PortalChanges")
"""Collection with one row per partner, and the row ``everybody``: change counts of each section's
rows for that audience. The row ``everybody`` also has the time up to which Trading Grid was polled
for changes.
"""

PARTNER_DOCUMENTS = CollectionId("PartnerDocuments")
"""Collection with one row per document that some partner may see."""

PARTNER_ACTIVITY = CollectionId("PartnerActivity")
"""Collection with one row per partner: what it and the hub exchanged in 30 days."""
