"""``--json`` of the commands that plan: ``reconcile``, ``replay``, ``redrive``, ``setup``,
``backfill`` and ``apply``.
"""

from typing import Literal

from pydantic import AwareDatetime

from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.reconciliation import GuardReason
from ops.json_output import JsonOutput
from ops.plans.models import BackfillPlan, ReconcilePlan, RedrivePlan, ReplayPlan, SetupPlan


class PlannedOutput(JsonOutput):
    """Part of the documents of commands with ``--plan``."""

    plan_file: str | None
    """file with the plan; null if none was written"""


class CollectionDrift(JsonOutput):
    """Result of the comparison of a collection."""

    run: str
    collection: CollectionId
    rows: int
    equal: int
    drifted: int
    missing: int
    extra: int
    unsettled: int
    lost: int
    removed: int
    kept: int
    repaired: int
    unsettled_ids: tuple[WixItemId, ...]
    """at most 1,000"""
    unclosed_ids: tuple[WixItemId, ...]
    """unclosed notices after the end of their window, at most 1,000"""
    guard: GuardReason | None
    """why the mass-delete guard tripped; null if it did not"""
    next_step: str | None
    """what to do about the guard"""


class ReconcileOutput(PlannedOutput):
    """Comparison of the portal with Trading Grid."""

    dry_run: bool
    """nothing was repaired"""
    collections: tuple[CollectionDrift, ...]
    plan: ReconcilePlan | None
    """the rows that differ, with their fields; null for a run that repairs"""


class ReplayState(JsonOutput):
    """A replay, by EventBridge's name and state."""

    name: str
    state: str
    reason: str


class ReplayOutput(PlannedOutput):
    """A replay of archived events."""

    plan: ReplayPlan | None
    """null if the replay was started"""
    replay: ReplayState | None
    """null if it was only planned"""


class CauseEntry(JsonOutput):
    """The dead letters of one cause."""

    cause: str
    messages: int
    selected: int
    oldest: AwareDatetime
    newest: AwareDatetime


class RedriveResult(JsonOutput):
    """Numbers of messages of a redrive."""

    moved: int
    left: int
    """not selected"""
    refused: int
    """not accepted by SQS: they stay in the dead-letter queue"""
    doubled: int
    """moved, and still in the dead-letter queue"""


class RedriveOutput(PlannedOutput):
    """A redrive of a dead-letter queue."""

    function: str
    causes: tuple[CauseEntry, ...]
    """of a dry run or plan; empty otherwise"""
    hidden: int
    """messages that are visible again only within 15 minutes"""
    is_full: bool
    """there may be more messages than one run looks at"""
    plan: RedrivePlan | None
    """null if messages were moved"""
    result: RedriveResult | None
    """null for a dry run or plan"""


class CollectionResult(JsonOutput):
    """Result for a collection."""

    collection: CollectionId
    outcome: Literal["created", "updated", "unchanged"]
    restored: tuple[str, ...]
    """fields that were created, and are empty"""


class IndexResult(JsonOutput):
    """Result for an index."""

    collection: CollectionId
    index: str
    outcome: str
    why: str
    """code of a failure, or empty"""


class SetupOutput(PlannedOutput):
    """A setup of the portal's collections."""

    plan: SetupPlan | None
    """null if the site was changed"""
    collections: tuple[CollectionResult, ...]
    """empty for a dry run or plan"""
    indexes: tuple[IndexResult, ...]
    """empty for a dry run or plan"""
    losses: tuple[str, ...]
    """fields and collections that are empty"""


class PlanOutcome(JsonOutput):
    """Result of applying a plan."""

    made: int
    """number of changes"""
    left: tuple[str, ...]
    """changes that were not made, with the reason"""
    notes: tuple[str, ...]


class BackfillOutput(PlannedOutput):
    """A backfill."""

    plan: BackfillPlan
    outcome: PlanOutcome | None
    """null if it was only planned"""


class ApplyOutput(JsonOutput):
    """The application of a plan."""

    plan_file: str
    kind: Literal["reconcile", "replay", "redrive", "setup", "backfill"]
    digest: str
    result: Literal["applied", "incomplete", "stopped", "applied_before", "nothing"]
    """stopped: something has changed since the plan, so nothing was done; nothing: the plan is
    empty"""
    differences: tuple[str, ...]
    """of a stopped application: what has changed"""
    outcome: PlanOutcome
    done_before: int
    """changes that an earlier application of the plan had made"""
    not_planned: int
    """changes that would be due now and are not in the plan"""
    applied_at: AwareDatetime | None
    """time at which the plan had been carried out before"""
