"""Matches a submission to a trading partner. Never guesses, and believes no identifier. Pure."""

from collections.abc import Collection, Mapping

from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import Match

NO_MATCH = Match(None, "")
"""Nothing tells the partner."""

HINT = Match(None, "hint")
"""Identifiers name a partner, and nobody has verified that the sender belongs to it."""

UNCLEAR = Match(None, "unclear")
"""The sender acts for partners. A person has to find out which one this is about."""


def match_partner(
    links: Collection[PartnerId],
    owners: Mapping[IdentifierScheme, PartnerId | None],
    chosen: str | None = None,
) -> Match:
    """Match a submission to a partner that its sender acts for.

    Only a member's link is evidence. Of several links, the chosen one counts, or else the one that
    the identifiers name, if all name the same. Without a link, identifiers are a hint at most: a
    GLN is no secret, and anybody can write one into a form of the site.

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
