"""Routes requests: team, priority and due date, by the rules of ``config/routing.yaml``. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridwix.configuration.routing import Routing, RoutingRule
from gridwix.form_intake.business_hours import due_date, is_open


@dataclass(frozen=True, slots=True)
class Route:
    """The team, priority and due date of a request.

    ``rule`` is the key of the rule that matched; ``reason`` says in words why.
    """

    team: str
    rule: str
    priority: str
    due_at: datetime
    reason: str


def select_route(
    request_type: str, answers: Mapping[str, Any], at: datetime, routing: Routing
) -> Route:
    """Select team, priority and due date of a request by the first matching rule.

    Idempotent: the route depends on the time of acceptance, not on the current time, so every retry
    gets the same route.

    Args:
        request_type: Type of the request, as the form defines it.
        answers: Answers by field.
        at: When the submission was accepted.
        routing: The rules, the last of which matches everything, and the business hours of the
            hub's desk (the staff who handle requests).
    """
    rule = next(rule for rule in routing.rules if _matches_request(rule, request_type, answers))
    due_at = due_date(routing.desk, at, rule.due_in_business_hours)
    if rule.off_hours is not None and not is_open(routing.desk, at):
        return Route(
            rule.off_hours.team, rule.key, rule.off_hours.priority, due_at, "first match, off hours"
        )
    return Route(rule.team, rule.key, rule.priority, due_at, "first match")


def _matches_request(rule: RoutingRule, request_type: str, answers: Mapping[str, Any]) -> bool:
    """Return True if all conditions of a rule hold. A rule without conditions matches always."""
    return (not rule.types or request_type in rule.types) and all(
        _answer_words(answers.get(field)) & set(wanted) for field, wanted in rule.answers.items()
    )


def _answer_words(answer: Any) -> set[str]:
    """Return the texts by which a routing rule may name an answer.

    They are ``true`` and ``True`` for yes, and each choice if there are several.

    >>> sorted(_answer_words(True)), sorted(_answer_words(["Price", "Tax"])), _answer_words(7)
    (['True', 'true'], ['Price', 'Tax'], {'7'})
    """
    match answer:
        case bool():
            return {str(answer), str(answer).lower()}
        case list() | tuple():
            return {str(one) for one in answer}
    return {str(answer)}
