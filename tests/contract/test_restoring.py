"""Restoring a field that was deleted on the Wix site, with its values.

``gridwix setup`` restores the field, a full comparison the values.
"""

import time
from datetime import UTC, datetime

import httpx
import pytest

from benchmarks.emulator_pair import EmulatorPair, MemoryBudget, start_emulators
from benchmarks.reconcile import COMPANY, partner_resync, publish_batches
from gridwix.clients.wix.client import WixClient
from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import ONBOARDING_STEPS, PARTNER_STATUS
from gridwix.models.reconciliation import DriftReport, FullPage, RunRequest
from gridwix.onboarding_sync.co_owned_rows import CoOwnedRows
from gridwix.onboarding_sync.reconciled import ReconciledOnboardingSteps
from gridwix.onboarding_sync.service import OnboardingSync
from gridwix.publication.drift import DeleteGuard
from gridwix.publication.merge import AGREED, CONFLICTS, Owner
from gridwix.publication.publisher import Publisher
from gridwix.publication.reconciled import ReconciledCollection
from gridwix.publication.resync import ResyncRequester
from gridwix.reconciler.service import Reconciler
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.reconciled import ReconciledPartnerStatus
from gridwix.status_publisher.service import PartnerStatusPublisher
from ops.collections import (
    Outcome,
    collection_definitions,
    ensure_collection,
    plan_collection,
)
from ops.restoring import find_losses, forget_agreement
from tests.expected import expected_rows
from tests.fakes.ledger import MemoryLedger
from tests.fakes.reconciliation import FakeContinuation, FakeDocuments
from tests.fakes.stores import FakeBus, FakeRefusedItems

OWNERS = {
    field: Owner(master) for field, master in configuration().ownership.onboarding_steps.items()
}


class Stack:
    """The publishers and the reconciler over one ledger, as deployed."""

    def __init__(self, found: EmulatorPair) -> None:
        self.found, self.ledger, self.bus = found, MemoryLedger(), FakeBus()
        self.wix: WixClient = found.wix_client(MemoryBudget(100_000, 50_000, time.time))
        community, portal = found.community(), self.wix
        shared = CoOwnedRows(portal, {ONBOARDING_STEPS: OWNERS})
        steps, rows = (
            Publisher(
                collections=each,
                ledger=self.ledger,
                refused_items=FakeRefusedItems(),
                function="test",
                clock=time.time,
                hold=90,
            )
            for each in (shared, portal)
        )
        self.rows = rows
        self.status = PartnerStatusPublisher(community, self.ledger, rows, configuration())
        self.onboarding = OnboardingSync(
            source=community,
            portal=portal,
            configuration=configuration(),
            shared=shared,
            steps=steps,
            progress=rows,
        )
        desk = ResyncRequester(self.bus, company_id=COMPANY, clock=time.time)
        self.reconciled: list[ReconciledCollection] = [
            ReconciledPartnerStatus(community, configuration(), desk),
            ReconciledOnboardingSteps(community, configuration(), OWNERS, desk),
        ]

    def define(self) -> list[CollectionId]:
        """Run ``gridwix setup`` for the two collections and return those that it repaired."""
        wanted = [
            one
            for one in collection_definitions()
            if one["id"] in (PARTNER_STATUS, ONBOARDING_STEPS)
        ]
        lost = find_losses([ensure_collection(self.wix, one) for one in wanted], published=False)
        for loss in lost:
            forget_agreement(self.wix, loss)
        return [loss.collection for loss in lost]

    def publish_all(self) -> None:
        publish_batches(
            self.status,
            [partner_resync(partner_id) for partner_id in expected_rows(self.found.community())],
        )
        programs = [
            f"onboarding-programs/{program.id}"
            for program in self.found.community().programs().records
        ]
        ResyncRequester(self.bus, company_id=COMPANY, clock=time.time).request_resync(
            dict.fromkeys(programs), "fill"
        )
        self.repair()

    def repair(self) -> None:
        """Process the changes on the bus with the publishers."""
        changes = [*self.bus.changes]
        self.bus.changes.clear()
        publish_batches(self.status, [one for one in changes if one.record.startswith("partners/")])
        programs = [one for one in changes if one.record.startswith("onboarding-programs/")]
        if programs:
            assert not self.onboarding.publish(programs).reasons

    def reconcile(self) -> dict[str, DriftReport]:
        queue, reports = FakeContinuation(), dict[str, DriftReport]()
        reconciler = Reconciler(
            collections=self.reconciled,
            rows=self.wix,
            ledger=self.ledger,
            publisher=self.rows,
            documents=FakeDocuments(),
            continuation=queue,
            guard=DeleteGuard(),
            clock=time.time,
        )
        queue.send(
            reconciler.first_page(
                RunRequest(mode="full"), run=f"full-{time.time_ns()}", begun=datetime.now(UTC)
            )
        )
        while queue.pages:
            page = queue.pages.pop(0)
            assert isinstance(page, FullPage)
            report = reconciler.handle(page).report
            if report is not None:
                reports[report.collection] = report
        self.repair()
        return reports

    def values(self, collection: CollectionId, field: str) -> dict[str, object]:
        """Return a field of each row by the row's id; rows without it are left out."""
        return {
            item.id: item.data[field]
            for page in self.wix.query_pages(collection)
            for item in page.items
            if item.data.get(field) is not None
        }

    def delete_field(self, collection: CollectionId, key: str) -> None:
        """Delete a field with its values, as a person does in Wix's CMS."""
        body = {"dataCollectionId": collection, "fieldKey": key}
        httpx.post(
            f"{self.found.wix_url}/wix-data/v2/collections/delete-field",
            json=body,
            headers=self.found.wix_headers(),
        ).raise_for_status()


@pytest.mark.parametrize(
    ("collection", "field"),
    [(PARTNER_STATUS, "headline"), (ONBOARDING_STEPS, "title"), (ONBOARDING_STEPS, "instructions")],
)
def test_a_deleted_field_is_made_anew_and_filled_in_every_row_by_the_next_full_comparison(
    collection: CollectionId, field: str
) -> None:
    with start_emulators(partners=47) as found:
        stack = Stack(found)
        stack.define()
        stack.publish_all()
        before = stack.values(collection, field)
        assert len(before) >= (50 if collection == PARTNER_STATUS else 1)
        stack.delete_field(collection, field)
        assert stack.values(collection, field) == {}

        assert stack.define() == [collection]
        report = stack.reconcile()[collection]
        again = stack.reconcile()[collection]

        assert stack.values(collection, field) == before
        assert report.drifted == len(before)
        assert (again.drifted, again.missing) == (0, 0)
        assert stack.values(collection, CONFLICTS) == {}
        assert stack.define() == []


def test_a_deleted_field_leaves_alone_what_people_wrote_in_others() -> None:
    with start_emulators() as found:
        stack = Stack(found)
        stack.define()
        stack.publish_all()
        row = min(stack.values(ONBOARDING_STEPS, "title"))
        stack.wix.bulk_set(ONBOARDING_STEPS, {row: {"instructions": "<p>Our own words.</p>"}})  # type: ignore[dict-item]
        stack.delete_field(ONBOARDING_STEPS, "title")

        stack.define()
        stack.reconcile()

        assert stack.values(ONBOARDING_STEPS, "instructions")[row] == "<p>Our own words.</p>"
        assert "title" in dict(stack.values(ONBOARDING_STEPS, AGREED)[row])  # type: ignore[call-overload]
        assert row in stack.values(ONBOARDING_STEPS, "title")


def test_ensure_says_which_fields_it_made_anew_and_nothing_of_those_of_a_new_collection() -> None:
    with start_emulators() as found:
        stack = Stack(found)
        (wanted,) = [one for one in collection_definitions() if one["id"] == ONBOARDING_STEPS]
        created = ensure_collection(stack.wix, wanted)
        stack.delete_field(ONBOARDING_STEPS, "title")
        stack.delete_field(ONBOARDING_STEPS, "kind")

        planned = plan_collection(wanted, stack.wix.get_collection(ONBOARDING_STEPS))
        done = ensure_collection(stack.wix, wanted)

        assert (created.outcome, created.restored) == (Outcome.CREATED, ())
        assert planned.ensured == done
        assert (done.outcome, sorted(done.restored)) == (Outcome.UPDATED, ["kind", "title"])
