"""Runs one invocation of the function ``target_sender``, which delivers items from partners.

It reads the SQS messages, has the deliveries made, and writes logs and metrics.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.queue import batch_response, read_messages
from gridwix_gateway.targets.sender import PAUSED, SendingTarget, TargetReport, TargetSender


class TargetEntry(TypedDict):
    """Log entry about one invocation's deliveries to one external system (target).

    It has counts of deliveries and codes of failures, as in :class:`TargetReport`.
    """

    target: str
    planned: int
    delivered: int
    skipped: int
    postponed: int
    dead: int
    reasons: list[str]
    fault: str


BUSY = "busy"
"""Value of ``TargetReport.fault`` if another worker holds the target's lease. Not a failure."""


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
    """Make the due deliveries to all targets, and return the messages that SQS must redeliver.

    Args:
        event: A batch of the queue: messages that wake the sender, and redriven dead letters.
        sender: Makes the deliveries.
        targets: The declared targets, with their channels.
        seconds_left: Returns the seconds until the invocation ends.
        log: Takes a level (``info``, ``error``) and an entry of counts and codes.
        count: Writes metrics: takes a target ("" for none) and counts by metric name.
        turn: A number that grows with time and rotates the targets' order. The first target has the
            most time, so without rotation a slow one could starve those behind it.

    Returns:
        The dead letters to retry (partial batch response): their target is busy, has failed, or is
        not declared. A message that only wakes the sender is never retried, because the next one
        does its work.
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
    """Return True if deliveries to an external system (target) are blocked.

    The report then has an error that ended the target's deliveries early, or says that the target
    is paused (circuit breaker).
    """
    return report.fault not in ("", BUSY) or PAUSED in report.reasons


def _must_return(target: str, reports: Mapping[str, TargetReport]) -> bool:
    report = reports.get(target)
    return report is None or bool(report.fault)


def _level(report: TargetReport) -> str:
    is_bad = report.dead or _is_stuck(report) or "events-lost" in report.reasons
    return "error" if is_bad else "info"
