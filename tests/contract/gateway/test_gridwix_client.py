"""gridwix's own client reads and writes both hubs alike."""

from collections.abc import Iterator
from typing import Any

import pytest

from gridwix.clients.http import new_client
from gridwix.clients.trading_grid.auth import community_auth
from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.errors import CursorExpired, Refused, Unauthenticated, UpstreamConflict
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.cases import NewCase, TransactionRef
from gridwix.models.trading_grid.comments import NewComment
from gridwix.models.trading_grid.requests import NewRequest, RequestRouting, Submitter
from gridwix.models.trading_grid.transitions import Transition
from tests.fakes.gateway.hubs import BASE, PRAIRIE_GOLD, Hub

KEY = "0b8f1d1e-3a55-4a6e-8b5c-2f5d1f0d9a1"


def new_community(hub: Hub, secret: str | None = None) -> Iterator[CommunityClient]:
    credentials = {
        "consumerKey": "of-opentext",
        "consumerSecret": "of-opentext",
        "communityConsumerKey": hub.credentials[0],
        "communityConsumerSecret": secret or hub.credentials[1],
    }
    url = hub.url + BASE
    with new_client() as http:
        auth = community_auth(
            "apigrid", credentials, base_url="http://127.0.0.1:1", community_url=url
        )
        yield CommunityClient(http, auth, base_url=url)


@pytest.fixture
def community(hub: Hub) -> Iterator[CommunityClient]:
    yield from new_community(hub)


def test_each_list_is_read_without_a_fault_and_each_record_is_the_listed_one(
    community: CommunityClient,
) -> None:
    ids, page = community.partner_ids(None)
    assert page is None
    assert len(ids) > 20
    listings: dict[str, Listing[Any]] = {
        "partners": community.partners(ids),
        "enrollments": community.enrollments(ids),
        "compliance-checks": community.compliance_checks(ids),
        "cases": community.open_cases(ids),
        "onboarding-programs": community.programs(),
    }

    for collection, listing in listings.items():
        assert listing.records
        assert not listing.faults
        assert community.record(f"{collection}/{listing.records[0].id}") == listing.records[0]
        assert community.record(f"{collection}/unknown") is None


def test_case_goes_through_its_life(community: CommunityClient) -> None:
    new = NewCase(
        partner_id=PartnerId(PRAIRIE_GOLD),
        subject="ASN",
        category="asn_rejection",
        priority="normal",
    )

    case = community.create_case(new, f"{KEY}0")
    assert community.create_case(new, f"{KEY}0") == case
    with pytest.raises(Refused):
        community.create_case(new.model_copy(update={"subject": "Other"}), f"{KEY}0")
    reference = TransactionRef(correlation_id="CA-1/2?x%", po_number="PO-1")
    assert community.put_transaction(case.id, reference).version == case.version + 1
    assert community.put_transaction(case.id, reference).version == case.version + 1
    community.add_comment(case.id, NewComment(body="Please look."), f"{KEY}1")
    community.add_comment(case.id, NewComment(body="Please look."), f"{KEY}1")
    assert [comment.body for comment in community.comments(case.id).records] == ["Please look."]
    with pytest.raises(UpstreamConflict):
        community.move(f"cases/{case.id}", Transition(to="open"), version=1, key=f"{KEY}2")
    community.move(f"cases/{case.id}", Transition(to="cancelled"), version=3, key=f"{KEY}3")
    with pytest.raises(UpstreamConflict):
        community.add_comment(case.id, NewComment(body="Too late"), f"{KEY}4")
    with pytest.raises(UpstreamConflict):
        community.put_transaction(case.id, reference.model_copy(update={"po_number": "PO-2"}))


def test_request_is_created_once_and_commented(community: CommunityClient) -> None:
    new = NewRequest(
        type="support",
        submitter=Submitter(name="Ann", email="ann@example.com"),
        form_key="support",
        form_version=1,
        answers={"amount": "12.50"},
        routing=RequestRouting(team_key="edi", rule_key="support"),
        priority="normal",
        source_submission_id="sub_1",
    )

    request = community.create_request(new, f"{KEY}0")
    assert community.create_request(new, f"{KEY}0") == request
    community.add_request_comment(request.id, NewComment(body="Any news?"), f"{KEY}1")

    listing = community.request_comments(request.id)
    assert listing is not None
    assert [comment.body for comment in listing.records] == ["Any news?"]
    assert community.request_comments("unknown") is None


def test_feed_is_followed_from_its_head(community: CommunityClient, hub: Hub) -> None:
    head = community.head()
    hub.play_changes(5)

    page = community.read_events(head, 2)
    ids = [str(event["id"]) for event in page.items]
    while page.has_more:
        page = community.read_events(page.next_cursor, 2)
        ids += [str(event["id"]) for event in page.items]

    assert len(ids) == len(set(ids)) >= 5
    assert community.head() == page.next_cursor
    for read in (lambda: community.read_events("senseless", 9), lambda: community.partner_ids("x")):
        with pytest.raises(CursorExpired):
            read()


def test_token_is_fetched_anew_when_it_has_expired(community: CommunityClient, hub: Hub) -> None:
    assert community.programs()

    hub.advance_clock(36_001)

    assert community.programs()


def test_wrong_secret_is_unauthenticated(hub: Hub) -> None:
    for community in new_community(hub, "wrong-consumer-secret"):
        with pytest.raises(Unauthenticated):
            community.programs()
