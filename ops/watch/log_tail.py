"""Follows a function's log: portal rows that the function wrote lately, and its newest error. Pure.

CloudWatch shows a line some seconds after it was written, and not always in order. So each read
overlaps the one before it, and a repeated line is counted once, by its id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ops.logs import LogLine
from ops.overview import parse_run
from ops.watch.snapshot import FunctionActivity, LastError

WINDOW = 300.0
"""Seconds over which the rate of written rows is averaged. The first read of a log also goes back
so far.
"""

OVERLAP = 60.0
"""Seconds of the log that are read again, for lines that CloudWatch shows late."""

BAD_LEVELS = frozenset({"WARNING", "WARN", "ERROR", "CRITICAL", "FATAL"})


@dataclass(frozen=True, slots=True)
class LogTail:
    """The position up to which a function's log was read, and the function's activity so far.

    ``since`` is the lower bound of the next read (Unix seconds). ``seen`` has the ids of the lines
    that the next read may return again, with their times. ``written`` has the time, and the number
    of portal rows, of each run of the function that wrote rows in the last ``WINDOW`` seconds.
    ``error`` is the newest error, None for none.
    """

    since: float
    seen: Mapping[str, float]
    written: tuple[tuple[float, int], ...] = ()
    error: LastError | None = None

    @classmethod
    def begin(cls, now: float) -> "LogTail":
        """Return the state before the first read of a log, which takes place at the time ``now``.

        ``now`` is in Unix seconds. The first read goes back ``WINDOW`` seconds.
        """
        return cls(now - WINDOW, {})

    def follow(self, lines: Sequence[LogLine], now: float, *, complete: bool) -> "LogTail":
        """Return the state after another read of the function's log, with the new position.

        The state has the numbers of portal rows that the function wrote lately, and its newest
        error. A log line counts once, however often it is read.

        Args:
            lines: The log lines that were read, oldest first, from the present position (``since``)
                on.
            now: Time of the read (Unix seconds).
            complete: False if there were more lines than one read returns: the next read goes on
                behind the last line.
        """
        fresh = [line for line in lines if line.id not in self.seen]
        reached = now - OVERLAP if complete else max((line.at for line in lines), default=0.0)
        since = max(self.since, reached, now - WINDOW)
        runs = [
            (line.at, run.rows.get("written", 0))
            for line in fresh
            if (run := parse_run(line)) is not None
        ]
        errors = [one for line in fresh if (one := read_error(line)) is not None]
        newest = max((*errors, *filter(None, [self.error])), key=lambda one: one.at, default=None)
        seen = {**self.seen, **{line.id: line.at for line in lines}}
        return replace(
            self,
            since=since,
            # The clocks of the function and of CloudWatch may differ by some seconds.
            seen={one: at for one, at in seen.items() if at >= since - OVERLAP},
            written=tuple(
                (at, rows) for at, rows in (*self.written, *runs) if rows and at >= now - WINDOW
            ),
            error=newest,
        )

    @property
    def activity(self) -> FunctionActivity:
        """Number of portal rows that the function wrote lately, and its newest error, as logged."""
        return FunctionActivity(sum(rows for _, rows in self.written), WINDOW, self.error)


def read_error(line: LogLine) -> LastError | None:
    """Return the error that a log line reports; None for a line that reports none.

    The error has only codes, and no free text. For messages that were deferred, it has the reasons,
    each with the number of messages.
    """
    fields = line.fields
    deferred = fields.get("deferred")
    if isinstance(deferred, dict) and deferred:
        reasons = ", ".join(f"{reason} ({number})" for reason, number in deferred.items())
        return LastError(line.at, f"deferred: {reasons}")
    if str(fields.get("level", "")).upper() not in BAD_LEVELS:
        return None
    return LastError(line.at, _words(line))


def _words(line: LogLine) -> str:
    fields = line.fields
    # The line of an uncaught exception is Lambda's own: its message could quote content.
    if "errorType" in fields:
        return str(fields["errorType"])
    message = line.event_name or "error"
    code = fields.get("code") or fields.get("reason")
    if not code:
        return message
    where = " ".join(str(fields[name]) for name in ("system", "status") if fields.get(name))
    return f"{message}: {code}" + (f" ({where})" if where else "")
