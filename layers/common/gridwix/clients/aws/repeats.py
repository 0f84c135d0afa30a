"""Detects conditional writes that failed because botocore had retried a request that succeeded.

Makes such writes idempotent. botocore retries a request after a lost response. If the first copy
of the request was carried out, the condition of the second copy fails. To tell this from a write of
another worker, the caller requests the stored item (``**REPORT_STORED``) and compares it with what
it wrote (:func:`was_carried_out`).

Some conditional writes need no such check. The table names the module and the write:

=================================  ===============================================================
write                              why it is harmless if a retry fails its condition
=================================  ===============================================================
``refresh_states``, a state        a caller that must know reads the state again
any TransactWriteItems             botocore sends the same ``ClientRequestToken`` with each copy,
                                   and DynamoDB carries out only one copy
``budget``, calls taken            the calls count as spent, and the worker takes further calls,
                                   so the limit holds
``budget``, a block                the block is stored
``edge``, a webhook's claim        the claim holds a random token, which shows whose it is
``edge``, a submission             the submission is stored, and counts as received before
``edge``, a handover               the stored set of events contains the event
``submission_table``, a count      the condition holds for a submission that is counted already
``submission_table``, a hold       the caller reads the submission's stage again
``submission_table``, a try        the stored number of tries is right
``outbox_table``, a watermark      the stored watermark is right
``ledger``, a release              the caller does not use the result
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
    """Return a random attribute, which tells a worker's write from an equal write of another."""
    return {"writtenBy": uuid.uuid4().hex}


def was_carried_out(error: ClientError, written: Mapping[str, object]) -> bool:
    """Return True if a condition failed only because an earlier copy of the request succeeded.

    The caller then treats the write as done, which makes it idempotent under retries. Returns False
    for a request that botocore sent only once.

    If another worker could write the same attributes, add :func:`new_mark` to ``written``.

    Args:
        error: The error of the failed condition, of a write with ``REPORT_STORED``.
        written: Attributes of the item after the write; None for an attribute that the item then
            lacks.
    """
    response: Mapping[str, Any] = error.response
    if not response.get("ResponseMetadata", {}).get("RetryAttempts"):
        return False
    item = decode_item(response.get("Item", {}))
    return all(item.get(name) == value for name, value in written.items())
