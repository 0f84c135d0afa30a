"""What the demo plays: one compliance check of Prairie Gold Foods fails, is looked at again, and passes."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridwix.mapping.wix_items import item_id
from gridwix.models.ids import WixItemId
from gridwix.models.portal import PARTNER_STATUS
from gridwix.publication.models import RowKey
from ops import logs
from ops.demo.event_log import BusEventLog
from ops.demo.scenario import Claim, Row
from ops.demo.trace import BULK_SAVE, Delivery, Evidence, Hop, about, rows_saved, trace
from ops.local_environment import World
from ops.queues import depth

PARTNER = "GC070000000101"
COLLECTION = "compliance-checks"
CHECK = "chk_asn_timing_pgf"
STORY = ("failed", "pending", "passed")
NEXT_ACTIONS: Mapping[str, str] = {
    "failed": "Send the 856 before the truck reaches the dock: 3 of your last 20 came after it",
    "pending": "We are watching your next shipments; nothing to do for you",
}
"""What the partner manager writes for the partner with a transition; Trading Grid has its own words for a check that has passed."""

TRANSITIONS: Mapping[str, Sequence[str]] = {
    "not_started": ["pending"],
    "pending": ["passed", "failed"],
    "failed": ["pending"],
    "passed": ["expired"],
    "expired": ["pending"],
}
"""The transitions of a compliance check that the story needs; Trading Grid enforces them."""

READ_LISTS = ("/partners", "/enrollments", "/compliance-checks", "/cases")
"""The lists that a partner's row is made from."""


@dataclass(frozen=True, slots=True)
class RecordCache:
    """One change, its way, and the partner's row before and after it. ``others_changed`` are rows of other partners that are not what they were."""

    hops: Sequence[Hop]
    before: Row
    after: Row
    others: int
    others_changed: Sequence[str]
    deliveries: Sequence[Delivery]
    rows_saved: Sequence[str]

    @property
    def seconds(self) -> float | None:
        """From the change in Trading Grid to the answer of Wix; None if Wix was never called."""
        return next((hop.at for hop in self.hops if hop.station == "Wix"), None)


def shortest(current: str, wanted: str) -> list[str]:
    """The statuses to go through from one to the other. Raises ValueError if no way leads there."""
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


def set_the_stage(world: World) -> None:
    """Bring the check to where the story begins."""
    check = world.hub.read(COLLECTION, CHECK)
    for to in shortest(check["status"], STORY[0]):
        check = move(world, check, to)
    world.wait_until_idle()


def run_through(world: World) -> None:
    """Play the whole story without looking: the check has passed then, as the sample events tell."""
    set_the_stage(world)
    for to in STORY[1:]:
        move(world, world.hub.read(COLLECTION, CHECK), to)


def perform(world: World, tap: BusEventLog, to: str) -> RecordCache:
    """Make one transition as the partner manager and follow it until the portal shows it. Raises OpsError if it does not."""
    tap.heard()
    check = world.hub.read(COLLECTION, CHECK)
    before, begun, written = world.rows(), time.time(), _last_write(world)
    after_change = move(world, check, to)
    # The row is there before its function is done, and the last lines of its log.
    world.wait_until_idle(0)
    after = world.rows()
    evidence = _evidence(world, tap, check, after_change, begun)
    writes = world.wix.writes(PARTNER_STATUS, written)
    row = item_id(PARTNER)
    changed = sorted({identifier for identifier in before.keys() | after.keys() if before.get(identifier) != after.get(identifier)} - {row})
    return RecordCache(
        hops=trace(evidence),
        before=before.get(row, {}),
        after=after.get(row, {}),
        others=len(after.keys() - {row}),
        others_changed=changed,
        deliveries=evidence.deliveries,
        rows_saved=[write["id"] for write in writes],
    )


def move(world: World, check: Mapping[str, Any], to: str) -> dict[str, Any]:
    """Make a transition and wait until the ledger says that it is published; the record after it."""
    moved = world.hub.move(COLLECTION, check, to, NEXT_ACTIONS.get(to))
    key, record = RowKey(PARTNER_STATUS, WixItemId(item_id(PARTNER))), f"{COLLECTION}/{CHECK}"

    def published() -> bool:
        entry = world.ledger.read([key]).get(key)
        return entry is not None and entry.held_until is None and entry.published.of(record) >= moved["version"]

    world.wait_for(published, f"version {moved['version']} of the check to be published")
    return moved


def promises(world: World, tap: BusEventLog, scenes: Sequence[RecordCache]) -> list[Claim]:
    """Whether the story and the stack behind it are what they should be."""
    row, begin, end = item_id(PARTNER), scenes[0].before, scenes[-1].after
    dead = sum(depth(world.stack.aws.sqs, pair.dead_letter_url).total for pair in world.stack.queues)
    return [
        Claim("each change was seen at every hop", all(hop.at is not None for scene in scenes for hop in scene.hops)),
        Claim(
            "each webhook was taken at the first attempt", all([(each.status, each.attempts) for each in scene.deliveries] == [(202, 1)] for scene in scenes)
        ),
        Claim("the partner reads another headline than before", bool(begin) and begin.get("headline") != end.get("headline")),
        Claim("Wix was asked to write that row, once for each change, and no other", all([*scene.rows_saved] == [row] for scene in scenes)),
        Claim(f"none of the {scenes[-1].others} other rows has changed", all(scene.others > 0 and not scene.others_changed for scene in scenes)),
        Claim("the event feed brings the changes again, and nothing is written twice", nothing_twice(world, tap)),
        Claim("there are no dead letters", dead == 0),
    ]


def nothing_twice(world: World, tap: BusEventLog) -> bool:
    """Read the event feed, which holds the change that the webhook has brought already: it comes by the bus again, and Wix is not called."""
    check = world.hub.read(COLLECTION, CHECK)
    written = _last_write(world)
    world.read_feed()
    subject = f"{COLLECTION}/{CHECK}"
    world.wait_for(lambda: any(heard.detail["via"] == "feed" for heard in about(tap.heard(), subject, check["version"])), "the feed to bring the change")
    world.wait_until_idle()
    return not world.wix.writes(PARTNER_STATUS, written)


def _last_write(world: World) -> int:
    return max((write["number"] for write in world.wix.writes(PARTNER_STATUS)), default=0)


def _evidence(world: World, tap: BusEventLog, check: Mapping[str, Any], record: Mapping[str, Any], begun: float) -> Evidence:
    stack = world.stack
    row, subject, heard = item_id(PARTNER), f"{COLLECTION}/{CHECK}", tap.heard()
    events = {message.detail["eventId"] for message in about(heard, subject, record["version"])}
    saves = [entry for entry in world.wix.requests(begun) if entry["path"] == BULK_SAVE and row in rows_saved(entry)]
    return Evidence(
        record=record,
        before=check["status"],
        subject=subject,
        deliveries=[delivery for document in world.hub.deliveries(world.webhook_id) if (delivery := Delivery.read(document)) and delivery.event_id in events],
        edge=logs.lines(stack.aws.logs, stack.log_group("trading_grid_webhook"), begun),
        bus=heard,
        reads=[entry for entry in world.trading_grid.requests(begun) if entry["method"] == "GET" and entry["path"].endswith(READ_LISTS)],
        saves=saves,
        publisher=logs.lines(stack.aws.logs, stack.log_group("status_publisher"), begun),
    )
