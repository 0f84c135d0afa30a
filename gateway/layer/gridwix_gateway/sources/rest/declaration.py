"""Declaration of a REST source, which reads records from a REST API.

It is a file in ``config/gateway/sources/`` with ``source: rest``.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gridwix_gateway.sources.credentials import AuthenticationDeclaration, HeaderName, Url
from gridwix_gateway.sources.mapping import MappingDeclaration
from gridwix_gateway.sources.mapping.columns import ColumnName
from gridwix_gateway.sources.mapping.time_zones import ZoneName

SINCE = "{since}"
"""Placeholder in ``since.value`` that each request replaces by a time."""

type ParameterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.$\[\]-]{1,80}$")]
type Path = Annotated[str, StringConstraints(pattern=r"^[^.\s]+(\.[^.\s]+)*$", max_length=200)]
"""Path of a member in JSON, joined by points: ``_links.next``."""
type PageSize = Annotated[int, Field(ge=1, le=5_000)]


class Part(BaseModel):
    """Base of the models that the declaration of a REST source consists of."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SinglePage(Part):
    """Paging kind of an API without pages: one response holds the whole list."""

    type: Literal["single"]


class SizedPaging(Part):
    """Base of paging kinds that can set the number of rows per page.

    Attributes:
        limit: Query parameter for the number of rows of a page, if the API has one.
        size: Number of rows of a page.
    """

    limit: ParameterName | None = None
    size: PageSize = 100


class LinkPaging(SizedPaging):
    """Paging by the header ``Link`` with ``rel="next"`` (RFC 8288)."""

    type: Literal["link"]


class NextPaging(SizedPaging):
    """Paging by a member of the response that holds the next page's URL.

    Attributes:
        next: Path of the member with the URL.
        last: Path of a member that is true on the last page; None if there is none.
    """

    type: Literal["next"]
    next: Path
    last: Path | None = None


class CursorPaging(SizedPaging):
    """Paging by a cursor: a member of the response becomes a parameter of the next request.

    Attributes:
        parameter: Query parameter for the cursor.
        next: Path of the member that holds the cursor.
        last: Path of a member that is true on the last page; None if there is none.
    """

    type: Literal["cursor"]
    parameter: ParameterName
    next: Path
    last: Path | None = None


class OffsetPaging(SizedPaging):
    """Paging by offset: a parameter has the number of rows before the page.

    The list ends with an empty page, or with a page on which the member at path ``last`` is true. A
    total in the response is ignored, because it can be wrong. A short page is not the end, because
    an API can leave out rows that the account may not see.

    Attributes:
        parameter: Query parameter for the offset.
        last: Path of a member that is true on the last page; None if there is none.
    """

    type: Literal["offset"]
    parameter: ParameterName
    last: Path | None = None


class NumberPaging(SizedPaging):
    """Paging by page number.

    The list ends with an empty page, or with a page on which the member at path ``last`` is true.

    Attributes:
        parameter: Query parameter for the page number.
        first: Number of the first page.
        last: Path of a member that is true on the last page; None if there is none.
    """

    type: Literal["number"]
    parameter: ParameterName
    first: Literal[0, 1] = 1
    last: Path | None = None


type Paging = Annotated[
    SinglePage | LinkPaging | NextPaging | CursorPaging | OffsetPaging | NumberPaging,
    Field(discriminator="type"),
]


class Since(Part):
    """Incremental reading: only rows updated since the last run, in the order of updates.

    Attributes:
        column: The column with a row's time of last update.
        parameter: The query parameter that filters by this time.
        value: Value of the parameter, with ``{since}`` for the time. It must ask for rows updated
            *at or after* that time, in ascending order.
        format: The format of ``{since}``, as ``strftime`` has it, or ``epoch`` or ``epoch_ms``.
        zone: The time zone of ``{since}``.
        overlap_minutes: Minutes before the last update that each run reads again, for updates that
            the API shows late.
        start: Time from which the first run reads.
    """

    column: ColumnName
    parameter: ParameterName
    value: str = SINCE
    format: str = "%Y-%m-%dT%H:%M:%SZ"
    zone: ZoneName = "UTC"
    overlap_minutes: Annotated[int, Field(ge=0, le=10_080)] = 5
    start: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    @property
    def overlap(self) -> timedelta:
        """Time span before the last known update. Each run reads again the rows updated in it."""
        return timedelta(minutes=self.overlap_minutes)

    @model_validator(mode="after")
    def _check_since(self) -> Self:
        if self.value.count(SINCE) != 1:
            raise ValueError(f"value must contain {SINCE} once")
        if self.format not in ("epoch", "epoch_ms"):
            days = ("%d", "%j", "%F")
            if "%Y" not in self.format and "%F" not in self.format:
                raise ValueError("the format has no year (%Y)")
            if not any(day in self.format for day in days):
                raise ValueError("the format has no day (%d)")
        if self.start.tzinfo is None:
            raise ValueError("write start with its offset from UTC: 2026-01-01T00:00:00Z")
        return self


class Guard(Part):
    """Limits on refused rows of a page: above both, the run stops before it commits the page.

    Attributes:
        refused_share: Share of a page's rows that may be refused.
        refused_rows: Number of a page's rows that may be refused, regardless of their share.
    """

    refused_share: Annotated[float, Field(ge=0, le=1)] = 0.2
    refused_rows: Annotated[int, Field(ge=0, le=5_000)] = 3


class Limits(Part):
    """Limits of one run of a REST source.

    Attributes:
        pages: Maximum pages of a run; the next run continues.
        megabytes: Maximum size of a page, decompressed.
        seconds: Maximum seconds of a run.
        same_time_pages: Maximum pages of rows that share one time of update. If the declaration has
            no ``since``, each run reads the whole list, and this is the maximum pages of the list.
            Above the maximum, the run fails.
    """

    pages: Annotated[int, Field(ge=1, le=10_000)] = 200
    megabytes: Annotated[int, Field(ge=1, le=50)] = 10
    seconds: Annotated[int, Field(ge=30, le=780)] = 240
    same_time_pages: Annotated[int, Field(ge=1, le=10_000)] = 1_000


class RestDeclaration(MappingDeclaration):
    """Declaration of a REST source. The module ``checks`` finds faults between its fields.

    Attributes:
        source: The kind of source, ``rest``.
        url: URL of the list, without query.
        every_minutes: Minutes between two runs.
        headers: Further headers of each request.
        query: Further query parameters of each request.
        authentication: The kind of credentials.
        rows: Path of the list of rows in the answer; without it the answer is the list.
        key: The column that identifies a row in the API.
        paging: How the next page of the list is requested.
        since: Reads only what was updated; without it each run reads the whole list.
        optional: Columns for which a row may lack the JSON field. A row that lacks the field of any
            other column is refused, so that a changed API does not empty records.
        guard: Limits on refused rows of a page.
        limits: Limits of one run.
    """

    source: Literal["rest"]
    url: Url
    every_minutes: Annotated[int, Field(ge=1, le=1_440)] = 5
    headers: Mapping[HeaderName, str] = Field(default_factory=dict)
    query: Mapping[ParameterName, str] = Field(default_factory=dict)
    authentication: AuthenticationDeclaration
    rows: Path | None = None
    key: ColumnName
    paging: Paging
    since: Since | None = None
    optional: frozenset[ColumnName] = frozenset()
    guard: Guard = Guard()
    limits: Limits = Limits()
