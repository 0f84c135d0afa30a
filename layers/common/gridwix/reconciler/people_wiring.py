"""Builds the services that end the portal access of people who have left, or were deleted.

The function ``reconciler`` loads this module for its first message about people, and passes its
settings to the services.
"""

from typing import NamedTuple

from gridwix.clients.wix.bounced_addresses import BouncedAddresses
from gridwix.clients.wix.site_members import SiteMembers
from gridwix.ports import EventBus
from gridwix.publication.reconciled import Continuation
from gridwix.reconciler.member_removal import MemberRemoval
from gridwix.reconciler.people_ending import AccessEnder
from gridwix.reconciler.people_range import PeopleReader
from gridwix.reconciler.people_records import PeopleRecords
from gridwix.reconciler.people_service import PeopleReconciler
from gridwix.reconciler.people_sources import PeopleSources
from gridwix.reconciler.report_bucket import S3Documents
from gridwix.reconciler.settings import ReconcilerSettings
from gridwix.runtime.aws import aws_clock, s3
from gridwix.runtime.configuration import configuration
from gridwix.runtime.opentext import directory
from gridwix.runtime.trading_grid import community
from gridwix.runtime.wix import wix_data, wix_site


class PeopleServices(NamedTuple):
    """The two services that end the portal access of people, which share their adapters.

    ``comparison`` finds people who have left. ``removal`` handles members that the site has
    deleted.
    """

    comparison: PeopleReconciler
    removal: MemberRemoval


def people_services(
    settings: ReconcilerSettings, bus: EventBus, continuation: Continuation
) -> PeopleServices:
    """Return the new services that end the access of people who have left, or were deleted."""
    rows, leaving = wix_data(settings), configuration().people.leaving
    reader, records = PeopleReader(rows), PeopleRecords(S3Documents(s3(), settings.report_bucket))
    site = wix_site(settings)
    sources = PeopleSources(
        SiteMembers(site),
        community(settings),
        directory(settings),
        BouncedAddresses(site),
        leaving,
    )
    ender = AccessEnder(
        rows=rows,
        reader=reader,
        sources=sources,
        records=records,
        bus=bus,
        company_id=settings.trading_grid_company_id,
        clock=aws_clock(),
    )
    comparison = PeopleReconciler(
        reader=reader,
        sources=sources,
        ender=ender,
        records=records,
        continuation=continuation,
        settings=leaving,
        clock=aws_clock(),
    )
    removal = MemberRemoval(rows=rows, sources=sources, ender=ender, records=records)
    return PeopleServices(comparison, removal)
