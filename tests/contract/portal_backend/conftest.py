"""One site for all tests of the portal's backend, and for each test a partner with a member."""

import pytest

from tests.contract.portal_site import Portal, Visitor, portal


@pytest.fixture(scope="module")
def site() -> Portal:
    return portal()


@pytest.fixture
def partner(site: Portal) -> str:
    return site.partner()


@pytest.fixture
def member(site: Portal, partner: str) -> Visitor:
    return site.member(partner)
