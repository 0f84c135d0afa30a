"""Parses the expressions of DynamoDB: conditions, updates, key conditions and projections.

Each text is parsed once and becomes closures. Features that the functions do not use (nested paths,
``IN``, ``<>``, ``list_append``, ``DELETE``, ...) are refused, so that nothing is guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from soak.cloud.attribute_values import invalid, not_known
from soak.cloud.closures import (
    ORDER,
    Condition,
    Operand,
    Update,
    arithmetic,
    begins_with,
    both,
    contains,
    either,
    equal,
    given,
    if_not_exists,
    negated,
    ordered,
    presence,
    size,
    stored,
)
from soak.cloud.tokens import Names, Tokens

_FUNCTIONS: Mapping[str, Callable[[Operand, Operand], Condition]] = {
    "contains": contains,
    "begins_with": begins_with,
}
_PRESENCE = ("attribute_exists", "attribute_not_exists")
_SECTIONS = ("SET", "REMOVE", "ADD")


@dataclass(frozen=True, slots=True)
class Statement:
    """The parsed expressions of a write request, and the names of all values that they use."""

    condition: Condition | None
    update: Update | None
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class KeyCondition:
    """A parsed key condition: a partition, and bounds of the sort key. An operand is the name of a
    value.

    ``comparison`` is "" (the whole partition), an operator, ``BETWEEN`` or ``begins_with``.
    """

    partition: str
    partition_value: str
    sort: str = ""
    comparison: str = ""
    bounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """The parsed expressions of a query or scan, and the names of all values that they use."""

    key: KeyCondition | None
    condition: Condition | None
    projection: tuple[str, ...] | None
    values: frozenset[str]


@lru_cache(maxsize=4096)
def write_statement(condition: str | None, update: str | None, names: Names) -> Statement:
    """Parse the expressions of a write. Raises Refusal.

    Args:
        condition: ``ConditionExpression``.
        update: ``UpdateExpression``.
        names: ``ExpressionAttributeNames``.
    """
    parser = _Parser(names)
    found_update = parser.read(update, parser.update)
    found_condition = parser.read(condition, parser.disjunction)
    parser.require_all_names()
    return Statement(found_condition, found_update, frozenset(parser.values))


@lru_cache(maxsize=1024)
def read_statement(
    key: str | None, condition: str | None, projection: str | None, names: Names
) -> ReadStatement:
    """Parse the expressions of a query or a scan. Raises Refusal.

    Args:
        key: ``KeyConditionExpression``.
        condition: ``FilterExpression``.
        projection: ``ProjectionExpression``.
        names: ``ExpressionAttributeNames``.
    """
    parser = _Parser(names)
    found_key = parser.read(key, parser.key_condition)
    found = parser.read(condition, parser.disjunction)
    attributes = parser.read(projection, parser.projection)
    parser.require_all_names()
    return ReadStatement(found_key, found, attributes, frozenset(parser.values))


class _Parser(Tokens):
    """A recursive descent parser: each method reads one part of an expression."""

    def read[T](self, text: str | None, rule: Callable[[], T]) -> T | None:
        """Parse a whole text by a rule; None if there is no text."""
        if text is None:
            return None
        self.begin(text)
        found = rule()
        self.finish()
        return found

    def disjunction(self) -> Condition:
        found = self._conjunction()
        while self.take_word("OR"):
            found = either(found, self._conjunction())
        return found

    def _conjunction(self) -> Condition:
        found = self._negation()
        while self.take_word("AND"):
            found = both(found, self._negation())
        return found

    def _negation(self) -> Condition:
        if self.take_word("NOT"):
            return negated(self._negation())
        if self.take("("):
            found = self.disjunction()
            self.expect(")")
            return found
        return self._comparison()

    def _comparison(self) -> Condition:
        token = self.peek()
        if (token in _FUNCTIONS or token in _PRESENCE) and self.peek(1) == "(":
            return self._function(self.next())
        left = self._operand()
        if self.take_word("BETWEEN"):
            low = self._operand()
            self.expect_word("AND")
            return both(ordered(">=", left, low), ordered("<=", left, self._operand()))
        sign = self.next()
        if sign == "=":
            return equal(left, self._operand())
        if sign in ORDER:
            return ordered(sign, left, self._operand())
        raise not_known(f"the comparison {sign}")

    def _function(self, name: str) -> Condition:
        self.expect("(")
        attribute = self.attribute()
        if name in _PRESENCE:
            self.expect(")")
            return presence(attribute, wanted=name == "attribute_exists")
        self.expect(",")
        value = self._operand()
        self.expect(")")
        return _FUNCTIONS[name](stored(attribute), value)

    def _operand(self) -> Operand:
        if self.peek().startswith(":"):
            return given(self.value())
        if self.peek() == "size" and self.peek(1) == "(":
            self.next()
            self.expect("(")
            attribute = self.attribute()
            self.expect(")")
            return size(attribute)
        return stored(self.attribute())

    def update(self) -> Update:
        found: dict[str, list[Any]] = {}
        while self.peek():
            section = self.next().upper()
            if section not in _SECTIONS:
                raise not_known(f"the section {section} of an update")
            if section in found:
                raise invalid(f'The "{section}" section can only be used once')
            found[section] = [self._action(section)]
            while self.take(","):
                found[section].append(self._action(section))
        sets, removes, adds = (tuple(found.get(section, ())) for section in _SECTIONS)
        changed = (*(name for name, _ in sets), *removes, *(name for name, _ in adds))
        if len(set(changed)) < len(changed):
            raise invalid("Two document paths overlap with each other")
        return Update(sets, removes, adds, changed)

    def _action(self, section: str) -> Any:
        name = self.attribute()
        if section == "REMOVE":
            return name
        if section == "ADD":
            return name, self.value()
        self.expect("=")
        operand = self._update_operand()
        for sign, direction in (("+", 1), ("-", -1)):
            if self.take(sign):
                return name, arithmetic(operand, self._update_operand(), direction)
        return name, operand

    def _update_operand(self) -> Operand:
        if self.peek().startswith(":"):
            return given(self.value())
        if self.peek(1) != "(":
            return stored(self.attribute())
        if (function := self.next()) != "if_not_exists":
            raise not_known(f"the function {function} in an update")
        self.expect("(")
        attribute = self.attribute()
        self.expect(",")
        otherwise = self._update_operand()
        self.expect(")")
        return if_not_exists(attribute, otherwise)

    def key_condition(self) -> KeyCondition:
        partition = self.attribute()
        self.expect("=")
        value = self.value()
        if not self.take_word("AND"):
            return KeyCondition(partition, value)
        if self.peek() == "begins_with" and self.peek(1) == "(":
            self.next()
            self.expect("(")
            sort = self.attribute()
            self.expect(",")
            bounds: tuple[str, ...] = (self.value(),)
            self.expect(")")
            return KeyCondition(partition, value, sort, "begins_with", bounds)
        sort, sign = self.attribute(), self.next().upper()
        if sign not in {"=", "BETWEEN", *ORDER}:
            raise invalid("Invalid operator used in KeyConditionExpression")
        bounds = (self.value(),)
        if sign == "BETWEEN":
            self.expect_word("AND")
            bounds += (self.value(),)
        return KeyCondition(partition, value, sort, sign, bounds)

    def projection(self) -> tuple[str, ...]:
        found = [self.attribute()]
        while self.take(","):
            found.append(self.attribute())
        if len(set(found)) < len(found):
            raise invalid("Two document paths overlap with each other")
        return tuple(found)
