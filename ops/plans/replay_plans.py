"""Plans of replays: archived events that the bus would deliver again.

EventBridge does not list the events of an archive. So a plan has the events that are in the
journal, the table of the functions' attempts to process events. Of these, it has those that arrived
at a function's queue in the period of the replay.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, override

from gridwix.clients.aws.items import decode_item, encode_item, seconds_number
from ops.plans.application import Outcome, PlanKind
from ops.plans.header import check_size, new_header
from ops.plans.models import EventDelivery, ReplayPlan
from ops.replay import Replay, find_route, start_replay, watch_replay
from ops.stack import Stack

ARCHIVE_DELAY = timedelta(minutes=10)
"""Time after which an event is in the archive for certain: EventBridge's own advice is to wait so
long. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-archive.html.
"""


class ReplayPlans(PlanKind[ReplayPlan]):
    """Makes plans of replays, and starts one replay for each plan.

    A replay delivers archived events of the bus again. A plan lists these events by the journal,
    the table of the functions' attempts to process events. Idempotent: to carry out a plan again
    starts no second replay.

    Args:
        stack: The deployed stack.
        timeout: Seconds to watch a replay. After this time, the replay continues by itself.
        report: Receives a sentence on progress.
    """

    def __init__(
        self, stack: Stack, timeout: float, report: Callable[[str], None] = lambda _: None
    ) -> None:
        self._stack = stack
        self._timeout = timeout
        self._report = report

    def make(self, since: datetime, until: datetime, consumer: str | None) -> ReplayPlan:
        """Return a plan of a replay, and start none.

        Scans the journal (the table of the functions' attempts), which takes a while if it is
        large. The arguments are those of :func:`ops.replay.find_route`.

        Raises:
            StackError: The stack has no archive for these events, or no rule that delivers them.
            PlanError: There are more events than a plan holds.
        """
        route = find_route(self._stack, since, until, consumer)
        functions: dict[str, set[str]] = {}
        types: dict[str, str] = {}
        for entry in self._read_deliveries(since, until, consumer):
            functions.setdefault(entry["eventId"], set()).add(entry["function"])
            types[entry["eventId"]] = entry["eventType"]
            check_size(len(functions), "choose a shorter time with --since and --until")
        return ReplayPlan(
            **new_header(self._stack),
            since=since,
            until=until,
            consumer=consumer,
            archive=route.archive,
            rules=route.rules,
            changes=tuple(
                EventDelivery(event=event, type=types[event], functions=tuple(sorted(names)))
                for event, names in sorted(functions.items())
            ),
        ).seal()

    def _read_deliveries(
        self, since: datetime, until: datetime, consumer: str | None
    ) -> Iterator[dict[str, Any]]:
        """Yield the journal's entries of events that arrived at a function in a period.

        ``consumer`` is the name of the function; None for all functions.
        """
        conditions = ["queuedAt BETWEEN :since AND :until", "attribute_exists(eventId)"]
        values: dict[str, Any] = {
            ":since": seconds_number(since.timestamp()),
            ":until": seconds_number(until.timestamp()),
        }
        if consumer is not None:
            conditions.append("#function = :function")
            values[":function"] = consumer
        pages = self._stack.aws.dynamodb.get_paginator("scan").paginate(
            TableName=self._stack.output("JournalTableName"),
            FilterExpression=" AND ".join(conditions),
            ProjectionExpression="eventId, eventType, #function",
            ExpressionAttributeNames={"#function": "function"},
            ExpressionAttributeValues=encode_item(values),
        )
        looked_at = 0
        for page in pages:
            looked_at += page["ScannedCount"]
            self._report(f"Looking at the journal: {looked_at:,} entries")
            yield from map(decode_item, page["Items"])

    @override
    def remake(self, plan: ReplayPlan) -> ReplayPlan:
        return self.make(plan.since, plan.until, plan.consumer)

    @override
    def carry_out(self, plan: ReplayPlan, pending: Collection[str]) -> Outcome:
        begun = start_replay(self._stack, plan.since, plan.until, plan.consumer, token=plan.digest)
        ended = watch_replay(self._stack, begun, self._timeout, self._report_state)
        if ended.state in ("CANCELLED", "FAILED"):
            left = f"replay {ended.name}: {ended.state.lower()} {ended.reason}".rstrip()
            return Outcome(0, [f"{left}. Make a new plan to replay the events again"])
        note = (
            f"Replay {ended.name} has ended"
            if ended.has_ended
            else f"Replay {ended.name} continues; this command stops watching it"
        )
        return Outcome(len(pending), notes=[note])

    def _report_state(self, replay: Replay) -> None:
        reached = "" if replay.reached is None else f" {replay.reached.astimezone(UTC)}"
        self._report(f"Replaying{reached}")
