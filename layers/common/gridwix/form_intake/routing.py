"""Which team gets a request, how urgent it is, and by when it is due. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridwix.configuration.routing import Routing, RoutingRule
from gridwix.form_intake.business_hours import due_date, is_open


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes. ``reason`` says in words why."""

    team: str
    rule: str
    priority: str
    due_at: datetime
    reason: str


def select_route(request_type: str, answers: Mapping[str, Any], at: datetime, routing: Routing) -> Route:
    """By the first rule that fits. It depends on when the request came in, not on when it is looked at, so that it is the same at every attempt."""
    rule = next(rule for rule in routing.rules if _matches(rule, request_type, answers))
    due_at = due_date(routing.desk, at, rule.due_in_business_hours)
    if rule.off_hours is not None and not is_open(routing.desk, at):
        return Route(rule.off_hours.team, rule.key, rule.off_hours.priority, due_at, "first match, off hours")
    return Route(rule.team, rule.key, rule.priority, due_at, "first match")


def _matches(rule: RoutingRule, request_type: str, answers: Mapping[str, Any]) -> bool:
    return (not rule.types or request_type in rule.types) and all(_answer_words(answers.get(field)) & set(wanted) for field, wanted in rule.answers.items())


def _answer_words(answer: Any) -> set[str]:
    """How a rule may write an answer: ``true`` or ``True`` for yes; each of several choices."""
    match answer:
        case bool():
            return {str(answer), str(answer).lower()}
        case list() | tuple():
            return {str(one) for one in answer}
    return {str(answer)}
