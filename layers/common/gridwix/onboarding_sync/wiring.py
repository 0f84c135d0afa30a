"""Builds the service of ``onboarding_sync`` from its settings."""

from gridwix.models.portal.collection_ids import ONBOARDING_STEPS
from gridwix.onboarding_sync.co_owned_rows import CoOwnedRows
from gridwix.onboarding_sync.service import OnboardingSync
from gridwix.publication.publisher import ROW_PACE
from gridwix.runtime.configuration import configuration, step_owners
from gridwix.runtime.environment import once
from gridwix.runtime.publication import ledger, publisher
from gridwix.runtime.settings import PublisherSettings
from gridwix.runtime.trading_grid import community
from gridwix.runtime.wix import wix_data


@once
def onboarding_sync() -> OnboardingSync:
    """Return the service ``OnboardingSync``; built once for each Lambda execution environment."""
    settings = PublisherSettings.from_environment()
    kept, portal = ledger(settings), wix_data(settings)
    shared = CoOwnedRows(portal, {ONBOARDING_STEPS: step_owners()})
    steps = publisher(settings, kept, "onboarding_sync", shared, pace=ROW_PACE)
    progress = publisher(settings, kept, "onboarding_sync", portal, pace=ROW_PACE)
    return OnboardingSync(
        source=community(settings),
        portal=portal,
        configuration=configuration(),
        shared=shared,
        steps=steps,
        progress=progress,
    )
