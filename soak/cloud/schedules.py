"""A model of EventBridge Scheduler: sends the message of each schedule to its queue, at its
times.
"""

from soak.cloud.queues import Queues
from soak.resources import Schedule
from soak.template import Template

DAY = 86400


class Schedules:
    """The schedules of the template. They run from :meth:`start` to :meth:`stop`.

    EventBridge Scheduler is exact to a minute and delivers at least once:
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html.

    Args:
        template: The template of the stack.
        queues: Its queues.
        jitter: Seconds at most by which a message is late.
        twice: Share of messages (0 to 1) that are sent twice.
    """

    def __init__(
        self, template: Template, queues: Queues, *, jitter: float = 0.0, twice: float = 0.0
    ) -> None:
        self._schedules = tuple(template.schedules.values())
        self._queues = queues
        self._scheduler = queues.scheduler
        self._random = queues.random
        self._jitter = jitter
        self._twice = twice
        self._run = 0

    def start(self) -> None:
        """Start all schedules. The first run of a rate is at a random moment within its
        interval.
        """
        self._run += 1
        now = self._scheduler.now
        for schedule in self._schedules:
            if schedule.offset is None:
                first = now + schedule.interval * self._random.random()
            else:
                first = now + (schedule.offset - now) % DAY
            self._plan(schedule, first, self._run)

    def stop(self) -> None:
        """Stop all schedules: no message is sent any more."""
        self._run += 1

    def send(self, name: str) -> None:
        """Send the message of a schedule now, in addition to its times. Raises KeyError."""
        (schedule,) = (one for one in self._schedules if one.name == name)
        self._queues.send(schedule.queue, schedule.message)

    def _plan(self, schedule: Schedule, when: float, run: int) -> None:
        def act() -> None:
            if run == self._run:
                self._plan(schedule, when + schedule.interval, run)
                self._send_soon(schedule)

        self._scheduler.at(when, act)

    def _send_soon(self, schedule: Schedule) -> None:
        def act() -> None:
            self._queues.send(schedule.queue, schedule.message)

        times = 1 + (self._random.random() < self._twice)
        for _ in range(times):
            self._scheduler.after(self._jitter * self._random.random(), act)
