"""The report on one page of a full comparison of the portal's rows with Trading Grid.

A page is the part of a run that belongs to one SQS message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.errors import RecordFault
from gridwix.models.reconciliation import DriftReport


@dataclass(frozen=True, slots=True)
class PageReport:
    """Result of one page (part for one message) of a full comparison: counts of rows by verdict.

    ``repaired`` counts rows that were requested to be published, and removed rows.
    ``record_faults`` are records that cannot be mapped; their rows stay as they are. ``rows`` has
    the verdict on each row that differed and the action taken, by ``collection#item``. ``report``
    is the drift report on the last page of a collection, else None. ``repeated``: the page was
    complete before, so nothing was done.
    """

    compared: int = 0
    drifted: int = 0
    missing: int = 0
    extra: int = 0
    unsettled: int = 0
    lost: int = 0
    repaired: int = 0
    record_faults: Sequence[RecordFault] = ()
    rows: Mapping[str, str] = field(default_factory=dict)
    report: DriftReport | None = None
    repeated: bool = False
