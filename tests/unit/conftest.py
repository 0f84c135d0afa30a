"""Fixtures that several packages' tests need."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fakes.aws import OneAtATime


@pytest.fixture(scope="module")
def tables() -> "Iterator[OneAtATime]":
    """An empty DynamoDB for the tests of one module, which make their tables themselves."""
    # moto takes a second to import, and most tests do without.
    from tests.fakes.aws import dynamodb

    with dynamodb() as client:
        yield client
