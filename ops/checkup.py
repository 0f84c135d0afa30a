"""Examines a stack for ``gridwix doctor``: stack, settings, secrets, Trading Grid and Wix, within
one deadline.
"""

import contextlib
import time
from collections.abc import Callable, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from gridwix.errors import ConfigurationError
from gridwix.runtime.configuration import configuration
from gridwix.runtime.settings import PublisherSettings
from ops.budgets import WaitingBudget, reserving_budget
from ops.collection_probes import collection_probes
from ops.connections import connect
from ops.deployed import Environment, read_environments, settings_probes
from ops.examination import Breaker, Progress, run_probes
from ops.level_probes import level_probes
from ops.overview import Overview, read_overview
from ops.portal_address import check_portal_address
from ops.probes import Finding, Probe, trading_grid_probes
from ops.ring_probe import check_ring
from ops.stack import Stack
from ops.time_zones import describe_time_zones

CALL_TIMEOUT = 5.0
"""Read timeout in seconds per call. A slower system is of no use to a partner who waits for a
page.
"""

ROUND_UP = 5.0
"""Seconds before the deadline from which on the examination stops waiting for the site's call
budget.
"""


def examine_stack(
    stack: Stack,
    timeout: float,
    *,
    report_probe: Callable[[Progress], None],
    report_wait: Callable[[str], None],
) -> list[Finding]:
    """Examine the stack, its settings and both systems; return all findings, the stack's first.

    Read-only, apart from the calls that it takes from the site's budget. It takes a call only
    while the functions keep their share.

    Args:
        stack: The deployed stack.
        timeout: Total seconds. The stack's own calls to AWS come on top.
        report_probe: Called at the begin and the end of each probe.
        report_wait: Receives a sentence for each longer wait for the call budget.
    """
    begun, now = time.monotonic(), time.time()
    found = stack_findings(read_overview(stack, now))
    try:
        environments: Mapping[str, Environment] = read_environments(stack)
        settings = PublisherSettings.read(environments.get("status_publisher", {}))
    except (ClientError, BotoCoreError) as error:
        return [*found, Finding("Stack", "settings", False, f"could not be read: AWS: {error}")]
    except ConfigurationError:
        # The settings probe names what is missing.
        asked = run_probes(
            settings_probes(stack, environments, mails=_sends_mails()),
            report_probe,
            seconds=timeout,
        )
        return [
            *found,
            *asked,
            Finding(
                "Trading Grid, Wix",
                "everything",
                False,
                "not checked: the settings are incomplete",
                skipped=True,
            ),
        ]
    budget = WaitingBudget(
        reserving_budget(stack.aws, settings), report=report_wait, until=begun + timeout - ROUND_UP
    )
    with contextlib.ExitStack() as open_until_here:
        connections = open_until_here.enter_context(
            connect(stack, budget, settings=settings, timeout=CALL_TIMEOUT, transport=Breaker())
        )
        asked_of: list[Probe] = [
            ("Stack", "time zones", lambda: describe_time_zones(stack, now)),
            *settings_probes(stack, environments, mails=_sends_mails()),
            *trading_grid_probes(connections),
            *level_probes(connections),
            *collection_probes(connections.wix),
            ("Wix", "portal's page", lambda: check_portal_address(stack)),
            ("Wix", "rings of the portal", lambda: check_ring(stack)),
        ]
        return [
            *found,
            *run_probes(
                asked_of, report_probe, seconds=max(begun + timeout - time.monotonic(), ROUND_UP)
            ),
        ]


def stack_findings(overview: Overview) -> list[Finding]:
    """Return the faults of a stack as findings, or one finding that there is none."""
    if not overview.faults:
        checked = (
            f"{len(overview.functions)} functions, {len(overview.consumers)} queues,"
            f" {len(overview.timers)} schedules and rules, {len(overview.alarms)} alarms"
        )
        return [Finding("Stack", "functions, queues, schedules, alarms", True, checked)]
    return [Finding("Stack", fault.subject, False, fault.what) for fault in overview.faults]


def _sends_mails() -> bool:
    """Return True if an active campaign sends emails."""
    return any(
        campaign.status == "active" and "email" in campaign.channels
        for campaign in configuration().campaigns.values()
    )
