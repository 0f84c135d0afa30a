"""Base model, types and checks that the configuration models share."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, StringConstraints

from gridwix.models.setting_fault import SettingFault
from gridwix.models.texts import PhraseText

type Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
"""Country code of two letters (ISO 3166-1), such as ``DE``."""
type Name = Annotated[str, StringConstraints(pattern="^[A-Za-z][A-Za-z0-9_]{0,59}$")]
"""Name of a form field."""
type Key = Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,60}$")]
"""Key of a team, form or campaign: lower case, with hyphens."""
type Priority = Literal["low", "normal", "high", "critical"]
"""Priority of a case or request."""


class Config(BaseModel):
    """Base class of the configuration models. Instances are immutable (frozen).

    Unknown members are errors, so that a misspelling is noticed.
    """

    # Built when the first one is read, so that a cold start pays only for models in use.
    model_config = ConfigDict(
        defer_build=True, hide_input_in_errors=True, frozen=True, extra="forbid"
    )


class Rule(Protocol):
    """A rule in an ordered list of rules, of which the first one that matches is used."""

    @property
    def key(self) -> str: ...

    @property
    def fits_everything(self) -> bool: ...


def require_each(sentences: Mapping[str, PhraseText], kinds: Iterable[str]) -> None:
    """Check that the configuration has a sentence for each kind.

    A sentence is a text in each language of the portal. Raises ValueError with the kinds for which
    there is none.
    """
    if missing := sorted(set(kinds) - set(sentences)):
        raise ValueError(f"there is no sentence for {', '.join(missing)}")


def check_rule_order(rules: Sequence[Rule], conditions: str) -> None:
    """Check an ordered list of rules: keys are unique, and only the last rule matches everything.

    Args:
        rules: The rules, in order; at least one.
        conditions: Names of the conditions that a rule can have, for the error's text. The last
            rule must have none.

    Raises:
        ValueError: Two rules have the same key, the last rule does not match everything, or another
            rule does.
    """
    keys = [rule.key for rule in rules]
    if twice := sorted(key for key in set(keys) if keys.count(key) > 1):
        raise SettingFault(f"two rules have the key {twice[0]}", "rename one")
    if first := next((rule for rule in rules[:-1] if rule.fits_everything), None):
        raise SettingFault(
            f"rule {first.key} fits everything, so no rule after it is used",
            f"move it to the end, or give it {conditions}",
        )
    if not rules[-1].fits_everything:
        raise SettingFault(
            f"the last rule, {rules[-1].key}, has to fit everything", f"remove its {conditions}"
        )
