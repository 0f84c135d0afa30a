"""Matching of submissions to trading partners."""

import pytest

from gridwix.form_intake.matching import HINT, NO_MATCH, UNCLEAR, match_partner
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
        ({A, B}, {}, UNCLEAR),
        ({A, B}, {GLN: B}, Match(B, "member")),
        ({A, B}, {GLN: B, DUNS: A}, UNCLEAR),
        ({A, B}, {GLN: None}, UNCLEAR),
        ({A, B}, {GLN: PartnerId("C")}, UNCLEAR),
        (set(), {GLN: A}, HINT),
        (set(), {ADDRESS: A, GLN: A}, HINT),
        (set(), {GLN: A, ADDRESS: B}, HINT),
        (set(), {GLN: A, ADDRESS: None}, HINT),
        (set(), {GLN: None}, NO_MATCH),
        (set(), {}, NO_MATCH),
    ],
)
def test_only_a_members_link_tells_the_partner_and_identifiers_are_a_hint(
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
        ({A}, {}, "B", UNCLEAR),
        ({A, B}, {GLN: A}, "C", UNCLEAR),
        # Only a member chooses.
        (set(), {GLN: A}, "A", HINT),
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
