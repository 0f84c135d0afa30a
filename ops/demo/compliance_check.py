"""Demo scenario: a compliance check of Prairie Gold Foods fails, is reviewed again, and passes.

The demo follows each of these transitions from Trading Grid to the portal.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.publication.models import RowKey
from gridwix.trading_grid_feed.service import CURSOR_NAME
from ops import logs
from ops.demo.event_log import BusEventLog
from ops.demo.scenario import Claim, Row
from ops.demo.trace import BULK_SAVE, Delivery, Evidence, Hop, events_about, saved_row_ids, trace
from ops.local_environment import LocalEnvironment
from ops.queues import read_depth

PARTNER = "GC070000000101"
COLLECTION = "compliance-checks"
CHECK = "chk_asn_timing_pgf"
STATUSES = ("failed", "pending", "passed")
"""The statuses that the compliance check goes through in the scenario, in their order."""
NEXT_ACTIONS: Mapping[str, str] = {
    "failed": "Send the 856 before the truck reaches the dock: 3 of your last 20 came after it",
    "pending": "We are watching your next shipments; nothing to do for you",
}
"""The partner manager's text to the partner, by the new status. For a passed check Trading Grid has
a text of its own.
"""

TRANSITIONS: Mapping[str, Sequence[str]] = {
    "not_started": ["pending"],
    "pending": ["passed", "failed"],
    "failed": ["pending"],
    "passed": ["expired"],
    "expired": ["pending"],
}
"""The transitions of a compliance check that the scenario uses. Trading Grid enforces them."""

READ_LISTS = ("/partners", "/enrollments", "/compliance-checks", "/cases")
"""Trading Grid's lists from which the row of a partner is made."""


@dataclass(frozen=True, slots=True)
class TransitionResult:
    """Result of one status change of the compliance check, traced from Trading Grid to the portal.

    ``hops`` are the systems and functions that handled the change, each with its time. ``before``
    and ``after`` are the portal row of the check's partner. ``others`` is the number of other
    partners' rows, and ``others_changed`` has the ids of those that changed. ``deliveries`` are the
    webhook deliveries of the change's event, and ``saved_row_ids`` the ids of the partners' rows
    that were written to Wix.
    """

    hops: Sequence[Hop]
    before: Row
    after: Row
    others: int
    others_changed: Sequence[str]
    deliveries: Sequence[Delivery]
    saved_row_ids: Sequence[str]

    @property
    def seconds(self) -> float | None:
        """Seconds from the change in Trading Grid to the response of Wix.

        None if Wix was not called.
        """
        return next((hop.at for hop in self.hops if hop.station == "Wix"), None)


def shortest_path(current: str, wanted: str) -> list[str]:
    """Return the statuses to go through from ``current`` to ``wanted`` (breadth-first search).

    Raises:
        ValueError: No transitions lead from ``current`` to ``wanted``.

    >>> shortest_path("passed", "failed")
    ['expired', 'pending', 'failed']
    """
    ways, seen = deque([(current, list[str]())]), {current}
    while ways:
        status, steps = ways.popleft()
        if status == wanted:
            return steps
        for to in TRANSITIONS.get(status, []):
            if to not in seen:
                seen.add(to)
                ways.append((to, [*steps, to]))
    raise ValueError(f"no transitions lead from {current} to {wanted}")


def prepare_check(local: LocalEnvironment) -> None:
    """Bring the compliance check, step by step, to the status at which the scenario starts.

    Waits until the changes are processed.
    """
    check = local.gateway.get_record(COLLECTION, CHECK)
    for to in shortest_path(check["status"], STATUSES[0]):
        check = publish_transition(local, check, to)
    local.wait_until_idle()


def run_all_transitions(local: LocalEnvironment) -> None:
    """Move the compliance check through all statuses of this scenario, without tracing them.

    At the end the check is ``passed``, as the sample events of ``gridwix invoke`` assume.
    """
    prepare_check(local)
    for to in STATUSES[1:]:
        publish_transition(local, local.gateway.get_record(COLLECTION, CHECK), to)


def run_transition(local: LocalEnvironment, event_log: BusEventLog, to: str) -> TransitionResult:
    """Make one transition of the compliance check, and follow it until the portal shows it.

    Args:
        local: The running environment.
        event_log: Records the events of the bus.
        to: The new status.

    Raises:
        OpsError: The portal does not show the change.
    """
    event_log.read_events()
    check = local.gateway.get_record(COLLECTION, CHECK)
    before, begun, written = local.partner_rows(), time.time(), _last_write_number(local)
    after_change = publish_transition(local, check, to)
    # The row appears before its function has finished and logged its last lines.
    local.wait_until_idle(0)
    after = local.partner_rows()
    evidence = _evidence(local, event_log, check, after_change, begun)
    writes = local.wix.writes(PARTNER_STATUS, written)
    row = item_id(PARTNER)
    changed = sorted(
        {
            identifier
            for identifier in before.keys() | after.keys()
            if before.get(identifier) != after.get(identifier)
        }
        - {row}
    )
    return TransitionResult(
        hops=trace(evidence),
        before=before.get(row, {}),
        after=after.get(row, {}),
        others=len(after.keys() - {row}),
        others_changed=changed,
        deliveries=evidence.deliveries,
        saved_row_ids=[write["id"] for write in writes],
    )


def publish_transition(
    local: LocalEnvironment, check: Mapping[str, Any], to: str
) -> dict[str, Any]:
    """Move the compliance check to the status ``to``; return the changed check.

    Waits until the publication ledger, the table of what gridwix wrote to the portal, has the
    check's new version for the portal row of the partner.
    """
    moved = local.gateway.make_transition(COLLECTION, check, to, NEXT_ACTIONS.get(to))
    key, record = RowKey(PARTNER_STATUS, WixItemId(item_id(PARTNER))), f"{COLLECTION}/{CHECK}"

    def published() -> bool:
        entry = local.ledger.read_entries([key]).get(key)
        return (
            entry is not None
            and entry.held_until is None
            and entry.published.version_of(record) >= moved["version"]
        )

    local.wait_for(published, f"version {moved['version']} of the check to be published")
    return moved


def check_claims(local: LocalEnvironment, results: Sequence[TransitionResult]) -> list[Claim]:
    """Test what gridwix promises about the check's status changes and the stack; return claims.

    A claim is a promise with the test's result, True or False. ``results`` has one entry for each
    status change of the compliance check, in their order.
    """
    row, begin, end = item_id(PARTNER), results[0].before, results[-1].after
    dead = sum(
        read_depth(local.stack.aws.sqs, pair.dead_letter_url).total for pair in local.stack.queues
    )
    return [
        Claim(
            "each change was seen at every hop",
            all(hop.at is not None for result in results for hop in result.hops),
        ),
        Claim(
            "each webhook was accepted at the first attempt",
            all(
                [(each.status, each.attempts) for each in result.deliveries] == [(202, 1)]
                for result in results
            ),
        ),
        Claim(
            "the partner's headline has changed",
            bool(begin) and begin.get("headline") != end.get("headline"),
        ),
        Claim(
            "Wix received one write of that row per change, and of no other row",
            all([*result.saved_row_ids] == [row] for result in results),
        ),
        Claim(
            f"none of the {results[-1].others} other rows has changed",
            all(result.others > 0 and not result.others_changed for result in results),
        ),
        Claim(
            "the event feed repeats the changes, and nothing is written twice",
            is_feed_deduplicated(local),
        ),
        Claim("there are no dead letters", dead == 0),
    ]


def is_feed_deduplicated(local: LocalEnvironment) -> bool:
    """Poll the event feed; return True if gridwix writes nothing to Wix again.

    The feed repeats the events that webhooks have delivered. The feed's reader leaves out each
    event with a handover, the record that the bus has accepted the event. If the reader looks
    before the webhook's handover is stored, the event passes twice. The second time no row differs,
    so nothing is written.
    """
    written = _last_write_number(local)
    begun = time.time()
    local.request_feed_poll()
    local.wait_for(
        lambda: (local.cursors.update_time(CURSOR_NAME) or 0) > begun, "the feed to be read"
    )
    local.wait_until_idle()
    return not local.wix.writes(PARTNER_STATUS, written)


def _last_write_number(local: LocalEnvironment) -> int:
    return max((write["number"] for write in local.wix.writes(PARTNER_STATUS)), default=0)


def _evidence(
    local: LocalEnvironment,
    event_log: BusEventLog,
    check: Mapping[str, Any],
    record: Mapping[str, Any],
    begun: float,
) -> Evidence:
    stack = local.stack
    row, subject, heard = item_id(PARTNER), f"{COLLECTION}/{CHECK}", event_log.read_events()
    events = {
        message.detail["eventId"] for message in events_about(heard, subject, record["version"])
    }
    saves = [
        entry
        for entry in local.wix.requests(begun)
        if entry["path"] == BULK_SAVE and row in saved_row_ids(entry)
    ]
    return Evidence(
        record=record,
        before=check["status"],
        subject=subject,
        deliveries=[
            delivery
            for document in local.gateway.list_deliveries(local.webhook_id)
            if (delivery := Delivery.read(document)) and delivery.event_id in events
        ],
        edge=logs.read_lines(stack.aws.logs, stack.log_group("trading_grid_webhook"), begun),
        bus=heard,
        reads=[
            entry for entry in local.answered_reads(begun) if entry["path"].endswith(READ_LISTS)
        ],
        saves=saves,
        publisher=logs.read_lines(stack.aws.logs, stack.log_group("status_publisher"), begun),
    )
