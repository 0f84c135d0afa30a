"""AWS's error codes in gridwix's error tree."""

import pytest
from botocore.retries.standard import ThrottledRetryableChecker

from gridwix.clients.aws.error_codes import aws_error
from gridwix.errors import Refused, Throttled, UpstreamConflict

OTHER_SERVICES = {"EC2ThrottledException", "PriorRequestNotComplete"}
"""Of EC2 and of Route 53."""


@pytest.mark.parametrize(
    "code",
    [
        code
        for code in vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"]
        if code not in OTHER_SERVICES
    ],
)
def test_error_when_botocore_takes_its_code_for_a_rate_limit_is_throttled(code: str) -> None:
    error = aws_error("SendMessage", code, status=400)

    assert isinstance(error, Throttled)
    assert error.retryable


def test_error_when_another_transaction_is_in_flight_is_a_conflict_that_passes() -> None:
    error = aws_error("PutItem", "TransactionConflictException", status=400)

    assert isinstance(error, UpstreamConflict)
    assert error.retryable


def test_error_when_its_code_is_unknown_is_refused() -> None:
    error = aws_error("SendMessage", "InvalidMessageContents", status=400)

    assert isinstance(error, Refused)
    assert not error.retryable
