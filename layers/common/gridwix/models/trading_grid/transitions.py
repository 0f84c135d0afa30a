"""Request bodies that move a record of Trading Grid to another status.

gridwix moves support cases, collaboration requests and steps of onboarding enrollments.
"""

from typing import Any

from pydantic import Field

from gridwix.models.trading_grid.entities import Payload


class StepEvidence(Payload):
    """Evidence that an onboarding step was done.

    ``kind``: document, formSubmission, transaction. ``id`` names the evidence. ``answers`` are the
    answers of a form.
    """

    kind: str
    id: str
    answers: dict[str, Any] = Field(default_factory=dict, repr=False)


class Transition(Payload):
    """Request body that moves a record to another status (``to``)."""

    to: str
    reason: str | None = Field(default=None, max_length=1000, repr=False)
    evidence: tuple[StepEvidence, ...] | None = None
