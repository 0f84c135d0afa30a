"""Detects conditional writes that failed because botocore had retried a request that succeeded.

Makes such writes idempotent. botocore retries a request after a lost response. If the first copy
of the request was carried out, the condition of the second copy fails. To tell this from a write of
another worker, the caller requests the stored item (``**REPORT_STORED``) and compares it with what
it wrote (:func:`was_carried_out`).

Some conditional writes need no such check. The table names the module and what it writes:

=================================  ===============================================================
write                              why no harm is done if the first copy was carried out, and the
                                   condition of its retry fails
=================================  ===============================================================
``refresh_states``: state of an    a caller that must know the result reads the state again
audience refresh
any TransactWriteItems             botocore sends the same ``ClientRequestToken`` with each copy,
                                   and DynamoDB carries out only one copy
``budget``: calls taken from the   the calls count as spent, and the worker takes further calls,
rate limit                         so the limit holds
``budget``: block of all calls     the first copy has stored the block
``edge``: claim of a webhook       the stored claim has the worker's random token, by which the
                                   worker recognizes its own claim
``edge``: submission of a form     the first copy has stored the submission, and the caller takes
                                   it for one that was received before
``edge``: handover, an event that  the first copy has added the event to the stored set
the bus has accepted
``submission_table``: submission   the condition does not fail: it permits a submission that is in
counted for its sender             the stored set already
``submission_table``: submission   the caller reads the submission's stage again
held for review
``submission_table``: number of    the first copy has stored the right number
tries to fetch files
``outbox_table``: watermark        the stored watermark is as high, or higher
``ledger``: release of a lease     the caller does not use the result
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
