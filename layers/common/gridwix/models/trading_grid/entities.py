"""Base models of the community gateway profile: JSON payloads, records (with tombstones), times.

The profile is the API contract that the gateway to Trading Grid serves.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, override

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

from gridwix.models.ids import EntityId

FIRST_YEAR, LAST_YEAR = 1900, 9998
"""Range of years of a moment. Years at the ends of the calendar are excluded, because converting
them to a time zone can overflow.
"""

LAST_RECORDED_YEAR = 2200
"""Latest year of a record's update time that is accepted. Versions are derived from this time, so
after one that lies millennia ahead no later version could follow.
"""


def _check_moment(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError("the year is out of range")
    return moment


def _check_past_moment(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_RECORDED_YEAR:
        raise ValueError("the year is out of range")
    return moment


def _leave_out_nulls(value: Any) -> Any:
    if isinstance(value, dict) and None in value.values():
        return {name: member for name, member in value.items() if member is not None}
    return value


MAX_ID = 200
"""Maximum length of an id, in characters. An id becomes part of addresses, keys and events."""

MAX_VERSION = 2**53
"""Greatest version: exact in every JSON reader, and in DynamoDB (RFC 8259, section 6)."""

Moment = Annotated[AwareDatetime, AfterValidator(_check_moment)]
"""An instant: a date-time with its offset (RFC 3339)."""

PastMoment = Annotated[AwareDatetime, AfterValidator(_check_past_moment)]
"""An instant at which something was recorded."""


UNKNOWN_TIME = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
"""Sort key for an unknown moment: before all others."""


class Payload(BaseModel):
    """Base model of a vendor's payload: frozen, camelCase on the wire, unknown members ignored.

    A member that is null counts as missing, since many serializers write every member.
    ``model_validate_json`` is faster, as it makes no dictionaries, but refuses null for a member
    that cannot be None: its callers then fall back on ``model_validate``.
    """

    # Built when the first one is read, so that a cold start pays only for models in use.
    model_config = ConfigDict(
        defer_build=True,
        hide_input_in_errors=True,
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
    )

    @override
    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        return core_schema.json_or_python_schema(
            schema, core_schema.no_info_before_validator_function(_leave_out_nulls, schema)
        )


class Entity(Payload):
    """Base of every record of the community gateway profile, the API contract of the gateway.

    ``version`` starts at 1 and grows by 1 with each change.

    ``created_at`` is None if the gateway does not state it. gridwix does not read the id of the hub
    company in the record, because a gateway serves only one company.
    """

    id: EntityId = Field(min_length=1, max_length=MAX_ID)
    version: int = Field(ge=1, le=MAX_VERSION)
    created_at: Moment | None = None
    updated_at: PastMoment
    deleted_at: Moment | None = None
    """Set on a tombstone: a record that says that it was deleted. None for an existing record."""

    COLLECTION: ClassVar[str]

    @property
    def age_key(self) -> tuple[datetime, str]:
        """Sort key by age: the oldest record first, records of unknown age before all others."""
        return self.created_at or UNKNOWN_TIME, self.id

    @property
    def record(self) -> str:
        """Name of the record in event subjects and version vectors: ``collection/id``."""
        return f"{self.COLLECTION}/{self.id}"
