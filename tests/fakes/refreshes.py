"""Audience refreshes in memory."""

from dataclasses import dataclass, field, replace

from gridwix.errors import Unavailable
from gridwix.models.events import Change
from gridwix.models.ids import CompanyId
from gridwix.ports import Clock
from gridwix.publication.audience_refreshes import AudienceRefreshes, RefreshState
from tests.factories import HUB


@dataclass
class FakeRefreshStates:
    """Implements ``RefreshStates``.

    ``fails``: the next saves of this number fail, before they are carried out. ``before_save`` are
    states that another worker stores just before the next saves.
    """

    state: RefreshState = field(default_factory=RefreshState)
    fails: int = 0
    before_save: list[RefreshState] = field(default_factory=list)
    reads: int = 0

    def read_state(self) -> RefreshState:
        self.reads += 1
        return self.state

    def save(self, state: RefreshState) -> bool:
        if self.fails:
            self.fails -= 1
            raise Unavailable(system="aws")
        if self.before_save:
            self.state = replace(self.before_save.pop(0), revision=self.state.revision + 1)
        if state.revision != self.state.revision:
            return False
        self.state = replace(state, revision=state.revision + 1)
        return True


@dataclass
class FakeRefreshQueue:
    """Implements ``RefreshQueue``. ``sent`` are the messages, each with its delay in seconds."""

    sent: list[tuple[Change, int]] = field(default_factory=list)
    fails: int = 0

    def send(self, change: Change, *, delay: int) -> None:
        if self.fails:
            self.fails -= 1
            raise Unavailable(system="aws")
        self.sent.append((change, delay))

    def take(self) -> list[Change]:
        """Return the messages and forget them, as if their delay were over."""
        taken = [change for change, _ in self.sent]
        self.sent.clear()
        return taken


def audience_refreshes(
    clock: Clock = lambda: 0.0,
    *,
    states: FakeRefreshStates | None = None,
    queue: FakeRefreshQueue | None = None,
) -> AudienceRefreshes:
    """Audience refreshes of a function ``test``."""
    return AudienceRefreshes(
        "test",
        states=states or FakeRefreshStates(),
        queue=queue or FakeRefreshQueue(),
        company_id=CompanyId(HUB),
        clock=clock,
    )
