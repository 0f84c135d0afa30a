"""Rules by which the site refuses single items, in any API call, until the rule is removed.

A rule is one JSON object, posted to ``/__emulator/refusals``::

    {"collection": "PartnerStatus", "ids": ["*-0007"], "everyNth": 0, "code": "WDE0080",
     "description": "Validation failed", "times": 0}

A rule matches an item if the item's id matches a pattern in ``ids`` (a list, or a single pattern).
With ``everyNth``, it also matches every nth different id, in the order in which the rule first saw
the ids: a retry gets the same result. ``collection`` is a pattern as well. ``times`` is the maximum
number of refusals; 0 is no limit. In a bulk call only the matching items fail and the others are
written; a call for one item gets the error.
"""

import fnmatch
import itertools
from dataclasses import asdict, dataclass, field
from typing import Any

from emulators.wix.errors import WixError


@dataclass(slots=True)
class Rule:
    """One rule by which the site refuses writes of items.

    The rule holds for collections that match the pattern ``collection``. It refuses an item if the
    item's id matches a pattern in ``ids``. If ``everyNth`` is not 0, the rule also refuses each nth
    different id. ``code`` and ``description`` are those of the error. ``times`` is the maximum
    number of refusals; 0 is no limit.
    """

    collection: str = "*"
    ids: list[str] | str = field(default_factory=list)
    everyNth: int = 0  # noqa: N815 - spelled as on the wire
    code: str = "WDE0080"
    description: str = "Validation failed"
    times: int = 0
    id: int = 0

    def __post_init__(self) -> None:
        self.ids = [self.ids] if isinstance(self.ids, str) else self.ids
        lists = isinstance(self.ids, list) and all(isinstance(one, str) for one in self.ids)
        counts = all(isinstance(count, int) and count >= 0 for count in (self.everyNth, self.times))
        texts = all(
            isinstance(text, str) for text in (self.collection, self.code, self.description)
        )
        if not lists or not counts or not texts or not (self.ids or self.everyNth):
            raise ValueError("a rule names ids, a list of patterns, or everyNth, a positive number")


class Refusals:
    """The active rules by which the site refuses writes of single items."""

    def __init__(self) -> None:
        self._rules: dict[int, Rule] = {}
        self._seen: dict[int, dict[str, int]] = {}
        self._used: dict[int, int] = {}
        self._numbers = itertools.count(1)

    def add_rule(self, order: dict[str, Any]) -> None:
        """Add a rule by which the site refuses writes of items.

        ``order`` has values for the attributes of :class:`Rule`, such as ``ids``. Raises TypeError
        or ValueError for an invalid rule.
        """
        rule = Rule(**{**order, "id": next(self._numbers)})
        self._rules[rule.id], self._seen[rule.id], self._used[rule.id] = rule, {}, 0

    def clear(self) -> None:
        self._rules.clear()

    def all(self) -> list[dict[str, Any]]:
        """Return the active rules, each with the number of writes that it has refused so far."""
        return [{**asdict(rule), "refused": self._used[rule.id]} for rule in self._rules.values()]

    def check_item(self, collection: str, identifier: str) -> None:
        """Raise WixError if a rule refuses a write of this item."""
        # A copy, since a used-up rule is deleted in the loop.
        for rule in list(self._rules.values()):
            if fnmatch.fnmatchcase(collection, rule.collection) and self._is_refused_by(
                rule, f"{collection}/{identifier}", identifier
            ):
                self._used[rule.id] += 1
                if self._used[rule.id] == rule.times:
                    del self._rules[rule.id]
                raise WixError(rule.code, rule.description)

    def _is_refused_by(self, rule: Rule, name: str, identifier: str) -> bool:
        if any(fnmatch.fnmatchcase(identifier, pattern) for pattern in rule.ids):
            return True
        if not rule.everyNth:
            return False
        seen = self._seen[rule.id]
        return seen.setdefault(name, len(seen) + 1) % rule.everyNth == 0
