"""Runs tasks one at a time in virtual time: a discrete event simulation.

A task is a greenlet. It runs until it sleeps, and goes on when virtual time has come that far. The
order of everything follows from the times, so equal seeds give equal runs.
"""

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

from greenlet import getcurrent, greenlet


class Killed(BaseException):
    """Raised in a task that was killed.

    Not an Exception, so that no handler of the code under test catches it.
    """


class Task:
    """A job that runs in a greenlet of its own, in virtual time.

    ``skew``: seconds that its clock is ahead of virtual time. After its end, ``result`` is the
    job's return value, or ``error`` its exception.
    """

    __slots__ = ("_greenlet", "_timer", "error", "finished", "killed", "name", "result", "skew")

    def __init__(self, name: str, skew: float) -> None:
        self.name = name
        self.skew = skew
        self.killed = False
        self.finished = False
        self.result: Any = None
        self.error: BaseException | None = None
        self._greenlet: Any = None
        self._timer = 0


class Scheduler:
    """Runs tasks and timed actions in the order of their times; equal times in order of arrival.

    Args:
        start: Virtual time at the beginning, in Unix seconds.
    """

    def __init__(self, start: float) -> None:
        self.now = start
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._current: Task | None = None
        self._hub: Any = None
        self._until = float("-inf")

    @property
    def current(self) -> Task | None:
        """The running task; None in a timed action, and before the first step."""
        return self._current

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Schedule an action at a time, or at once if it has passed. An action cannot sleep."""
        heapq.heappush(self._due, (max(when, self.now), next(self._numbers), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Schedule an action after some seconds. An action cannot sleep."""
        self.at(self.now + seconds, action)

    def spawn(
        self,
        name: str,
        job: Callable[[], Any],
        *,
        skew: float = 0.0,
        done: Callable[[Task], None] = lambda _: None,
    ) -> Task:
        """Start a job as a task, now. ``done`` runs at its end and gets the task."""
        task = Task(name, skew)

        def run() -> None:
            try:
                task.result = job()
            except BaseException as error:
                task.error = error
            task.finished = True
            done(task)

        task._greenlet = greenlet(run)
        self.at(self.now, lambda: self._switch(task))
        return task

    def sleep(self, seconds: float) -> None:
        """Suspend the running task for some seconds. Outside of a task it does nothing, and time
        stands still.

        Raises:
            Killed: The task was killed meanwhile, or before.
        """
        task = self._current
        if task is None:
            return
        if not task.killed:
            when, timer = self.now + seconds, task._timer
            if when <= self._until and (not self._due or self._due[0][0] > when):
                # Nothing happens before it wakes up, so it need not leave.
                self.now = max(when, self.now)
                return
            self.at(when, lambda: self._wake(task, timer))
            self._hub.switch()
        if task.killed:
            raise Killed

    def kill(self, task: Task) -> None:
        """End a task before its next step: it wakes up and raises :class:`Killed`."""
        if not (task.killed or task.finished):
            task.killed = True
            if task is not self._current:
                timer = task._timer
                self.at(self.now, lambda: self._wake(task, timer))

    def run(self, until: float = float("inf")) -> None:
        """Run due tasks and actions until a time, or until nothing is left to do."""
        self._until = until
        while self._due and self._due[0][0] <= until:
            self.step()
        self._until = float("-inf")
        if until != float("inf"):
            self.now = max(self.now, until)

    def step(self) -> bool:
        """Run the next action, or the next part of a task; False if nothing is left."""
        if not self._due:
            return False
        when, _, action = heapq.heappop(self._due)
        self.now = max(self.now, when)
        action()
        return True

    def _wake(self, task: Task, timer: int) -> None:
        # A task that was killed in its sleep has left an action behind.
        if task._timer == timer and not task.finished:
            self._switch(task)

    def _switch(self, task: Task) -> None:
        # One that was killed before its start has ended already.
        if task.finished:
            return
        task._timer += 1
        self._hub = getcurrent()
        # Whatever has spawned it, control comes back here at its end.
        task._greenlet.parent = self._hub
        self._current = task
        try:
            task._greenlet.switch()
        finally:
            self._current = None
