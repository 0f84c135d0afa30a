"""Notes on who paused a function, and when: two tags of the function's queue.

Tags need no table, so they work in the stack of the community gateway, too, and a deployment leaves
them alone. A note exists only while the function is paused: it is written after the pause and
removed before the end of it, so that an interruption leaves no note that is out of date.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT, BY = "gridwix:paused-at", "gridwix:paused-by"
"""Keys of the tags: when a function was paused, and by whom."""

MAX_VALUE = 256
"""Maximum length of a tag's value."""

_NOT_IN_A_TAG = re.compile(r"[^\w .:/=+@-]")
"""Characters that AWS does not accept in the value of a tag."""


@dataclass(frozen=True, slots=True)
class PauseNote:
    """The time at which a function was paused, and who paused it.

    ``by`` is the last part of the ARN of the AWS caller.
    """

    at: datetime
    by: str


def read_note(sqs: "SQSClient", queue_url: str) -> PauseNote | None:
    """Return the note on who paused a queue's function; None if there is no note.

    Raises botocore's errors.
    """
    tags = sqs.list_queue_tags(QueueUrl=queue_url).get("Tags", {})
    try:
        at = datetime.fromisoformat(tags[AT])
    except (KeyError, ValueError):
        return None
    return PauseNote(at if at.tzinfo else at.replace(tzinfo=UTC), tags.get(BY, ""))


def write_note(sqs: "SQSClient", queue_url: str, note: PauseNote) -> None:
    """Tag a queue with a note on the pause of its function, in place of an earlier note."""
    by = _NOT_IN_A_TAG.sub("_", note.by)[:MAX_VALUE]
    at = note.at.astimezone(UTC).isoformat(timespec="seconds")
    sqs.tag_queue(QueueUrl=queue_url, Tags={AT: at, BY: by})


def remove_note(sqs: "SQSClient", queue_url: str) -> None:
    """Remove the note on a pause from the tags of a queue. Idempotent."""
    sqs.untag_queue(QueueUrl=queue_url, TagKeys=[AT, BY])
