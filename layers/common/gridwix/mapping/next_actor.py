"""Who has to act next on a case. Pure.

A case's status says it most surely. Where the status leaves it open, the gateway may say whose the next step is (``nextStepOwner``), or the rule that opened
the case (``next_step_owner`` in ``config/case_rules.yaml``). Failing both, the next step is the partner's, since it is written for the partner, until the
partner has had the last word.
"""

from collections.abc import Iterable, Set
from typing import Literal

from gridwix.configuration.case_rules import CaseRules
from gridwix.mapping.comments import last_author_side
from gridwix.mapping.statuses import SETTLED_CASE_STATUSES
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment

type Actor = Literal["partner", "hub", "nobody"]

ASKS_PARTNER = frozenset({"awaiting_partner", "resolved"})
"""Statuses that ask the partner: for an answer, or whether the solution is one."""

UNDECIDED = frozenset({"new", "open"})
"""Statuses that do not say who has to act."""


def hub_rule_keys(rules: CaseRules) -> frozenset[str]:
    """The keys of the rules whose next step is the hub's own."""
    return frozenset(rule.key for rule in rules.rules if rule.next_step_owner == "hub")


def is_waiting_for_partner(case: Case) -> bool:
    """Whether a case by itself, without its comments, says that it waits for something that the partner has to do or tell."""
    return case.status == "awaiting_partner" or (case.status not in SETTLED_CASE_STATUSES and case.next_step is not None and case.next_step_owner == "partner")


def next_actor(case: Case, comments: Iterable[Comment], hub_keys: Set[str]) -> Actor:
    """Who has to act next. ``comments`` are all those of the case, ``hub_keys`` the keys of the rules whose next step is the hub's."""
    if case.status in SETTLED_CASE_STATUSES:
        return "nobody"
    if case.status in ASKS_PARTNER or is_waiting_for_partner(case):
        return "partner"
    if case.next_step is None or case.next_step_owner is not None or case.status not in UNDECIDED:
        return "hub"
    return "hub" if _of_hub_rule(case, hub_keys) or last_author_side(comments) == "partner" else "partner"


def current_next_step(case: Case, comments: Iterable[Comment], hub_keys: Set[str]) -> str | None:
    """The next step, unless it asks the partner for what the partner has answered: nobody has worded it anew since."""
    answered = case.status in UNDECIDED and case.next_step_owner is None and not _of_hub_rule(case, hub_keys) and last_author_side(comments) == "partner"
    return None if answered else case.next_step


def _of_hub_rule(case: Case, hub_keys: Set[str]) -> bool:
    return case.routed_by is not None and case.routed_by.rule_key in hub_keys
