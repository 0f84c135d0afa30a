"""``python -m benchmarks``: runs every benchmark in sequence."""

import logging

from benchmarks import (
    bulk,
    cold_start,
    documents,
    events,
    portal,
    reconcile,
    submissions,
    wix_cold_start,
)

logging.disable(logging.CRITICAL)
for benchmark in (
    cold_start,
    wix_cold_start,
    events,
    bulk,
    reconcile,
    documents,
    submissions,
    portal,
):
    benchmark.main()
    print()
