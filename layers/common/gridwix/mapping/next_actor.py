"""Determines the side that has to act next on a case: the partner, the hub or neither. Pure.

The status of the case decides first. If it does not, the owner of the next step decides, as the
gateway states it (``nextStepOwner``), or else the rule that opened the case (``next_step_owner`` in
``config/case_rules.yaml``). If there is no owner either, the partner has to act, since a next step
is written for the partner; but the hub has to if the newest comment is from the partner.
"""

from collections.abc import Iterable, Set
from typing import Literal

from gridwix.configuration.case_rules import CaseRules
from gridwix.mapping.comments import last_author_side
from gridwix.mapping.statuses import SETTLED_CASE_STATUSES
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment

type Actor = Literal["partner", "hub", "nobody"]
"""Side that has to act next."""

ASKS_PARTNER = frozenset({"awaiting_partner", "resolved"})
"""Statuses of a case that require an action of the partner: an answer, or confirming the solution.
"""

UNDECIDED = frozenset({"new", "open"})
"""Statuses of a case that do not determine the side that has to act."""


def hub_rule_keys(rules: CaseRules) -> frozenset[str]:
    """Return the keys of the case rules that make the hub the owner of the next step.

    >>> from gridwix.configuration.case_rules import CaseRule
    >>> rules = [CaseRule.model_construct(key="map", next_step_owner="hub"),
    ...          CaseRule.model_construct(key="resend", next_step_owner="partner")]
    >>> hub_rule_keys(CaseRules.model_construct(rules=rules))
    frozenset({'map'})
    """
    return frozenset(rule.key for rule in rules.rules if rule.next_step_owner == "hub")


def is_waiting_for_partner(case: Case) -> bool:
    """Tell whether a case waits for the partner by its own status and next step, without comments.

    >>> is_waiting_for_partner(Case.model_construct(status="awaiting_partner"))
    True
    """
    return case.status == "awaiting_partner" or (
        case.status not in SETTLED_CASE_STATUSES
        and case.next_step is not None
        and case.next_step_owner == "partner"
    )


def next_actor(case: Case, comments: Iterable[Comment], hub_keys: Set[str]) -> Actor:
    """Return the side that has to act next on a case: ``partner``, ``hub`` or ``nobody``.

    >>> next_actor(Case.model_construct(status="closed"), comments=[], hub_keys=set())
    'nobody'

    Args:
        case: the case.
        comments: all comments of the case.
        hub_keys: keys of the rules in ``config/case_rules.yaml`` that open cases with the hub as
            owner of the next step (:func:`hub_rule_keys`).
    """
    if case.status in SETTLED_CASE_STATUSES:
        return "nobody"
    if case.status in ASKS_PARTNER or is_waiting_for_partner(case):
        return "partner"
    # The hub acts if it owns the next step, has yet to word one, or the status is its own.
    if case.next_step is None or case.next_step_owner is not None or case.status not in UNDECIDED:
        return "hub"
    return (
        "hub"
        if _of_hub_rule(case, hub_keys) or last_author_side(comments) == "partner"
        else "partner"
    )


def current_next_step(case: Case, comments: Iterable[Comment], hub_keys: Set[str]) -> str | None:
    """Return the next step of a case; None if the partner's newest comment already answers it.

    >>> case = Case.model_construct(status="awaiting_partner", next_step="Send the 856 again.")
    >>> current_next_step(case, comments=[], hub_keys=set())
    'Send the 856 again.'
    """
    answered = (
        case.status in UNDECIDED
        and case.next_step_owner is None
        and not _of_hub_rule(case, hub_keys)
        and last_author_side(comments) == "partner"
    )
    return None if answered else case.next_step


def _of_hub_rule(case: Case, hub_keys: Set[str]) -> bool:
    return case.routed_by is not None and case.routed_by.rule_key in hub_keys
