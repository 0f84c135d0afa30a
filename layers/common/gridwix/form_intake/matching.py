"""Matches a submission to a trading partner. Pure.

Never guesses: an identifier alone (a GLN, for example) is no evidence, since any sender can write
one.
"""

from collections.abc import Collection, Mapping

from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import Match

NO_MATCH = Match(None, "")
"""No partner: the sender acts for none, and no identifier names one."""

HINT = Match(None, "hint")
"""No partner, but a hint: identifiers name one, and it is not verified that the sender belongs to
it."""

UNCLEAR = Match(None, "unclear")
"""No partner: the sender acts for several, or no longer for the one it chose. A person has to find
out which one the submission is about."""


def match_partner(
    links: Collection[PartnerId],
    owners: Mapping[IdentifierScheme, PartnerId | None],
    chosen: str | None = None,
) -> Match:
    """Match a submission to a partner that its sender acts for.

    Only a member's link to a partner (the permission to act for it) is evidence. If a member has
    several links, its choice decides, or else the one partner that all identifiers name. Without a
    link, identifiers are a hint at most: a GLN is no secret, and any sender can write one into a
    form of the site.

    Args:
        links: Partners that the logged-in member acts for.
        owners: Partner of each identifier in the submission; None if it is unknown.
        chosen: Partner that the member has chosen; has to be among ``links``.

    >>> match_partner({PartnerId("A"), PartnerId("B")}, {}, chosen="B")
    Match(partner_id='B', by='member')
    >>> match_partner((), {IdentifierScheme.GLN: PartnerId("A")})
    Match(partner_id=None, by='hint')
    """
    acting, named = set(links), set(owners.values())
    if not acting:
        return HINT if named - {None} else NO_MATCH
    # A link may have been removed since the member chose; another link is no substitute.
    if chosen is not None:
        return Match(PartnerId(chosen), "member") if chosen in acting else UNCLEAR
    if len(acting) == 1:
        return Match(acting.pop(), "member")
    partner = next(iter(named)) if len(named) == 1 else None
    return Match(partner, "member") if partner in acting else UNCLEAR
