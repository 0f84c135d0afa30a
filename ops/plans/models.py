"""Plans as JSON documents: the planned changes, by ids, names of fields, codes and hashes.

Plans hold no content of a row or message, so no personal data. ``docs/plan.schema.json`` is
generated from these models.
"""

import hashlib
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AwareDatetime, Field, TypeAdapter

from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.reconciliation import GuardReason, RowFinding, RowVerdict
from ops.json_output import JsonOutput

HAS_CHANGES = 3
"""Exit code of a command that only looked, and found something to change."""

MAX_CHANGES = 20_000
"""Maximum number of changes of a plan. A larger plan could not be reviewed."""


class StackIdentity(JsonOutput):
    """The stack that a plan was made for.

    ``id`` is its ARN, which has the account and the region.
    """

    name: str
    id: str


class RowChange(JsonOutput):
    """A planned repair of a row of the portal: publish it, remove it, or copy its file again.

    ``verdict`` says which. A row that is missing on the portal, or has other values there
    (drifted), is published. A row that Trading Grid does not have (extra) is removed. A row that is
    right, but has lost its file (lost), gets a new copy of the file.
    """

    gone: ClassVar[str] = "it is as it should be, or is being written right now"
    labels: ClassVar[Mapping[str, str]] = {
        "expected": "its content in Trading Grid",
        "shown": "its content on the portal",
    }

    collection: CollectionId
    id: WixItemId
    verdict: Literal[RowVerdict.DRIFTED, RowVerdict.MISSING, RowVerdict.EXTRA, RowVerdict.LOST]
    fields: tuple[str, ...]
    """names of the fields that differ; none if only one side has the row"""
    key: str | None
    """key of the record that the row is made from, such as a partner's id"""
    expected: str
    """hash of the row as it should be; empty if there should be none"""
    shown: str
    """hash of the row on the portal; empty if there is none"""

    @property
    def name(self) -> str:
        return f"{self.collection}/{self.id}"

    @property
    def finding(self) -> RowFinding:
        """The reconciler's finding on this row when the plan was made.

        The row is repaired only if the reconciler still finds the same; otherwise it is left as it
        is.
        """
        return RowFinding(
            id=self.id,
            verdict=self.verdict,
            key=self.key,
            fields=self.fields,
            expected=self.expected,
            shown=self.shown,
        )


class EventDelivery(JsonOutput):
    """An event that is to be delivered again to the functions in ``functions``."""

    gone: ClassVar[str] = "the journal no longer has it"
    labels: ClassVar[Mapping[str, str]] = {}

    event: str
    type: str
    functions: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"event {self.event}"


class MovedMessage(JsonOutput):
    """A dead letter that is to go back to its source queue.

    ``message`` is the id that SQS gave the message. ``event`` is the id of the event in it; None
    for a message without an event.
    """

    gone: ClassVar[str] = "it is no longer in the dead-letter queue"
    labels: ClassVar[Mapping[str, str]] = {}

    message: str
    event: str | None
    cause: str
    sent_at: AwareDatetime

    @property
    def name(self) -> str:
        return f"message {self.message}"


class CollectionChange(JsonOutput):
    """A portal collection that is to be created or updated.

    ``added`` are the keys of fields that the collection lacks. ``changed`` has the names of
    settings that change, by the key of the field. ``members`` are the names of settings of the
    collection itself that change. ``revision`` is Wix's revision number before the change; None for
    a collection that does not exist. ``definition`` is a hash of the definition that is sent.
    """

    gone: ClassVar[str] = "it is as it should be"
    labels: ClassVar[Mapping[str, str]] = {
        "definition": "the definition of the checkout or on the site"
    }

    target: Literal["collection"] = "collection"
    collection: CollectionId
    action: Literal["create", "update"]
    added: tuple[str, ...] = ()
    changed: Mapping[str, tuple[str, ...]] = {}
    members: tuple[str, ...] = ()
    revision: str | None = None
    definition: str

    @property
    def name(self) -> str:
        return f"collection {self.collection}"


class IndexChange(JsonOutput):
    """An index of a portal collection that is to be created, replaced or removed.

    ``fields`` are the fields that the index is to have, in their order; empty if it is removed. A
    replaced index is dropped first, so after an interruption there is only an index to create.
    """

    gone: ClassVar[str] = "it is as it should be"
    labels: ClassVar[Mapping[str, str]] = {}

    target: Literal["index"] = "index"
    collection: CollectionId
    index: str
    action: Literal["create", "replace", "remove"]
    fields: tuple[str, ...] = ()
    unique: bool = False

    @property
    def without_history(self) -> "IndexChange":
        """The change with the action ``create`` in place of ``replace``.

        So two changes compare as equal whether the former index exists or was dropped already.
        """
        if self.action == "remove":
            return self
        return self.model_copy(update={"action": "create"})

    @property
    def name(self) -> str:
        return f"index {self.index} of {self.collection}"


class RecordRequest(JsonOutput):
    """A record of Trading Grid that is to be read and published again.

    ``record`` is its name, ``collection/id``. If the record is a partner (``partners/...``), all
    records of this partner are read and published again. ``partner`` is None for a record that
    belongs to no partner. ``version`` is the version of the record when the plan was made.
    """

    gone: ClassVar[str] = "Trading Grid no longer lists it"
    labels: ClassVar[Mapping[str, str]] = {}

    record: str
    partner: PartnerId | None
    version: int

    @property
    def name(self) -> str:
        return self.record


class PlanHeader(JsonOutput):
    """Base class of all plans, with the fields that each plan has.

    ``made_by`` is the release of gridwix, ``digest`` the hash of all other fields.
    """

    format: Literal[1] = 1
    stack: StackIdentity
    made_at: AwareDatetime
    made_by: str
    digest: str = ""

    def seal(self) -> Self:
        """Return the plan with its digest, by which an edited file is recognized."""
        return self.model_copy(update={"digest": self.compute_digest()})

    def compute_digest(self) -> str:
        """Return the SHA-256 of the plan without its digest."""
        bare = self.model_copy(update={"digest": ""})
        return hashlib.sha256(bare.model_dump_json(by_alias=True).encode()).hexdigest()


class ReconcilePlan(PlanHeader):
    """Plan of a reconcile run: rows of the portal to repair.

    ``guards`` are the collections in which the mass-delete guard stops removals and copies of
    files, with the reason. The plan has no removals and copies in these collections.
    """

    kind: Literal["reconcile"] = "reconcile"
    collection: CollectionId | None
    accept_shrink: bool
    guards: Mapping[CollectionId, GuardReason]
    changes: tuple[RowChange, ...]


class ReplayPlan(PlanHeader):
    """Plan of a replay: archived events to deliver again.

    ``rules`` are the ARNs of the bus's rules that deliver the events; empty for all rules of the
    bus.
    """

    kind: Literal["replay"] = "replay"
    since: AwareDatetime
    until: AwareDatetime
    consumer: str | None
    archive: str
    rules: tuple[str, ...]
    changes: tuple[EventDelivery, ...]


class RedrivePlan(PlanHeader):
    """Plan of a redrive: dead letters of a function to move back to its queue."""

    kind: Literal["redrive"] = "redrive"
    function: str
    cause: str | None
    since: AwareDatetime | None
    limit: int | None
    changes: tuple[MovedMessage, ...]


class SetupPlan(PlanHeader):
    """Plan of a setup: collections and indexes to create, update or remove.

    ``losses`` are the names of fields and collections that are empty afterwards.
    """

    kind: Literal["setup"] = "setup"
    losses: tuple[str, ...]
    changes: tuple[Annotated[CollectionChange | IndexChange, Field(discriminator="target")], ...]


class BackfillPlan(PlanHeader):
    """Plan of a backfill: records to read and publish again."""

    kind: Literal["backfill"] = "backfill"
    partner: PartnerId | None
    since: AwareDatetime | None
    collection: CollectionId | None
    changes: tuple[RecordRequest, ...]


type Change = (
    RowChange | EventDelivery | MovedMessage | CollectionChange | IndexChange | RecordRequest
)
type Plan = ReconcilePlan | ReplayPlan | RedrivePlan | SetupPlan | BackfillPlan

PLAN: TypeAdapter[Plan] = TypeAdapter(
    Annotated[
        ReconcilePlan | ReplayPlan | RedrivePlan | SetupPlan | BackfillPlan,
        Field(discriminator="kind"),
    ]
)
"""Parser of plans of any kind."""
