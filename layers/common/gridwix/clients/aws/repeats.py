"""Detects conditional writes that failed because botocore had retried a request that succeeded.

Makes such writes idempotent. botocore retries a request after a lost response. If the first copy
was carried out, the second one finds the result of the first and fails its condition. A write that
could be mistaken for another worker's asks for the stored item (``**REPORT_STORED``) and compares
it (:func:`was_carried_out`).

Other conditional writes need neither:

=================================  ===============================================================
write                              why its repetition is harmless
=================================  ===============================================================
``refresh_states``, a state        who has to have stored it reads it again, and finds it stored
any TransactWriteItems             botocore sends the same ``ClientRequestToken`` with each copy,
                                   and DynamoDB carries it out once
``budget``, calls taken            they count as spent, and others are taken: never too many
``budget``, a block                the block is there
``edge``, a webhook's claim        has a mark of its own, without botocore
``edge``, a submission             one that is stored already is not read
``edge``, a handover               the set holds the event
``submission_table``, a count      the set holds the submission, which meets the condition
``submission_table``, a hold       the caller reads the stage again
``submission_table``, a try        the number is there
``outbox_table``, a watermark      the number is there
``ledger``, a release              the result is not used
=================================  ===============================================================
"""

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gridwix.clients.aws.items import Value, decode_item

if TYPE_CHECKING:
    from typing import TypedDict

    from mypy_boto3_dynamodb.literals import ReturnValuesOnConditionCheckFailureType

    class _ReportStored(TypedDict):
        ReturnValuesOnConditionCheckFailure: ReturnValuesOnConditionCheckFailureType


REPORT_STORED: "_ReportStored" = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
"""Arguments of a conditional write, so that the error of a failed condition holds the stored item.
"""


def new_mark() -> dict[str, Value]:
    """Return a random attribute that tells a write from an equal write of another worker."""
    return {"writtenBy": uuid.uuid4().hex}


def was_carried_out(error: ClientError, written: Mapping[str, object]) -> bool:
    """Return True if a condition failed only because of an earlier copy of the same request.

    The write is then idempotent under retries. False for a request that was sent once.

    If another worker could write equal attributes, ``written`` needs one that no other worker
    writes: :func:`new_mark`.

    Args:
        error: The failed condition, of a write with ``REPORT_STORED``.
        written: Attributes that the item has after the write; None for one that it then lacks.
    """
    response: Mapping[str, Any] = error.response
    if not response.get("ResponseMetadata", {}).get("RetryAttempts"):
        return False
    item = decode_item(response.get("Item", {}))
    return all(item.get(name) == value for name, value in written.items())
