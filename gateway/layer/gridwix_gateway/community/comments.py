"""Comments on cases and collaboration requests."""

from gridwix_gateway.documents import Document
from gridwix_gateway.problems import Problem
from gridwix_gateway.profile.collections import ENTITY_NAMES
from gridwix_gateway.profile.state_machines import FINAL_STATUSES
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.store.items import dump_json, sort_key
from gridwix_gateway.store.table import Item

HUB_AUTHOR = "Partner desk"
"""Name of a comment's author if the request gives none."""


def comment_partition(collection: str, identifier: str) -> str:
    """Return the table's partition of a record's comments.

    The comments are sorted by time, then by id.
    """
    return f"C#{collection}#{identifier}"


def comment_item(collection: str, identifier: str, comment: Document) -> Item:
    """Return the table item that stores a comment.

    Args:
        collection: ``cases`` or ``collaboration-requests``.
        identifier: The record's id.
        comment: The comment, with its ``id`` and ``createdAt``.
    """
    return {
        "pk": comment_partition(collection, identifier),
        "sk": sort_key(comment["createdAt"], comment["id"]),
        "document": dump_json(comment),
    }


def add_comment(draft: Draft, collection: str, record: Document, fields: Document) -> Document:
    """Add a comment to a case or collaboration request.

    The record gets a new version. The appended event does not contain the comment's text.

    If the partner owns the record's next step, the partner's comment makes the hub its owner.

    Args:
        draft: The commit: its reads and buffered writes.
        collection: ``cases`` or ``collaboration-requests``.
        record: The record, as read within the commit.
        fields: Members of the OpenAPI schema ``NewComment``.

    Returns:
        The comment.

    Raises:
        Problem: ``invalid-transition``: a partner comments on a record with a final status, where
            the hub would not see it.
    """
    entity, is_partner = ENTITY_NAMES[collection], fields.get("authorKind") == "partner"
    if is_partner and record["status"] in FINAL_STATUSES[collection]:
        raise Problem("invalid-transition", f"{entity} {record['id']} is {record['status']}.")
    comment: Document = {
        "id": f"cmt_{draft.next_number:012}",
        f"{entity}Id": record["id"],
        "author": {
            "kind": fields.get("authorKind", "internal"),
            "id": None,
            "name": fields.get("authorName", HUB_AUTHOR),
        },
        "visibility": fields.get("visibility", "public"),
        "body": fields["body"],
        "format": "text",
        "attachments": [],
        "inReplyTo": fields.get("inReplyTo"),
        "createdAt": draft.at,
        "source": fields.get("source", "trading_grid"),
    }
    draft.put_item(comment_item(collection, record["id"], comment))
    has_answered = is_partner and record.get("nextStepOwner") == "partner"
    changes = {"nextStepOwner": "hub"} if has_answered else {}
    changed = draft.change(collection, record, changes, None)
    draft.append_event(
        f"{entity}.commented",
        collection,
        changed,
        f"{collection}/{record['id']}",
        ["comments"],
        {},
        after={"id": comment["id"], "visibility": comment["visibility"]},
    )
    return comment
