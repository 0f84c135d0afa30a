"""Ids of the Wix data collections that gridwix reads or writes."""

from gridwix.models.ids import CollectionId

PARTNER_STATUS = CollectionId("PartnerStatus")
"""The collection with one row per partner. Its definition is ``portal/collections/PartnerStatus.json``."""

PARTNER_REQUESTS = CollectionId("PartnerRequests")
"""The collection with one row per submission of the request forms, by the submission's id."""

PARTNER_LINKS = CollectionId("PartnerLinks")
"""The collection that says for which partners a member acts. gridwix reads it."""

PARTNER_MESSAGES = CollectionId("PartnerMessages")
"""The collection with one row per message to a partner, by the dispatch's id."""

ONBOARDING_STEPS = CollectionId("OnboardingSteps")
"""The collection with one row per program, step and locale: what the step is, for everybody. Its rows have two writers, see ``gridwix.publication.merge``."""

ONBOARDING_PROGRESS = CollectionId("OnboardingProgress")
"""The collection with one row per enrollment: how far a partner has come."""

OPEN_ISSUES = CollectionId("OpenIssues")
"""The collection with one row per case."""

SERVICE_NOTICES = CollectionId("ServiceNotices")
"""The collection with one row per service notice."""

PORTAL_FRESHNESS = CollectionId("PortalFreshness")
"""The collection whose one row says until when Trading Grid was asked what has changed. The portal's backend tells by it what is stale."""

PARTNER_DOCUMENTS = CollectionId("PartnerDocuments")
"""The collection with one row per document that some partner may see."""
