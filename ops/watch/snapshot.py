"""The state of a stack at one time (snapshot), for the live screen of ``gridwix status``. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ops.budgets import BudgetLevel
from ops.consumers import Consumer, FunctionState, consumer_faults
from ops.overview import Fault


@dataclass(frozen=True, slots=True)
class LastError:
    """The newest error in a function's log: its codes, and its time (Unix seconds)."""

    at: float
    what: str


@dataclass(frozen=True, slots=True)
class FunctionActivity:
    """Recent activity of a function, by its log.

    ``written`` portal rows were written in the last ``window`` seconds. ``error`` is the newest
    error since the watch began, or shortly before; None for none.
    """

    written: int = 0
    window: float = 60.0
    error: LastError | None = None

    @property
    def rows_per_minute(self) -> float:
        """Mean number of rows written in a minute.

        >>> FunctionActivity(written=60, window=300.0).rows_per_minute
        12.0
        """
        return self.written * 60.0 / self.window


@dataclass(frozen=True, slots=True)
class LetterCauses:
    """The dead letters of a function, counted by cause.

    Only the first ``looked_at`` dead letters are counted. ``at`` is the time of the reading (Unix
    seconds). ``unread`` is the reason of a failed reading, "" for none.
    """

    numbers: Mapping[str, int] = field(default_factory=dict)
    at: float = 0.0
    unread: str = ""

    @property
    def looked_at(self) -> int:
        return sum(self.numbers.values())


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a stack at ``now`` (Unix seconds).

    ``budget`` is None if it could not be read, and for the community gateway's stack, which has no
    call budget. ``causes`` has, for each function with dead letters, their number by the cause of
    the failure. ``unseen`` are the parts that could not be read.
    """

    stack: str
    now: float
    functions: Mapping[str, FunctionState] = field(default_factory=dict)
    consumers: tuple[Consumer, ...] = ()
    activities: Mapping[str, FunctionActivity] = field(default_factory=dict)
    budget: BudgetLevel | None = None
    causes: Mapping[str, LetterCauses] = field(default_factory=dict)
    unseen: tuple[Fault, ...] = ()

    @property
    def rows_per_minute(self) -> float:
        """Mean number of rows that all functions wrote in a minute."""
        return sum(activity.rows_per_minute for activity in self.activities.values())

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Faults of the stack, in the words of ``gridwix status``.

        Parts that could not be read come first, then faults of functions and their queues.
        """
        said = consumer_faults(self.functions, self.consumers)
        return (*self.unseen, *(Fault(name, what) for name, what in said))
