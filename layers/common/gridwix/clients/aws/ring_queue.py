"""Sends to the function ``portal_ringer`` which sections of the portal have changed, by SQS.

That function makes open portal pages read these sections again. A section is a part of the portal,
such as issues or notices. An example of a message is
``{"changes": {"GC00700011NR": ["issues"], "everybody": ["notices"]}}``: the sections that changed,
by partner or for all partners (``everybody``).
"""

import json
from collections.abc import Iterable, Iterator
from itertools import batched
from typing import TYPE_CHECKING

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.models.portal.sections import Section

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_READERS = 500
"""Maximum number of partners in one message. With ids of 50 characters it has 40 KB, of the 256 KB
that SQS takes and of the 64 KB that it bills as one request.
"""


class RingQueue:
    """Tells the function ``portal_ringer`` which portal sections have changed. Thread-safe.

    That function makes open portal pages read the changed sections (such as issues) again.
    """

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, section: Section, readers: Iterable[str]) -> None:
        """Announce that the rows of a portal section have changed for some partners.

        ``readers`` are ids of partners, or ``everybody`` for all partners. Raises UpstreamError if
        SQS fails. Some of several messages may have been sent then.
        """
        for body in change_messages(section, readers):
            with translate_aws_errors("SendMessage"):
                self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)


def change_messages(section: Section, readers: Iterable[str]) -> Iterator[str]:
    """Yield message bodies for a changed portal section, each for up to ``MAX_READERS`` partners.

    >>> list(change_messages("issues", ["GC1"]))
    ['{"changes":{"GC1":["issues"]}}']
    """
    for some in batched(sorted(readers), MAX_READERS, strict=False):
        yield json.dumps(
            {"changes": {reader: [section] for reader in some}},
            separators=(",", ":"),
            ensure_ascii=False,
        )
