"""The model of a rule and of the capability that groups it, and the exceptions by which a rule
reports.
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
    """The permission of the kit's user that a rule needs: to read, to write, or to receive
    webhooks.
    """

    READ = "reads"
    WRITE = "writes"
    WEBHOOKS = "webhooks"


class Broken(Exception):
    """The gateway breaks a rule of the profile.

    ``exchanges`` show it, the last one best; without any, the rule's last exchange does.
    """

    def __init__(self, text: str, *exchanges: Exchange) -> None:
        super().__init__(text)
        self.text = text
        self.exchanges = exchanges


class Skipped(Exception):
    """A rule could not be checked, for the reason in the message."""


@dataclass(frozen=True)
class Rule:
    """One sentence of the profile, and the function that checks it.

    ``check`` gets the session, and a collection if ``collections`` has any: it is called for each.
    It is None for a rule that every response is held to.
    """

    name: str
    text: str
    need: Need
    check: Callable[..., None] | None
    collections: tuple[str, ...] = ()


@dataclass
class Capability:
    """A capability of the profile, with its rules in the order in which they are checked."""

    key: str
    title: str
    rules: list[Rule] = field(default_factory=list)

    def rule(self, key: str, text: str, need: Need = Need.READ) -> Callable[[Check], Check]:
        """Register the decorated function as a rule.

        Args:
            key: Names the rule within its capability.
            text: The sentence that holds.
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
            text: The sentence that holds.
            collections: The collections to check it for.
            need: The permission that the rule needs.

        Returns:
            The decorator, which returns the function unchanged.
        """

        def register(check: CollectionCheck) -> CollectionCheck:
            self.rules.append(Rule(f"{self.key}.{key}", text, need, check, tuple(collections)))
            return check

        return register

    def observed_rule(self, key: str, text: str) -> None:
        """Register a rule that every response is held to."""
        self.rules.append(Rule(f"{self.key}.{key}", text, Need.READ, None))


def require(condition: object, text: str, *exchanges: Exchange) -> None:
    """Raise Broken with the text and the exchanges if the condition is false."""
    if not condition:
        raise Broken(text, *exchanges)


def require_status(exchange: Exchange, *statuses: int) -> None:
    """Raise Broken if the response has none of the statuses."""
    wanted = " or ".join(str(status) for status in statuses)
    require(
        exchange.status in statuses,
        f"{exchange.method} {exchange.target} answers {described(exchange)}, not {wanted}",
        exchange,
    )


def require_problem(exchange: Exchange, *codes: str) -> None:
    """Raise Broken if the response is no problem with one of the codes."""
    require(
        exchange.status >= 400 and exchange.code in codes,
        f"{exchange.method} {exchange.target} answers {described(exchange)},"
        f" not the problem {' or '.join(codes)}",
        exchange,
    )


def described(exchange: Exchange) -> str:
    """Return a short text for a response: its status, and the code of a problem."""
    return f"{exchange.status} {exchange.code}" if exchange.code else str(exchange.status)
