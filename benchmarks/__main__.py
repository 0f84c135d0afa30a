"""``python -m benchmarks``: every benchmark, one after the other."""

import logging

from benchmarks import bulk, cold_start, events, reconcile

logging.disable(logging.CRITICAL)
for benchmark in (cold_start, events, bulk, reconcile):
    benchmark.main()
    print()
