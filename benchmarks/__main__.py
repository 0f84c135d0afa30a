"""``python -m benchmarks``: runs every benchmark in sequence.

``python -m benchmarks peers`` runs the comparison with other tools instead; it takes options.
"""

import logging
import sys

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
from benchmarks.peers import comparison

logging.disable(logging.CRITICAL)
if sys.argv[1:2] == ["peers"]:
    comparison.main(sys.argv[2:])
    raise SystemExit
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
