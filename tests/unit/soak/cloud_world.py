"""A world of the soak test with AWS's queues alone, for its tests."""

from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any

from soak.cloud.messages import NO_CHANCES, Chances
from soak.cloud.queues import Queues
from soak.kernel.edges import Edges, Fault, PlannedFaults
from soak.kernel.tasks import Scheduler
from soak.template import Template

START = 1_800_000_000.0
QUEUE = "StatusPublisherQueue"
DEAD_LETTERS = "StatusPublisherDeadLetterQueue"
URL = f"https://sqs.soak/{QUEUE}"


@cache
def template() -> Template:
    """The template, with the parameters that have no default."""
    return Template(
        {
            "TradingGridCommunityUrl": "https://grid.soak",
            "TradingGridCompanyId": "GC00700011NR",
            "WixSiteId": "site",
            "PortalUrl": "https://portal.soak/partner-portal",
        }
    )


class CloudWorld:
    """Queues, edges with planned faults, and tasks.

    Args:
        faults: Edge and fault of each call that fails, in order.
        chances: Liberties of the queues.
        seed: Of everything that is by chance.
    """

    def __init__(
        self,
        faults: Sequence[tuple[str, Fault]] = (),
        chances: Chances = NO_CHANCES,
        seed: int = 1,
    ) -> None:
        self.scheduler = Scheduler(START)
        self.random = Random(seed)
        planned = PlannedFaults([(START, edge, fault) for edge, fault in faults])
        self.edges = Edges(self.scheduler, self.random, planned, {})
        self.queues = Queues(template(), self.scheduler, self.random, chances)

    def run(self, job: Callable[[], Any]) -> Any:
        """Run a job as a task until all is done. Returns its result, or raises its error."""
        task = self.scheduler.spawn("worker", job)
        self.scheduler.run()
        if task.error:
            raise task.error
        return task.result

    def wait(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.scheduler.run(until=self.scheduler.now + seconds)

    def receive(self, limit: int = 10, queue: str = QUEUE) -> list[str]:
        """Receive from a queue. Returns the texts of the messages."""
        return [record["body"] for record in self.queues.receive(queue, limit)]
