"""Matches a submission to a trading partner. Never guesses: no match means manual review. Pure."""

from collections.abc import Collection, Mapping

from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import Match

NO_MATCH = Match(None, "")
"""The submission is matched to a partner by hand."""


def match_partner(
    links: Collection[PartnerId],
    owners: Mapping[IdentifierScheme, PartnerId | None],
    chosen: str | None = None,
) -> Match:
    """Match a submission to a partner; NO_MATCH leaves it to a person.

    A member's link comes first. Of several links, the chosen one counts, or else the one that the
    identifiers name. Without a link, all identifiers have to name the same partner: an unknown
    identifier, or two that name different partners, match no partner.

    Args:
        links: Partners that the logged-in member acts for.
        owners: Partner of each identifier in the submission; None if it is unknown.
        chosen: Partner that the member has chosen; has to be among ``links``.

    >>> match_partner({PartnerId("A"), PartnerId("B")}, {}, chosen="B")
    Match(partner_id='B', by='member')
    >>> match_partner((), {IdentifierScheme.GLN: PartnerId("A"), IdentifierScheme.DUNS: None})
    Match(partner_id=None, by='')
    """
    named = set(owners.values())
    partner = next(iter(named)) if len(named) == 1 else None
    if links:
        acting = set(links)
        # A link may have been removed since the member chose; another link is no substitute.
        if chosen is not None:
            return Match(PartnerId(chosen), "member") if chosen in acting else NO_MATCH
        if len(acting) == 1:
            return Match(acting.pop(), "member")
        return Match(partner, "member") if partner in acting else NO_MATCH
    if partner is None:
        return NO_MATCH
    return Match(partner, min(scheme.value for scheme in owners))
