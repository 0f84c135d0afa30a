"""Invokes the functions in execution environments, and kills an invocation at its timeout."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Protocol

from soak.hosting.api_gateway import FAILED, webhook_event
from soak.hosting.environments import ExecutionEnvironment, Services
from soak.kernel.tasks import Scheduler, Task

COLD_START = 0.8
"""Seconds that a new execution environment takes to start."""

MOST_UNHANDLED = 200
"""Maximum number of invocations with an unhandled exception that are kept for the report."""

IDLE_SECONDS = 600.0
"""Seconds after which Lambda ends an idle execution environment."""


class FunctionResource(Protocol):
    """A function of the template. ``timeout`` is in seconds."""

    @property
    def name(self) -> str: ...
    @property
    def folder(self) -> str: ...
    @property
    def timeout(self) -> int: ...
    @property
    def memory(self) -> int: ...
    @property
    def environment(self) -> Mapping[str, str]: ...


@dataclass(slots=True, eq=False)
class Invocation:
    """One invocation of a function. After its end it has a ``response``, or an ``error``.

    ``error`` is the exception of the handler, or :class:`soak.kernel.tasks.Killed`.
    """

    function: str
    event: dict[str, Any] = field(repr=False)
    environment: ExecutionEnvironment = field(repr=False)
    task: Task | None = None
    response: Any = None
    error: BaseException | None = None
    timed_out: bool = False


class Context:
    """The context object that Lambda passes to a handler, of one invocation."""

    __slots__ = ("_deadline", "_scheduler", "aws_request_id", "function_name", "memory_limit_in_mb")

    def __init__(
        self, function: FunctionResource, request_id: str, scheduler: Scheduler, deadline: float
    ) -> None:
        self.function_name = function.name
        self.memory_limit_in_mb = function.memory
        self.aws_request_id = request_id
        self._scheduler = scheduler
        self._deadline = deadline

    @property
    def invoked_function_arn(self) -> str:
        """The function's ARN."""
        return f"arn:aws:lambda:us-east-1:000000000000:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's timeout."""
        return max(0, int((self._deadline - self._scheduler.now) * 1000))


class Functions:
    """Invokes all functions of the stack.

    Args:
        resources: The template's functions.
        scheduler: Virtual time.
        random: The seeded source of request ids and of what is killed.
        services: What the functions call.
    """

    def __init__(
        self,
        resources: Mapping[str, FunctionResource],
        scheduler: Scheduler,
        random: Random,
        services: Services,
    ) -> None:
        self.running: dict[Invocation, None] = {}
        self.unhandled: list[Invocation] = []
        self.counts: dict[str, dict[str, int]] = {}
        self._resources = {one.folder: one for one in resources.values()}
        self._scheduler = scheduler
        self._random = random
        self._services = services
        self._idle: dict[str, list[ExecutionEnvironment]] = {name: [] for name in self._resources}
        self._generation = 0
        self._new_skew: Callable[[], float] = lambda: 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """The functions' names: their folders."""
        return tuple(self._resources)

    def invoke(
        self,
        function: str,
        event: dict[str, Any],
        done: Callable[[Invocation], None] = lambda _: None,
    ) -> Invocation:
        """Start an invocation, in an idle execution environment or else in a new one.

        Args:
            function: The function's folder.
            event: What it gets.
            done: Runs at its end, also if it was killed.
        """
        resource = self._resources[function]
        environment, is_cold = self._take_environment(resource)
        invocation = Invocation(function, event, environment)
        self.running[invocation] = None
        self._count(function, "invocations")
        scheduler = self._scheduler

        def run() -> Any:
            if is_cold:
                self._count(function, "cold starts")
                scheduler.sleep(COLD_START)
            deadline = scheduler.now + resource.timeout
            scheduler.at(deadline, lambda: self._time_out(invocation))
            request_id = f"{self._random.getrandbits(64):016x}"
            return environment.handle(event, Context(resource, request_id, scheduler, deadline))

        def end(task: Task) -> None:
            self._end(invocation, task)
            done(invocation)

        invocation.task = scheduler.spawn(function, run, skew=environment.skew, done=end)
        return invocation

    def post_webhook(
        self,
        function: str,
        headers: Mapping[str, str],
        body: bytes,
        done: Callable[[dict[str, Any]], None] = lambda _: None,
        *,
        form: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> None:
        """Post a request to the webhook API.

        Args:
            function: ``trading_grid_webhook`` or ``wix_webhook``.
            headers: The request's headers.
            body: Its body.
            done: Gets the response: ``statusCode``, ``headers`` and ``body``. A function that
                failed, or was killed, gives 500, although it may have taken the request.
            form: The form of ``POST /webhooks/wix/forms/{form}``.
            query: The query parameters.
        """
        event = webhook_event(function, headers, body, form=form, query=query or {})

        def answer(invocation: Invocation) -> None:
            done(FAILED if invocation.error is not None else invocation.response)

        self.invoke(function, event, answer)

    def deploy(self) -> None:
        """Throw all execution environments away, as a deployment does. Running invocations continue
        to their end.
        """
        self._generation += 1
        for idle in self._idle.values():
            for environment in idle:
                environment.throw_away()
            idle.clear()

    def kill_one(self, function: str | None = None) -> Invocation | None:
        """Kill a random running invocation and return it; None if none runs.

        Args:
            function: Of this function alone.
        """
        found = [one for one in self.running if function in (None, one.function)]
        if not found:
            return None
        victim = self._random.choice(found)
        assert victim.task is not None
        self._scheduler.kill(victim.task)
        return victim

    def skew_clocks(self, new_skew: Callable[[], float]) -> None:
        """Set the clock of each execution environment off: of those that run, those that are idle,
        and those that start later.

        Args:
            new_skew: Returns seconds ahead of virtual time, for one environment.
        """
        self._new_skew = new_skew
        for idle in self._idle.values():
            for environment in idle:
                environment.skew = new_skew()
        for invocation in self.running:
            invocation.environment.skew = new_skew()
            assert invocation.task is not None
            invocation.task.skew = invocation.environment.skew

    def _take_environment(self, resource: FunctionResource) -> tuple[ExecutionEnvironment, bool]:
        idle = self._idle[resource.folder]
        # Lambda prefers the one that was used last.
        while idle:
            environment = idle.pop()
            if self._scheduler.now - environment.idle_since <= IDLE_SECONDS:
                return environment, False
            environment.throw_away()
        environment = ExecutionEnvironment.begin(
            resource.folder, resource.environment, self._services
        )
        environment.skew = self._new_skew()
        environment.generation = self._generation
        return environment, True

    def _time_out(self, invocation: Invocation) -> None:
        if invocation in self.running:
            assert invocation.task is not None
            invocation.timed_out = True
            self._scheduler.kill(invocation.task)

    def _end(self, invocation: Invocation, task: Task) -> None:
        del self.running[invocation]
        invocation.response, invocation.error = task.result, task.error
        environment = invocation.environment
        if task.killed:
            self._count(invocation.function, "timeouts" if invocation.timed_out else "kills")
        elif task.error is not None:
            self._count(invocation.function, "errors")
            if len(self.unhandled) < MOST_UNHANDLED:
                self.unhandled.append(replace(invocation))
        # The action of its timeout, which is due later, still has the invocation.
        invocation.event = {}
        # Lambda ends the process of an invocation that was killed, and keeps that of one that
        # raised.
        if task.killed or environment.generation != self._generation:
            environment.throw_away()
        else:
            environment.idle_since = self._scheduler.now
            self._idle[invocation.function].append(environment)

    def _count(self, function: str, what: str) -> None:
        counts = self.counts.setdefault(function, {})
        counts[what] = counts.get(what, 0) + 1
