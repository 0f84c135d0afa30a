"""What the configuration models share."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, StringConstraints

from gridwix.models.texts import PhraseText

type Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
type Name = Annotated[str, StringConstraints(pattern="^[A-Za-z][A-Za-z0-9_]{0,59}$")]
type Key = Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,60}$")]
type Priority = Literal["low", "normal", "high", "critical"]


class Config(BaseModel):
    """Frozen and closed: a misspelt member is an error and not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(Protocol):
    """A rule of a list of which the first that fits counts."""

    @property
    def key(self) -> str: ...

    @property
    def fits_everything(self) -> bool: ...


def require_each(sentences: Mapping[str, PhraseText], kinds: Iterable[str]) -> None:
    """Raise ValueError naming the kinds that no sentence is for."""
    if missing := sorted(set(kinds) - set(sentences)):
        raise ValueError(f"there is no sentence for {', '.join(missing)}")


def check_rule_order(rules: Sequence[Rule], conditions: str) -> None:
    """Raise ValueError unless each key is unique and the last rule, and no other, fits everything. ``conditions`` names what the last one leaves out."""
    keys = [rule.key for rule in rules]
    if twice := sorted(key for key in set(keys) if keys.count(key) > 1):
        raise ValueError(f"two rules have the key {twice[0]}")
    if any(rule.fits_everything for rule in rules[:-1]):
        raise ValueError("a rule that fits everything stands before others, which are never reached")
    if not rules[-1].fits_everything:
        raise ValueError(f"the last rule has to fit everything, so without {conditions}")
