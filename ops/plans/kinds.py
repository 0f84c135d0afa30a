"""Opens the object that makes and carries out plans of a kind, such as redrives or backfills.

A plan is a file with each change that a command would make to a stack. The object has the clients
of the AWS stack and of the systems that the plan is about.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.publication.resync import ResyncRequester
from ops.connections import Connections, connect
from ops.plans.application import PlanKind
from ops.plans.backfill_plans import PUBLISHERS, BackfillPlans
from ops.plans.files import PlanError
from ops.plans.models import (
    BackfillPlan,
    Plan,
    ReconcilePlan,
    RedrivePlan,
    ReplayPlan,
)
from ops.plans.reconcile_plans import ReconcilePlans
from ops.plans.redrive_plans import RedrivePlans
from ops.plans.replay_plans import ReplayPlans
from ops.plans.setup_plans import SetupPlans
from ops.queues import read_depth
from ops.restoring import has_published
from ops.stack import Stack

type Report = Callable[[str, int, int], None]
"""Receives a sentence on progress, and how many of how many are done; 0 if unknown."""


def check_stack(plan: Plan, stack: Stack) -> None:
    """Raise PlanError if a plan was made for another stack."""
    if plan.stack.id != stack.id:
        raise PlanError(
            f"the plan is for {plan.stack.id or plan.stack.name}, and this is"
            f" {stack.id or stack.name}",
            "choose its account and region with --profile and --region, or make the plan again",
        )


@contextlib.contextmanager
def open_kind(
    stack: Stack, plan: Plan, *, timeout: float, report: Report
) -> Iterator[PlanKind[Any]]:
    """Yield the object that handles plans of the same kind as ``plan``, such as redrives.

    The object makes such plans and carries them out. It is connected to the stack.

    Args:
        stack: The plan's stack.
        plan: The plan.
        timeout: Seconds without progress after which to stop waiting.
        report: Receives the progress.
    """
    match plan:
        case ReconcilePlan():
            yield ReconcilePlans(stack, timeout, report)
        case ReplayPlan():
            yield ReplayPlans(stack, timeout, lambda text: report(text, 0, 0))
        case RedrivePlan():
            yield RedrivePlans(stack, lambda number: report(f"Dead letters: {number}", 0, 0))
        case BackfillPlan():
            with connect(stack) as connections:
                yield new_backfill_plans(stack, connections, timeout, report)
        case _:
            with connect(stack) as connections:
                yield SetupPlans(
                    stack,
                    connections.wix,
                    published=has_published(stack),
                    patience=timeout,
                    report=report,
                )


def new_backfill_plans(
    stack: Stack, connections: Connections, timeout: float, report: Report
) -> BackfillPlans:
    """Return the object that makes and carries out backfill plans, connected to a stack."""
    company = connections.settings.trading_grid_company_id
    bus = EventBridgeBus(stack.aws.events, stack.output("BusName"))

    def count_waiting() -> int:
        return sum(
            read_depth(stack.aws.sqs, pair.url).total
            for pair in stack.queues
            if pair.name in PUBLISHERS
        )

    return BackfillPlans(
        stack,
        connections.changed,
        connections.community,
        ResyncRequester(bus, company_id=company, clock=time.time),
        count_waiting=count_waiting,
        timeout=timeout,
        report=report,
    )
