"""Base types of the conformance kit: rules, groups of rules, and the errors of a failed check.

The kit (``gridwix gateway check``) tests a gateway. A group of rules is called a capability.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from ops.gateway.check.exchanges import Exchange

if TYPE_CHECKING:
    from ops.gateway.check.session import Session

UNEXPECTED_FORM = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""Errors that Python raises when a rule reads a document that violates its schema."""

type Check = Callable[["Session"], None]
type CollectionCheck = Callable[["Session", str], None]


class Need(StrEnum):
    """Permission to read, write or get webhooks, which the user of ``gridwix gateway check`` gives.

    A rule is checked only if the user has given the permission that the rule needs.
    """

    READ = "reads"
    WRITE = "writes"
    WEBHOOKS = "webhooks"


class Broken(Exception):
    """Raised by a check: the gateway breaks the rule. The message says how.

    ``exchanges`` are the requests and responses that show it, with the clearest one last. If there
    are none, the report shows the last exchange of the run.
    """

    def __init__(self, text: str, *exchanges: Exchange) -> None:
        super().__init__(text)
        self.text = text
        self.exchanges = exchanges


class Skipped(Exception):
    """Raised by a check: the rule could not be checked, for the reason in the message."""


@dataclass(frozen=True)
class Rule:
    """One sentence of the gateway's OpenAPI contract, and the function that checks it.

    ``check`` gets the session, and raises Broken or Skipped. If ``collections`` is not empty,
    ``check`` is called for each of them, with its name as second argument. ``check`` is None for a
    rule that is checked on every response of a run.
    """

    name: str
    text: str
    need: Need
    check: Callable[..., None] | None
    collections: tuple[str, ...] = ()


@dataclass
class Capability:
    """A group of rules on one part of the gateway's OpenAPI contract, such as lists or webhooks.

    The contract is the community gateway profile. ``rules`` are in the order in which the report of
    the conformance kit shows them.
    """

    key: str
    title: str
    rules: list[Rule] = field(default_factory=list)

    def rule(self, key: str, text: str, need: Need = Need.READ) -> Callable[[Check], Check]:
        """Register the decorated function as a rule.

        Args:
            key: Names the rule within its capability.
            text: The rule as a sentence, which a report and the docs show.
            need: The permission that the rule needs.

        Returns:
            The decorator, which returns the function unchanged.
        """

        def register(check: Check) -> Check:
            self.rules.append(Rule(f"{self.key}.{key}", text, need, check))
            return check

        return register

    def collection_rule(
        self, key: str, text: str, collections: Iterable[str], need: Need = Need.READ
    ) -> Callable[[CollectionCheck], CollectionCheck]:
        """Register the decorated function as a rule that is checked for each collection.

        Args:
            key: Names the rule within its capability.
            text: The rule as a sentence, which a report and the docs show.
            collections: The collections to check the rule for.
            need: The permission that the rule needs.

        Returns:
            The decorator, which returns the function unchanged.
        """

        def register(check: CollectionCheck) -> CollectionCheck:
            self.rules.append(Rule(f"{self.key}.{key}", text, need, check, tuple(collections)))
            return check

        return register

    def observed_rule(self, key: str, text: str) -> None:
        """Register a rule that is checked on every response of a run, without own requests."""
        self.rules.append(Rule(f"{self.key}.{key}", text, Need.READ, None))


def require(condition: object, text: str, *exchanges: Exchange) -> None:
    """Raise Broken if the condition is false.

    ``text`` says what is wrong, ``exchanges`` are the requests and responses that show it.
    """
    if not condition:
        raise Broken(text, *exchanges)


def require_status(exchange: Exchange, *statuses: int) -> None:
    """Raise Broken unless the response has one of the statuses."""
    wanted = " or ".join(str(status) for status in statuses)
    require(
        exchange.status in statuses,
        f"{exchange.method} {exchange.target} answers {described(exchange)}, not {wanted}",
        exchange,
    )


def require_problem(exchange: Exchange, *codes: str) -> None:
    """Raise Broken unless the response is an error with a problem that has one of the codes."""
    require(
        exchange.status >= 400 and exchange.code in codes,
        f"{exchange.method} {exchange.target} answers {described(exchange)},"
        f" not the problem {' or '.join(codes)}",
        exchange,
    )


def described(exchange: Exchange) -> str:
    """Return a short text for a response: its status, and the code of its problem if it has one."""
    return f"{exchange.status} {exchange.code}" if exchange.code else str(exchange.status)
