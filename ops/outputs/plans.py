"""JSON documents of ``gridwix apply``, and of the commands that can write a plan for it."""

from typing import Literal

from pydantic import AwareDatetime

from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.reconciliation import GuardReason
from ops.json_output import JsonOutput
from ops.plans.models import BackfillPlan, ReconcilePlan, RedrivePlan, ReplayPlan, SetupPlan


class PlannedOutput(JsonOutput):
    """Base class of the JSON documents of commands that can write a plan file with ``--plan``."""

    plan_file: str | None
    """file to which the plan was written; null for none"""


class CollectionDrift(JsonOutput):
    """Result of the comparison of a portal collection with Trading Grid, in numbers of rows.

    ``drifted`` rows have other values on the portal, ``missing`` rows are not on the portal,
    ``extra`` rows are not in Trading Grid, and ``unsettled`` rows could not be compared, such as
    during a write. ``lost`` rows are right, but their file is gone from Wix.
    """

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
    """ids of the unsettled rows, at most 1,000"""
    unclosed_ids: tuple[WixItemId, ...]
    """ids of service notices that are not closed after the end of their window, at most 1,000"""
    guard: GuardReason | None
    """why the mass-delete guard stopped removals, or copies of lost files; null if it did not"""
    next_step: str | None
    """what to do after the mass-delete guard stopped removals or copies; null if it did not"""


class ReconcileOutput(PlannedOutput):
    """Result of a comparison of the portal's rows with Trading Grid."""

    dry_run: bool
    """nothing was repaired"""
    collections: tuple[CollectionDrift, ...]
    plan: ReconcilePlan | None
    """the rows that differ, with their fields; null for a run that repairs"""


class ReplayState(JsonOutput):
    """A running or ended replay of archived events, with EventBridge's name and state of it."""

    name: str
    state: str
    reason: str


class ReplayOutput(PlannedOutput):
    """A replay of archived events, planned or started."""

    plan: ReplayPlan | None
    """planned events; null if the replay was started"""
    replay: ReplayState | None
    """the started replay; null if it was only planned"""


class CauseEntry(JsonOutput):
    """Dead letters (failed messages) of a function that have the same cause."""

    cause: str
    messages: int
    selected: int
    oldest: AwareDatetime
    newest: AwareDatetime


class RedriveResult(JsonOutput):
    """Numbers of dead letters that a redrive moved back to their queue, or left."""

    moved: int
    left: int
    """number of messages that were not selected"""
    refused: int
    """number of messages that SQS did not accept: they stay in the dead-letter queue"""
    doubled: int
    """number of messages that were moved, and are still in the dead-letter queue"""


class RedriveOutput(PlannedOutput):
    """A redrive, which moves messages of a dead-letter queue back to the source queue."""

    function: str
    causes: tuple[CauseEntry, ...]
    """causes of the dead letters, for a dry run or plan; empty otherwise"""
    hidden: int
    """number of messages that stay invisible for up to 15 minutes"""
    is_full: bool
    """the queue may have more messages than one run looks at"""
    plan: RedrivePlan | None
    """planned moves; null if messages were moved"""
    result: RedriveResult | None
    """numbers of moved and left messages; null for a dry run or plan"""


class CollectionResult(JsonOutput):
    """Result of the setup of a portal collection."""

    collection: CollectionId
    outcome: Literal["created", "updated", "unchanged"]
    restored: tuple[str, ...]
    """fields that were created again, and are empty"""


class IndexResult(JsonOutput):
    """Result of the setup of an index of a portal collection."""

    collection: CollectionId
    index: str
    outcome: str
    why: str
    """code of a failure; empty for none"""


class SetupOutput(PlannedOutput):
    """A setup of the portal's collections and indexes, planned or done."""

    plan: SetupPlan | None
    """planned changes; null if the site was changed"""
    collections: tuple[CollectionResult, ...]
    """result for each collection; empty for a dry run or plan"""
    indexes: tuple[IndexResult, ...]
    """result for each index; empty for a dry run or plan"""
    losses: tuple[str, ...]
    """fields and collections that are created again, and are empty"""


class PlanOutcome(JsonOutput):
    """Changes of a plan that were made, and changes that were left, with the reasons."""

    made: int
    """number of changes that were made"""
    left: tuple[str, ...]
    """changes that were not made, with the reason"""
    notes: tuple[str, ...]


class BackfillOutput(PlannedOutput):
    """A backfill: records that are read and published again."""

    plan: BackfillPlan
    outcome: PlanOutcome | None
    """result of the backfill; null if it was only planned"""


class ApplyOutput(JsonOutput):
    """Result of ``gridwix apply``, which makes the changes of a plan file."""

    plan_file: str
    kind: Literal["reconcile", "replay", "redrive", "setup", "backfill"]
    digest: str
    result: Literal["applied", "incomplete", "stopped", "applied_before", "nothing"]
    """stopped: something has changed since the plan, so nothing was done; nothing: the plan is
    empty"""
    differences: tuple[str, ...]
    """for ``stopped``: what has changed since the plan was made"""
    outcome: PlanOutcome
    done_before: int
    """number of changes that an earlier, interrupted application of the plan had made"""
    not_planned: int
    """number of changes that would be needed now and are not in the plan"""
    applied_at: AwareDatetime | None
    """time at which an earlier application had completed the plan"""
