"""Stand-ins for the functions' logs and metrics: counted and observed, never printed.

They replace Powertools' ``Logger``, ``Metrics`` and ``single_metric``, with the members that the
product uses. Serializing a line for each of millions of invocations would take longer than the work
itself.
"""

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

type Handler = Callable[[dict[str, Any], Any], Any]

# The shared library logs by the standard library, which prints warnings that nobody handles.
logging.getLogger("gridwix").addHandler(logging.NullHandler())

_RESERVED = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_KEPT_LINES = 20_000


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a function's log. ``at``: virtual time in Unix seconds."""

    at: float
    function: str
    level: str
    message: str
    members: Mapping[str, Any]


@dataclass(slots=True)
class Telemetry:
    """Logs and metrics of all functions of a world.

    ``sums``: of each metric, by function, name and reason ("" without one). ``alarms``: sums of the
    metrics of all functions together. ``logged``: numbers of lines by function, level and message.
    ``lines``: the last lines above level INFO. ``metadata``: the last metadata of a function's
    metrics. Each function in ``observers`` gets the metrics of each invocation that was not killed:
    the function's name and the sums by name.
    """

    clock: Callable[[], float]
    sums: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    logged: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    lines: deque[LogLine] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))
    metadata: dict[str, dict[str, Any]] = field(default_factory=dict)
    observers: list[Callable[[str, Mapping[str, float]], None]] = field(default_factory=list)

    def add_line(self, function: str, level: str, message: str, members: Mapping[str, Any]) -> None:
        """Count a log line, and keep it if its level is above INFO."""
        self.logged[function, level, message] += 1
        if level != "info":
            self.lines.append(LogLine(self.clock(), function, level, message, members))

    def flush_metrics(self, function: str, values: Mapping[str, float]) -> None:
        """Add the metrics of an invocation to the sums."""
        for name, value in values.items():
            self.sums[function, name, ""] += value  # type: ignore[assignment]
        for observe in self.observers:
            observe(function, values)


class Logger:
    """Stands for Powertools' ``Logger``, in one execution environment."""

    def __init__(self, function: str, telemetry: Callable[[], Telemetry]) -> None:
        self._function = function
        self._telemetry = telemetry
        self._keys: dict[str, Any] = {}

    def inject_lambda_context(self, handler: Handler) -> Handler:
        """Return the handler unchanged: the context is not logged."""
        return handler

    def append_keys(self, **keys: Any) -> None:
        """Add members to all further lines."""
        self._keys.update(keys)

    def forget_keys(self) -> None:
        """Remove the added members, at the start of an execution environment."""
        self._keys.clear()

    def info(self, message: str, *, extra: Mapping[str, Any] | None = None) -> None:
        """Log a line at level INFO."""
        self._log("info", message, extra)

    def warning(self, message: str, *, extra: Mapping[str, Any] | None = None) -> None:
        """Log a line at level WARNING."""
        self._log("warning", message, extra)

    def error(self, message: str, *, extra: Mapping[str, Any] | None = None) -> None:
        """Log a line at level ERROR."""
        self._log("error", message, extra)

    def _log(self, level: str, message: str, extra: Mapping[str, Any] | None) -> None:
        # The standard library raises this; a function would fail by its own log line.
        if extra and not _RESERVED.isdisjoint(extra):
            raise KeyError(f"Attempt to overwrite one of {sorted(extra)} in LogRecord")
        self._telemetry().add_line(
            self._function, level, message, {**self._keys, **extra} if extra else self._keys.copy()
        )


class Metrics:
    """Stands for Powertools' ``Metrics`` and ``single_metric``, in one execution environment."""

    def __init__(self, function: str, telemetry: Callable[[], Telemetry]) -> None:
        self._function = function
        self._telemetry = telemetry
        self._values: Counter[str] = Counter()
        self._metadata: dict[str, Any] = {}

    def add_metric(self, *, name: str, unit: object, value: float) -> None:
        """Add to a metric of the running invocation."""
        del unit
        self._values[name] += value  # type: ignore[assignment]

    def add_metadata(self, *, key: str, value: Any) -> None:
        """Add a member to the metrics line of the running invocation."""
        self._metadata[key] = value

    def log_metrics(self, handler: Handler) -> Handler:
        """Flush the metrics after each invocation, also if it raised. A killed one flushes none."""

        @wraps(handler)
        def measured(event: dict[str, Any], context: Any) -> Any:
            self.clear()
            try:
                response = handler(event, context)
            except Exception:
                self._flush()
                raise
            self._flush()
            return response

        return measured

    @contextmanager
    def single_metric(
        self, *, name: str, unit: object, value: float, default_dimensions: Mapping[str, str]
    ) -> Iterator["SingleMetric"]:
        """Count a metric with dimensions of its own, when the block ends."""
        del unit
        metric = SingleMetric()
        yield metric
        telemetry = self._telemetry()
        if default_dimensions["service"] == self._function:
            telemetry.sums[self._function, name, metric.reason] += value  # type: ignore[assignment]
        else:
            telemetry.alarms[name] += value  # type: ignore[assignment]

    def clear(self) -> None:
        """Drop the metrics of a killed invocation."""
        self._values.clear()
        self._metadata.clear()

    def _flush(self) -> None:
        telemetry = self._telemetry()
        telemetry.flush_metrics(self._function, self._values)
        if self._metadata:
            telemetry.metadata[self._function] = dict(self._metadata)
        self.clear()


class SingleMetric:
    """A metric with a dimension of its own, within ``single_metric``."""

    __slots__ = ("reason",)

    def __init__(self) -> None:
        self.reason = ""

    def add_dimension(self, *, name: str, value: str) -> None:
        """Add the dimension ``reason``, the only one that the product adds."""
        assert name == "reason", name
        self.reason = value
