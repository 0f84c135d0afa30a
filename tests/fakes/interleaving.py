"""Workers that stop before each call of a port.

A test decides in which order they continue, or where one is killed.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any


class Killed(BaseException):
    """Raised in a killed worker.

    Not an Exception, so that no handler of the code under test catches it.
    """


class Worker:
    """A function in a thread of its own that runs only while :meth:`step` waits for it."""

    def __init__(self, job: Callable[["Worker"], Any]) -> None:
        self.finished = False
        self.error: BaseException | None = None
        self.result: Any = None
        self._go = threading.Semaphore(0)
        self._paused = threading.Semaphore(0)
        self._kill = False
        self._thread = threading.Thread(target=self._run, args=(job,), daemon=True)
        self._thread.start()
        self._paused.acquire()

    def step(self) -> bool:
        """Let the worker continue to its next call of a port; False once it has ended."""
        if not self.finished:
            self._go.release()
            self._paused.acquire()
        return not self.finished

    def steps(self, count: int) -> None:
        """The first step leads to the worker's first call of a port, each other past that call."""
        for _ in range(count):
            self.step()

    def run(self) -> None:
        while self.step():
            pass

    def kill(self) -> None:
        """End the worker before its next call."""
        self._kill = True
        self.run()

    def pause(self) -> None:
        """Called by the worker itself."""
        self._paused.release()
        self._go.acquire()
        if self._kill:
            raise Killed

    def pausing[T](self, port: T) -> T:
        """Wrap a port: pause before each call of a method."""
        return Pausing(self, port)  # type: ignore[return-value]

    def _run(self, job: Callable[["Worker"], Any]) -> None:
        self._go_first()
        try:
            self.result = job(self)
        except BaseException as error:
            self.error = error
        self.finished = True
        self._paused.release()

    def _go_first(self) -> None:
        self._paused.release()
        self._go.acquire()


class Pausing:
    """A port whose methods pause the worker first."""

    def __init__(self, worker: "Worker | Turns", port: object) -> None:
        self._worker = worker
        self._port = port

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if not callable(method):
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            self._worker.pause()
            return method(*args, **kwargs)

        return call


class Turns:
    """Runs the calls of ``map_in_order`` as workers, in an order that a test decides.

    Patch the function with :meth:`map_in_order`, and wrap the ports with :meth:`pausing`.

    Args:
        choose: Called before each step with the workers that are not finished; returns the one that
            continues. It may kill one of them first.
    """

    def __init__(self, choose: Callable[[list[Worker]], Worker]) -> None:
        self._choose = choose
        self._current = threading.local()

    def map_in_order[T, R](
        self, function: Callable[[T], R], inputs: Iterable[T], *, workers: int
    ) -> Iterator[R]:
        source = iter(inputs)
        running: deque[Worker] = deque()
        for each in source:
            running.append(self._start(function, each))
            if len(running) == workers:
                yield self._first_result(running)
        while running:
            yield self._first_result(running)

    def pausing[T](self, port: T) -> T:
        """Wrap a port: the worker that calls it pauses first."""
        return Pausing(self, port)  # type: ignore[return-value]

    def pause(self) -> None:
        worker: Worker | None = getattr(self._current, "worker", None)
        if worker is not None:
            worker.pause()

    def _start[T](self, function: Callable[[T], Any], each: T) -> Worker:
        def job(worker: Worker) -> Any:
            self._current.worker = worker
            return function(each)

        return Worker(job)

    def _first_result(self, running: deque[Worker]) -> Any:
        while not running[0].finished:
            self._choose([worker for worker in running if not worker.finished]).step()
        first = running.popleft()
        if first.error is not None:
            for worker in running:
                worker.run()
            raise first.error
        return first.result
