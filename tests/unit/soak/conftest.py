"""Gives the process its own clock, threads and random numbers back after each test."""

from collections.abc import Iterator

import pytest

from soak.hosting.determinism import stop_determinism
from soak.kernel.virtual_time import stop_virtual_time


@pytest.fixture(autouse=True)
def own_process() -> Iterator[None]:
    yield
    stop_virtual_time()
    stop_determinism()
