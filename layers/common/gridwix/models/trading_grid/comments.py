"""Comments on cases and collaboration requests."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from gridwix.models.ids import EntityId
from gridwix.models.trading_grid.entities import Moment, Payload


def _attached_ids(value: Any) -> Any:
    # Some gateways name each document in an object, as requests name their files.
    if not isinstance(value, list | tuple):
        return () if value is None else value
    named = [
        one.get("documentId", one.get("id")) if isinstance(one, dict) else one for one in value
    ]
    return tuple(one for one in named if one)


class CommentAuthor(Payload):
    """Side that wrote a comment: partner, internal, system. The author's name is not read."""

    kind: str


class Comment(Payload):
    """A comment on a case or a collaboration request.

    ``visibility``: public, internal. Only a public comment may leave Trading Grid.

    ``author`` and ``created_at`` are None if the gateway does not state them. ``format``: text,
    markdown; any other counts as text. ``attachments`` are ids of documents.
    """

    id: EntityId
    author: CommentAuthor | None = None
    visibility: str
    body: str
    format: str | None = None
    attachments: Annotated[tuple[EntityId, ...], BeforeValidator(_attached_ids)] = ()
    created_at: Moment | None = None

    @property
    def author_kind(self) -> str:
        """Side that wrote the comment; "" if unknown."""
        return self.author.kind if self.author is not None else ""


class NewComment(Payload):
    """Request body that adds a comment to a case or a collaboration request."""

    body: str = Field(min_length=1, max_length=10_000, repr=False)
    visibility: str = "public"
    author_kind: str = "partner"
    author_name: str = Field(default="", max_length=200, repr=False)
    source: str = "portal"
