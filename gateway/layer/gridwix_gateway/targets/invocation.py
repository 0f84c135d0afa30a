"""One invocation of the function ``target_sender``: its messages, the run, its log entries."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.queue import batch_response, read_messages
from gridwix_gateway.targets.sender import PAUSED, SendingTarget, TargetReport, TargetSender


class TargetEntry(TypedDict):
    """A log entry of a run for one target: codes and counts (:class:`TargetReport`)."""

    target: str
    planned: int
    delivered: int
    skipped: int
    postponed: int
    dead: int
    reasons: list[str]
    fault: str


BUSY = "busy"
"""The fault of a target that another worker serves: no failure."""


def serve_targets(
    event: Mapping[str, Any],
    sender: TargetSender,
    targets: Sequence[SendingTarget],
    *,
    seconds_left: Callable[[], float],
    log: Callable[[str, TargetEntry], None],
    count: Callable[[str, Mapping[str, int]], None],
    turn: int = 0,
) -> Document:
    """Serve an invocation.

    Args:
        event: A batch of the queue. Messages of a schedule wake as those of commits do.
        sender: The sender.
        targets: The targets.
        seconds_left: Returns the seconds until the invocation ends.
        log: Takes a level (``info``, ``error``) and an entry of counts and codes.
        count: Takes a target and its counts by the name of their metric; "" for no target.
        turn: A number that grows with time: with each, another target is the first. The first one
            has the most time, and without turns a slow one could leave none to those behind it.

    Returns:
        The dead letters that go back to the queue: another worker serves their target, it could not
        be served, or there is none. A message that only wakes never does: the next one does its
        work.
    """
    messages = read_messages(event)
    reopened: defaultdict[str, list[int]] = defaultdict(list)
    for message in messages:
        if message.target:
            reopened[message.target].append(message.number)
    first = turn % len(targets) if targets else 0
    reports = sender.run([*targets[first:], *targets[:first]], seconds_left, reopened)
    for name, report in reports.items():
        log(_level(report), _entry(name, report))
        count(name, {"TargetsFailed": int(_is_stuck(report)), "DeliveriesDead": report.dead})
    if not reports:
        count("", {"TargetsFailed": 0, "DeliveriesDead": 0})
    return batch_response(
        [one for one in messages if one.target and _must_return(one.target, reports)]
    )


def _entry(target: str, report: TargetReport) -> TargetEntry:
    return {
        "target": target,
        "planned": report.planned,
        "delivered": report.delivered,
        "skipped": report.skipped,
        "postponed": report.postponed,
        "dead": report.dead,
        "reasons": list(report.reasons),
        "fault": report.fault,
    }


def _is_stuck(report: TargetReport) -> bool:
    """Return whether nothing gets through to a target now."""
    return report.fault not in ("", BUSY) or PAUSED in report.reasons


def _must_return(target: str, reports: Mapping[str, TargetReport]) -> bool:
    report = reports.get(target)
    return report is None or bool(report.fault)


def _level(report: TargetReport) -> str:
    is_bad = report.dead or _is_stuck(report) or "events-lost" in report.reasons
    return "error" if is_bad else "info"
