"""Examines a stack for ``gridwix doctor``, within one deadline.

It checks the stack, its settings and secrets, Trading Grid and Wix.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from gridwix.configuration.everything import Configuration
from gridwix.errors import ConfigurationError, GridwixError
from gridwix.runtime.configuration import configuration
from gridwix.runtime.settings import PublisherSettings
from ops.alarm_topic import check_alarm_topic
from ops.budgets import WaitingBudget, reserving_budget
from ops.builds import build_probes
from ops.causes import TRADING_GRID, WIX, Surroundings, name_causes
from ops.collection_probes import collection_probes
from ops.configuration import FOLDER
from ops.configuration_probes import configuration_probes
from ops.configuration_versions import (
    configuration_in_effect,
    read_version_in_effect,
    version_store,
)
from ops.connections import Connections, connect
from ops.deployed import Environment, read_environments, settings_probes
from ops.errors import OpsError
from ops.examination import Breaker, Progress, run_probes
from ops.feed_probe import check_feed, stored_cursor
from ops.level_probes import level_probes
from ops.metric_probes import check_mails, check_webhooks
from ops.overview import Overview, read_overview
from ops.portal_address import check_portal_address
from ops.probes import Finding, Probe, trading_grid_probes
from ops.response_log import (
    AWS,
    ResponseLog,
    clock_finding,
    date_skew,
    host_skews,
    speed_findings,
)
from ops.ring_probe import check_ring
from ops.role_probe import check_roles
from ops.secret_probes import secret_members
from ops.setting_probes import check_budget
from ops.stack import Stack
from ops.time_zones import describe_time_zones
from ops.wix_probes import wix_probes

CALL_TIMEOUT = 5.0
"""Read timeout in seconds per call. A slower system is of no use to a partner who waits for a
page.
"""

ROUND_UP = 5.0
"""Seconds before the deadline after which the examination no longer waits for the site's call
budget.
"""


def examine_stack(
    stack: Stack,
    timeout: float,
    *,
    report_probe: Callable[[Progress], None],
    report_wait: Callable[[str], None],
    transport: httpx.BaseTransport | None = None,
    folder: Path = FOLDER,
    today: date | None = None,
) -> list[Finding]:
    """Examine a stack, its settings, Trading Grid and Wix; return all findings, the stack's first.

    Read-only, apart from the calls that it takes from the site's call budget (the rate limit that
    the functions share). It takes a call only if half of the budget's burst stays free for the
    functions.

    Args:
        stack: The deployed stack.
        timeout: Total seconds. The time of AWS calls that read the stack itself comes on top.
        report_probe: Called at the begin and the end of each probe (check).
        report_wait: Receives a sentence for each longer wait for the call budget.
        transport: Replaces the network to Trading Grid and Wix.
        folder: The folder with the settings of this checkout.
        today: Decides which holidays are past; by default the day in UTC.
    """
    begun, now = time.monotonic(), time.time()
    found = stack_findings(read_overview(stack, now))
    used = _used_configuration(stack)
    try:
        environments: Mapping[str, Environment] = read_environments(stack)
        settings = PublisherSettings.from_environment(environments.get("status_publisher", {}))
    except (ClientError, BotoCoreError) as error:
        return [*found, Finding("Stack", "settings", False, f"could not be read: AWS: {error}")]
    except ConfigurationError:
        # The settings probe names what is missing.
        asked = run_probes(
            settings_probes(stack, environments, mails=_sends_mails(used)),
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
    responses = ResponseLog(transport or httpx.HTTPTransport())
    with contextlib.ExitStack() as open_until_here:
        connections = open_until_here.enter_context(
            connect(
                stack,
                budget,
                settings=settings,
                timeout=CALL_TIMEOUT,
                transport=Breaker(responses),
            )
        )
        asked = run_probes(
            [
                *_stack_probes(stack, environments, settings, used, now),
                *configuration_probes(
                    today or datetime.fromtimestamp(now, UTC).date(),
                    lambda: configuration_in_effect(stack, folder),
                ),
                *_system_probes(stack, connections, used, now),
            ],
            report_probe,
            seconds=max(begun + timeout - time.monotonic(), ROUND_UP),
        )
    hosts = _host_names(settings)
    skews = host_skews(responses.responses, hosts)
    if (skew := date_skew(stack.date or None, stack.read_at)) is not None:
        skews[AWS] = skew
    return [
        *found,
        clock_finding(skews),
        *speed_findings(responses.responses, hosts),
        *name_causes(asked, _surroundings(stack, settings)),
    ]


def _stack_probes(
    stack: Stack,
    environments: Mapping[str, Environment],
    settings: PublisherSettings,
    used: Configuration,
    now: float,
) -> list[Probe]:
    mails = _sends_mails(used)
    probes: list[Probe] = [
        ("Stack", "time zones", lambda: describe_time_zones(stack, now)),
        *build_probes(stack, now),
        *settings_probes(stack, environments, mails=mails),
        ("Stack", "call budget", lambda: check_budget(settings)),
        ("Stack", "roles", lambda: check_roles(stack)),
        ("Stack", "listeners of alarms", lambda: check_alarm_topic(stack)),
        ("Stack", "webhooks", lambda: check_webhooks(stack, now)),
    ]
    if mails:
        probes.append(("Stack", "email automation", lambda: check_mails(stack, now)))
    return probes


def _system_probes(
    stack: Stack, connections: Connections, used: Configuration, now: float
) -> list[Probe]:
    return [
        *trading_grid_probes(connections),
        (
            TRADING_GRID,
            "place in the feed",
            lambda: check_feed(connections.community, lambda: stored_cursor(stack), now),
        ),
        *level_probes(connections),
        *wix_probes(connections.site, connections.wix, used),
        *collection_probes(connections.wix),
        (WIX, "portal's page", lambda: check_portal_address(stack)),
        (WIX, "rings of the portal", lambda: check_ring(stack)),
    ]


def _host_names(settings: PublisherSettings) -> Mapping[str, str]:
    """Return the name of each system (Wix, Trading Grid, community gateway) by its host."""

    def host(url: object) -> str:
        return httpx.URL(str(url)).netloc.decode()

    return {
        host(settings.trading_grid_community_url): "the community gateway",
        host(settings.trading_grid_base_url): TRADING_GRID,
        host(settings.wix_base_url): WIX,
    }


def _surroundings(stack: Stack, settings: PublisherSettings) -> Surroundings:
    """Return settings of a stack, which ``doctor`` quotes when it says how to mend a fault.

    They are read from the stack. The names of the fields in its secrets (no values) tell which kind
    of credentials the stack uses.
    """

    def members(secret: str) -> frozenset[str]:
        # A secret that cannot be read is a finding of its own.
        with contextlib.suppress(ClientError, BotoCoreError):
            return secret_members(stack, secret)
        return frozenset()

    return Surroundings(
        stack=stack.name,
        base_url=str(settings.trading_grid_base_url).rstrip("/"),
        community_url=str(settings.trading_grid_community_url).rstrip("/"),
        company=settings.trading_grid_company_id,
        site=settings.wix_site_id,
        timeout=CALL_TIMEOUT,
        is_app="appId" in members(settings.wix_credentials_secret),
        own_credentials="communityConsumerKey" in members(settings.trading_grid_credentials_secret),
    )


def stack_findings(overview: Overview) -> list[Finding]:
    """Return the faults of a stack as findings; one finding without a fault if all is well."""
    if not overview.faults:
        checked = (
            f"{len(overview.functions)} functions, {len(overview.consumers)} queues,"
            f" {len(overview.timers)} schedules and rules, {len(overview.alarms)} alarms"
        )
        return [Finding("Stack", "functions, queues, schedules, alarms", True, checked)]
    return [Finding("Stack", fault.subject, False, fault.what) for fault in overview.faults]


def _used_configuration(stack: Stack) -> Configuration:
    """Return the published configuration in effect, else the compiled one of this checkout.

    Does not raise for a version that cannot be read: another probe reports it.
    """
    with contextlib.suppress(OpsError, GridwixError):
        found = read_version_in_effect(version_store(stack))
        return found.configuration
    return configuration()


def _sends_mails(used: Configuration) -> bool:
    """Return True if an active campaign sends emails."""
    return any(
        campaign.status == "active" and "email" in campaign.channels
        for campaign in used.campaigns.values()
    )
