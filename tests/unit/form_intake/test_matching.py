"""Matching of submissions to trading partners."""

import pytest

from gridwix.form_intake.matching import NO_MATCH, match_partner
from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import Match

GLN, DUNS, ADDRESS = IdentifierScheme.GLN, IdentifierScheme.DUNS, IdentifierScheme.TRADING_ADDRESS
A, B = PartnerId("A"), PartnerId("B")


@pytest.mark.parametrize(
    ("links", "owners", "wanted"),
    [
        ({A}, {}, Match(A, "member")),
        ({A}, {GLN: B}, Match(A, "member")),
        ({A, B}, {}, NO_MATCH),
        ({A, B}, {GLN: B}, Match(B, "member")),
        ({A, B}, {GLN: None}, NO_MATCH),
        ({A, B}, {GLN: PartnerId("C")}, NO_MATCH),
        (set(), {GLN: A}, Match(A, "gln")),
        (set(), {ADDRESS: A, GLN: A}, Match(A, "gln")),
        (set(), {DUNS: B}, Match(B, "duns")),
        (set(), {GLN: A, ADDRESS: B}, NO_MATCH),
        (set(), {GLN: A, ADDRESS: None}, NO_MATCH),
        (set(), {GLN: None}, NO_MATCH),
        (set(), {}, NO_MATCH),
    ],
)
def test_members_link_tells_first_and_identifiers_have_to_agree(
    links: set[PartnerId], owners: dict[IdentifierScheme, PartnerId | None], wanted: Match
) -> None:
    assert match_partner(links, owners) == wanted


@pytest.mark.parametrize(
    ("links", "owners", "chosen", "wanted"),
    [
        ({A, B}, {}, "B", Match(B, "member")),
        ({A, B}, {GLN: A}, "B", Match(B, "member")),
        ({A}, {}, "A", Match(A, "member")),
        # A link that was taken away between sending and reading: it is for a person to look at, and
        # not the other partner's.
        ({A}, {}, "B", NO_MATCH),
        ({A, B}, {GLN: A}, "C", NO_MATCH),
        # Only a member chooses.
        (set(), {GLN: A}, "B", Match(A, "gln")),
        (set(), {}, "B", NO_MATCH),
    ],
)
def test_of_several_partners_the_member_chooses(
    links: set[PartnerId],
    owners: dict[IdentifierScheme, PartnerId | None],
    chosen: str,
    wanted: Match,
) -> None:
    assert match_partner(links, owners, chosen) == wanted
