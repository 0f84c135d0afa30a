"""Matches a submission to a trading partner. Never guesses: no match means manual review. Pure."""

from collections.abc import Collection, Mapping

from gridwix.models.ids import PartnerId
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import Match

NO_MATCH = Match(None, "")


def match_partner(links: Collection[PartnerId], owners: Mapping[IdentifierScheme, PartnerId | None], chosen: str | None = None) -> Match:
    """The partner that a submission is from.

    ``links`` are those for whom the logged-in member acts; ``owners`` is whose each identifier is, None for nobody's; ``chosen`` is the one of its partners
    that the member has chosen, which has to be among its links. A member's link tells first; of several links the chosen one, or the one that the identifiers
    name. Else all identifiers have to name the same partner: one that nobody has, or two that name different ones, are for
    a person to look at. It is never guessed.
    """
    named = set(owners.values())
    partner = next(iter(named)) if len(named) == 1 else None
    if links:
        acting = set(links)
        if chosen is not None:
            return Match(PartnerId(chosen), "member") if chosen in acting else NO_MATCH
        if len(acting) == 1:
            return Match(acting.pop(), "member")
        return Match(partner, "member") if partner in acting else NO_MATCH
    if partner is None:
        return NO_MATCH
    return Match(partner, min(scheme.value for scheme in owners))
