"""What a submission asks of Trading Grid. It is kept before it is asked for the first time, so that every attempt asks for the same."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.documents import NewDocumentVersion
from gridwix.models.trading_grid.requests import NewRequest


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    partner_id: PartnerId | None
    """Whose it is; None if somebody has to find out."""


class RequestOrder(_Order):
    """A collaboration request. ``file_ids`` are files on the portal that a member has uploaded for it, and that Trading Grid has by now."""

    kind: Literal["request"] = "request"
    request: NewRequest
    file_ids: tuple[str, ...] = ()


class CommentOrder(_Order):
    """A comment on a case."""

    kind: Literal["case_comment"] = "case_comment"
    case_id: str
    body: str = Field(repr=False)
    author: str = Field(repr=False)


class RequestCommentOrder(_Order):
    """A comment on a collaboration request, such as the answer to the team's question."""

    kind: Literal["request_comment"] = "request_comment"
    request_id: str
    body: str = Field(repr=False)
    author: str = Field(repr=False)


class ResolutionOrder(_Order):
    """The partner's answer to a resolution: a case is closed, or opened again for a reason."""

    kind: Literal["case_resolution"] = "case_resolution"
    case_id: str
    accepted: bool
    reason: str = Field(repr=False)


class StepOrder(_Order):
    """An onboarding step that the partner has done. ``answers`` are those of the form that was filled in for it."""

    kind: Literal["step_submission"] = "step_submission"
    enrollment_id: str
    step_key: str
    note: str = Field(repr=False)
    answers: dict[str, Any] = Field(repr=False)


class DocumentOrder(_Order):
    """A version of a document that the partner has uploaded. ``file_id`` is its file on the portal. ``known``: the document has these bytes already."""

    kind: Literal["document_version"] = "document_version"
    document_id: str
    file_id: str
    known: bool = False
    version: NewDocumentVersion


type FollowUp = CommentOrder | RequestCommentOrder | ResolutionOrder | StepOrder | DocumentOrder
type Order = Annotated[RequestOrder | FollowUp, Field(discriminator="kind")]

ORDER: TypeAdapter[RequestOrder | FollowUp] = TypeAdapter(Order)
