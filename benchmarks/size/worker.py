"""``python -m benchmarks.size.worker FUNCTION PARTNERS``: measures one function in this process.

Prints one line of JSON: the figures, with the peak of memory of the process in MB, and the memory
that it had after a run with ten partners, which loads everything that the function imports.
"""

import json
import logging
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from benchmarks.size import functions, reconciling
from benchmarks.size.functions import Figures
from gridwix.runtime.garbage_collection import tune_garbage_collection

MEASURES: Mapping[str, Callable[[int], Figures]] = {
    "trading_grid_feed": functions.measure_feed,
    "status_publisher": functions.measure_status,
    "onboarding_sync": functions.measure_onboarding,
    "notice_publisher": functions.measure_notices,
    "document_sync": functions.measure_documents,
    "partner_messenger": functions.measure_messenger,
    "activity_publisher": reconciling.measure_directory,
    "reconciler": reconciling.measure_plain_rows,
    "reconciler PartnerStatus": reconciling.measure_partner_status,
    "reconciler OnboardingProgress": reconciling.measure_progress,
    "reconciler OpenIssues": reconciling.measure_issues,
    "reconciler PartnerDocuments": reconciling.measure_partner_documents,
}


def peak_megabytes() -> float:
    """Return the peak memory of this process so far, in MB.

    Linux counts it from the start of the program (``VmHWM``). ``getrusage`` also counts the memory
    of the process that started this one, which may have been larger.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure the named function at the named size, and print the figures."""
    logging.disable(logging.CRITICAL)
    measure, partners = MEASURES[sys.argv[1]], int(sys.argv[2])
    measure(10)
    tune_garbage_collection()
    loaded = peak_megabytes()
    begun = time.perf_counter()
    figures = measure(partners)
    figures.seconds = time.perf_counter() - begun
    print(json.dumps({**asdict(figures), "loaded": loaded, "peak": peak_megabytes()}))


if __name__ == "__main__":
    main()
